"""rand and randn are one stream of numbers a partition, however the rows are cut into chunks."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from weir_server import WeirServer

ROWS = 300_000


@pytest.fixture(scope="module")
def spark(weir_program, tmp_path_factory):
    server = WeirServer(weir_program, str(tmp_path_factory.mktemp("random")))
    session = SparkSession.builder.remote(server.connect).create()
    yield session
    session.stop()
    server.stop()


def test_numbers_do_not_repeat(spark):
    frame = spark.range(0, ROWS, 1, 1).select(F.rand(7).alias("u"), F.randn(7).alias("g"))
    row = frame.agg(F.countDistinct("u"), F.countDistinct("g"), F.avg("u"), F.stddev("g")).first()
    assert row[0] == ROWS and row[1] == ROWS
    assert row[2] == pytest.approx(0.5, abs=0.01) and row[3] == pytest.approx(1, abs=0.01)


def test_a_filter_draws_a_number_for_each_row(spark):
    kept = spark.range(0, ROWS, 1, 1).filter(F.rand(7) < 0.25).select("id")
    numbers = spark.range(0, ROWS, 1, 1).select("id", F.rand(7).alias("u")).filter("u < 0.25")
    assert kept.count() == numbers.count()
    assert kept.exceptAll(numbers.select("id")).count() == 0


def test_the_same_seed_gives_the_same_rows(spark):
    frame = spark.range(0, 5000, 1, 3).select(F.rand(3), F.randn(4))
    assert frame.collect() == frame.collect()
