"""The small commands against a server of their own: what they print, and their exit statuses."""

import json
import os
import shutil
import socket
import stat

import pytest
from run_common import ROOT, Up, call, environment

FREE = ["--connect", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0", "--webhdfs", "127.0.0.1:0"]


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


COMMANDS = ["up", "node", "run", "sql", "topic", "fs", "status", "doctor", "config", "version", "help"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(weir_program, tmp_path, command):
    env = environment(tmp_path / "runtime")
    done = call([weir_program, command, "--help"], env)
    assert done.returncode == 0 and done.stderr == ""
    assert f"weir {command}" in done.stdout
    assert call([weir_program, "help", command], env).stdout == done.stdout


def test_help_lists_the_commands_and_the_flags_with_defaults(weir_program, tmp_path):
    text = call([weir_program, "--help"], environment(tmp_path / "runtime")).stdout
    for command in COMMANDS:
        assert f"  weir {command} " in text
    for flag in ("--data DIR", "--kafka HOST:PORT", "[127.0.0.1:9092]", "--memory SIZE"):
        assert flag in text
    assert "exit status: 0 done" in text


def test_a_programs_own_help_is_the_programs(weir_program, tmp_path):
    (tmp_path / "p.py").write_text("import sys; print(sys.argv[1:])\n")
    assert call([weir_program, "run", tmp_path / "p.py", "--help"],
                environment(tmp_path / "runtime")).stdout == "['--help']\n"


def test_config_lists_every_key_with_its_value_and_origin(weir_program, tmp_path):
    """The keys are those that the table of docs/configuration.md has, with the defaults it says."""
    env = environment(tmp_path / "runtime")
    rows = [line.split() for line in call([weir_program, "config"], env).stdout.splitlines()]
    assert rows[0] == ["KEY", "VALUE", "FROM", "MEANING"]
    documented = [line.split("|") for line in (ROOT / "docs/configuration.md").read_text().splitlines()
                  if line.startswith("| `") and "`WEIR_" in line.split("|")[3]]
    assert sorted(row[0] for row in rows[1:]) == sorted(cells[1].strip(" `") for cells in documented)
    assert {row[2] for row in rows[1:]} == {"default"}
    defaults = {row[0]: row[1] for row in rows[1:]}
    for cells in documented:
        key, default = cells[1].strip(" `"), cells[4].strip()
        assert defaults[key] in default or defaults[key] in ("-", "false"), key


def test_settings_come_from_file_environment_and_flags_in_this_order(weir_program, tmp_path):
    (tmp_path / "conf").write_text("kafka = 127.0.0.1:1111  # ours\nweb = 127.0.0.1:2222\n")
    env = {**environment(tmp_path / "runtime"), "WEIR_CONFIG": str(tmp_path / "conf"), "WEIR_WEB": "127.0.0.1:3333"}
    rows = {line.split()[0]: line.split()[1:3] for line in call([weir_program, "config"], env).stdout.splitlines()}
    assert rows["kafka"] == ["127.0.0.1:1111", "file"] and rows["web"] == ["127.0.0.1:3333", "environment"]
    (tmp_path / "conf").write_text("kafka = 127.0.0.1:1111\nkafak = 1\n")
    done = call([weir_program, "config"], env)
    assert done.returncode == 1 and f"{tmp_path / 'conf'}:2: unknown key kafak" in done.stderr


def test_doctor_asks_the_server(weir_program, server):
    done = call([weir_program, "doctor"], server.env)
    assert done.returncode == 0, done.stdout
    for what in ("python3", "pyspark", "time zones", "Kafka answers", "Spark Connect answers"):
        assert any(line.startswith("ok") and what in line for line in done.stdout.splitlines()), what


def test_doctor_says_what_is_missing_and_how_to_get_it(weir_program, tmp_path):
    env = environment(tmp_path / "runtime", PYSPARK_DRIVER_PYTHON="/nowhere/python")
    done = call([weir_program, "doctor"], env)
    assert done.returncode == 1
    assert "missing  pyspark for weir run and UDFs: pip install pyspark-client" in done.stdout
    assert "no server runs here (weir up starts one)" in done.stdout


def test_status_for_people(weir_program, server):
    text = call([weir_program, "status"], server.env).stdout
    for word in (server.facts["connect"], server.facts["kafka"], server.facts["web"], server.facts["data"]):
        assert word in text
    pids = {process["role"]: str(process["pid"]) for process in server.facts["processes"]}
    rows = dict(line.split(" pid ") for line in text.splitlines() if " pid " in line)
    assert {role.strip(): pid for role, pid in rows.items()} == pids


def test_status_as_environment_is_what_a_shell_evaluates(weir_program, server):
    """The three variables of PySpark 4.3, as eval "$(weir status -o env)" sets them."""
    done = call(["bash", "-c", f'eval "$({weir_program} status -o env)"; echo "$SPARK_API_MODE" '
                 '"$SPARK_LOCAL_CONNECT_REUSE" "$SPARK_LOCAL_CONNECT_DISCOVERY"'], server.env)
    path = server.facts["environment"]["SPARK_LOCAL_CONNECT_DISCOVERY"]
    assert done.stdout == f"connect 1 {path}\n", done.stderr


def test_off_loopback_a_token_is_wanted(weir_program, tmp_path):
    done = call([weir_program, "up", "--ephemeral", "--connect", "0.0.0.0:0"], environment(tmp_path / "runtime"))
    assert done.returncode == 1 and "0.0.0.0:0 is not a loopback address: give --token" in done.stderr


def test_a_second_server_on_the_same_data(weir_program, server, tmp_path):
    done = call([weir_program, "up", "--data", server.facts["data"], *FREE], environment(tmp_path / "runtime"))
    assert done.returncode == 1 and f"a weir already runs on {server.facts['data']}" in done.stderr


def test_a_taken_port_says_by_whom(weir_program, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        done = call([weir_program, "up", "--ephemeral", *FREE, "--web", address], environment(tmp_path / "runtime"))
    assert done.returncode == 1
    assert f"the web page cannot listen on {address}: " in done.stderr
    assert f", pid {os.getpid()})" in done.stderr and "Choose another with --web HOST:PORT" in done.stderr


def unprivileged():
    """The words before a command that make it nobody's, when we are root."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.mark.parametrize("ready", [False, True])
def test_a_data_directory_without_rights(weir_program, tmp_path_factory, ready):
    folder = tmp_path_factory.mktemp("rights")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    runtime = folder / "runtime"
    env = environment(runtime)
    if os.getuid() == 0:
        os.chown(runtime, 65534, 65534)
    data = folder / "locked" / "data"
    (data if ready else data.parent).mkdir(parents=True)
    (data if ready else data.parent).chmod(0o555)
    program = folder / "weir"  # where everybody may run it
    shutil.copy(weir_program, program)
    done = call([*unprivileged(), program, "up", "--data", data, *FREE], env)
    assert done.returncode == 1
    assert done.stderr.startswith("weir up: cannot ") and str(data) in done.stderr
    assert "Permission denied" in done.stderr


def in_small_space(size, script):
    """A shell script with /mnt as a file system of this size, seen by nobody else."""
    rights = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *rights, "--mount", "bash", "-ec", f"mount -t tmpfs -o size={size} tmpfs /mnt; {script}"]


def test_a_full_disk_at_the_start(weir_program, tmp_path):
    script = f"""mkdir /mnt/data; dd if=/dev/zero of=/mnt/fill bs=4k 2>/dev/null || true
        exec {weir_program} up --data /mnt/data {' '.join(FREE)}"""
    done = call(in_small_space("64k", script), environment(tmp_path / "runtime"))
    assert done.returncode == 1
    assert "weir up: cannot write /mnt/data/version: " in done.stderr
    assert "No space left on device" in done.stderr


def test_what_another_version_wrote_is_left_alone(weir_program, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "version").write_text("weir data format 9\n")
    call([weir_program, "up", "--data", data, *FREE], environment(tmp_path / "runtime"))
    assert (data / "version").read_text() == "weir data format 9\n"
    assert sorted(path.name for path in data.iterdir()) in (["lock", "version"], ["version"])


@pytest.mark.parametrize("words, said", [
    (["nonsense"], "unknown command nonsense"), (["help", "nonsense"], "unknown command nonsense"),
    (["up", "--nonsense"], "unknown flag --nonsense"), (["up", "word"], "what is word?"),
    (["up", "--data"], "--data wants DIR"), (["config", "x"], "what is x?"), (["doctor", "-v"], "what is -v?"),
    (["status", "-o", "xml"], "usage: weir status"), (["topic", "create", "a", "--partitions", "0"], "usage: weir topic"),
    (["run"], "which program?"), (["run", "--nonsense=1", "p.py"], "unknown option --nonsense"),
])
def test_wrong_words_are_named(weir_program, server, words, said):
    done = call([weir_program, *words], server.env)
    assert done.returncode == 2 and said in done.stderr
