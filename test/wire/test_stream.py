"""Streaming queries with an unmodified PySpark client: modes, triggers, lives, sources, restarts."""

import json
import os
import shutil
import uuid
from urllib.parse import unquote, urlparse

import pytest
from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from whole import Weir, until


@pytest.fixture(scope="module")
def weir(weir_program, tmp_path_factory):
    w = Weir(weir_program, tmp_path_factory.mktemp("weir"))
    yield w
    w.close()


@pytest.fixture(scope="module")
def spark(weir):
    session = SparkSession.builder.remote(weir.connect).create()
    yield session
    session.stop()


@pytest.fixture
def files(tmp_path):
    """A folder of JSON files that a test adds to, file by file."""
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def add(folder, *rows):
    """A file appears whole, as a writer that renames leaves it."""
    path = folder / f"{len(list(folder.iterdir())):04d}.json"
    hidden = folder.parent / path.name
    hidden.write_text("".join(json.dumps(row) + "\n" for row in rows))
    hidden.rename(path)


def stream(spark, folder, schema="k STRING, v INT"):
    return spark.readStream.schema(schema).json(str(folder))


def name():
    return "q" + uuid.uuid4().hex[:8]


def started(frame, mode, **trigger):
    return (frame.writeStream.format("memory").queryName(name()).outputMode(mode)
            .trigger(**(trigger or {"processingTime": "50 milliseconds"})).start())


def rows(spark, query):
    return sorted(tuple(r) for r in spark.table(query.name).collect())


def test_append_shows_each_row_once(spark, files):
    add(files, {"k": "a", "v": 1}, {"k": "b", "v": 2})
    query = started(stream(spark, files), "append")
    query.processAllAvailable()
    add(files, {"k": "c", "v": 3})
    query.processAllAvailable()
    assert rows(spark, query) == [("a", 1), ("b", 2), ("c", 3)]
    query.stop()
    assert not query.isActive


def test_complete_shows_the_whole_result(spark, files):
    add(files, {"k": "a", "v": 1}, {"k": "b", "v": 2})
    query = started(stream(spark, files).groupBy("k").agg(F.sum("v")), "complete")
    query.processAllAvailable()
    assert rows(spark, query) == [("a", 1), ("b", 2)]
    add(files, {"k": "a", "v": 10})
    query.processAllAvailable()
    assert rows(spark, query) == [("a", 11), ("b", 2)]
    query.stop()


def test_update_shows_what_changed(spark, files):
    add(files, {"k": "a", "v": 1}, {"k": "b", "v": 2})
    query = started(stream(spark, files).groupBy("k").agg(F.sum("v")), "update")
    query.processAllAvailable()
    add(files, {"k": "a", "v": 10})
    query.processAllAvailable()
    assert rows(spark, query) == [("a", 1), ("a", 11), ("b", 2)]
    query.stop()


def test_append_of_an_aggregate_wants_a_watermark(spark, files):
    with pytest.raises(Exception, match="watermark"):
        started(stream(spark, files).groupBy("k").count(), "append").awaitTermination(20)


def windows(spark, files):
    return (stream(spark, files, "t TIMESTAMP, v INT").withWatermark("t", "10 seconds")
            .groupBy(F.window("t", "10 seconds")).agg(F.sum("v").alias("s"))
            .select(F.date_format("window.start", "HH:mm:ss"), "s"))


def test_late_rows_are_dropped_and_counted(spark, files):
    query = started(windows(spark, files), "append")
    add(files, {"t": "2024-01-01T00:00:01", "v": 1}, {"t": "2024-01-01T00:00:05", "v": 2})
    query.processAllAvailable()
    assert rows(spark, query) == []
    add(files, {"t": "2024-01-01T00:01:00", "v": 4})
    query.processAllAvailable()
    add(files, {"t": "2024-01-01T00:00:02", "v": 100})
    query.processAllAvailable()
    assert rows(spark, query) == [("00:00:00", 3)]
    dropped = sum(s["numRowsDroppedByWatermark"]
                  for p in query.recentProgress for s in p["stateOperators"])
    assert dropped == 1
    query.stop()


def test_available_now_reads_all_there_is_and_ends(spark, files):
    for i in range(5):
        add(files, {"k": "a", "v": i})
    frame = spark.readStream.schema("k STRING, v INT").option("maxFilesPerTrigger", 2).json(str(files))
    query = started(frame, "append", availableNow=True)
    assert query.awaitTermination(30)
    assert rows(spark, query) == [("a", i) for i in range(5)]
    assert len([p for p in query.recentProgress if p["numInputRows"] > 0]) == 3


def test_once_is_one_batch(spark, files):
    for i in range(3):
        add(files, {"k": "a", "v": i})
    query = started(stream(spark, files), "append", once=True)
    assert query.awaitTermination(30)
    assert rows(spark, query) == [("a", 0), ("a", 1), ("a", 2)]


def test_await_answers_false_while_the_query_runs(spark, files):
    query = started(stream(spark, files), "append")
    assert query.awaitTermination(1) is False
    assert query.id in [q.id for q in spark.streams.active]
    query.stop()
    assert query.id not in [q.id for q in spark.streams.active]


def test_a_failing_query_says_why(spark, files):
    add(files, {"k": "a", "v": 0})
    query = started(stream(spark, files).select(F.expr("10 / v")), "append")
    with pytest.raises(StreamingQueryException, match="DIVIDE_BY_ZERO"):
        query.awaitTermination(30)
    assert not query.isActive
    assert "DIVIDE_BY_ZERO" in str(query.exception())


def test_the_rate_source_counts_up(spark):
    query = started(spark.readStream.format("rate").option("rowsPerSecond", 100).load(), "append")
    until(lambda: spark.table(query.name).count() >= 100)
    query.stop()
    values = [r.value for r in spark.table(query.name).orderBy("value").collect()]
    assert values == list(range(len(values)))


def test_the_console_sink_runs(spark, files):
    add(files, {"k": "a", "v": 1})
    query = stream(spark, files).writeStream.format("console").trigger(availableNow=True).start()
    assert query.awaitTermination(30)
    assert query.exception() is None


def sums_to_files(spark, files, tmp_path):
    return (stream(spark, files).writeStream.format("json").option("path", str(tmp_path / "out"))
            .option("checkpointLocation", str(tmp_path / "check")).trigger(availableNow=True)
            .start())


def test_a_restart_goes_on_from_its_checkpoint(spark, files, tmp_path):
    add(files, {"k": "a", "v": 1})
    first = sums_to_files(spark, files, tmp_path)
    assert first.awaitTermination(30)
    add(files, {"k": "b", "v": 2})
    second = sums_to_files(spark, files, tmp_path)
    assert second.awaitTermination(30)
    assert second.id == first.id and second.runId != first.runId
    kept = spark.read.schema("k STRING, v INT").json(str(tmp_path / "out"))
    assert sorted(tuple(r) for r in kept.collect()) == [("a", 1), ("b", 2)]


def test_a_restart_keeps_its_state(spark, files, tmp_path):
    def run():
        query = (stream(spark, files).groupBy("k").agg(F.sum("v")).writeStream.format("memory")
                 .queryName(name()).outputMode("complete").trigger(availableNow=True)
                 .option("checkpointLocation", str(tmp_path / "check")).start())
        assert query.awaitTermination(30)
        return rows(spark, query)

    add(files, {"k": "a", "v": 1})
    assert run() == [("a", 1)]
    add(files, {"k": "a", "v": 2})
    assert run() == [("a", 3)]


def test_a_damaged_checkpoint_is_named(spark, files, tmp_path):
    add(files, {"k": "a", "v": 1})
    assert sums_to_files(spark, files, tmp_path).awaitTermination(30)
    (tmp_path / "check/offsets/0").write_text("v1\nnot json\n")
    (tmp_path / "check/commits/0").unlink()
    add(files, {"k": "b", "v": 2})
    with pytest.raises(Exception, match="offsets/0"):
        sums_to_files(spark, files, tmp_path).awaitTermination(30)


def kept(spark, folder):
    return sorted(tuple(r) for r in spark.read.schema("k STRING, v INT").json(str(folder)).collect())


def test_a_sinks_folder_is_read_by_its_manifests(spark, files, tmp_path):
    add(files, {"k": "a b%", "v": 1}, {"k": "c", "v": 2})
    query = (stream(spark, files).writeStream.format("json").partitionBy("k")
             .option("path", str(tmp_path / "out")).trigger(availableNow=True)
             .option("checkpointLocation", str(tmp_path / "check")).start())
    assert query.awaitTermination(30)
    named = [json.loads(line) for line in
             (tmp_path / "out/_spark_metadata/0").read_text().splitlines()[1:]]
    for entry in named:  # as a reader that knows URIs finds them
        path = unquote(urlparse(entry["path"]).path)
        assert os.path.getsize(path) == entry["size"]
    (tmp_path / "out/k=c/left-over.json").write_text('{"v": 3}\n')
    read = spark.read.json(str(tmp_path / "out")).select("k", "v")
    assert sorted(tuple(r) for r in read.collect()) == [("a b%", 1), ("c", 2)]
    # A copy's manifests speak of the old place: it is a folder like any other.
    shutil.copytree(tmp_path / "out", tmp_path / "copy")
    copy = spark.read.json(str(tmp_path / "copy")).select("k", "v")
    assert sorted(tuple(r) for r in copy.collect()) == [("a b%", 1), ("c", 2), ("c", 3)]


def test_a_committed_batch_is_put_in_place_after_a_crash(spark, files, tmp_path):
    add(files, {"k": "a", "v": 1})
    assert sums_to_files(spark, files, tmp_path).awaitTermination(30)
    metadata = tmp_path / "out/_spark_metadata"
    entry = json.loads((metadata / "0").read_text().splitlines()[1])
    # Back to the moment after the commit: the manifest is pending, its file not yet moved.
    (metadata / "0").rename(metadata / ".0.pending")
    os.makedirs(os.path.dirname(entry["weirFrom"]))
    os.rename(urlparse(entry["path"]).path, entry["weirFrom"])
    (tmp_path / "check/commits/0").unlink()
    assert kept(spark, tmp_path / "out") == []
    add(files, {"k": "b", "v": 2})
    assert sums_to_files(spark, files, tmp_path).awaitTermination(30)
    assert kept(spark, tmp_path / "out") == [("a", 1), ("b", 2)]
    assert sorted(p.name for p in metadata.iterdir()) == ["0", "1"]
    assert not (tmp_path / "out/_temporary").exists()


def test_the_number_of_progresses_kept_is_a_setting(spark, files):
    spark.conf.set("spark.sql.streaming.numRecentProgressUpdates", "2")
    try:
        query = started(stream(spark, files), "append")
        for i in range(4):
            add(files, {"k": "a", "v": i})
            query.processAllAvailable()
        assert [p["batchId"] for p in query.recentProgress] == [2, 3]
        query.stop()
    finally:
        spark.conf.unset("spark.sql.streaming.numRecentProgressUpdates")


def test_no_batch_without_rows_when_the_setting_says_so(spark, files):
    spark.conf.set("spark.sql.streaming.noDataMicroBatches.enabled", "false")
    try:
        query = started(windows(spark, files), "append")
        add(files, {"t": "2024-01-01T00:00:01", "v": 1})
        query.processAllAvailable()
        add(files, {"t": "2024-01-01T00:01:00", "v": 4})
        query.processAllAvailable()
        assert rows(spark, query) == []
        add(files, {"t": "2024-01-01T00:01:01", "v": 4})
        query.processAllAvailable()
        assert rows(spark, query) == [("00:00:00", 1)]
        query.stop()
    finally:
        spark.conf.unset("spark.sql.streaming.noDataMicroBatches.enabled")


def test_settings_of_wrong_form_and_without_effect(spark):
    for key, value in (("spark.sql.streaming.numRecentProgressUpdates", "many"),
                       ("spark.sql.streaming.noDataMicroBatches.enabled", "perhaps"),
                       ("spark.sql.session.timeZone", "Moon/Crater")):
        with pytest.raises(Exception, match="INVALID_CONF_VALUE"):
            spark.conf.set(key, value)
    for key, value in (("spark.sql.streaming.multipleWatermarkPolicy", "max"),
                       ("spark.sql.timestampType", "TIMESTAMP_NTZ")):
        with pytest.raises(Exception, match="UNSUPPORTED_FEATURE"):
            spark.conf.set(key, value)
    with pytest.warns(UserWarning, match="no effect"):
        spark.conf.set("spark.sql.legacy.timeParserPolicy", "LEGACY")
    spark.conf.unset("spark.sql.legacy.timeParserPolicy")
    spark.conf.set("some.key.of.mine", "x")
    assert spark.conf.get("some.key.of.mine") == "x"


def test_files_with_odd_names_and_partitions_are_read_once(spark, tmp_path):
    folder = tmp_path / "in"
    names = ["a b", "x*[1]", "{c,d}", "%41", "ü", "line\nbreak", "back\\slash", 'quo"te', "a?", "#"]
    for part in ("p=1", "p=x%20y"):
        (folder / part).mkdir(parents=True)
        for i, odd in enumerate(names):
            (folder / part / f"{odd}.json").write_text(json.dumps({"k": odd, "v": i}) + "\n")
    frame = spark.readStream.schema("k STRING, v INT, p STRING").json(str(folder))
    kept = tmp_path / "c"

    def run():
        query = (frame.writeStream.format("json").option("path", str(tmp_path / "out"))
                 .option("checkpointLocation", str(kept)).trigger(availableNow=True).start())
        assert query.awaitTermination(60)

    run()
    run()
    (folder / "p=1" / "late {x}.json").write_text('{"k": "late", "v": 0}\n')
    run()
    got = sorted((r.k, r.p) for r in spark.read.json(str(tmp_path / "out")).collect())
    assert got == sorted([(k, p) for k in names for p in ("1", "x y")] + [("late", "1")])
