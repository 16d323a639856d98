#!/usr/bin/env python3
"""Writes a C file that holds other files: embed OUT FILE...

Used for the web page, so that the program needs nothing beside it at run time.
"""
import hashlib
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def array(number, data):
    rows = []
    for at in range(0, len(data), 20):
        rows.append("    " + "".join(f"{byte}," for byte in data[at:at + 20]))
    return f"static const unsigned char data_{number}[] = {{\n" + "\n".join(rows) + "\n};\n"


def main(out, *names):
    files = [pathlib.Path(name) for name in names]
    text = ["/* Made by tools/embed.py; do not edit. */\n#include \"web/assets.h\"\n"]
    entries = []
    for number, file in enumerate(files):
        data = file.read_bytes()
        path = "/" if file.name == "index.html" else "/" + file.name
        etag = hashlib.sha256(data).hexdigest()[:16]
        text.append(array(number, data))
        entries.append(f'    {{"{path}", "{TYPES[file.suffix]}", data_{number}, '
                       f'sizeof data_{number}, "\\"{etag}\\""}},\n')
    text.append("const struct web_asset web_assets[] = {\n" + "".join(entries) + "};\n")
    text.append(f"const size_t web_asset_count = {len(files)};\n")
    pathlib.Path(out).write_text("\n".join(text))


main(*sys.argv[1:])
