#!/usr/bin/env python3
"""Turns src/connect/proto_schema.txt into proto_messages.{h,c}: one C struct a message and one table
of its fields, which proto.c reads to decode and encode.

    tools/gen_proto.py            writes the two files
    tools/gen_proto.py --check    fails when they are not what the schema gives
"""
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "src" / "connect"
SCHEMA = FOLDER / "proto_schema.txt"
C_WORDS = {"char", "double", "float", "long", "short", "struct", "int", "default", "union", "enum",
           "register", "static", "const", "void", "signed", "unsigned", "auto", "switch", "case"}
# proto type: (table kind, C type)
SCALARS = {
    "bool": ("PB_BOOL", "bool"),
    "int32": ("PB_INT32", "int32_t"),
    "int64": ("PB_INT64", "int64_t"),
    "uint32": ("PB_UINT32", "uint32_t"),
    "float": ("PB_FLOAT", "float"),
    "double": ("PB_DOUBLE", "double"),
    "string": ("PB_STRING", "struct pb_text"),
    "bytes": ("PB_BYTES", "struct bytes"),
}


class Field:
    def __init__(self, line):
        m = re.fullmatch(r"(\d+) (\w+): (enum [\w.]+|map<[\w.]+,[\w.]+>|[\w.]+)"
                         r"(\?|\[\]| \((\w+)\))?", line)
        if not m:
            raise SystemExit(f"not a field: {line}")
        self.number = int(m[1])
        self.name = m[2]
        self.type = m[3]
        self.oneof = m[5]
        self.optional = m[4] == "?"
        self.repeated = m[4] == "[]" or self.type.startswith("map<")
        self.c_name = self.name + "_" if self.name in C_WORDS else self.name


def schema_read(text):
    """The messages and enums in the order of the file."""
    messages, enums, raw, current = {}, {}, set(), None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            body = line.strip()
            current.append(body.split(" ") if current_is_enum else Field(body))
        elif line.startswith("enum "):
            current, current_is_enum = enums.setdefault(line[5:], []), True
        else:
            name, _, flag = line.partition(" ")
            current, current_is_enum = messages.setdefault(name, []), False
            if flag == "raw":
                raw.add(name)
            elif flag:
                raise SystemExit(f"not a message flag: {line}")
    return messages, enums, raw


def snake(name):
    name = re.sub(r"^google\.(protobuf|rpc)\.", "", name).replace(".", "_")
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def map_entries(messages):
    """A map is a repeated entry {1 key, 2 value}; equal maps share one struct."""
    for fields in list(messages.values()):
        for f in fields:
            m = re.fullmatch(r"map<([\w.]+),([\w.]+)>", f.type)
            if m:
                f.type = f"map.{m[1]}.{m[2]}"
                messages.setdefault(f.type, [Field(f"1 key: {m[1]}"), Field(f"2 value: {m[2]}")])


def kind_of(f):
    if f.type.startswith("enum "):
        return "PB_INT32"
    return SCALARS[f.type][0] if f.type in SCALARS else "PB_MESSAGE"


def base_type(f):
    if f.type.startswith("enum "):
        return "int32_t"
    return SCALARS[f.type][1] if f.type in SCALARS else f"struct pb_{snake(f.type)}"


def has_flag(f):
    """Texts, bytes and messages show their presence by a pointer; numbers need a flag."""
    return f.optional and kind_of(f) not in ("PB_MESSAGE", "PB_STRING", "PB_BYTES")


def declare(f):
    stars = "*" if f.repeated or kind_of(f) == "PB_MESSAGE" else ""
    return f"{base_type(f)} {stars}{f.c_name};"


def struct_text(name, fields, raw):
    out = [f"struct pb_{snake(name)} {{"]
    if raw:
        out.append("    struct bytes raw; /* the message as it came; written instead of the fields */")
    done = set()
    for f in fields:
        if f.oneof:
            if f.oneof in done:
                continue
            done.add(f.oneof)
            out.append(f"    uint32_t {f.oneof}_case; /* number of the member that is set */")
            out.append("    union {")
            out += [f"        {declare(m)}" for m in fields if m.oneof == f.oneof]
            out.append("    };")
            continue
        out.append(f"    {declare(f)}")
        if f.repeated:
            out.append(f"    uint32_t {f.name}_count;")
        elif has_flag(f):
            out.append(f"    bool has_{f.name};")
    if len(out) == 1:
        out.append("    char empty; /* C wants a member */")
    return out + ["};", ""]


def tags_text(name, fields):
    """The numbers of oneof members, for switches over ONEOF_case."""
    members = [f for f in fields if f.oneof]
    if not members:
        return []
    prefix = f"PB_{snake(name).upper()}"
    return ["enum {", *[f"    {prefix}_{f.name.upper()}_TAG = {f.number}," for f in members], "};", ""]


def id_name(name):
    return f"PB_ID_{snake(name).upper()}"


def table_text(name, fields):
    if not fields:
        return []
    s = snake(name)
    out = [f"#define S struct pb_{s}", f"static const struct pb_field {s}_fields[] = {{"]
    for f in sorted(fields, key=lambda x: x.number):
        label, presence = "PB_PLAIN", "0"
        if f.repeated:
            label, presence = "PB_REPEATED", f"offsetof(S, {f.name}_count)"
        elif f.oneof:
            label, presence = "PB_ONEOF", f"offsetof(S, {f.oneof}_case)"
        elif f.optional:
            label = "PB_OPTIONAL"
            presence = f"offsetof(S, has_{f.name})" if has_flag(f) else "0"
        kind = kind_of(f)
        ref = id_name(f.type) if kind == "PB_MESSAGE" else "0"
        out.append(f'    {{{f.number}, {kind}, {label}, "{f.name}",')
        out.append(f"     offsetof(S, {f.c_name}), {presence}, {ref}}},")
    return out + ["};", "#undef S", ""]


def header_text(messages, enums, raw):
    out = ["/* Made by tools/gen_proto.py from proto_schema.txt: Spark Connect's messages as C structs.",
           " * Do not edit. How they are read and written is told in proto.h. */",
           "/* clang-format off */",
           "#ifndef WEIR_CONNECT_PROTO_MESSAGES_H", "#define WEIR_CONNECT_PROTO_MESSAGES_H", "",
           '#include "connect/proto.h"', ""]
    for name, values in enums.items():
        out.append(f"enum pb_{snake(name)} {{")
        out += [f"    PB_{value} = {number}," for number, value in values]
        out += ["};", ""]
    out.append("enum pb_id {")
    out += [f"    {id_name(m)}," for m in messages]
    out += ["    PB_ID_COUNT", "};", ""]
    for name, fields in messages.items():
        out += struct_text(name, fields, name in raw)
        out += tags_text(name, fields)
    out += ["extern const struct pb_message pb_messages[PB_ID_COUNT];", "", "#endif"]
    return "\n".join(out) + "\n"


def source_text(messages, raw):
    out = ["/* Made by tools/gen_proto.py from proto_schema.txt: the field tables. Do not edit. */",
           "/* clang-format off */",
           '#include "connect/proto_messages.h"', "", "#include <stddef.h>", ""]
    for name, fields in messages.items():
        out += table_text(name, fields)
    out.append("const struct pb_message pb_messages[PB_ID_COUNT] = {")
    for name, fields in messages.items():
        s = snake(name)
        table = f"{s}_fields, {len(fields)}" if fields else "NULL, 0"
        out.append(f'    [{id_name(name)}] = {{"{name}", {table},')
        out.append(f"        sizeof(struct pb_{s}), {'true' if name in raw else 'false'}}},")
    return "\n".join(out + ["};"]) + "\n"


def main():
    messages, enums, raw = schema_read(SCHEMA.read_text())
    map_entries(messages)
    made = {"proto_messages.h": header_text(messages, enums, raw),
            "proto_messages.c": source_text(messages, raw)}
    for name, text in made.items():
        path = FOLDER / name
        if sys.argv[1:] == ["--check"]:
            if not path.exists() or path.read_text() != text:
                raise SystemExit(f"{name} is not what proto_schema.txt gives: run tools/gen_proto.py")
        else:
            path.write_text(text)


if __name__ == "__main__":
    main()
