"""Python functions over groups and pairs of groups, with an unmodified PySpark client and its workers."""

import sys

import pandas as pd
import pyarrow as pa
import pytest
from pyspark.cloudpickle import register_pickle_by_value
from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from whole import Weir

# A worker cannot import this file: its functions travel whole, as those of a program's main file do.
register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def spark(weir_program, tmp_path_factory):
    w = Weir(weir_program, tmp_path_factory.mktemp("weir"), "--python", sys.executable)
    session = SparkSession.builder.remote(w.connect).create()
    yield session
    session.stop()
    w.close()


def rows(frame):
    return sorted((tuple(r) for r in frame.collect()), key=repr)


def test_each_group_comes_whole_and_once(spark):
    """Groups larger than a batch, more than a morsel holds, and one whose key is null."""
    frame = spark.range(200_000).select(
        F.when(F.col("id") % 1000 != 0, F.col("id") % 7).alias("k"), F.col("id").alias("v"))

    def summed(group):
        return pd.DataFrame({"n": [len(group)], "total": [group.v.sum()], "keys": [group.k.nunique(dropna=False)],
                             "k": [group.k.iloc[0]]})

    got = frame.groupBy("k").applyInPandas(summed, "k double, n long, total long, keys int")
    expected = frame.groupBy("k").agg(F.count("*").alias("n"), F.sum("v").alias("total"))
    want = [(None if r.k is None else float(r.k), r.n, r.total, 1) for r in expected.collect()]
    assert rows(got) == sorted(want, key=repr)


def test_the_key_comes_as_an_argument(spark):
    frame = spark.createDataFrame([("a", 1), ("b", 2), ("a", 3)], "k string, v int")

    def labelled(key, group):
        return group.assign(label=f"{key[0]}/{key[1]}")

    got = frame.groupBy("k", F.col("v") % 2).applyInPandas(labelled, "k string, v int, label string")
    assert rows(got) == [("a", 1, "a/1"), ("a", 3, "a/1"), ("b", 2, "b/0")]


def test_no_keys_are_one_group(spark):
    got = spark.range(10).groupBy().applyInPandas(lambda g: pd.DataFrame({"n": [len(g)]}), "n int")
    assert rows(got) == [(10,)]


def test_arrow_tables(spark):
    def doubled(table):
        return pa.table({"k": table["k"], "v": pa.array([x.as_py() * 2 for x in table["v"]], pa.int64())})

    frame = spark.range(6).select((F.col("id") % 2).alias("k"), F.col("id").alias("v"))
    got = frame.groupBy("k").applyInArrow(doubled, "k long, v long")
    assert sorted(rows(got)) == [(0, 0), (0, 4), (0, 8), (1, 2), (1, 6), (1, 10)]


def test_pairs_of_groups_meet_also_where_one_side_has_none(spark):
    left = spark.createDataFrame([(1, "a"), (1, "b"), (2, "c"), (None, "n")], "k int, l string")
    right = spark.createDataFrame([(1, 1.5), (3, 2.5), (None, 3.5)], "k long, r double")

    def counted(key, a, b):
        return pd.DataFrame({"k": [key[0]], "l": ["".join(a.l)], "r": [b.r.sum()], "a": [len(a.columns)]})

    got = left.groupBy("k").cogroup(right.groupBy("k")).applyInPandas(
        counted, "k double, l string, r double, a int")
    assert rows(got) == sorted([(1.0, "ab", 1.5, 2), (2.0, "c", 0.0, 2), (3.0, "", 2.5, 2), (None, "n", 3.5, 2)],
                               key=repr)


def test_a_function_that_fails_says_where(spark):
    def failing(group):
        raise ValueError("no such luck")

    with pytest.raises(PythonException, match="no such luck"):
        spark.range(3).groupBy("id").applyInPandas(failing, "id long").collect()
    with pytest.raises(PythonException, match="(?i)column"):
        spark.range(3).groupBy("id").applyInPandas(lambda g: pd.DataFrame({"x": [1]}), "id long").collect()
