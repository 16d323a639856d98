"""weir sql: where a statement ends, and how values are written."""

import datetime
import decimal
import math

import pytest

from weir import sql


@pytest.mark.parametrize("text, complete, rest", [
    ("SELECT 1; SELECT 2", ["SELECT 1"], " SELECT 2"),
    ("SELECT ';'; x", ["SELECT ';'"], " x"),
    (r"SELECT 'it\'s;'; x", [r"SELECT 'it\'s;'"], " x"),
    ("SELECT `a;b`; x", ["SELECT `a;b`"], " x"),
    ("-- no; end\nSELECT 1;", ["-- no; end\nSELECT 1"], ""),
    ("/* a /* b; */ ; */ SELECT 1;", ["/* a /* b; */ ; */ SELECT 1"], ""),
    ("SELECT \"a;", [], "SELECT \"a;"),
    (";;", ["", ""], ""),
])
def test_statements_end_at_semicolons_outside_of_quotes(text, complete, rest):
    assert sql.statements(text) == (complete, rest)


def test_words_are_more_than_comments():
    assert sql.has_words("SELECT 1") and not sql.has_words("  \n-- only this\n")


@pytest.mark.parametrize("value, written", [
    (None, None), (True, True), (3, 3), ("ä", "ä"), (b"\x01\xff", "Af8="), (decimal.Decimal("1.50"), 1.5),
    (decimal.Decimal("7"), 7), (math.inf, "inf"), (datetime.date(2013, 1, 2), "2013-01-02"),
    (datetime.datetime(2013, 1, 2, 3, 4, 5), "2013-01-02 03:04:05"), ({1: [None, b"a"]}, {"1": [None, "YQ=="]}),
    ((1, "x"), [1, "x"]),
])
def test_values_as_json(value, written):
    assert sql.json_value(value) == written


def test_tabs_and_ends_of_lines_stay_in_their_field():
    assert sql.escaped("a\tb\nc\\d\r") == "a\\tb\\nc\\\\d\\r"


def test_widths_on_a_terminal():
    assert (sql.width("abc"), sql.width("日本"), sql.width("e\u0301")) == (3, 4, 1)
    assert sql.padded("日", 4) == "日  "
