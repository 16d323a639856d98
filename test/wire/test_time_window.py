"""window(ts, size, slide, start): one row in several windows, in batch and in streaming queries."""

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from weir_server import WeirServer

MIDNIGHT = 1609459200  # of 2021-01-01
ROWS = [("a", "2021-01-01 00:04:30", 1), ("a", "2021-01-01 00:06:00", 2), ("b", None, 4)]


@pytest.fixture(scope="module")
def spark(weir_program, tmp_path_factory):
    server = WeirServer(weir_program, str(tmp_path_factory.mktemp("window")))
    session = SparkSession.builder.remote(server.connect).create()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    session.stop()
    server.stop()


@pytest.fixture
def times(spark):
    frame = spark.createDataFrame(ROWS, "k string, ts string, v int")
    return frame.withColumn("ts", F.col("ts").cast("timestamp"))


def sums(frame, *window):
    out = frame.groupBy(F.window("ts", *window).alias("w")).agg(F.sum("v").alias("s"))
    rows = out.select(F.unix_timestamp("w.start"), F.unix_timestamp("w.end"), "s").collect()
    return sorted(((r[0] - MIDNIGHT) // 60, (r[1] - MIDNIGHT) // 60, r[2]) for r in rows)


def test_a_row_is_in_every_window_that_holds_it(times):
    assert sums(times, "10 minutes", "5 minutes") == [(-5, 5, 1), (0, 10, 3), (5, 15, 2)]


def test_windows_begin_at_the_start_time(times):
    assert sums(times, "10 minutes", "5 minutes", "1 minute") == [(-4, 6, 1), (1, 11, 3), (6, 16, 2)]


def test_a_slide_that_does_not_divide_the_size(times):
    assert sums(times, "10 minutes", "4 minutes") == [(-4, 6, 1), (0, 10, 3), (4, 14, 3)]


def test_rows_without_a_time_are_in_no_window(times):
    assert sums(times, "10 minutes") == [(0, 10, 3)]


def test_a_selected_window_is_marked_and_its_last_instant_known(times):
    frame = times.groupBy(F.window("ts", "10 minutes")).count()
    assert frame.schema["window"].metadata == {"spark.timeWindow": True}
    last = frame.select(F.date_format(F.window_time("window"), "HH:mm:ss.SSSSSS")).collect()
    assert [r[0] for r in last] == ["00:09:59.999999"]


def test_windows_of_two_kinds_and_impossible_ones_are_refused(times):
    with pytest.raises(AnalysisException, match="cartesian product"):
        times.select(F.window("ts", "1 minute"), F.window("ts", "2 minutes")).collect()
    with pytest.raises(AnalysisException, match="PARAMETER_CONSTRAINT_VIOLATION"):
        times.select(F.window("ts", "1 minute", "2 minutes")).collect()


def test_a_stream_closes_sliding_windows_by_the_watermark(spark, tmp_path):
    source, sink = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    lines = ['{"ts":"2021-01-01T00:04:30Z","v":1}', '{"ts":"2021-01-01T00:06:00Z","v":2}',
             '{"v":4}']
    (source / "1.json").write_text("\n".join(lines) + "\n")

    def run():
        stream = spark.readStream.schema("ts timestamp, v int").json(str(source))
        windows = (stream.withWatermark("ts", "1 minute")
                   .groupBy(F.window("ts", "10 minutes", "5 minutes").alias("w"))
                   .agg(F.sum("v").alias("v")).select(F.col("w.start").alias("ts"), "v"))
        query = (windows.writeStream.format("parquet").outputMode("append")
                 .option("path", str(sink)).option("checkpointLocation", str(tmp_path / "check"))
                 .trigger(availableNow=True).start())
        assert query.awaitTermination(60)
        rows = spark.read.parquet(str(sink)).select(F.date_format("ts", "HH:mm"), "v").collect()
        return sorted((r[0], r[1]) for r in rows)

    run()
    (source / "2.json").write_text('{"ts":"2021-01-01T00:12:00Z","v":8}\n')
    run()
    (source / "3.json").write_text('{"ts":"2021-01-01T00:30:00Z","v":16}\n')
    assert run() == [("00:00", 3), ("00:05", 10), ("00:10", 8), ("23:55", 1)]
