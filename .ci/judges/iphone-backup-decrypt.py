"""Decrypts every file of an encrypted backup and prints, for each, its SHA-256,
its domain and its path: two tabs between them, a NUL at the end. A file that
iphone_backup_decrypt cannot read has its error in place of the digest.

usage: iphone-backup-decrypt.py BACKUP < password
"""
import contextlib
import hashlib
import sys

from iphone_backup_decrypt import EncryptedBackup

backup = EncryptedBackup(backup_directory=sys.argv[1], passphrase=sys.stdin.read())
with backup.manifest_db_cursor() as cursor:
    cursor.execute("SELECT domain, relativePath FROM Files WHERE flags = 1 ORDER BY rowid")
    rows = cursor.fetchall()
for domain, path in rows:
    try:
        # It tells on standard output what the manifest has wrong.
        with contextlib.redirect_stdout(sys.stderr):
            content = backup.extract_file_as_bytes(path, domain_like=domain)
        digest = hashlib.sha256(content).hexdigest()
    except Exception as err:  # each file by itself, whatever is wrong with it
        digest = f"{type(err).__name__}: {err}"
    sys.stdout.write(f"{digest}\t{domain}\t{path}\0")
