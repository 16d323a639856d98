"""Queries over several workers of one node, while workers die: answers equal to those of one task, written
rows once, and the lost tasks running again soon."""

import json
import os
import pathlib
import random
import signal
import sys
import threading
import time
import urllib.request

import pandas as pd
import pytest
from conftest import ROOT
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T
from test_web import browser  # noqa: F401
from test_tpch import QUERIES, STAGES, TABLES, rows_of, same_value, tpch_data
from weir_server import WeirServer

pytestmark = pytest.mark.slow


class Workers:
    """A server with three workers; sessions of it, and its workers' deaths."""

    def __init__(self, program, folder):
        self.server = WeirServer(program, str(folder), {"WEIR_WORKERS": "3", "WEIR_PYTHON": sys.executable})
        self.spark = self.session(STAGES)
        self.single = self.session({"spark.weir.localInputBytes": "0", "spark.weir.stages": "off"})
        self.run_dir = self.server.facts["run"]

    def session(self, conf):
        spark = SparkSession.builder.remote(self.server.connect).create()
        for key, value in conf.items():
            spark.conf.set(key, value)
        for table in TABLES:
            spark.read.parquet(str(tpch_data(0.1) / f"{table}.parquet")).createOrReplaceTempView(table)
        return spark

    def state(self):
        return json.load(urllib.request.urlopen(self.server.facts["web"] + "/api/state", timeout=20))

    def worker_pids(self):
        facts = json.loads((pathlib.Path(self.run_dir + ".json")).read_text())
        return [p["pid"] for p in facts["processes"] if p["role"] == "worker"]

    def kill_one(self):
        """kill -9 of a worker that lives; whether one was there."""
        pids = self.worker_pids()
        random.shuffle(pids)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
                return True
            except ProcessLookupError:
                continue
        return False

    def stop(self):
        self.spark.stop()
        self.single.stop()
        self.server.stop()


@pytest.fixture(scope="module")
def workers(weir_program, tmp_path_factory):
    w = Workers(weir_program, tmp_path_factory.mktemp("workers"))
    yield w
    w.stop()


class Killer(threading.Thread):
    """Kills a worker when the query has begun, and another a little later."""

    def __init__(self, workers, first, gap, count=2):
        super().__init__(daemon=True)
        self.workers, self.first, self.gap, self.count = workers, first, gap, count
        self.kills = 0

    def run(self):
        time.sleep(self.first)
        for _ in range(self.count):
            self.kills += self.workers.kill_one()
            time.sleep(self.gap)


def assert_same(got, want):
    assert len(got) == len(want)
    for g, w in zip(got, want):
        assert len(g) == len(w) and all(map(same_value, g, w)), f"{g} instead of {w}"


@pytest.mark.parametrize("query", QUERIES, ids=[q.stem for q in QUERIES])
def test_tpch_answers_while_workers_die(workers, query):
    sql = query.read_text().replace("{Q11_FRACTION}", "0.001")
    want = rows_of(workers.single.sql(sql).toArrow())
    begin = time.monotonic()
    assert_same(rows_of(workers.spark.sql(sql).toArrow()), want)
    whole = time.monotonic() - begin
    killer = Killer(workers, random.uniform(0, whole * 0.8), whole * 0.3)
    killer.start()
    got = rows_of(workers.spark.sql(sql).toArrow())
    killer.join()
    assert killer.kills > 0
    assert_same(got, want)


class Slow:
    """A query of some seconds on all workers, in a thread of its own."""

    def __init__(self, workers):
        @F.udf(T.LongType())
        def slow(x):
            time.sleep(0.002)
            return x

        self.workers = workers
        self.frame = workers.spark.range(0, 3000, 1, 12).select(slow("id").alias("x")).agg(F.sum("x"))
        self.answers = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        end = time.monotonic() + 60
        while len({a["slot"] for a in self.timeline() if a["state"] == "running"}) < 3:
            assert self.thread.is_alive() and time.monotonic() < end
            time.sleep(0.02)

    def run(self):
        self.answers.append(self.frame.collect()[0][0])

    def timeline(self):
        return self.workers.state()["queries"][0]["timeline"]

    def finish(self):
        self.thread.join(120)
        assert self.answers == [3000 * 2999 // 2]


def test_tasks_of_a_dead_worker_run_again_within_five_seconds(workers):
    slow = Slow(workers)
    assert workers.kill_one()
    slow.finish()
    lines = slow.timeline()
    lost = [line for line in lines if line["state"] == "lost"]
    assert lost
    for line in lost:
        again = [x for x in lines if (x["stage"], x["task"]) == (line["stage"], line["task"])
                 and x["attempt"] > line["attempt"]]
        assert again and min(x["start_ms"] for x in again) - line["end_ms"] < 5000


def test_a_paused_worker_counts_as_dead_and_comes_back(workers):
    slow = Slow(workers)
    pid = workers.worker_pids()[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        slow.finish()
        assert any(a["state"] == "lost" for a in slow.timeline())
    finally:
        os.kill(pid, signal.SIGCONT)
    end = time.monotonic() + 60
    while not all(w["state"] == "alive" for w in workers.state()["overview"]["workers"]):
        assert time.monotonic() < end
        time.sleep(0.05)
    Slow(workers).finish()


def test_a_udf_over_batches_is_shared(workers):
    def double(batches):
        for b in batches:
            yield pd.DataFrame({"y": b["id"] * 2})

    got = workers.spark.range(0, 10000, 1, 8).mapInPandas(double, "y long").agg(F.sum("y")).collect()
    assert got[0][0] == 10000 * 9999


@pytest.mark.parametrize("shape", ["plain", "partitioned", "repartitioned"])
def test_a_write_has_each_row_once_though_workers_die(workers, tmp_path, shape):
    frame = workers.spark.table("lineitem").select("l_orderkey", "l_linenumber", "l_returnflag", "l_comment")
    path = str(tmp_path / "out")
    killer = Killer(workers, 0.15, 0.1)
    killer.start()
    if shape == "plain":
        frame.write.parquet(path)
    elif shape == "partitioned":
        frame.write.partitionBy("l_returnflag").parquet(path)
    else:
        frame.repartition(3).write.parquet(path)
        assert len(list(pathlib.Path(path).glob("*.parquet"))) == 3
    killer.join()
    back = workers.single.read.parquet(path)
    want = workers.single.table("lineitem")
    assert back.count() == want.count()
    assert back.select("l_orderkey", "l_linenumber").distinct().count() == want.count()
    assert not (pathlib.Path(path) / "_temporary").exists()


def test_a_failing_query_says_why_and_leaves_nothing(workers):
    with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
        workers.spark.sql("SELECT sum(1 / (id - 500)) FROM range(0, 1000, 1, 8)").collect()
    folders = pathlib.Path(workers.server.facts["data"]) / "shuffle"
    end = time.monotonic() + 20
    while left := [f for w in folders.iterdir() for f in w.iterdir()]:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_cancelled_query_ends_everywhere(workers):
    spark = workers.session(STAGES)
    spark.addTag("over")
    errors = []

    def run():
        try:
            spark.range(0, 10**12, 1, 8).selectExpr("sum(sqrt(id))").collect()
        except Exception as e:  # noqa: BLE001
            errors.append(str(e))

    thread = threading.Thread(target=run)
    thread.start()
    end = time.monotonic() + 30
    while not any(op["state"] == "running" for op in workers.state()["queries"]):
        assert time.monotonic() < end
        time.sleep(0.02)
    spark.interruptAll()
    thread.join(30)
    assert not thread.is_alive() and errors
    while any(w["tasks_running"] for w in workers.state()["overview"]["workers"]):
        assert time.monotonic() < end + 30
        time.sleep(0.05)
    spark.stop()


def test_a_stream_counts_each_row_once_though_workers_die(workers, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    spark = workers.spark
    query = (spark.readStream.schema("k INT, v INT").json(str(folder))
             .groupBy("k").agg(F.sum("v").alias("s"), F.count("*").alias("n"))
             .writeStream.format("memory").queryName("dying").outputMode("complete")
             .option("checkpointLocation", str(tmp_path / "checkpoint"))
             .trigger(processingTime="50 milliseconds").start())
    try:
        for i in range(8):
            hidden = tmp_path / f"{i}.json"
            hidden.write_text("".join(json.dumps({"k": k % 5, "v": i}) + "\n" for k in range(100)))
            hidden.rename(folder / f"{i}.json")
            workers.kill_one()
            time.sleep(0.1)
        query.processAllAvailable()
        got = {r.k: (r.s, r.n) for r in spark.table("dying").collect()}
        assert got == {k: (20 * sum(range(8)), 160) for k in range(5)}
    finally:
        query.stop()


def test_two_queries_share_the_workers(workers):
    spark = workers.session({**STAGES, "spark.scheduler.pool": "other"})
    sql = (ROOT / "test/data/tpch/q18.sql").read_text()
    want = rows_of(workers.single.sql(sql).toArrow())
    results = {}

    def run(name, s):
        results[name] = [rows_of(s.sql(sql).toArrow()) for _ in range(3)]

    threads = [threading.Thread(target=run, args=x) for x in (("a", workers.spark), ("b", spark))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    for name in "ab":
        for got in results[name]:
            assert_same(got, want)
    spark.stop()


def test_groups_of_a_python_function_are_whole(workers):
    frame = workers.spark.range(0, 1000, 1, 8).selectExpr("id % 7 AS k", "id AS v")

    def count(group):
        return pd.DataFrame({"k": [group.k.iloc[0]], "n": [len(group)], "s": [group.v.sum()]})

    got = frame.groupBy("k").applyInPandas(count, "k long, n long, s long").collect()
    want = {k: (len(range(k, 1000, 7)), sum(range(k, 1000, 7))) for k in range(7)}
    assert {r.k: (r.n, r.s) for r in got} == want and len(got) == 7


def test_the_page_shows_workers_and_a_line_for_each_task(workers, browser):
    killer = Killer(workers, 0.05, 0.05, 2)
    killer.start()
    workers.spark.sql((ROOT / "test/data/tpch/q09.sql").read_text()).collect()
    killer.join()
    text = "document.getElementById('main').innerText"
    browser.open(workers.server.facts["web"] + "/?lang=en#overview")
    browser.wait(f"{text}.includes('n1/worker-3')")
    browser.open(workers.server.facts["web"] + "/?lang=en&x=1#queries")
    browser.wait(f"{text}.includes('Tasks by slot')")
    lines = browser.eval("[...document.querySelectorAll('details tbody tr')].map("
                         "(r) => [...r.children].slice(0, 2).map((c) => c.textContent).join('/'))")
    assert len(lines) > 3 and len(set(lines)) == len(lines)
