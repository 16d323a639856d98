"""CSV, JSON and text files through the scan and sink interfaces, by the rules of Spark's readers and
writers."""

import datetime
import decimal
import gzip
import json

import pyarrow as pa
import pytest

from scan_common import run_scan, scan, scan_error, sink_error, write


def types(table):
    return {f.name: str(f.type) for f in table.schema}


def test_csv_without_options_is_strings(tmp_path):
    (tmp_path / "a.csv").write_text('1,x\n,"quoted, with comma"\n3,\n')
    got = scan("csv", tmp_path / "a.csv")
    assert types(got) == {"_c0": "string", "_c1": "string"}
    assert got.to_pylist() == [
        {"_c0": "1", "_c1": "x"}, {"_c0": None, "_c1": "quoted, with comma"}, {"_c0": "3", "_c1": None}]


def test_csv_inference_ladder(tmp_path):
    (tmp_path / "a.csv").write_text(
        "int,long,dec,double,date,ts,flag,text,mixed,none\n"
        "1,5000000000,123456789012345678901,1.5,2020-01-02,2020-01-02 03:04:05,true,NA,1,\n"
        "-2,7,1,2,2021-12-31,2020-01-02,FALSE,x,a,\n"
        ",,,,,,,,,\n")
    got = scan("csv", tmp_path / "a.csv", options={"header": "true", "inferSchema": "true"})
    assert types(got) == {
        "int": "int32", "long": "int64", "dec": "decimal128(21, 0)", "double": "double", "date": "date32[day]",
        "ts": "timestamp[us, tz=UTC]", "flag": "bool", "text": "string", "mixed": "string", "none": "string"}
    first = got.to_pylist()[0]
    assert first["dec"] == decimal.Decimal("123456789012345678901") and first["text"] == "NA"
    assert first["ts"].replace(tzinfo=None) == datetime.datetime(2020, 1, 2, 3, 4, 5)
    assert got.to_pylist()[2] == {name: None for name in got.column_names}


def test_csv_header_names(tmp_path):
    (tmp_path / "a.csv").write_text("a,A,,b\n1,2,3,4\n")
    assert scan("csv", tmp_path / "a.csv", options={"header": "true"}).column_names == ["a0", "A1", "_c2", "b"]


def test_csv_quotes_and_escapes(tmp_path):
    (tmp_path / "a.csv").write_text('"a \\"b\\" c",2\n"x""y",3\nplain"q,4\n"tail"  ,5\n')
    got = scan("csv", tmp_path / "a.csv")["_c0"].to_pylist()
    assert got == ['a "b" c', '"x""y"', 'plain"q', "tail"]
    assert scan("csv", tmp_path / "a.csv", options={"escape": '"'})["_c0"].to_pylist()[1] == 'x"y'


def test_csv_modes_and_corrupt_records(tmp_path):
    (tmp_path / "a.csv").write_text("1,x\nbad,y\n3\n4,z,extra\n")
    schema = "id INT, s STRING, _corrupt_record STRING"
    got = scan("csv", tmp_path / "a.csv", schema=schema).to_pylist()
    assert got == [
        {"id": 1, "s": "x", "_corrupt_record": None},
        {"id": None, "s": "y", "_corrupt_record": "bad,y"},
        {"id": 3, "s": None, "_corrupt_record": "3"},
        {"id": 4, "s": "z", "_corrupt_record": "4,z,extra"},
    ]
    dropped = scan("csv", tmp_path / "a.csv", schema="id INT, s STRING", options={"mode": "DROPMALFORMED"})
    assert dropped.to_pylist() == [{"id": 1, "s": "x"}]
    text = scan_error("csv", tmp_path / "a.csv", schema="id INT, s STRING", options={"mode": "FAILFAST"})
    assert "MALFORMED_RECORD_IN_PARSING" in text


def test_csv_options(tmp_path):
    (tmp_path / "a.csv").write_text("#note\n1; x ;NULL;31/12/2020\n\n2;y;b;01/01/2021\n")
    got = scan("csv", tmp_path / "a.csv", schema="id INT, s STRING, n STRING, d DATE", options={
        "sep": ";", "comment": "#", "nullValue": "NULL", "dateFormat": "dd/MM/yyyy",
        "ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"})
    assert got.to_pylist() == [
        {"id": 1, "s": "x", "n": None, "d": datetime.date(2020, 12, 31)},
        {"id": 2, "s": "y", "n": "b", "d": datetime.date(2021, 1, 1)}]
    assert "encoding" in scan_error("csv", tmp_path / "a.csv", options={"encoding": "latin1"})


def test_csv_line_ends_and_multi_line(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf1,a\r\n2,b\r3,c")
    assert scan("csv", tmp_path / "a.csv")["_c0"].to_pylist() == ["1", "2", "3"]
    (tmp_path / "b.csv").write_text('1,"two\nlines"\n2,x\n')
    assert scan("csv", tmp_path / "b.csv", options={"multiLine": "true"})["_c1"].to_pylist() == ["two\nlines", "x"]


@pytest.mark.parametrize("fmt", ["csv", "text"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_splits_give_each_line_once(tmp_path, fmt, end):
    lines = [f"{i},{'x' * (i % 37)}" for i in range(3000)]
    (tmp_path / "a.txt").write_bytes((end.join(lines) + end).encode())
    for size in (100, 1000, 4099):
        got = scan(fmt, tmp_path / "a.txt", split_bytes=size)
        assert got.num_rows == 3000
        assert got.column(0).to_pylist()[:3] == (["0", "1", "2"] if fmt == "csv" else lines[:3])


def test_gzip_files_are_read(tmp_path):
    body = b"".join(b"%d,%d\n" % (i, i * i) for i in range(100000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(body[:400000]) + gzip.compress(body[400000:]))
    got = scan("csv", tmp_path / "a.csv.gz", schema="a INT, b LONG", split_bytes=1000)
    assert got.num_rows == 100000 and got["b"].to_pylist()[-1] == 99999**2
    (tmp_path / "bad.csv.gz").write_bytes(gzip.compress(body)[:-50000] + b"\0" * 50000)
    assert run_scan("csv", tmp_path / "bad.csv.gz").returncode in (0, 1)


def sample() -> pa.Table:
    return pa.table({
        "i": pa.array([1, None, -3], pa.int32()),
        "s": ['plain', 'with "quotes", comma', None],
        "e": ["", " padded ", "line\nend"],
        "d": pa.array([datetime.date(2020, 1, 2), None, datetime.date(1969, 12, 31)]),
        "t": pa.array([0, 1_500_000, None], pa.timestamp("us", "UTC")),
        "n": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("-0.01")], pa.decimal128(9, 2)),
        "f": [1.0, 1e20, None],
        "b": [True, None, False],
    })


def test_csv_is_written_as_spark_writes(tmp_path):
    write("csv", sample(), tmp_path / "o.csv", {"header": "true"})
    assert (tmp_path / "o.csv").read_text() == (
        "i,s,e,d,t,n,f,b\n"
        '1,plain,"",2020-01-02,1970-01-01T00:00:00.000Z,1.50,1.0,true\n'
        ',"with \\"quotes\\", comma",padded,,1970-01-01T00:00:01.500Z,,1.0E20,\n'
        '-3,,"line\nend",1969-12-31,,-0.01,,false\n')
    nested = pa.table({"l": [[1]]})
    assert "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE" in sink_error("csv", nested, tmp_path / "x")
    write("csv", sample(), tmp_path / "o.csv.gz", {"compression": "gzip"})
    assert gzip.open(tmp_path / "o.csv.gz").read().startswith(b"1,plain")


def test_text_both_ways(tmp_path):
    write("text", pa.table({"value": ["a", None, "c d"]}), tmp_path / "o.txt")
    assert (tmp_path / "o.txt").read_text() == "a\n\nc d\n"
    assert scan("text", tmp_path / "o.txt")["value"].to_pylist() == ["a", "", "c d"]
    assert scan("text", tmp_path / "o.txt", options={"wholetext": "true"})["value"].to_pylist() == ["a\n\nc d\n"]
    assert scan("text", tmp_path / "o.txt", options={"lineSep": " "})["value"].to_pylist() == ["a\n\nc", "d\n"]


def test_json_inference(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"b": 1, "a": "x", "n": null, "l": [1, 2.5], "o": {"z": true, "y": [{"k": 1}]}}\n'
        '{"b": 2.5, "a": 3, "o": {"y": [{"j": "t"}]}, "big": 123456789012345678901}\n\n'
        '{"a": "NA", "b": 7}\n')
    got = scan("json", tmp_path / "a.json")
    assert types(got) == {
        "a": "string", "b": "double", "big": "decimal128(21, 0)", "l": "list<element: double>", "n": "string",
        "o": "struct<y: list<element: struct<j: string, k: int64>>, z: bool>"}
    rows = got.to_pylist()
    assert [r["a"] for r in rows] == ["x", "3", "NA"] and [r["b"] for r in rows] == [1.0, 2.5, 7.0]
    assert rows[0]["o"] == {"y": [{"j": None, "k": 1}], "z": True} and rows[1]["o"]["z"] is None
    strings = scan("json", tmp_path / "a.json", options={"primitivesAsString": "true"})
    assert types(strings)["b"] == "string" and strings["b"].to_pylist() == ["1", "2.5", "7"]


def test_json_corrupt_records_and_modes(tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}\n{"a": broken\n{"a": "text"}\n[{"a": 4}, {"a": 5}]\n')
    inferred = scan("json", tmp_path / "a.json")
    assert inferred.column_names == ["_corrupt_record", "a"]
    schema = "a INT, b STRING, _corrupt_record STRING"
    got = scan("json", tmp_path / "a.json", schema=schema).to_pylist()
    assert [r["a"] for r in got] == [1, None, None, 4, 5]
    assert [r["_corrupt_record"] for r in got] == [None, '{"a": broken', '{"a": "text"}', None, None]
    dropped = scan("json", tmp_path / "a.json", schema="a INT", options={"mode": "DROPMALFORMED"})
    assert dropped["a"].to_pylist() == [1, 4, 5]
    assert "MALFORMED_RECORD" in scan_error("json", tmp_path / "a.json", schema="a INT", options={"mode": "FAILFAST"})


def test_json_by_schema(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"i": 1, "d": "2020-01-02", "t": "2020-01-02T03:04:05Z", "m": {"1": [true]}, "x": 1.25, "r": {"q": [1]}, "f": "NaN"}\n'
        '{"i": 2, "i": 3, "m": {}, "r": "text", "\\u00e4": "\\ud83d\\ude00"}\n')
    got = scan("json", tmp_path / "a.json", schema=(
        "i BYTE, d DATE, t TIMESTAMP, m MAP<INT, ARRAY<BOOLEAN>>, x DECIMAL(5,3), r STRING, f DOUBLE, `ä` STRING")).to_pylist()
    assert got[0]["d"] == datetime.date(2020, 1, 2) and got[0]["m"] == [(1, [True])]
    assert got[0]["x"] == decimal.Decimal("1.250") and got[0]["r"] == '{"q": [1]}' and got[0]["f"] != got[0]["f"]
    assert got[0]["t"].replace(tzinfo=None) == datetime.datetime(2020, 1, 2, 3, 4, 5)
    assert got[1]["i"] == 3 and got[1]["m"] == [] and got[1]["r"] == "text" and got[1]["ä"] == "😀"


def test_json_multi_line(tmp_path):
    rows = [{"i": i, "s": ["x" * (i % 5)]} for i in range(5000)]
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=2))
    got = scan("json", tmp_path / "a.json", options={"multiLine": "true"})
    assert got.to_pylist() == rows
    (tmp_path / "b.json").write_text('{\n"a": 1}')
    assert scan("json", tmp_path / "b.json", options={"multiLine": "true"}).to_pylist() == [{"a": 1}]


def test_json_is_written_as_spark_writes(tmp_path):
    table = sample().append_column("l", pa.array([[1, None], [], None], pa.list_(pa.field("element", pa.int32()))))
    table = table.append_column("o", pa.array([{"p": None, "q": "ä"}, None, {"p": 1, "q": None}]))
    table = table.append_column("m", pa.array([[("k", 1.5)], None, []], pa.map_(pa.string(), pa.float64())))
    table = table.append_column("y", pa.array([b"\0\1\2\3", None, b""]))
    write("json", table, tmp_path / "o.json")
    lines = (tmp_path / "o.json").read_text().splitlines()
    assert lines[0] == (
        '{"i":1,"s":"plain","e":"","d":"2020-01-02","t":"1970-01-01T00:00:00.000Z","n":1.50,"f":1.0,"b":true,'
        '"l":[1,null],"o":{"q":"ä"},"m":{"k":1.5},"y":"AAECAw=="}')
    assert lines[1] == '{"s":"with \\"quotes\\", comma","e":" padded ","t":"1970-01-01T00:00:01.500Z","f":1.0E20,"l":[]}'
    back = scan("json", tmp_path / "o.json", schema=(
        "i INT, s STRING, e STRING, d DATE, t TIMESTAMP, n DECIMAL(9,2), f DOUBLE, b BOOLEAN, l ARRAY<INT>, "
        "o STRUCT<p: BIGINT, q: STRING>, m MAP<STRING, DOUBLE>, y BINARY"))
    assert back.to_pylist() == table.to_pylist()


def test_json_splits(tmp_path):
    (tmp_path / "a.json").write_text("".join('{"i": %d}\n' % i for i in range(5000)))
    got = scan("json", tmp_path / "a.json", split_bytes=1001)
    assert got["i"].to_pylist() == list(range(5000))
