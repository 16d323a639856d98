"""The command line of weir run, and of spark-submit by another name."""

import pytest

from weir import run


def refused(*words):
    with pytest.raises(SystemExit) as end:
        run.parse(list(words))
    return end.value.code


def test_what_follows_the_program_is_the_programs():
    path, arguments, conf, files = run.parse(["prog.py", "--master", "x", "-v"])
    assert (path, arguments, conf, files) == ("prog.py", ["--master", "x", "-v"], {}, [])


def test_options_that_become_settings():
    _, _, conf, _ = run.parse(["--master", "yarn", "--name", "n", "--conf", "a.b=c=d", "-c", "e=f", "p.py"])
    assert conf == {"spark.master": "yarn", "spark.app.name": "n", "a.b": "c=d", "e": "f"}


def test_a_value_may_follow_an_equals_sign():
    assert run.parse(["--master=local[2]", "--conf=a=b", "p.py"])[2] == {"spark.master": "local[2]", "a": "b"}


def test_options_of_a_jvm_are_taken_with_their_value():
    assert run.parse(["--driver-memory", "4g", "--class", "Main", "--supervise", "p.py", "x"])[:2] == ("p.py", ["x"])


def test_jars_are_settings_as_in_spark():
    conf = run.parse(["--packages", "a:b:1", "--jars", "x.jar,y.jar", "p.py"])[2]
    assert conf == {"spark.jars.packages": "a:b:1", "spark.jars": "x.jar,y.jar"}


def test_files_are_a_list():
    assert run.parse(["--py-files", "a.py,b.zip", "--files", "c.txt", "p.py"])[3] == ["a.py", "b.zip", "c.txt"]


def test_what_is_refused_is_a_usage_error(capsys):
    assert refused("--nonsense", "x", "p.py") == 2
    assert "unknown option --nonsense" in capsys.readouterr().err
    assert refused("--conf") == 2
    assert "--conf wants a value" in capsys.readouterr().err
    assert refused() == 2
    assert refused("--conf", "novalue", "p.py") == 2
    assert "--conf wants KEY=VALUE, not novalue" in capsys.readouterr().err
