"""dropDuplicates on a stream: a row goes out when its key is new, over batches and restarts."""

import pytest
from pyspark.sql.connect.session import SparkSession

from weir_server import WeirServer


@pytest.fixture(scope="module")
def spark(weir_program, tmp_path_factory):
    started = WeirServer(weir_program, str(tmp_path_factory.mktemp("dedup")))
    session = SparkSession.builder.remote(started.connect).create()
    yield session
    session.stop()
    started.stop()


def write_batch(folder, number, rows):
    folder.mkdir(exist_ok=True)
    (folder / f"{number}.json").write_text(
        "".join(f'{{"k": "{k}", "v": {v}, "t": "2024-01-01 00:{t:02}:00"}}\n' for k, v, t in rows))


def run(spark, tmp_path, change):
    stream = (spark.readStream.schema("k STRING, v INT, t TIMESTAMP").option("maxFilesPerTrigger", 1)
              .json(str(tmp_path / "in")))
    query = (change(stream).writeStream.format("parquet").option("path", str(tmp_path / "out"))
             .option("checkpointLocation", str(tmp_path / "checkpoint")).trigger(availableNow=True).start())
    assert query.awaitTermination(60)
    return sorted(tuple(row) for row in spark.read.parquet(str(tmp_path / "out")).select("k", "v").collect())


@pytest.mark.slow
def test_keys_are_seen_once_over_batches_and_restarts(spark, tmp_path):
    write_batch(tmp_path / "in", 1, [("a", 1, 0), ("b", 2, 1), ("a", 3, 2)])
    write_batch(tmp_path / "in", 2, [("b", 4, 3), ("c", 5, 4)])
    assert run(spark, tmp_path, lambda s: s.dropDuplicates(["k"])) == [("a", 1), ("b", 2), ("c", 5)]
    write_batch(tmp_path / "in", 3, [("a", 6, 5), ("d", 7, 6)])
    assert run(spark, tmp_path, lambda s: s.dropDuplicates(["k"])) == [
        ("a", 1), ("b", 2), ("c", 5), ("d", 7)]


@pytest.mark.slow
def test_distinct_compares_whole_rows(spark, tmp_path):
    write_batch(tmp_path / "in", 1, [("a", 1, 0), ("a", 1, 0), ("a", 2, 0)])
    write_batch(tmp_path / "in", 2, [("a", 1, 0), ("a", 3, 0)])
    assert run(spark, tmp_path, lambda s: s.distinct()) == [("a", 1), ("a", 2), ("a", 3)]


@pytest.mark.slow
def test_the_watermark_forgets_old_keys_and_drops_late_rows(spark, tmp_path):
    write_batch(tmp_path / "in", 1, [("a", 1, 0)])
    write_batch(tmp_path / "in", 2, [("b", 2, 40)])
    write_batch(tmp_path / "in", 3, [("c", 3, 50)])
    write_batch(tmp_path / "in", 4, [("a", 4, 0), ("d", 5, 51)])  # the first is an hour late

    def change(stream):
        return stream.withWatermark("t", "10 minutes").dropDuplicates(["k", "t"])

    assert run(spark, tmp_path, change) == [("a", 1), ("b", 2), ("c", 3), ("d", 5)]


def test_within_watermark_is_refused_by_name(spark, tmp_path):
    stream = spark.readStream.schema("k STRING, t TIMESTAMP").json(str(tmp_path))
    with pytest.raises(Exception, match="dropDuplicatesWithinWatermark"):
        (stream.withWatermark("t", "1 minute").dropDuplicatesWithinWatermark(["k"])
         .writeStream.format("noop").start())
