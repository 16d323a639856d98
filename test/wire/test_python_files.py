"""Files that a session uploads, as its Python functions find them."""

import sys
import zipfile

import pytest
from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from whole import Weir


@pytest.fixture(scope="module")
def whole(weir_program, tmp_path_factory):
    w = Weir(weir_program, tmp_path_factory.mktemp("weir"), "--python", sys.executable)
    yield w
    w.close()


def test_python_functions_import_what_the_session_added(whole, tmp_path):
    (tmp_path / "wire_added.py").write_text("VALUE = 7\n")
    with zipfile.ZipFile(tmp_path / "wire_packed.zip", "w") as z:
        z.writestr("wire_packed.py", "VALUE = 9\n")
    (tmp_path / "numbers.txt").write_text("11")

    def values(x):
        import os

        import wire_added
        import wire_packed
        # Where SparkFiles.get looks too, which PySpark's light client has not.
        with open(os.path.join(os.path.dirname(wire_added.__file__), "numbers.txt")) as f:
            return [wire_added.VALUE, wire_packed.VALUE, int(f.read())]

    def asked(session):
        return session.range(1).select(F.udf(values, "array<int>")("id")).first()[0]

    spark = SparkSession.builder.remote(whole.connect).create()
    other = SparkSession.builder.remote(whole.connect).create()
    for name in ("wire_added.py", "wire_packed.zip"):
        spark.addArtifacts(str(tmp_path / name), pyfile=True)
    spark.addArtifacts(str(tmp_path / "numbers.txt"), file=True)
    assert asked(spark) == [7, 9, 11]
    with pytest.raises(PythonException, match="wire_added"):  # another session's files stay its own
        asked(other)
    with pytest.raises(Exception, match="archives"):
        spark.addArtifacts(str(tmp_path / "wire_packed.zip"), archive=True)
    spark.stop()
    other.stop()
