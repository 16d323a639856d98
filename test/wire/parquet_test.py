"""Parquet files of pyarrow and duckdb, in every encoding, codec and shape, read through the scan
interface; hostile files answer with an error."""

import datetime
import decimal
import random

import duckdb
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

from scan_common import run_scan, scan, scan_error, sink_error, write

ROWS = 7000


def maybe(rng, make, nulls=0.1):
    return None if rng.random() < nulls else make()


def sample(rows=ROWS, nulls=0.1, seed=3) -> pa.Table:
    rng = random.Random(seed)
    words = ["red", "green", "blue", "a colour with a long name that is not inline", ""]
    moment = datetime.datetime(2001, 2, 3, 4, 5, 6)
    makers = {
        "flag": (pa.bool_(), lambda: rng.random() < 0.5),
        "i8": (pa.int8(), lambda: rng.randrange(-128, 128)),
        "i16": (pa.int16(), lambda: rng.randrange(-(2**15), 2**15)),
        "i32": (pa.int32(), lambda: rng.randrange(-(2**31), 2**31)),
        "i64": (pa.int64(), lambda: rng.randrange(-(2**63), 2**63)),
        "few": (pa.int64(), lambda: rng.randrange(10)),
        "f32": (pa.float32(), lambda: rng.randrange(10000) / 8),
        "f64": (pa.float64(), lambda: rng.gauss(0, 1)),
        "dec9": (pa.decimal128(9, 2), lambda: decimal.Decimal(rng.randrange(-(10**8), 10**8)).scaleb(-2)),
        "dec15": (pa.decimal128(15, 2), lambda: decimal.Decimal(rng.randrange(-(10**14), 10**14)).scaleb(-2)),
        "dec38": (pa.decimal128(38, 5), lambda: decimal.Decimal(rng.randrange(-(10**27), 10**27)).scaleb(-5)),
        "word": (pa.string(), lambda: rng.choice(words)),
        "text": (pa.string(), lambda: "".join(rng.choice("abcdé中") for _ in range(rng.randrange(40)))),
        "bytes": (pa.binary(), lambda: rng.randbytes(rng.randrange(20))),
        "day": (pa.date32(), lambda: datetime.date(1960, 1, 1) + datetime.timedelta(rng.randrange(30000))),
        "ts": (pa.timestamp("us", "UTC"), lambda: moment + datetime.timedelta(microseconds=rng.randrange(10**15))),
        "ntz": (pa.timestamp("us"), lambda: moment + datetime.timedelta(microseconds=rng.randrange(10**15))),
    }
    return pa.table({name: pa.array([maybe(rng, make, nulls) for _ in range(rows)], kind) for name, (kind, make) in makers.items()})


def same(got: pa.Table, want: pa.Table):
    assert got.num_rows == want.num_rows
    assert got.column_names == want.column_names
    for name in want.column_names:
        assert got[name].type == want[name].type, name
        assert got[name].combine_chunks().equals(want[name].combine_chunks()), name


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("nulls", [0.0, 0.1, 1.0])
def test_every_flat_type(tmp_path, version, dictionary, nulls):
    table = sample(nulls=nulls)
    pq.write_table(table, tmp_path / "t.parquet", data_page_version=version, use_dictionary=dictionary,
                   data_page_size=3000, row_group_size=3001)
    same(scan("parquet", tmp_path / "t.parquet"), table)


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_codec(tmp_path, codec, version):
    table = sample(3000)
    pq.write_table(table, tmp_path / "t.parquet", compression=codec, data_page_version=version, data_page_size=2000)
    same(scan("parquet", tmp_path / "t.parquet"), table)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("nulls", [0.0, 0.2])
def test_the_newer_encodings(tmp_path, version, nulls):
    table = sample(nulls=nulls)
    encodings = {name: "DELTA_BINARY_PACKED" for name in ("i8", "i16", "i32", "i64", "few", "day", "ts", "ntz")}
    encodings |= {"word": "DELTA_BYTE_ARRAY", "text": "DELTA_LENGTH_BYTE_ARRAY", "bytes": "DELTA_BYTE_ARRAY"}
    encodings |= {"f32": "BYTE_STREAM_SPLIT", "f64": "BYTE_STREAM_SPLIT", "dec38": "BYTE_STREAM_SPLIT", "flag": "RLE"}
    encodings |= {"dec9": "BYTE_STREAM_SPLIT"}
    pq.write_table(table, tmp_path / "t.parquet", use_dictionary=False, column_encoding=encodings,
                   data_page_version=version, data_page_size=3000)
    same(scan("parquet", tmp_path / "t.parquet"), table)


def test_decimals_as_integers_and_required_columns(tmp_path):
    table = sample(3000, nulls=0.0)
    required = table.cast(pa.schema([f.with_nullable(False) for f in table.schema]))
    pq.write_table(required, tmp_path / "t.parquet", store_decimal_as_integer=True)
    same(scan("parquet", tmp_path / "t.parquet"), table)


def test_a_dictionary_that_is_given_up(tmp_path):
    rng = random.Random(5)
    table = pa.table({"s": [f"value number {rng.randrange(10**9)}" for _ in range(50000)]})
    pq.write_table(table, tmp_path / "t.parquet", dictionary_pagesize_limit=20000, data_page_size=10000)
    same(scan("parquet", tmp_path / "t.parquet"), table)


def test_times_of_other_units(tmp_path):
    base = pa.array([0, 1, None, -1, 123456789] * 100, pa.int64())
    table = pa.table({"ms": base.cast(pa.timestamp("ms", "UTC")), "ns": base.cast(pa.timestamp("ns", "UTC"))})
    pq.write_table(table, tmp_path / "a.parquet", version="2.6")
    got = scan("parquet", tmp_path / "a.parquet")
    assert got["ms"].cast(pa.int64()).to_pylist()[:5] == [0, 1000, None, -1000, 123456789000]
    assert got["ns"].cast(pa.int64()).to_pylist()[:5] == [0, 0, None, -1, 123456]
    pq.write_table(table.select(["ns"]), tmp_path / "b.parquet", use_deprecated_int96_timestamps=True)
    assert scan("parquet", tmp_path / "b.parquet")["ns"].cast(pa.int64()).to_pylist()[:5] == [0, 0, None, -1, 123456]


def test_unsigned_integers_widen(tmp_path):
    table = pa.table({f"u{b}": pa.array([0, 2**b - 1, None], f"uint{b}") for b in (8, 16, 32, 64)})
    pq.write_table(table, tmp_path / "t.parquet")
    got = scan("parquet", tmp_path / "t.parquet")
    assert [str(f.type) for f in got.schema] == ["int16", "int32", "int64", "decimal128(20, 0)"]
    for name in table.column_names:
        assert [None if x is None else int(x) for x in got[name].to_pylist()] == table[name].to_pylist()


def nested(rows=6000) -> pa.Table:
    rng = random.Random(11)
    word = lambda: rng.choice(["x", "yy", "a rather long string value", ""])
    ints = pa.list_(pa.field("element", pa.int32()))
    makers = {
        "ints": (ints, lambda: [maybe(rng, lambda: rng.randrange(100)) for _ in range(rng.randrange(5))]),
        "deep": (pa.list_(pa.field("element", pa.list_(pa.field("element", pa.string())))),
                 lambda: [maybe(rng, lambda: [maybe(rng, word) for _ in range(rng.randrange(3))]) for _ in range(rng.randrange(4))]),
        "point": (pa.struct([("x", pa.float64()), ("name", pa.string())]),
                  lambda: {"x": maybe(rng, rng.random), "name": maybe(rng, word)}),
        "map": (pa.map_(pa.string(), pa.field("value", pa.int64())),
                lambda: [(f"k{i}", maybe(rng, lambda: rng.randrange(9))) for i in range(rng.randrange(4))]),
        "all": (pa.list_(pa.field("element", pa.struct([("tags", ints), ("in", pa.struct([("d", pa.date32())])),
                                                         ("m", pa.map_(pa.int32(), pa.field("value", ints)))]))),
                lambda: [maybe(rng, lambda: {"tags": maybe(rng, lambda: [1, None, 3][: rng.randrange(4)]),
                                             "in": maybe(rng, lambda: {"d": maybe(rng, lambda: datetime.date(2020, 1, 1))}),
                                             "m": maybe(rng, lambda: [(i, maybe(rng, lambda: [i] * i)) for i in range(rng.randrange(3))])})
                         for _ in range(rng.randrange(4))]),
    }
    return pa.table({name: pa.array([maybe(rng, make) for _ in range(rows)], kind) for name, (kind, make) in makers.items()})


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_nested_columns(tmp_path, version):
    table = nested()
    pq.write_table(table, tmp_path / "t.parquet", data_page_version=version, data_page_size=1500, row_group_size=2500)
    same(scan("parquet", tmp_path / "t.parquet"), table)


def test_some_fields_of_a_struct(tmp_path):
    table = nested(500)
    pq.write_table(table, tmp_path / "t.parquet")
    got = scan("parquet", tmp_path / "t.parquet", schema="point STRUCT<name: STRING, missing: INT>, other INT")
    want = [None if p is None else {"name": p["name"], "missing": None} for p in table["point"].to_pylist()]
    assert got["point"].to_pylist() == want
    assert got["other"].null_count == 500


def test_files_of_duckdb(tmp_path):
    path = tmp_path / "d.parquet"
    duckdb.sql(f"""copy (select i, i::varchar s, case when i % 3 = 0 then null else i * 1.5 end f,
        (i * 7)::decimal(12, 3) d, [i, i + 1] l, {{'a': i, 'b': 'x' || i}} r, date '2020-01-01' + i::int dt,
        i::hugeint::decimal(30, 2) w
        from range(10000) t(i)) to '{path}' (row_group_size 3000)""")
    got = scan("parquet", path)
    want = duckdb.sql(f"select * from '{path}'").to_arrow_table()
    assert got.num_rows == 10000
    for name in want.column_names:
        assert got[name].to_pylist() == want[name].to_pylist(), name


def test_columns_are_pruned_and_splits_cover_each_row_once(tmp_path):
    table = sample(20000)
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1000)
    got = scan("parquet", tmp_path / "t.parquet", columns=["text", "few"], split_bytes=50000)
    same(got, table.select(["text", "few"]))


def test_partition_directories(tmp_path):
    for year in (2020, 2021):
        for city in ("K%C3%B6ln", "__HIVE_DEFAULT_PARTITION__"):
            part = tmp_path / f"year={year}" / f"city={city}"
            part.mkdir(parents=True)
            pq.write_table(pa.table({"x": [year]}), part / "p.parquet")
    (tmp_path / "_SUCCESS").touch()
    got = scan("parquet", tmp_path)
    assert [f"{f.name}: {f.type}" for f in got.schema] == ["x: int64", "year: int32", "city: string"]
    assert sorted(got.to_pylist(), key=str) == sorted(
        [{"x": y, "year": y, "city": c} for y in (2020, 2021) for c in ("Köln", None)], key=str)
    assert scan("parquet", f"{tmp_path}/year=2020/*/*.parquet").num_rows == 2
    assert scan("parquet", f"{tmp_path}/year={{2020,2021}}").column_names == ["x", "city"]
    assert scan("parquet", f"{tmp_path}/year=2020", options={"basePath": tmp_path}).column_names == ["x", "year", "city"]


def test_errors_have_names(tmp_path):
    assert "PATH_NOT_FOUND" in scan_error("parquet", tmp_path / "nothing")
    (tmp_path / "x.parquet").write_bytes(b"this is not parquet at all")
    assert "is not a Parquet file" in scan_error("parquet", tmp_path / "x.parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "y.parquet")
    assert "PARQUET_COLUMN_DATA_TYPE_MISMATCH" in scan_error("parquet", tmp_path / "y.parquet", schema="a BINARY")


def test_hostile_files_are_errors(tmp_path):
    sizes = dict(data_page_size=1000, row_group_size=500)
    pq.write_table(sample(1000), tmp_path / "a.parquet", data_page_version="2.0", compression="zstd", **sizes)
    pq.write_table(nested(300), tmp_path / "b.parquet", compression="none", **sizes)
    rng = random.Random(1)
    bad = tmp_path / "bad.parquet"
    for source in ("a.parquet", "b.parquet"):
        good = (tmp_path / source).read_bytes()
        footer = int.from_bytes(good[-8:-4], "little")
        for turn in range(120):
            broken = bytearray(good)
            for _ in range(rng.randrange(1, 4)):
                low = len(good) - footer - 8 if turn % 2 else 4
                broken[rng.randrange(low, len(good) - 4)] = rng.randrange(256)
            bad.write_bytes(broken[: rng.randrange(len(good))] if turn % 10 == 0 else broken)
            done = run_scan("parquet", bad)
            assert done.returncode in (0, 1), (source, turn, done.returncode, done.stderr[-300:])


@pytest.mark.parametrize("compression", ["snappy", "none", "gzip", "zstd", "lz4_raw", "brotli"])
def test_written_files_are_read_by_all(tmp_path, compression):
    table, path = sample(30000), tmp_path / "w.parquet"
    write("parquet", table, path, {"compression": compression})
    same(pq.read_table(path), table)
    same(scan("parquet", path), table)
    count = duckdb.sql(f"select count(word), sum(few), max(dec38), min(day), count(*) from '{path}'").fetchall()
    assert count[0][4] == 30000 and count[0][0] == table["word"].drop_null().length()
    codec = pq.ParquetFile(path).metadata.row_group(0).column(0).compression
    assert codec == {"none": "UNCOMPRESSED", "lz4_raw": "LZ4"}.get(compression, compression.upper())


def test_written_nested_columns(tmp_path):
    table, path = nested(), tmp_path / "w.parquet"
    write("parquet", table, path)
    got = pq.read_table(path)
    for name in table.column_names:
        assert got[name].to_pylist() == table[name].to_pylist(), name
    same(scan("parquet", path), table)
    assert duckdb.sql(f"select count(*) from '{path}' where len(ints) > 2").fetchall()[0][0] == sum(
        1 for x in table["ints"].to_pylist() if x is not None and len(x) > 2)


def test_written_statistics_hold(tmp_path):
    table, path = sample(5000), tmp_path / "w.parquet"
    write("parquet", table, path)
    meta = pq.ParquetFile(path).metadata
    for i, name in enumerate(table.column_names):
        stats = meta.row_group(0).column(i).statistics
        column = table[name].drop_null()
        assert stats.null_count == table[name].null_count, name
        if name in ("i32", "i64", "f64", "word", "dec15", "dec38", "ts"):
            want = pa.compute.min_max(column).as_py()
            low, high = stats.min, stats.max
            if name == "ts":
                low, high = low.replace(tzinfo=datetime.timezone.utc), high.replace(tzinfo=datetime.timezone.utc)
                want = {k: v.astimezone(datetime.timezone.utc) for k, v in want.items()}
            assert (low, high) == (want["min"], want["max"]), name
    spark = meta.metadata[b"org.apache.spark.sql.parquet.row.metadata"].decode()
    assert '"name":"dec38","type":"decimal(38,5)"' in spark
    assert meta.created_by.startswith("weir")


def test_a_written_dictionary_falls_back(tmp_path):
    rng = random.Random(9)
    table = pa.table({"s": [f"value number {rng.randrange(10**9)}" for _ in range(150000)]})
    write("parquet", table, tmp_path / "w.parquet")
    same(pq.read_table(tmp_path / "w.parquet"), table)
    same(scan("parquet", tmp_path / "w.parquet"), table)


def test_empty_and_refused_writes(tmp_path):
    table = sample(0)
    write("parquet", table, tmp_path / "e.parquet")
    same(pq.read_table(tmp_path / "e.parquet"), table)
    assert "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE" in sink_error("parquet", pa.table({"n": pa.nulls(3)}), tmp_path / "n")
    assert "CODEC_NOT_AVAILABLE" in sink_error("parquet", table, tmp_path / "n", {"compression": "rar"})


@pytest.mark.parametrize("filter, groups", [
    ("i>=3500", [3, 4]), ("i>3999", [4]), ("i<1000", [0]), ("i<=1000", [0, 1]), ("i==2500", [2]), ("i==9999", []),
    ("s>=k3", [3, 4]), ("f<1500", [0, 1]), ("d==4", [4]), ("n==1", [1, 3]), ("t<2000000", [0, 1])])
def test_row_groups_are_skipped_by_statistics(tmp_path, filter, groups):
    rows = range(5000)
    table = pa.table({
        "i": pa.array(rows, pa.int64()),
        "s": [f"k{i // 1000}" for i in rows],
        "f": [float(i) for i in rows],
        "d": pa.array([i // 1000 for i in rows], pa.int32()),
        "n": pa.array([1 if i // 1000 in (1, 3) else None for i in rows], pa.int64()),
        "t": pa.array([i * 1000 for i in rows], pa.timestamp("us", "UTC")),
    })
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1000)
    got = scan("parquet", tmp_path / "t.parquet", columns=["i"], filter=filter)["i"].to_pylist()
    assert got == [i for i in rows if i // 1000 in groups]


def test_nan_is_not_skipped(tmp_path):
    pq.write_table(pa.table({"f": [1.0, float("nan")]}), tmp_path / "t.parquet")
    assert scan("parquet", tmp_path / "t.parquet", filter="f>100").num_rows == 2


def test_wider_types_and_merged_schemas(tmp_path):
    pq.write_table(pa.table({"a": pa.array([1, None], pa.int32()), "d": pa.array([decimal.Decimal("1.5")] * 2, pa.decimal128(9, 1))}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": pa.array([7], pa.int32()), "b": ["x"]}), tmp_path / "2.parquet")
    wide = scan("parquet", tmp_path / "1.parquet", schema="a BIGINT, d DECIMAL(20, 3)")
    assert wide["a"].to_pylist() == [1, None] and wide["d"].to_pylist() == [decimal.Decimal("1.500")] * 2
    assert scan("parquet", tmp_path / "1.parquet", schema="a DOUBLE")["a"].to_pylist() == [1.0, None]
    merged = scan("parquet", tmp_path, options={"mergeSchema": "true"})
    assert merged.column_names == ["a", "d", "b"] and merged["b"].to_pylist() == [None, None, "x"]
    pq.write_table(pa.table({"a": ["text"]}), tmp_path / "3.parquet")
    assert "CANNOT_MERGE_SCHEMAS" in scan_error("parquet", tmp_path, options={"mergeSchema": "true"})
    assert "UNSUPPORTED_FEATURE" in scan_error("parquet", tmp_path, options={"ignoreCorruptFiles": "true"})


def test_types_of_partition_columns(tmp_path):
    values = {"i": ["1", "2"], "l": ["1", "5000000000"], "f": ["1", "1.5"], "d": ["2020-01-01", "2021-12-31"],
              "t": ["2020-01-01", "2020-01-01 10%3A30%3A00"], "s": ["1", "x"], "n": ["__HIVE_DEFAULT_PARTITION__", "7"]}
    for k in range(2):
        part = tmp_path.joinpath(*[f"{name}={both[k]}" for name, both in values.items()])
        part.mkdir(parents=True)
        pq.write_table(pa.table({"x": [k]}), part / "p.parquet")
    got = scan("parquet", tmp_path).sort_by("x")
    assert [str(f.type) for f in got.schema] == [
        "int64", "int32", "int64", "double", "date32[day]", "timestamp[us, tz=UTC]", "string", "int32"]
    last = got.to_pylist()[1]
    assert last["l"] == 5000000000 and last["f"] == 1.5 and last["s"] == "x" and last["n"] == 7
    assert last["t"].replace(tzinfo=None) == datetime.datetime(2020, 1, 1, 10, 30)
    given = scan("parquet", tmp_path, schema="x BIGINT, i DECIMAL(5,1), l STRING").sort_by("x").to_pylist()
    assert given[0]["i"] == decimal.Decimal("1.0") and given[1]["l"] == "5000000000"
