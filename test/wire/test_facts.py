"""Answers recorded from real Spark, replayed through an unmodified PySpark client: what agrees must go
on agreeing, and what does not is listed with its reason in known_differences.txt."""

import collections
import json
import sys

import pytest
from conftest import ROOT
from weir_server import WeirServer

sys.path.insert(0, str(ROOT / "tools"))
import spark_facts  # noqa: E402

DATA = ROOT / "test/data/spark"
SETTINGS = {"spark.sql.session.timeZone": "America/Los_Angeles", "spark.sql.ansi.enabled": "true"}


def facts_by_group():
    groups = collections.defaultdict(list)
    for name in ("functions", "sql"):
        for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            fact = json.loads(line)
            group = fact["group"][0].lower() if name == "functions" else fact["group"]
            groups[f"{name}-{group}"].append(fact)
    return groups


def known_differences():
    lines = (DATA / "known_differences.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


GROUPS = facts_by_group()
KNOWN = known_differences()


@pytest.fixture(scope="module")
def endpoint(weir_program, tmp_path_factory):
    server = WeirServer(weir_program, str(tmp_path_factory.mktemp("facts")))
    e = spark_facts.Endpoint(server.connect, 30, SETTINGS)
    yield e
    e.close()
    server.stop()


def replay(endpoint, fact):
    conf = fact.get("conf") or {}
    for key, value in conf.items():
        endpoint.set(key, value)
    try:
        result = endpoint.run(fact["sql"])
        got = spark_facts.observe(result, fact.get("ordered"))
    finally:
        for key in conf:
            if key in SETTINGS:
                endpoint.set(key, SETTINGS[key])
            else:
                endpoint.spark.conf.unset(key)
    return spark_facts.verdict(fact, got), got, result.get("message", "")


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_answers_are_sparks(endpoint, group):
    wrong = []
    for fact in GROUPS[group]:
        verdict, got, message = replay(endpoint, fact)
        if verdict != "pass" and fact["id"] not in KNOWN:
            wrong.append(f"{fact['id']}: {verdict}: {fact['sql']}\n  got {got} {message[:300]}")
        if verdict == "pass" and fact["id"] in KNOWN:
            wrong.append(f"{fact['id']} passes now: take it out of known_differences.txt")
    assert not wrong, "\n".join(wrong)


def test_every_known_difference_is_a_recorded_fact():
    assert KNOWN.keys() <= {fact["id"] for facts in GROUPS.values() for fact in facts}
