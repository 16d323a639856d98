"""foreachBatch: the user's function gets each batch as a DataFrame, in a process of its own."""

import os
import sys

import pytest
from pyspark.cloudpickle import register_pickle_by_value
from pyspark.sql import functions as F
from pyspark.sql.connect.session import SparkSession

from weir_server import WeirServer

register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def server(weir_program, tmp_path_factory):
    started = WeirServer(weir_program, str(tmp_path_factory.mktemp("foreach")))
    yield started
    started.stop()


@pytest.fixture
def spark(server):
    session = SparkSession.builder.remote(server.connect).create()
    session.conf.set("spark.weir.python", sys.executable)
    yield session
    session.stop()


def lines(session, folder, numbers):
    folder.mkdir(exist_ok=True)
    for n in numbers:
        (folder / f"{n}.json").write_text("".join(f'{{"a": {n * 10 + i}}}\n' for i in range(10)))
    return session.readStream.schema("a INT").option("maxFilesPerTrigger", 1).json(str(folder))


@pytest.mark.slow
def test_each_batch_is_a_frame_in_another_process(spark, tmp_path):
    out, seen = str(tmp_path / "out"), str(tmp_path / "pids")

    def each(frame, number):
        with open(seen, "a") as file:
            file.write(f"{os.getpid()}\n")
        (frame.groupBy().agg(F.sum("a").alias("total"), F.count("*").alias("rows"))
         .withColumn("batch", F.lit(number)).write.mode("append").parquet(out))

    query = (lines(spark, tmp_path / "in", (1, 2, 3)).writeStream.foreachBatch(each)
             .option("checkpointLocation", str(tmp_path / "checkpoint")).trigger(availableNow=True).start())
    assert query.awaitTermination(60)
    rows = spark.read.parquet(out).orderBy("batch").collect()
    assert [(row.batch, row.rows) for row in rows] == [(0, 10), (1, 10), (2, 10)]
    assert sum(row.total for row in rows) == sum(range(10, 40))
    pids = {int(line) for line in open(seen)}
    assert len(pids) == 1 and os.getpid() not in pids


@pytest.mark.slow
def test_the_functions_error_ends_the_query_and_is_shown(spark, tmp_path):
    def each(frame, number):
        raise ValueError("not this one")

    query = (lines(spark, tmp_path / "in", (1,)).writeStream.foreachBatch(each)
             .option("checkpointLocation", str(tmp_path / "checkpoint")).start())
    with pytest.raises(Exception, match="not this one"):
        query.awaitTermination(60)
    assert "not this one" in str(query.exception())
    assert not query.isActive


@pytest.mark.slow
def test_a_restart_goes_on_with_the_next_batch(spark, tmp_path):
    out = str(tmp_path / "out")

    def each(frame, number):
        frame.withColumn("batch", F.lit(number)).write.mode("append").parquet(out)

    for numbers in ((1, 2), (3,)):
        query = (lines(spark, tmp_path / "in", numbers).writeStream.foreachBatch(each)
                 .option("checkpointLocation", str(tmp_path / "checkpoint")).trigger(availableNow=True).start())
        assert query.awaitTermination(60)
    rows = spark.read.parquet(out).groupBy("batch").count().orderBy("batch").collect()
    assert [tuple(row) for row in rows] == [(0, 10), (1, 10), (2, 10)]
