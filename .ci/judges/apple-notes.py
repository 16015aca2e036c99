"""Reads a NoteStore.sqlite with apple-notes-parser and prints each note as one line
of JSON: its row, title, the account's and the folders' names, its text, and whether
it is pinned and locked.

usage: apple-notes.py NoteStore.sqlite
"""
import json
import sys

from apple_notes_parser import AppleNotesParser

parser = AppleNotesParser(sys.argv[1])
parser.load_data()
for note in parser.notes:
    folders, folder = [], note.folder
    while folder is not None:
        folders.insert(0, folder.name)
        folder = folder.parent
    print(json.dumps({
        "row": note.note_id, "title": note.title, "account": note.account.name, "folders": folders,
        "text": note.content, "pinned": note.is_pinned, "locked": note.is_password_protected,
    }))
