"""The 22 queries of TPC-H through an unmodified PySpark client; DuckDB over the same files is the
reference. Text, dates and integers must be equal; a decimal of which one engine keeps fewer digits,
or a float, must agree to 1e-6."""

import datetime
import decimal
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb
import pytest
from conftest import ROOT
from pyspark.sql import SparkSession
from weir_server import WeirServer

TABLES = ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"]
QUERIES = sorted((ROOT / "test/data/tpch").glob("q*.sql"))

# every plan is cut, and all of it goes to the workers
STAGES = {"spark.weir.localInputBytes": "0", "spark.weir.stages": "force"}
# how a server is started, the session's settings
MODES = {
    "plain": ({}, {}),
    "worker": ({}, {"spark.weir.localInputBytes": "0"}),
    "chaos": ({"WEIR_CHAOS": "1"}, {}),
    "stages2": ({"WEIR_WORKERS": "2"}, STAGES),
    "stages3": ({"WEIR_WORKERS": "3"}, {**STAGES, "spark.weir.shuffle.remote": "true"}),
    "stages3-chaos": ({"WEIR_WORKERS": "3", "WEIR_CHAOS": "1"},
                      {**STAGES, "spark.sql.autoBroadcastJoinThreshold": "-1"}),
}


def tpch_data(scale):
    """Made once and kept; the last step is a rename, so that an interrupted run leaves nothing."""
    folder = ROOT / f".cache/tpch/sf{scale}"
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        program = pathlib.Path(sys.executable).parent / "tpchgen-cli"
        subprocess.run([program, "parquet", "-s", str(scale), "--output-dir", part], check=True,
                       timeout=600, stdout=subprocess.DEVNULL)
        part.rename(folder)
    return folder


def number(v):
    return isinstance(v, (int, float, decimal.Decimal)) and not isinstance(v, bool)


def same_value(x, y):
    if not (number(x) and number(y)):
        return x == y
    a, b = float(x), float(y)
    if a == b or abs(a - b) <= 1e-6 * max(abs(a), abs(b)) + 1e-12:
        return not (isinstance(x, int) and isinstance(y, int)) or x == y
    # an average that one engine gives as a decimal of few digits
    return any(isinstance(d, decimal.Decimal)
               and abs(a - b) <= 0.5000001 * 10.0 ** d.as_tuple().exponent for d in (x, y))


def row_key(row):
    return ([str(v) for v in row if not number(v)], ["%.5g" % float(v) for v in row if number(v)])


def rows_of(table):
    def plain(v):
        return v.date() if isinstance(v, datetime.datetime) else v
    return sorted(([plain(v) for v in row.values()] for row in table.to_pylist()), key=row_key)


class Suite:
    def __init__(self, program, folder, scale, mode):
        env, conf = MODES[mode]
        data = tpch_data(scale)
        self.scale = scale
        self.reference = duckdb.connect()
        self.server = WeirServer(program, str(folder), env)
        self.spark = SparkSession.builder.remote(self.server.connect).create()
        for key, value in conf.items():
            self.spark.conf.set(key, value)
        for table in TABLES:
            file = str(data / f"{table}.parquet")
            self.reference.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{file}')")
            self.spark.read.parquet(file).createOrReplaceTempView(table)

    def compare(self, query):
        fraction = format(decimal.Decimal("0.0001") / decimal.Decimal(str(self.scale)), "f")
        sql = query.read_text().replace("{Q11_FRACTION}", fraction)
        want = rows_of(self.reference.sql(sql).to_arrow_table())
        got = rows_of(self.spark.sql(sql).toArrow())
        assert len(got) == len(want)
        for g, w in zip(got, want):
            assert len(g) == len(w) and all(map(same_value, g, w)), f"{g} instead of {w}"

    def stop(self):
        self.spark.stop()
        self.server.stop()


@pytest.fixture(scope="module", params=[
    pytest.param((0.1, "plain"), marks=pytest.mark.slow, id="sf0.1"),
    pytest.param((0.1, "worker"), marks=pytest.mark.slow, id="sf0.1-worker"),
    pytest.param((0.1, "chaos"), marks=pytest.mark.slow, id="sf0.1-chaos"),
    pytest.param((0.1, "stages2"), marks=pytest.mark.slow, id="sf0.1-stages2"),
    pytest.param((0.1, "stages3"), marks=pytest.mark.slow, id="sf0.1-stages3"),
    pytest.param((0.1, "stages3-chaos"), marks=pytest.mark.slow, id="sf0.1-stages3-chaos"),
    pytest.param((1, "plain"), marks=pytest.mark.long, id="sf1"),
])
def suite(request, weir_program, tmp_path_factory):
    s = Suite(weir_program, tmp_path_factory.mktemp("tpch"), *request.param)
    yield s
    s.stop()


@pytest.mark.parametrize("query", QUERIES, ids=[q.stem for q in QUERIES])
def test_tpch_answers_as_duckdb(suite, query):
    suite.compare(query)


def test_all_queries_are_there():
    assert len(QUERIES) == 22 and os.path.exists(ROOT / "test/data/tpch/README.md")
