#!/usr/bin/env python3
"""Turns src/kafka/messages.txt into structs (messages.h) and codec tables (messages.c).

gen_kafka.py MESSAGES_TXT OUT_H OUT_C. The form of the input is described at its head.
"""
import re
import sys

C_TYPES = {
    "bool": "bool", "int8": "int8_t", "int16": "int16_t", "uint16": "uint16_t", "int32": "int32_t",
    "int64": "int64_t", "string": "struct bytes", "bytes": "struct bytes", "records": "struct bytes",
    "uuid": "struct kafka_uuid",
}
VERSION_MAX = 127


def versions(text):
    low, _, high = text.partition("-")
    if low.endswith("+"):
        return int(low[:-1]), VERSION_MAX
    return int(low), int(high or low)


class Field:
    def __init__(self, words):
        self.name, kind, span = words[:3]
        self.array = kind.startswith("[]")
        self.kind = kind[2:] if self.array else kind
        self.min, self.max = versions(span)
        self.null_min, self.tag, self.tag_min, self.default = VERSION_MAX, -1, VERSION_MAX, "0"
        self.fields, self.struct = [], None
        for word in words[3:]:
            key, _, value = word.partition("=")
            if key == "null":
                self.null_min = versions(value)[0]
            elif key == "tag":
                number, _, span = value.partition(":")
                self.tag, self.tag_min = int(number), versions(span)[0]
            elif key == "default":
                self.default = {"true": "1", "null": "0"}.get(value, value)
            else:
                sys.exit("unknown word %r" % word)


class Message:
    def __init__(self, name, words):
        values = dict(w.split("=") for w in words)
        self.name, self.key = name, int(values["key"])
        self.min, self.max = versions(values["versions"])
        flexible = values["flexible"]
        self.flexible = VERSION_MAX if flexible == "none" else versions(flexible)[0]
        self.fields = []


def parse(path):
    messages, stack = [], []
    for line in open(path):
        line = line.rstrip()
        if not line or line.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        words = line.split()
        if depth == 0:
            messages.append(Message(words[0], words[1:]))
            stack = [messages[-1]]
            continue
        del stack[depth:]
        field = Field(words)
        stack[-1].fields.append(field)
        stack.append(field)
    return messages


def name_structs(message):
    """Inner structures in the order in which C needs them; a name is message_field."""
    order, taken = [], {message.name}

    def walk(owner, prefix):
        for f in owner.fields:
            if f.kind != "{}":
                continue
            name = "%s_%s" % (message.name, f.name)
            if name in taken:
                name = "%s_%s_%s" % (message.name, prefix, f.name)
            if name in taken:
                sys.exit("two structures are called " + name)
            taken.add(name)
            f.struct = name
            walk(f, f.name)
            order.append((name, f))

    walk(message, "")
    order.append((message.name, message))
    return order


def is_nullable_struct(f):
    return f.kind == "{}" and not f.array and f.null_min < VERSION_MAX


def write_struct(out, name, owner):
    out.append("struct %s {" % name)
    for f in owner.fields:
        kind = "struct " + f.struct if f.kind == "{}" else C_TYPES[f.kind]
        if f.array:
            out.append("    %s *%s;" % (kind, f.name))
            out.append("    int32_t %s_count; /* -1 = null */" % f.name)
        else:
            out.append("    %s %s;" % (kind, f.name))
            if is_nullable_struct(f):
                out.append("    int32_t has_%s;" % f.name)
    out.append("};")
    out.append("extern const struct kafka_struct %s_table;" % name)
    out.append("")


def write_table(out, name, owner):
    out.append("static const struct kafka_field %s_fields[] = {" % name)
    for f in owner.fields:
        kind = "STRUCT" if f.kind == "{}" else f.kind.upper()
        extra = [".type = KAFKA_%s" % kind, ".version_min = %d" % f.min, ".version_max = %d" % f.max,
                 ".null_min = %d" % f.null_min, ".tag = %d" % f.tag, ".tag_min = %d" % f.tag_min,
                 ".offset = offsetof(struct %s, %s)" % (name, f.name)]
        if f.array:
            extra.append(".array = true")
            extra.append(".count_offset = offsetof(struct %s, %s_count)" % (name, f.name))
        elif is_nullable_struct(f):
            extra.append(".count_offset = offsetof(struct %s, has_%s)" % (name, f.name))
        if f.kind == "{}":
            extra.append(".of = &%s_table" % f.struct)
        if f.default != "0":
            extra.append(".initial = %s" % f.default)
        out.append('    {"%s", %s},' % (f.name, ", ".join(extra)))
    out.append("};")
    out.append("const struct kafka_struct %s_table = {%s_fields, %d, sizeof(struct %s)};"
               % (name, name, len(owner.fields), name))
    out.append("")


def main():
    source, header_path, code_path = sys.argv[1:]
    messages = parse(source)
    header = ["/* Generated by tools/gen_kafka.py from messages.txt. Do not edit. */",
              "/* clang-format off */", "#ifndef WEIR_KAFKA_MESSAGES_H",
              "#define WEIR_KAFKA_MESSAGES_H", "", '#include "kafka/codec.h"', "", "enum kafka_api {"]
    for m in messages:
        if m.name.endswith("_request"):
            header.append("    KAFKA_%s = %d," % (m.name[:-8].upper(), m.key))
    header += ["};", ""]
    code = ["/* Generated by tools/gen_kafka.py from messages.txt. Do not edit. */",
              "/* clang-format off */", '#include "kafka/messages.h"', "",
            "#include <stddef.h>", ""]
    for m in messages:
        for name, owner in name_structs(m):
            write_struct(header, name, owner)
            write_table(code, name, owner)
    code.append("const struct kafka_api_entry kafka_apis[] = {")
    requests = [m for m in messages if m.name.endswith("_request")]
    answers = {m.key: m for m in messages if m.name.endswith("_response")}
    for m in sorted(requests, key=lambda m: m.key):
        a = answers[m.key]
        code.append('    {%d, "%s", %d, %d, %d, &%s_table, &%s_table},'
                    % (m.key, m.name[:-8], m.min, m.max, m.flexible, m.name, a.name))
    code += ["};", "const size_t kafka_api_count = sizeof kafka_apis / sizeof *kafka_apis;", ""]
    header.append("#endif")
    open(header_path, "w").write("\n".join(header) + "\n")
    open(code_path, "w").write("\n".join(code))


main()
