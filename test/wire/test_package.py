"""The wheel: built from the clone, installed into a fresh environment, used by a project's tests."""

import os
import pathlib
import subprocess
import sys
import sysconfig
import textwrap

import pytest

from conftest import ROOT

PROJECT = {
    "wordcount.py": """
        from pyspark.sql import SparkSession

        def count(lines):
            spark = SparkSession.builder.appName("wordcount").master("local[4]").getOrCreate()
            frame = spark.createDataFrame([(line,) for line in lines], "line string")
            frame.createOrReplaceTempView("lines")
            return dict(spark.sql("SELECT word, count(*) FROM (SELECT explode(split(line, ' ')) AS word FROM lines) "
                                  "GROUP BY word").collect())
        """,
    "test_wordcount.py": """
        import os
        import wordcount
        from pyspark.sql.functions import udf

        def test_it_counts(spark):
            assert wordcount.count(["a b", "a"]) == {"a": 2, "b": 1}
            assert spark.catalog.tableExists("lines")
            spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")

        def test_the_view_and_the_setting_of_the_test_before_are_gone(spark):
            assert not spark.catalog.tableExists("lines")
            assert spark.conf.get("spark.sql.session.timeZone") != "Asia/Tokyo"

        def test_python_functions_run_in_this_environment(spark):
            prefix = udf(lambda x: __import__("sys").prefix)
            import sys
            assert spark.range(1).select(prefix("id")).first()[0] == sys.prefix

        def test_kafka(kafka_bootstrap, spark):
            from confluent_kafka import Producer
            producer = Producer({"bootstrap.servers": kafka_bootstrap})
            producer.produce("greetings", b"hello")
            assert producer.flush(30) == 0
            rows = (spark.read.format("kafka").option("kafka.bootstrap.servers", kafka_bootstrap)
                    .option("subscribe", "greetings").load().selectExpr("CAST(value AS STRING)").collect())
            assert [row[0] for row in rows] == ["hello"]

        def test_the_server_is_written_down(weir_server):
            with open("pids", "w") as file:
                print(*weir_server.pids, file=file)
        """,
}


@pytest.fixture(scope="module")
def environment(weir_program, tmp_path_factory):
    """A fresh environment with our wheel in it; the clients come from this Python, without a network."""
    folder = tmp_path_factory.mktemp("package")
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("WEIR_", "SPARK_", "PYSPARK_", "PYTHON"))}
    env.update(TMPDIR=str(folder / "tmp"), XDG_RUNTIME_DIR=str(folder / "run"), HOME=str(folder))
    (folder / "tmp").mkdir()
    (folder / "run").mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    for command in ([*pip, "wheel", "-q", "--no-deps", "--no-index", "-w", folder / "dist", ROOT / "python"],
                    [sys.executable, "-m", "venv", "--without-pip", folder / "venv"],
                    [*pip, "--python", folder / "venv/bin/python", "install", "-q", "--no-deps", "--no-index"]):
        if "install" in command:
            command = [*command, *(folder / "dist").glob("*.whl")]
        done = subprocess.run([str(c) for c in command], env={**env, "WEIR_BINARY": weir_program}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, done.stdout
    site = next((folder / "venv/lib").glob("python*")) / "site-packages"
    (site / "clients.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name, text in PROJECT.items():
        (folder / name).write_text(textwrap.dedent(text))
    return folder, env


def run(environment, *command, **more):
    folder, env = environment
    return subprocess.run([folder / "venv/bin" / command[0], *map(str, command[1:])], cwd=folder, timeout=300,
                          env={**env, **more}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_a_projects_tests_find_the_fixtures_and_leave_nothing(environment):
    folder, _ = environment
    done = run(environment, "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_wordcount.py")
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr
    for pid in (folder / "pids").read_text().split():
        assert not os.path.exists(f"/proc/{pid}")
    left = [path for where in ("tmp", "run/weir") for path in pathlib.Path(folder, where).glob("*")
            if path.name.startswith("weir") or where == "run/weir"]
    assert left == []


@pytest.mark.slow
def test_the_command_is_the_program_of_the_wheel(environment):
    folder, _ = environment
    done = run(environment, "weir", "version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "weir"), done.stderr
    (folder / "prog.py").write_text("import sys\nfrom pyspark.sql import SparkSession\n"
                                    "s = SparkSession.builder.master('local').getOrCreate()\n"
                                    "print(s.range(4).count(), sys.prefix, sys.argv[1:])\nsys.exit(7)\n")
    done = run(environment, "weir", "run", "prog.py", "-x")
    assert (done.returncode, done.stdout) == (7, f"4 {folder / 'venv'} ['-x']\n"), done.stderr


@pytest.mark.slow
def test_a_session_in_one_line(environment):
    (environment[0] / "short.py").write_text("import weir\nprint(weir.session().sql('SELECT 1 + 1').first()[0])\n")
    done = run(environment, "python", "short.py")
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


@pytest.mark.slow
def test_without_a_program_it_says_where_it_looked(environment, tmp_path):
    """The package alone, as it is on a machine for which no wheel was built."""
    folder, _ = environment
    program = next((folder / "venv/lib").glob("python*/site-packages/weir/bin/weir"))
    program.rename(tmp_path / "weir")
    try:
        done = run(environment, "weir", "version", PATH=str(folder / "venv/bin"))
        assert done.returncode == 1 and "the weir program is not found" in done.stderr
        assert run(environment, "weir", "version", PATH=f"{folder}/venv/bin:{tmp_path}").returncode == 0
    finally:
        (tmp_path / "weir").rename(program)
