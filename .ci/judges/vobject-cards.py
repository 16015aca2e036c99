"""Reads vCards with vobject and prints each card as one line of JSON: a list of
its properties, each its name, its group, its parameters and its value, which is a
text, a list of texts, or the parts of a name or an address by what they are.

usage: vobject-cards.py < cards.vcf
"""
import base64
import io
import json
import sys

import vobject


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (str, list)):
        return value
    return {k: v for k, v in vars(value).items() if v}


text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", newline="").read()
for card in vobject.readComponents(text, validate=True):
    lines = [(c.name, c.group or "", c.params, plain(c.value)) for c in card.getChildren()]
    print(json.dumps(lines))
