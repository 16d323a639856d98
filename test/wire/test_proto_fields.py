"""Our schema text against the descriptors of the installed PySpark: every field's number, name, type
and label, and every enum value. A new release shows here what moved."""
import importlib
import pathlib

import pytest
from google.protobuf.descriptor import FieldDescriptor

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src" / "connect" / "proto_schema.txt"
MODULES = "base relations expressions commands catalog types common ml ml_common pipelines".split()
SCALARS = {getattr(FieldDescriptor, "TYPE_" + name.upper()): name
           for name in "int32 int64 uint32 bool string bytes float double".split()}


def schema_read():
    blocks, current = {}, None
    for line in SCHEMA.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            current.add(line.strip())
        else:
            current = blocks.setdefault(line.removesuffix(" raw"), set())
    return blocks


def short(descriptor):
    return descriptor.full_name.removeprefix("spark.connect.")


def type_text(field):
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        message = field.message_type
        if message.GetOptions().map_entry:
            key, value = (type_text(message.fields_by_number[n]) for n in (1, 2))
            return f"map<{key},{value}>"
        return short(message)
    if field.type == FieldDescriptor.TYPE_ENUM:
        return "enum " + short(field.enum_type)
    return SCALARS[field.type]


def is_repeated(field):
    if hasattr(field, "is_repeated"):
        return field.is_repeated
    return field.label == FieldDescriptor.LABEL_REPEATED


def field_text(field):
    text = f"{field.number} {field.name}: {type_text(field)}"
    oneof = field.containing_oneof
    if is_repeated(field):
        return text if ": map<" in text else text + "[]"
    if oneof is not None and oneof.name != "_" + field.name:
        return f"{text} ({oneof.name})"
    return text + "?" if oneof is not None else text


def collect(message, out):
    if message.GetOptions().map_entry:
        return
    out[short(message)] = {field_text(f) for f in message.fields}
    for enum in message.enum_types:
        out["enum " + short(enum)] = {f"{v.number} {v.name}" for v in enum.values}
    for nested in message.nested_types:
        collect(nested, out)


def installed():
    out = {}
    for name in MODULES:
        module = importlib.import_module(f"pyspark.sql.connect.proto.{name}_pb2").DESCRIPTOR
        for message in module.message_types_by_name.values():
            collect(message, out)
        for enum in module.enum_types_by_name.values():
            out["enum " + short(enum)] = {f"{v.number} {v.name}" for v in enum.values}
    return out


@pytest.mark.parametrize("name", sorted(installed()))
def test_schema_has_every_field(name):
    ours = schema_read()
    assert name in ours
    missing = installed()[name] - ours[name]
    assert not missing


def test_nothing_in_the_schema_contradicts():
    """A number or a name that both know must mean the same; more of ours is a newer release."""
    ours = schema_read()
    for name, fields in installed().items():
        numbers = {f.split()[0] for f in fields}
        more = ours[name] - fields
        assert not [f for f in more if f.split()[0] in numbers], name
