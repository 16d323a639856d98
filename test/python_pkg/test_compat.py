"""What becomes of the builder's options on their way to the server."""

import os
import sys

import pytest

from weir import compat
from weir.missing import Missing


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(compat, "_state", {"server": None, "conf": {}, "warned": set()})
    monkeypatch.delenv("SPARK_REMOTE", raising=False)


@pytest.fixture
def asked(monkeypatch):
    """The sessions that were asked for: (settings, address)."""
    sessions = []
    monkeypatch.setattr(compat, "remote_session", lambda conf, url: sessions.append((conf, url)))

    class Running:
        def url(self):
            return "sc://found:1"
    compat.use(Running())
    return sessions


@pytest.mark.parametrize("master", ["local[*]", "local", "yarn", "spark://spark-master:7077", "k8s://x", "mesos://x"])
def test_any_master_is_a_hint(asked, master):
    compat._get_or_create({"spark.master": master, "spark.sql.shuffle.partitions": 4})
    assert asked == [({"spark.master": master, "spark.sql.shuffle.partitions": "4"}, "sc://found:1")]
    assert "spark.master" in compat.DROPPED and compat.settings()["spark.master"] == master


def test_truth_is_written_as_spark_writes_it(asked):
    compat._get_or_create({"a": True, "b": False, "c": 1.5})
    assert asked[0][0] == {"a": "true", "b": "false", "c": "1.5"}


def test_settings_of_the_command_line_hold_until_the_program_says_otherwise(asked):
    compat._state["conf"] = {"a": "line", "b": "line"}
    compat._get_or_create({"b": "program"})
    assert asked[0][0] == {"a": "line", "b": "program"}


def test_a_remote_that_the_program_names_is_used(asked, monkeypatch):
    compat._get_or_create({"spark.remote": "sc://own:2"})
    compat._get_or_create({"spark.remote": "local[*]"})
    monkeypatch.setenv("SPARK_REMOTE", "sc://environment:3")
    compat._state["conf"] = {}
    compat._get_or_create({})
    assert [url for _, url in asked] == ["sc://own:2", "sc://found:1", "sc://environment:3"]


@pytest.mark.parametrize("text, names", [
    ("org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0", ["spark-sql-kafka-0-10"]),
    ("a:kafka-clients:3.9.0, org.postgresql:postgresql:42.6.0", ["kafka-clients", "postgresql"]),
    ("/opt/jars/spark-sql-kafka-0-10_2.13-4.0.0.jar", ["spark-sql-kafka-0-10"]),
    ("lib/postgresql-42.6.0.jar,commons-pool2-2.12.0.jar", ["postgresql", "commons-pool2"]),
    ("hdfs://namenode:9000/my-udfs.jar;plain.jar", ["my-udfs", "plain"]),
    ("", []),
])
def test_names_of_jars(text, names):
    assert list(compat.jar_names(text)) == names


def test_jars_of_the_kafka_connector_pass_in_silence(capsys):
    compat.warn_of_jars({"spark.jars.packages": "org.apache.spark:spark-sql-kafka-0-10_2.12:3.5.1,"
                                                "org.apache.kafka:kafka-clients:3.5.1"})
    assert capsys.readouterr().err == ""


def test_other_jars_are_warned_of_once(capsys):
    for _ in range(2):
        compat.warn_of_jars({"spark.jars.packages": "org.postgresql:postgresql:42.6.0", "spark.jars": "mine-1.0.jar"})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and "names mine," in lines[0] and "names postgresql," in lines[1]


def test_a_session_hears_where_its_program_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert compat.whereabouts() == {"spark.weir.python": sys.executable, "spark.weir.cwd": os.getcwd()}


def test_what_is_missing_is_both_errors():
    """hasattr() is false, a call says what is missing."""
    assert issubclass(Missing, NotImplementedError) and issubclass(Missing, AttributeError)
