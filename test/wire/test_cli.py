"""The small commands against a server of their own: what they print, and their exit statuses."""

import json
import os
import stat

import pytest
from run_common import Up, call, environment


@pytest.fixture(scope="module")
def server(weir_program, tmp_path_factory):
    up = Up(weir_program, tmp_path_factory.mktemp("up"))
    yield up
    up.stop()


def test_status_as_json_is_the_ready_file(weir_program, server):
    done = call([weir_program, "status", "-o", "json"], server.env)
    assert done.returncode == 0 and json.loads(done.stdout)["connect"] == server.facts["connect"]


def test_the_discovery_file_of_pyspark(weir_program, server):
    """What PySpark 4.3 wants of it: these types, localhost, a pid that lives, nobody else's eyes."""
    path = server.facts["environment"]["SPARK_LOCAL_CONNECT_DISCOVERY"]
    with open(path) as file:
        facts = json.load(file)
    assert facts["host"] == "localhost" and facts["spark_version"] == "4.3.0"
    assert server.facts["connect"] == f"sc://127.0.0.1:{facts['port']}"
    assert facts["pid"] == server.process.pid and isinstance(facts["token"], str)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    done = call([weir_program, "status", "-o", "env"], server.env)
    assert f"export SPARK_LOCAL_CONNECT_DISCOVERY='{path}'\n" in done.stdout


def test_without_a_server_it_is_status_5(weir_program, tmp_path):
    env = environment(tmp_path / "runtime")
    assert call([weir_program, "status"], env).returncode == 5
    assert call([weir_program, "topic", "list"], env).returncode == 5


def test_topics_are_made_listed_and_removed(weir_program, server):
    def topic(*words):
        return call([weir_program, "topic", *words], server.env)
    assert topic("create", "orders", "--partitions", "3").returncode == 0
    assert "orders\t3\n" in topic("list").stdout
    assert len(topic("describe", "orders").stdout.splitlines()) == 4
    assert topic("delete", "orders").returncode == 0
    assert "orders" not in topic("list").stdout
    assert topic("describe", "orders").returncode != 0


def test_usage_is_status_2(weir_program, server):
    for words in (["nonsense"], ["status", "-o", "xml"], ["topic", "paint"], ["up", "--nonsense"]):
        assert call([weir_program, *words], server.env).returncode == 2


def test_a_data_directory_of_another_version(weir_program, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "version").write_text("weir data format 9\n")
    done = call([weir_program, "up", "--data", data], environment(tmp_path / "runtime"))
    assert done.returncode == 1 and "data format 9" in done.stderr


def test_a_taken_port_is_named_with_the_flag_that_helps(weir_program, server, tmp_path):
    taken = server.facts["kafka"]
    done = call([weir_program, "up", "--ephemeral", "--connect", "127.0.0.1:0", "--web", "127.0.0.1:0",
                 "--kafka", taken], environment(tmp_path / "runtime"))
    assert done.returncode == 1 and taken in done.stderr and "--kafka" in done.stderr
