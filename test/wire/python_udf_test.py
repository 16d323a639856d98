"""Python functions in real pyspark workers, over chunks from our side of the wire."""

import datetime
import decimal
import os
import pathlib
import subprocess
import sys

import pyarrow as pa
import pytest
from pyspark.cloudpickle import dumps, register_pickle_by_value
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_type

BUILD = pathlib.Path(os.environ.get("WEIR_BUILD", pathlib.Path(__file__).parents[2] / "build"))
PIPE = BUILD / "test" / "python" / "python_pipe"
VERSION = "%d.%d" % sys.version_info[:2]

# A worker cannot import this file: its functions travel whole, as those of a program's main file do.
register_pickle_by_value(sys.modules[__name__])


def run(tmp_path, mode, eval_type, functions, table, batch=None):
    arguments = [PIPE, mode, sys.executable, VERSION, str(eval_type)]
    for i, (function, returns, *columns) in enumerate(functions):
        path = tmp_path / ("f%d" % i)
        path.write_bytes(dumps((function, returns)))
        simple = returns.simpleString()
        arguments += [path, simple, *(",".join(map(str, c)) for c in columns)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table, max_chunksize=batch)
    folder = tmp_path / "s"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(arguments, input=sink.getvalue().to_pybytes(), capture_output=True,
                          timeout=60, env={**os.environ, "TMPDIR": str(folder)})
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return pa.ipc.open_stream(done.stdout).read_all(), done.stderr.decode()


INT, LONG, STRING, DOUBLE = T.IntegerType(), T.LongType(), T.StringType(), T.DoubleType()
NUMBERS = pa.table({"a": pa.array([1, None, 3], pa.int32()), "b": ["x", "yy", None]})


@pytest.mark.parametrize("eval_type", [100, 101])
def test_a_function_of_rows_gets_and_gives_values(tmp_path, eval_type):
    out, _ = run(tmp_path, "call", eval_type,
                 [(lambda a, b: "%s-%s" % (a, b), STRING, [0, 1]),
                  (lambda a: None if a is None else a * 2, INT, [0])], NUMBERS)
    assert out.to_pydict() == {"_0": ["1-x", "None-yy", "3-None"], "_1": [2, None, 6]}


def test_a_pandas_function_gets_series(tmp_path):
    out, _ = run(tmp_path, "call", 200, [(lambda s: s.str.len(), LONG, [1])], NUMBERS)
    assert out.to_pydict() == {"_0": [1, 2, None]}


def test_an_arrow_function_gets_arrays(tmp_path):
    import pyarrow.compute as pc
    out, _ = run(tmp_path, "call", 250, [(lambda a: pc.add(a, 1), INT, [0])], NUMBERS)
    assert out.to_pydict() == {"_0": [2, None, 4]}


def test_many_chunks_use_one_worker(tmp_path):
    table = pa.table({"a": pa.array(range(20000), pa.int64())})
    out, said = run(tmp_path, "call", 101, [(lambda a: a + 1, LONG, [0])], table)
    assert out["_0"].to_pylist() == list(range(1, 20001))
    assert "workers 1" in said


def test_every_type_goes_through_rows_and_back(tmp_path):
    zone = datetime.timezone(datetime.timedelta(hours=2))
    moment = datetime.datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=zone)
    values = {
        "boolean": ([True, None, False], pa.bool_()),
        "tinyint": ([-128, None, 127], pa.int8()),
        "smallint": ([-32768, None, 5], pa.int16()),
        "int": ([-(2**31), None, 2**31 - 1], pa.int32()),
        "bigint": ([-(2**63), None, 2**63 - 1], pa.int64()),
        "float": ([1.5, None, -0.0], pa.float32()),
        "double": ([1e300, None, float("inf")], pa.float64()),
        "decimal(10,2)": ([decimal.Decimal("-0.05"), None, decimal.Decimal("12345678.90")],
                          pa.decimal128(10, 2)),
        "decimal(38,10)": ([decimal.Decimal("1E-10"), None,
                            decimal.Decimal("-1234567890123456789012345678.5")],
                           pa.decimal128(38, 10)),
        "string": (["é" * 20, None, ""], pa.string()),
        "binary": ([b"\x00\xff" * 9, None, b""], pa.binary()),
        "date": ([datetime.date(1, 1, 1), None, datetime.date(9999, 12, 31)], pa.date32()),
        "timestamp": ([moment, None, moment], pa.timestamp("us", tz="America/New_York")),
        "timestamp_ntz": ([datetime.datetime(1, 1, 1), None, datetime.datetime(2024, 1, 1, 1)],
                          pa.timestamp("us")),
        "array<int>": ([[1, None], None, []], pa.list_(pa.int32())),
        "map<string,bigint>": ([[("a", 1)], None, []], pa.map_(pa.string(), pa.int64())),
        "struct<x:int,y:array<string>>": (
            [{"x": 1, "y": ["a"]}, None, {"x": None, "y": None}],
            pa.struct([("x", pa.int32()), ("y", pa.list_(pa.string()))])),
    }
    for eval_type in (100, 101):
        for ddl, (column, arrow_type) in values.items():
            table = pa.table({"v": pa.array(column, arrow_type)})
            out, _ = run(tmp_path, "call", eval_type,
                         [(lambda v: v, from_arrow_type(arrow_type, True), [0])], table)
            assert out["_0"].to_pylist() == table["v"].to_pylist(), (ddl, eval_type)


def test_what_does_not_fit_its_type_is_null(tmp_path):
    out, _ = run(tmp_path, "call", 100, [(lambda a: "x", INT, [0]), (lambda a: 1, DOUBLE, [0]),
                                         (lambda a: 7, STRING, [0])], NUMBERS)
    assert out.to_pydict() == {"_0": [None] * 3, "_1": [None] * 3, "_2": ["7"] * 3}


@pytest.mark.parametrize("eval_type", [100, 101])
def test_an_exception_comes_with_its_traceback(tmp_path, eval_type):
    def fails(a):
        return 1 // (a - 1)

    with pytest.raises(RuntimeError) as raised:
        run(tmp_path, "call", eval_type, [(fails, INT, [0])], NUMBERS)
    text = str(raised.value)
    assert "Traceback (most recent call last)" in text and "ZeroDivisionError" in text
    assert "workers 0" in text


def test_a_worker_that_dies_is_reported(tmp_path):
    def dies(a):
        import os
        os._exit(9)

    with pytest.raises(RuntimeError, match="PYTHON_WORKER_CRASHED"):
        run(tmp_path, "call", 101, [(dies, INT, [0])], NUMBERS)


def test_printing_does_not_block(tmp_path):
    def chatty(a):
        print("x" * 1000)
        return a

    table = pa.table({"a": pa.array(range(1000), pa.int64())})
    out, _ = run(tmp_path, "call", 101, [(chatty, LONG, [0])], table)
    assert out.num_rows == 1000


def frames(batches):
    for batch in batches:
        yield batch.assign(n=batch["a"] * 2)[["n", "a"]]


def test_map_in_pandas_keeps_its_generator_over_chunks(tmp_path):
    table = pa.table({"a": pa.array(range(50000), pa.int64())})
    out, _ = run(tmp_path, "map", 205, [(frames, T.StructType().add("n", LONG).add("a", LONG))], table)
    assert out["n"].to_pylist() == [2 * i for i in range(50000)]


def test_map_in_arrow_may_change_the_number_of_rows(tmp_path):
    def count(batches):
        rows = sum(b.num_rows for b in batches)
        yield pa.RecordBatch.from_pydict({"rows": pa.array([rows], pa.int64())})

    table = pa.table({"a": pa.array(range(300000), pa.int64()),
                      "t": pa.array(["%030d" % i for i in range(300000)])})
    out, _ = run(tmp_path, "map", 207, [(count, T.StructType().add("rows", LONG))], table)
    assert out.to_pydict() == {"rows": [300000]}


def test_map_may_stop_early_and_answer_much(tmp_path):
    def first(batches):
        for batch in batches:
            for _ in range(200):
                yield batch
            return

    table = pa.table({"t": pa.array(["%0100d" % i for i in range(100000)])})
    out, _ = run(tmp_path, "map", 207, [(first, T.StructType().add("t", STRING))], table)
    assert out.num_rows >= 200 * 1000
