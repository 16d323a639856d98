"""weir run: classic PySpark programs, unchanged, on the program's own server."""

import os
import textwrap

import pytest
from run_common import Up, call, environment


@pytest.fixture(scope="module")
def server(weir_program, tmp_path_factory):
    up = Up(weir_program, tmp_path_factory.mktemp("up"))
    yield up
    up.stop()


class Program:
    def __init__(self, weir, env, folder):
        self.weir, self.env, self.folder = weir, env, folder

    def __call__(self, text, *arguments, options=(), cwd=None, **env):
        path = self.folder / "prog.py"
        path.write_text(textwrap.dedent(text))
        return call([self.weir, "run", *options, path, *arguments], {**self.env, **env}, cwd or self.folder)

    def value(self, text, setup=""):
        """What the expression text is worth in a program with spark and sc."""
        done = self("from pyspark.sql import SparkSession, Row\nfrom operator import add\n"
                    "spark = SparkSession.builder.master('local[*]').getOrCreate()\nsc = spark.sparkContext\n"
                    + textwrap.dedent(setup) + f"\nprint('VALUE', repr({text}))\n")
        assert done.returncode == 0, done.stderr
        line = [line for line in done.stdout.splitlines() if line.startswith("VALUE ")][-1]
        return eval(line[6:])


@pytest.fixture
def program(weir_program, server, tmp_path):
    return Program(weir_program, server.env, tmp_path)


# ---- the program as a process ----

def test_argv_is_the_programs_own(program):
    done = program("import sys; print(sys.argv[1:], __name__, __file__.endswith('prog.py'))", "--conf", "x", "-v")
    assert done.stdout == "['--conf', 'x', '-v'] __main__ True\n"


def test_exit_status_is_the_programs_own(program):
    assert program("import sys; sys.exit(3)").returncode == 3


def test_an_exception_ends_with_1_and_a_traceback_that_starts_in_the_program(program):
    done = program("def f():\n    raise KeyError('x')\nf()\n")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "prog.py\", line 3, in <module>" in lines[1]
    assert lines[-1] == "KeyError: 'x'"


def test_a_syntax_error_is_shown_without_frames_of_ours(program):
    done = program("x = = 1\n")
    assert done.returncode == 1 and "SyntaxError" in done.stderr and "run.py" not in done.stderr


def test_modules_beside_the_program_are_found(program):
    (program.folder / "beside.py").write_text("VALUE = 7\n")
    assert program("import beside; print(beside.VALUE)", cwd="/").stdout == "7\n"


def test_a_missing_program_is_status_3(weir_program, server):
    done = call([weir_program, "run", "/nowhere/prog.py"], server.env)
    assert (done.returncode, done.stderr) == (3, "weir run: /nowhere/prog.py: No such file or directory\n")


def test_an_unknown_option_is_status_2(weir_program, server):
    assert call([weir_program, "run", "--nonsense=1", "x.py"], server.env).returncode == 2


def test_spark_submit_is_another_name(weir_program, server, tmp_path):
    link = tmp_path / "spark-submit"
    link.symlink_to(weir_program)
    path = tmp_path / "prog.py"
    path.write_text("import sys\nfrom pyspark.sql import SparkSession\n"
                    "s = SparkSession.builder.getOrCreate()\n"
                    "print(s.conf.get('spark.sql.shuffle.partitions'), s.sparkContext.appName, sys.argv[1:])\n")
    done = call([link, "--master", "spark://spark-master:7077", "--deploy-mode", "client", "--name", "n1",
                 "--packages", "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0", "--driver-memory", "1g",
                 "--conf", "spark.sql.shuffle.partitions=5", path, "--master", "own"], server.env)
    assert (done.returncode, done.stdout) == (0, "5 n1 ['--master', 'own']\n"), done.stderr


def test_relative_paths_are_relative_to_the_programs_folder(program):
    place = program.folder / "elsewhere"
    place.mkdir()
    (place / "in.csv").write_text("a,b\n1,x\n2,y\n")
    done = program("""
        from pyspark.sql import SparkSession
        spark = SparkSession.builder.getOrCreate()
        df = spark.read.csv("in.csv", header=True, inferSchema=True)
        df.write.parquet("out.parquet")
        print(spark.read.parquet("out.parquet").count(), spark.sparkContext.textFile("in.csv").count())
        """, cwd=place)
    assert done.stdout == "2 3\n", done.stderr
    assert (place / "out.parquet").is_dir()


# ---- sessions and contexts ----

def test_builders_of_classic_programs(program):
    done = program("""
        from pyspark.sql import SparkSession
        spark = (SparkSession.builder.master("local[*]").appName("app one").enableHiveSupport()
                 .config("spark.jars.packages", "org.postgresql:postgresql:42.6.0")
                 .config("spark.sql.session.timeZone", "Asia/Tokyo").getOrCreate())
        print(spark.sparkContext.appName, spark.conf.get("spark.sql.session.timeZone"))
        print(SparkSession.builder.getOrCreate() is spark, SparkSession.getActiveSession() is spark)
        spark.stop()
        print(SparkSession.builder.appName("two").getOrCreate().sql("SELECT 2 AS x").collect())
        """)
    assert done.stdout.splitlines() == ["app one Asia/Tokyo", "True True", "[Row(x=2)]"], done.stderr


def test_a_context_first_and_a_session_of_it(program):
    done = program("""
        from pyspark import SparkConf, SparkContext
        from pyspark.sql import SparkSession, SQLContext
        sc = SparkContext(conf=SparkConf().setMaster("local[2]").setAppName("conf").set("spark.sql.shuffle.partitions", "3"))
        spark = SparkSession(sc)
        print(sc.master, sc.appName, spark.conf.get("spark.sql.shuffle.partitions"), sc.getConf().get("spark.app.name"))
        print(SparkContext.getOrCreate() is sc, SQLContext(sc).sql("SELECT 1 AS one").collect())
        """)
    assert done.stdout.splitlines() == ["local[2] conf 3 conf", "True [Row(one=1)]"], done.stderr


def test_what_a_context_says(program):
    version, partitions, bad = program.value("(sc.version, sc.defaultParallelism, bad)", """
        sc.setLogLevel("WARN")
        try:
            sc.setLogLevel("LOUD")
            bad = ""
        except ValueError as error:
            bad = str(error)
        """)
    assert version.startswith("4.") and partitions == len(os.sched_getaffinity(0)) and "LOUD" in bad


def test_what_is_not_there_says_so_by_name(program):
    done = program("from pyspark import SparkContext\nSparkContext().binaryRecords('x', 3)\n")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "weir.missing.Missing: sparkContext.binaryRecords is not there in Weir"


def test_jars_that_nothing_here_loads_are_named_and_those_of_kafka_are_not(program):
    done = program("""
        from pyspark.sql import SparkSession
        packages = "org.apache.spark:spark-sql-kafka-0-10_2.13:4.0.0,org.apache.spark:spark-avro_2.13:4.0.0"
        for i in range(2):
            spark = SparkSession.builder.config("spark.jars.packages", packages).getOrCreate()
        """)
    assert done.returncode == 0
    assert [line for line in done.stderr.splitlines() if line.startswith("weir:")] == [
        "weir: spark.jars.packages names spark-avro, which is not built in, and there is no JVM here to load it; "
        "what needs it raises an error"]


# ---- RDDs ----

def test_functions_run_in_other_processes(program):
    assert program.value("os.getpid() in sc.parallelize(range(4), 2).map(lambda x: os.getpid()).collect()",
                         "import os") is False


def test_word_count(program):
    (program.folder / "words.txt").write_text("to be or\nnot to be\n")
    assert program.value("""sorted(sc.textFile("words.txt").flatMap(lambda line: line.split())
        .map(lambda w: (w, 1)).reduceByKey(add).collect())""") == [("be", 2), ("not", 1), ("or", 1), ("to", 2)]


ONE_TO_SIX = "r = sc.parallelize(range(1, 7), 3)"
PAIRS = 'p = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2)'
CALLS = [
    ("r.getNumPartitions()", 3),
    ("r.filter(lambda x: x % 2).collect()", [1, 3, 5]),
    ("(r.count(), r.first(), r.take(2), r.top(2), r.takeOrdered(2))", (6, 1, [1, 2], [6, 5], [1, 2])),
    ("(r.reduce(add), r.fold(0, add), r.treeReduce(add), r.sum(), r.max(), r.min(), r.mean())",
     (21, 21, 21, 21, 6, 1, 3.5)),
    ("r.aggregate((0, 0), lambda s, x: (s[0] + x, s[1] + 1), lambda s, t: (s[0] + t[0], s[1] + t[1]))", (21, 6)),
    ("(round(r.variance(), 4), r.stats().count())", (2.9167, 6)),
    ("r.glom().collect()", [[1, 2], [3, 4], [5, 6]]),
    ("r.mapPartitions(lambda it: [sum(it)]).collect()", [3, 7, 11]),
    ("r.mapPartitionsWithIndex(lambda i, it: [(i, sum(it))]).collect()", [(0, 3), (1, 7), (2, 11)]),
    ("r.zipWithIndex().collect()[-1]", (6, 5)),
    ("r.sortBy(lambda x: -x).collect()", [6, 5, 4, 3, 2, 1]),
    ("(r.repartition(2).getNumPartitions(), sorted(r.repartition(2).collect()))", (2, [1, 2, 3, 4, 5, 6])),
    ("r.union(sc.parallelize([9])).zipWithIndex().collect()[-2:]", [(6, 5), (9, 6)]),
    ("sorted(sc.parallelize([1, 1, 2]).distinct().collect())", [1, 2]),
    ("sc.parallelize([1, 2]).cartesian(sc.parallelize([3])).collect()", [(1, 3), (2, 3)]),
    ("sc.parallelize([1, 2]).zip(sc.parallelize('ab')).collect()", [(1, "a"), (2, "b")]),
    ("r.histogram(5)", ([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 2])),
    ("len(r.takeSample(False, 4, 1))", 4),
    ("sorted(p.groupByKey().mapValues(list).collect())", [("a", [1, 3]), ("b", [2])]),
    ("sorted(p.join(sc.parallelize([('a', 'z')])).collect())", [("a", (1, "z")), ("a", (3, "z"))]),
    ("sorted(p.leftOuterJoin(sc.parallelize([('b', 'z')])).collect(), key=str)",
     [("a", (1, None)), ("a", (3, None)), ("b", (2, "z"))]),
    ("(p.sortByKey().keys().collect(), p.values().sum(), dict(p.countByKey()))", (["a", "a", "b"], 6, {"a": 2, "b": 1})),
    ("p.toDF(['k', 'v']).groupBy('k').sum('v').orderBy('k').collect() == [Row(k='a', s=4), Row(k='b', s=2)]", True),
    ("spark.createDataFrame(p, ['k', 'v']).count()", 3),
    ("spark.range(3).rdd.map(lambda row: row.id * 2).collect()", [0, 2, 4]),
    ("[spark.range(9).repartition(n).rdd.getNumPartitions() for n in (1, 4)]", [1, 4]),
    ("sc.parallelize([3, 1, 2, 6, 5, 4], 3).sortBy(lambda x: x).glom().collect()", [[1, 2], [3, 4], [5, 6]]),
    ("sc.parallelize([3, 1, 2, 6, 5, 4], 3).sortBy(lambda x: x, False, 2).glom().collect()", [[6, 5, 4], [3, 2, 1]]),
    ("[len(set(keys)) for keys in zip(*[p.keys().collect() for p in 3 * [sc.parallelize([(k, 0) for k in 'abab'], 2)"
     ".sortByKey()]])]", [1, 1, 1, 1]),
    ("sc.parallelize(['b'] * 5 + ['a'], 2).map(lambda k: (k, 1)).sortByKey().glom().map(len).collect()", [6, 0]),
    ("r.coalesce(2).glom().collect()", [[1, 2], [3, 4, 5, 6]]),
    ("(r.coalesce(9).getNumPartitions(), r.coalesce(9, True).getNumPartitions())", (3, 9)),
    ("sorted((k, v) for k, v in p.groupWith(sc.parallelize([('b', 9)]), sc.parallelize([('a', 7)])).collect())",
     [("a", ([1, 3], [], [7])), ("b", ([2], [9], []))]),
    ("p.reduceByKeyLocally(add)", {"a": 4, "b": 2}),
    ("sc.parallelize([(2, 'x'), (1, 'y'), (4, 'z')], 2).repartitionAndSortWithinPartitions(2, lambda k: k % 2)"
     ".glom().collect()", [[(2, "x"), (4, "z")], [(1, "y")]]),
    ("sc.parallelize(['b', 'a'], 1).pipe('sort').collect()", ["a", "b"]),
    ("sc.runJob(r, lambda items: [sum(items)], [0, 2])", [3, 11]),
    ("hasattr(r, 'saveAsSequenceFile'), hasattr(sc, 'binaryRecords')", (False, False)),
    ("spark.range(9).repartition(4).rdd.glom().map(len).collect()", [3, 2, 2, 2]),
]


def test_calls_on_rdds(program):
    """One program asks for all of them: a program each would be slow. A failure names the calls."""
    texts = [text for text, _ in CALLS]
    got = program.value("answers", "\n".join([ONE_TO_SIX, PAIRS, f"texts = {texts!r}", "answers = []",
                                              "for text in texts:", "    answers.append(eval(text))"]))
    wrong = [(text, answer, want) for answer, (text, want) in zip(got, CALLS) if answer != want]
    assert not wrong


def test_broadcast_and_accumulator(program):
    assert program.value("(out, total.value)", """
        table = sc.broadcast({"a": 10})
        total = sc.accumulator(0)
        def look(word):
            total.add(1)
            return table.value.get(word, 0)
        # Through a shuffle too: what the step before it added must arrive.
        out = sc.parallelize("aab", 2).map(look).map(lambda n: (n, 1)).reduceByKey(add).sortByKey().collect()
        """) == ([(0, 1), (10, 2)], 3)


def test_whole_text_files_and_save_as_text_file(program):
    (program.folder / "in").mkdir()
    (program.folder / "in/1.txt").write_text("one\n")
    (program.folder / "in/2.txt").write_text("two\n2\n")
    got = program.value("[(name.rsplit('/')[-1], text) for name, text in sc.wholeTextFiles('in').collect()]",
                        "sc.parallelize([1, 2]).saveAsTextFile('out')")
    assert got == [("1.txt", "one\n"), ("2.txt", "two\n2\n")]
    assert (program.folder / "out/_SUCCESS").exists()
    assert "".join(p.read_text() for p in sorted((program.folder / "out").glob("part-*"))) == "1\n2\n"


def test_an_error_in_a_function_names_the_programs_line(program):
    done = program("""
        from pyspark import SparkContext
        def f(x):
            return 1 // x
        SparkContext().parallelize([0]).map(f).collect()
        """)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr and "line 4, in f" in done.stderr


# ---- servers ----

ADDRESS = """
    from pyspark.sql import SparkSession
    spark = SparkSession.builder.getOrCreate()
    print(spark.sparkContext.uiWebUrl)
    from weir import compat
    print(compat.server().connect, (compat.server().pids or [0])[0])
    """


def test_a_running_server_is_found_by_the_runtime_folder(program, server):
    assert program(ADDRESS).stdout.split()[:2] == [server.facts["web"], server.facts["connect"]]


def test_weir_connect_is_used_when_set(program, server, tmp_path):
    env = environment(tmp_path / "empty", WEIR_CONNECT=server.facts["connect"])
    path = tmp_path / "p.py"
    path.write_text("from pyspark.sql import SparkSession\n"
                    "s = SparkSession.builder.master('local').getOrCreate()\n"
                    "from weir import compat\nprint(compat.server().connect, s.range(3).count())\n")
    done = call([program.weir, "run", path], env)
    assert done.stdout.split() == [server.facts["connect"], "3"], done.stderr


def test_a_server_is_started_when_none_runs_and_gone_afterwards(weir_program, tmp_path):
    program = Program(weir_program, environment(tmp_path / "alone"), tmp_path)
    done = program(ADDRESS)
    assert done.returncode == 0, done.stderr
    pid = int(done.stdout.split()[2])
    assert not os.path.exists(f"/proc/{pid}")
    assert list((tmp_path / "alone/weir").iterdir()) == []


def test_the_sessions_codec_is_that_of_parquet_files(program, tmp_path):
    names = program.value("sorted(os.listdir(path))",
                          f"import os; path = {str(tmp_path / 'out')!r}\n"
                          "spark.conf.set('spark.sql.parquet.compression.codec', 'zstd')\n"
                          "spark.range(3).write.parquet(path)")
    assert [name for name in names if name.endswith(".zstd.parquet")]
