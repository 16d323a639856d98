"""Queries over three nodes: answers equal to those of one task on one node, also while a node dies."""

import json
import random
import sys
import threading
import time
import urllib.request

import pytest
from pyspark.sql import SparkSession
from test_nodes import Cluster, until
from test_stages import assert_same
from test_tpch import QUERIES, STAGES, TABLES, rows_of, tpch_data

pytestmark = pytest.mark.slow


class Nodes:
    def __init__(self, program, folder):
        self.cluster = Cluster(program, folder, "--nodes", "3", "--python", sys.executable)
        self.first = self.cluster.node("n1")
        self.spark = self.session(STAGES)
        self.single = self.session({"spark.weir.localInputBytes": "0", "spark.weir.stages": "off"})

    def session(self, conf):
        spark = SparkSession.builder.remote(self.first["connect"]).create()
        for key, value in conf.items():
            spark.conf.set(key, value)
        for table in TABLES:
            spark.read.parquet(str(tpch_data(0.1) / f"{table}.parquet")).createOrReplaceTempView(table)
        return spark

    def state(self):
        return json.load(urllib.request.urlopen(self.first["web"] + "/api/state", timeout=20))

    def workers(self):
        return {w["name"]: w["state"] for w in self.state()["overview"]["workers"] if w["cores"] > 0}

    def wait_whole(self):
        want = {f"n{i}/worker": "alive" for i in (1, 2, 3)}
        until("the driver has the workers of three nodes", lambda: self.workers() == want)

    def close(self):
        self.spark.stop()
        self.single.stop()
        self.cluster.close()


@pytest.fixture(scope="module")
def nodes(weir_program, tmp_path_factory):
    n = Nodes(weir_program, tmp_path_factory.mktemp("nodes"))
    yield n
    n.close()


def text_of(query):
    return query.read_text().replace("{Q11_FRACTION}", "0.001")


def test_tpch_over_three_nodes_is_as_on_one(nodes):
    nodes.wait_whole()
    for query in QUERIES:
        sql = text_of(query)
        assert_same(rows_of(nodes.spark.sql(sql).toArrow()), rows_of(nodes.single.sql(sql).toArrow()))
        slots = {a["slot"] for a in nodes.state()["queries"][1]["timeline"]}
        assert slots <= set(nodes.workers())
    seen = {a["slot"] for q in nodes.state()["queries"] for a in q["timeline"]}
    assert seen == set(nodes.workers())


def test_a_dying_node_costs_no_answer(nodes):
    nodes.wait_whole()
    want = {q.stem: rows_of(nodes.single.sql(text_of(q)).toArrow()) for q in QUERIES}
    killer = threading.Timer(random.uniform(0.2, 1), nodes.cluster.kill_node, ["n3"])
    killer.start()
    for query in QUERIES:
        assert_same(rows_of(nodes.spark.sql(text_of(query)).toArrow()), want[query.stem])
    killer.join()
    until("the dead node's worker is known to be gone", lambda: nodes.workers().get("n3/worker") != "alive")
    nodes.cluster.weir("node", "start", "n3")
    nodes.wait_whole()
    sql = text_of(QUERIES[4])
    assert_same(rows_of(nodes.spark.sql(sql).toArrow()), want[QUERIES[4].stem])


def test_a_draining_node_gets_no_tasks(nodes):
    nodes.wait_whole()
    nodes.cluster.weir("node", "drain", "n2")

    def left_out():
        nodes.spark.sql("SELECT sum(l_quantity) FROM lineitem").collect()
        slots = {a["slot"] for a in nodes.state()["queries"][0]["timeline"]}
        return slots and "n2/worker" not in slots

    until("a query without the draining node", left_out)
