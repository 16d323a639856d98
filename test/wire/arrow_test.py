"""Arrow IPC streams in both directions against pyarrow: what our reader understood and our writer
put must equal what pyarrow made, for every type and for rows left out by a selection."""

import datetime
import decimal
import os
import pathlib
import random
import subprocess

import pyarrow as pa
import pytest

BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", pathlib.Path(__file__).parents[2] / "build"))
PIPE = BUILD / "test" / "format" / "format_arrow_pipe"


def through(stream: bytes, *args: str) -> pa.Table:
    done = subprocess.run([PIPE, *args], input=stream, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    table = pa.ipc.open_stream(done.stdout).read_all()
    table.validate(full=True)
    return table


def stream_of(table: pa.Table, batch_rows: int = 0, **options) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as out:
        out.write_table(table, max_chunksize=batch_rows or None)
    return sink.getvalue().to_pybytes()


def sometimes(rng, make):
    return lambda: None if rng.random() < 0.15 else make()


def columns(rows: int) -> dict:
    rng = random.Random(7)
    day = datetime.date(1970, 1, 1)
    moment = datetime.datetime(2000, 1, 1, 12, 30)
    text = lambda: "".join(rng.choice("abcäß中😀") for _ in range(rng.randrange(30)))
    makers = {
        "null": (pa.null(), lambda: None),
        "bool": (pa.bool_(), lambda: rng.random() < 0.5),
        "i8": (pa.int8(), lambda: rng.randrange(-128, 128)),
        "i16": (pa.int16(), lambda: rng.randrange(-(2**15), 2**15)),
        "i32": (pa.int32(), lambda: rng.randrange(-(2**31), 2**31)),
        "i64": (pa.int64(), lambda: rng.randrange(-(2**63), 2**63)),
        "f32": (pa.float32(), lambda: rng.randrange(1000) / 4),
        "f64": (pa.float64(), lambda: rng.gauss(0, 1e9)),
        "dec9": (pa.decimal128(9, 2), lambda: decimal.Decimal(rng.randrange(-(10**9) + 1, 10**9)) / 100),
        "dec38": (pa.decimal128(38, 10), lambda: decimal.Decimal(rng.randrange(-(10**20), 10**20)).scaleb(-10)),
        "text": (pa.string(), text),
        "binary": (pa.binary(), lambda: rng.randbytes(rng.randrange(20))),
        "date": (pa.date32(), lambda: day + datetime.timedelta(days=rng.randrange(-5000, 50000))),
        "ts": (pa.timestamp("us", "UTC"), lambda: moment + datetime.timedelta(microseconds=rng.randrange(10**15))),
        "ntz": (pa.timestamp("us"), lambda: moment + datetime.timedelta(microseconds=rng.randrange(10**15))),
        "dt": (pa.duration("us"), lambda: datetime.timedelta(microseconds=rng.randrange(10**15))),
        "cal": (pa.month_day_nano_interval(), lambda: pa.MonthDayNano([rng.randrange(99), rng.randrange(99), 1000 * rng.randrange(10**9)])),
        "list": (pa.list_(pa.field("element", pa.int32())), lambda: [sometimes(rng, lambda: rng.randrange(99))() for _ in range(rng.randrange(5))]),
        "lists": (
            pa.list_(pa.field("element", pa.list_(pa.field("element", pa.string())))),
            lambda: [sometimes(rng, lambda: [text() for _ in range(rng.randrange(3))])() for _ in range(rng.randrange(4))],
        ),
        "map": (
            pa.map_(pa.string(), pa.field("value", pa.struct([("x", pa.float64()), ("y", pa.bool_())]))),
            lambda: [(text() + str(i), sometimes(rng, lambda: {"x": rng.random(), "y": None})()) for i in range(rng.randrange(4))],
        ),
        "struct": (
            pa.struct([("a", pa.int64()), ("b", pa.list_(pa.field("element", pa.date32())))]),
            lambda: {"a": rng.randrange(9), "b": sometimes(rng, lambda: [day] * rng.randrange(3))()},
        ),
        "empty_struct": (pa.struct([]), lambda: {}),
    }
    return {
        name: pa.array([sometimes(rng, make)() for _ in range(rows)], type=kind)
        for name, (kind, make) in makers.items()
    }


@pytest.mark.parametrize("rows", [0, 1, 100, 2048, 5000])
def test_every_type_comes_back(rows):
    table = pa.table(columns(rows))
    assert through(stream_of(table)).equals(table)


def test_many_batches_keep_their_order():
    table = pa.table(columns(5000))
    assert through(stream_of(table, batch_rows=777)).equals(table)


def test_a_selection_leaves_rows_out():
    table = pa.table(columns(2048))
    assert through(stream_of(table), "half").equals(table.take(list(range(0, 2048, 2))))


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compressed_bodies(codec):
    table = pa.table(columns(3000))
    assert through(stream_of(table, compression=codec)).equals(table)


def test_layouts_that_only_others_write():
    texts = ["short", None, "a text that is longer than twelve bytes", "", "中文"] * 1000
    other = pa.table(
        {
            "large": pa.array(texts, pa.large_string()),
            "view": pa.array(texts, pa.string_view()),
            "dict": pa.array(texts).dictionary_encode(),
            "fixed": pa.array([b"abc", None, b"xyz", b"...", b"end"] * 1000, pa.binary(3)),
            "large_list": pa.array([[1], None, [], [2, None], [3]] * 1000, pa.large_list(pa.int32())),
            "pair": pa.array([[1, 2], None, [3, 4], [5, 6], [7, 8]] * 1000, pa.list_(pa.int32(), 2)),
            "millis": pa.array([0, 1, None, -1, 10**12] * 1000, pa.timestamp("ms")),
            "nanos": pa.array([0, 1999, None, -1, 10**18] * 1000, pa.timestamp("ns")),
        }
    )
    got = through(stream_of(other))
    for name in ("large", "view", "dict"):
        assert got[name].to_pylist() == texts
    assert got["fixed"].type == pa.binary()
    assert got["fixed"].to_pylist() == other["fixed"].to_pylist()
    assert got["large_list"].to_pylist() == other["large_list"].to_pylist()
    assert got["pair"].to_pylist() == other["pair"].to_pylist()
    assert got["millis"].cast(pa.int64()).to_pylist()[:5] == [0, 1000, None, -1000, 10**15]
    assert got["nanos"].cast(pa.int64()).to_pylist()[:5] == [0, 1, None, -1, 10**15]


def test_a_dictionary_inside_a_list():
    inner = pa.array(["x", "y", None, "x"]).dictionary_encode()
    table = pa.table({"l": pa.ListArray.from_arrays([0, 2, 4], inner)})
    assert through(stream_of(table))["l"].to_pylist() == [["x", "y"], [None, "x"]]


def test_truncated_streams_are_errors():
    stream = stream_of(pa.table(columns(50)))
    for cut in range(9, len(stream) - 16, 97):
        done = subprocess.run([PIPE], input=stream[:cut], capture_output=True, timeout=60)
        assert done.returncode in (0, 1), cut
        if done.returncode == 0:  # cut between two messages
            assert pa.ipc.open_stream(done.stdout).read_all().num_rows == 0
        else:
            assert b"Malformed Arrow stream" in done.stderr


def test_unsigned_integers_are_refused_by_name():
    stream = stream_of(pa.table({"u": pa.array([1], pa.uint32())}))
    done = subprocess.run([PIPE], input=stream, capture_output=True, timeout=60)
    assert done.returncode == 1 and b"unsigned integer of column u" in done.stderr
