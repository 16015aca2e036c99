"""Reads a page of bookmarks with bookmarks_parser, which reads HTML as browsers
do, and prints each bookmark as one line of JSON: the titles of the folders that it
is in, its own, its address, and when it was added. Folders that are no toolbar are
all in one, as browsers import them.

usage: bookmarks.py PAGE
"""
import json
import sys

import bookmarks_parser


def show(items, folders):
    for item in items:
        title = item["title"]
        if "children" in item:
            show(item["children"], folders + [title])
        else:
            print(json.dumps([folders, title, item["url"] or "", item["add_date"] or ""]))


show(bookmarks_parser.parse(sys.argv[1]), [])
