"""Replays measured Spark facts against a Spark Connect endpoint.

A facts file holds one JSON object a line:
  id      stable name of the case
  group   function name or language area
  sql     one statement
  conf    (optional) session settings for this case
  ordered (optional) true when row order is part of the fact
  schema  simple string of the result type, e.g. struct<x:int>
  rows    list of rows; the encoding of a value is described at `encode`
  error, sqlstate   instead of schema/rows when Spark raises an error

Usage:  spark_facts.py --remote sc://127.0.0.1:15002 functions.jsonl [more.jsonl]
            [--json report.json] [--fails fails.jsonl] [--group NAME] [--timeout 30]
Needs pyspark[connect] (any 4.x client) and nothing else.
"""
import argparse
import collections
import ctypes
import datetime
import decimal
import json
import math
import os
import signal
import sys
import time

EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()


class Timeout(Exception):
    pass


def _alarm(_sig, _frm):
    raise Timeout()


def civil(days):
    """Proleptic Gregorian date of a day number (any range)."""
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    y = yoe + era * 400
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    d = doy - (153 * mp + 2) // 5 + 1
    m = mp + 3 if mp < 10 else mp - 9
    return (y + 1 if m <= 2 else y), m, d


def date_str(days):
    y, m, d = civil(days)
    if y > 9999:
        return "+%d-%02d-%02d" % (y, m, d)
    if y < 0:
        return "-%04d-%02d-%02d" % (-y, m, d)
    return "%04d-%02d-%02d" % (y, m, d)


def micros_str(us):
    days, rest = divmod(us, 86400000000)
    s, f = divmod(rest, 1000000)
    out = "%s %02d:%02d:%02d" % (date_str(days), s // 3600, s // 60 % 60, s % 60)
    if f:
        out += (".%06d" % f).rstrip("0")
    return out


def float32_repr(v):
    import numpy as np

    if math.isnan(v) or math.isinf(v):
        return float64_repr(v)
    return float64_repr(float(np.format_float_scientific(np.float32(v), unique=True, trim="0")))


def float64_repr(v):
    if math.isnan(v):
        return "NaN"
    if math.isinf(v):
        return "Infinity" if v > 0 else "-Infinity"
    return repr(float(v))


class CSchema(ctypes.Structure):
    """Arrow C data interface schema (public ABI)."""


CSchema._fields_ = [("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_void_p),
                    ("flags", ctypes.c_int64), ("n_children", ctypes.c_int64),
                    ("children", ctypes.POINTER(ctypes.POINTER(CSchema))), ("dictionary", ctypes.c_void_p),
                    ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p)]


def months_as_int(table):
    """pyarrow reads year-month intervals but has no value class for them: relabel them as int32."""
    import pyarrow as pa

    if "month_interval" not in str(table.schema):
        return table

    def fix(s):
        if s.format == b"tiM":
            s.format = b"i"
        for i in range(s.n_children):
            fix(s.children[i].contents)

    batches = []
    for rb in table.to_batches():
        arr, sch = ctypes.create_string_buffer(256), CSchema()
        rb._export_to_c(ctypes.addressof(arr), ctypes.addressof(sch))
        fix(sch)
        batches.append(pa.RecordBatch._import_from_c(ctypes.addressof(arr), ctypes.addressof(sch)))
    if not batches:
        return pa.table([pa.array([], pa.int32()) for _ in table.column_names], names=["c%d" % i for i in range(table.num_columns)])
    return pa.Table.from_batches(batches)


def values(arr):
    """Arrow array -> list of raw values: temporal types as integers, map as pair lists."""
    import pyarrow as pa
    import pyarrow.types as t

    if isinstance(arr, pa.ChunkedArray):
        out = []
        for c in arr.chunks:
            out.extend(values(c))
        return out
    ty = arr.type
    if t.is_dictionary(ty):
        return values(arr.dictionary_decode())
    if isinstance(arr, pa.ExtensionArray):
        return values(arr.storage)
    n = len(arr)
    if t.is_timestamp(ty) or t.is_duration(ty) or t.is_time64(ty) or t.is_date64(ty):
        mult, div = 1, 1
        unit = getattr(ty, "unit", "ms")
        if t.is_date64(ty):
            return [None if x is None else x // 86400000 for x in arr.cast(pa.int64()).to_pylist()]
        if t.is_time64(ty):  # keep nanoseconds
            mult = 1 if unit == "ns" else 1000
        else:
            mult = {"s": 1000000, "ms": 1000, "us": 1, "ns": 1}[unit]
            div = 1000 if unit == "ns" else 1
        ints = arr.view(pa.int64()).to_pylist()
        return [None if x is None else x * mult // div for x in ints]
    if t.is_date32(ty):
        return arr.view(pa.int32()).to_pylist()
    if t.is_struct(ty):
        kids = [values(k) for k in (arr.flatten() if n else [arr.field(i) for i in range(ty.num_fields)])]
        ok = arr.is_valid().to_pylist()
        return [tuple(k[i] for k in kids) if ok[i] else None for i in range(n)]
    if t.is_map(ty):
        keys, items = values(arr.keys), values(arr.items)
        offs = arr.offsets.to_pylist()
        base = 0
        ok = arr.is_valid().to_pylist()
        return [list(zip(keys[offs[i] - base:offs[i + 1] - base], items[offs[i] - base:offs[i + 1] - base]))
                if ok[i] else None for i in range(n)]
    if t.is_list(ty) or t.is_large_list(ty):
        kids = values(arr.values)
        offs = arr.offsets.to_pylist()
        ok = arr.is_valid().to_pylist()
        return [kids[offs[i]:offs[i + 1]] if ok[i] else None for i in range(n)]
    if t.is_fixed_size_list(ty):
        return [None if x is None else x for x in arr.to_pylist()]
    return arr.to_pylist()


def encode(v, ty):
    """One value -> JSON.

    null, booleans and integers as JSON; float/double as the shortest round-trip text; decimal
    as plain text with its scale; string as text; binary as hex; date, timestamp (UTC) and
    timestamp_ntz as ISO-like text; time as nanoseconds; day-time interval as microseconds;
    year-month interval as months; calendar interval as [months, days, micros];
    array as a list; struct as a list of its fields; map as {"map": [[k, v], ...]} sorted by key
    text; variant as {"variant": json text}.
    """
    from pyspark.sql import types as T

    if v is None:
        return None
    if isinstance(ty, T.ArrayType):
        return [encode(x, ty.elementType) for x in v]
    if isinstance(ty, T.MapType):
        pairs = [[encode(k, ty.keyType), encode(x, ty.valueType)] for k, x in v]
        return {"map": sorted(pairs, key=lambda p: json.dumps(p[0], sort_keys=True))}
    if isinstance(ty, T.StructType):
        return [encode(x, f.dataType) for x, f in zip(v, ty.fields)]
    if isinstance(ty, T.DoubleType):
        return float64_repr(v)
    if isinstance(ty, T.FloatType):
        return float32_repr(v)
    if isinstance(ty, T.DecimalType):
        return format(v, "f") if isinstance(v, decimal.Decimal) else str(v)
    if isinstance(ty, (T.BinaryType,)):
        return bytes(v).hex()
    if isinstance(ty, T.DateType):
        return date_str(v) if isinstance(v, int) else str(v)
    if isinstance(ty, (T.TimestampType, T.TimestampNTZType)):
        return micros_str(v)
    name = type(ty).__name__
    if name == "VariantType":
        return {"variant": variant_json(v)}
    if name == "CalendarIntervalType":
        return [v.months, v.days, v.nanoseconds // 1000]
    if isinstance(v, (bool, int, str)):
        return v
    if isinstance(v, (bytes, bytearray)):
        return bytes(v).hex()
    return str(v)


def variant_json(v):
    from pyspark.sql.types import VariantVal

    if isinstance(v, dict):
        return VariantVal(v["value"], v["metadata"]).toJson()
    if isinstance(v, tuple):
        return VariantVal(v[0], v[1]).toJson()
    return v.toJson()


class Endpoint:
    """Thin use of the unmodified PySpark Connect client."""

    def __init__(self, remote, timeout=30, confs=None):
        self.remote, self.timeout, self.confs = remote, timeout, dict(confs or {})
        self.spark = None
        signal.signal(signal.SIGALRM, _alarm)
        self.open()

    def open(self):
        import logging
        import warnings

        warnings.simplefilter("ignore")
        from pyspark.sql.connect.session import SparkSession

        for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):  # keep stderr quiet on errors
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self.close()
        self.spark = SparkSession.builder.remote(self.remote).create()
        try:
            self.spark.client.set_retry_policies([])
        except Exception:
            pass
        for k, v in self.confs.items():
            self.set(k, v)

    def close(self):
        if self.spark is not None:
            try:
                signal.alarm(10)
                self.spark.stop()
            except BaseException:
                pass
            finally:
                signal.alarm(0)
            self.spark = None

    def set(self, k, v):
        try:
            signal.alarm(20)
            self.spark.conf.set(k, v)
            return True
        except Exception:
            return False
        finally:
            signal.alarm(0)

    def get(self, k, default=None):
        try:
            signal.alarm(20)
            return self.spark.conf.get(k)
        except Exception:
            return default
        finally:
            signal.alarm(0)

    def table(self, df):
        got = df._to_table()
        table, schema = got[0], got[1]
        if schema is None:
            schema = df.schema
        return table, schema

    def run(self, sql, timeout=None):
        """-> {"schema": StructType, "cols": [[raw...]...], "n": rows} or {"error", "sqlstate", "message", "exc", "params"}"""
        try:
            signal.alarm(int(timeout or self.timeout))
            df = self.spark.sql(sql)
            table, schema = self.table(df)
            table = months_as_int(table)
            cols = []
            for i, f in enumerate(schema.fields):
                vals = values(table.column(i))
                cols.append(vals)
            return {"schema": schema, "cols": cols, "n": table.num_rows}
        except Timeout:
            signal.alarm(10)
            try:
                self.spark.interruptAll()
            except BaseException:
                pass
            return {"error": "TIMEOUT", "sqlstate": None, "message": "", "exc": "Timeout", "params": None}
        except Exception as e:
            signal.alarm(0)
            cond = state = params = None
            for fn in ("getCondition", "getErrorClass"):
                try:
                    cond = getattr(e, fn)()
                    break
                except Exception:
                    pass
            try:
                state = e.getSqlState()
            except Exception:
                pass
            try:
                params = e.getMessageParameters()
            except Exception:
                pass
            return {"error": cond or "", "sqlstate": state, "message": str(e)[:2000], "exc": type(e).__name__, "params": params}
        finally:
            signal.alarm(0)


def observe(res, ordered):
    """Result of Endpoint.run -> the comparable part of a fact."""
    if "error" in res:
        return {"error": res["error"], "sqlstate": res["sqlstate"]}
    cols = [[encode(v, f.dataType) for v in c] for c, f in zip(res["cols"], res["schema"].fields)]
    rows = [list(r) for r in zip(*cols)] if cols else [[] for _ in range(res["n"])]
    if not ordered:
        rows.sort(key=lambda r: json.dumps(r, sort_keys=True))
    return {"schema": res["schema"].simpleString(), "rows": rows}


def near(a, b):
    """Equal but for the last digits of floating-point numbers."""
    if a == b:
        return True
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(near(x, y) for x, y in zip(a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if isinstance(a, str) and isinstance(b, str):
        try:
            return math.isclose(float(a), float(b), rel_tol=1e-12, abs_tol=1e-300)
        except ValueError:
            return False
    return False


def verdict(fact, got):
    if "error" in fact:
        if "error" not in got:
            return "no-error"
        if got["error"] == "TIMEOUT":
            return "timeout"
        if fact["error"] != got["error"]:
            return "error-class"
        return "pass" if (fact.get("sqlstate") or None) == (got.get("sqlstate") or None) else "sqlstate"
    if "error" in got:
        return "timeout" if got["error"] == "TIMEOUT" else "error"
    if fact["rows"] != got["rows"]:
        return "near" if near(fact["rows"], got["rows"]) and fact["schema"] == got["schema"] else "rows"
    return "pass" if fact["schema"] == got["schema"] else "schema"


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("files", nargs="+")
    ap.add_argument("--remote", default=os.environ.get("SPARK_REMOTE", "sc://127.0.0.1:15002"))
    ap.add_argument("--timeout", type=int, default=30)
    ap.add_argument("--json")
    ap.add_argument("--fails")
    ap.add_argument("--group")
    ap.add_argument("--limit", type=int)
    ap.add_argument("--quiet", action="store_true")
    a = ap.parse_args()
    base = {"spark.sql.session.timeZone": "America/Los_Angeles", "spark.sql.ansi.enabled": "true"}
    ep = Endpoint(a.remote, a.timeout, base)
    kinds, groups, bad = collections.Counter(), collections.defaultdict(lambda: [0, 0]), []
    started, dead, last_conf, n = time.time(), 0, {}, 0
    for name in a.files:
        for line in open(name, encoding="utf-8"):
            fact = json.loads(line)
            if a.group and fact["group"] != a.group:
                continue
            if a.limit and n >= a.limit:
                break
            n += 1
            conf = fact.get("conf") or {}
            if conf != last_conf:  # settings of one case must not leak into the next
                for k in last_conf:
                    if k not in conf:
                        try:
                            ep.spark.conf.unset(k)
                        except Exception:
                            pass
                        if k in base:
                            ep.set(k, base[k])
                for k, v in conf.items():
                    ep.set(k, v)
                last_conf = conf
            res = ep.run(fact["sql"])
            try:
                got = observe(res, fact.get("ordered"))
            except Exception as e:
                res = {"error": "", "message": "undecodable: %r" % e, "sqlstate": None}
                got = {"error": "", "sqlstate": None}
            v = verdict(fact, got)
            kinds[v] += 1
            groups[fact["group"]][0 if v == "pass" else 1] += 1
            if v != "pass":
                bad.append({"id": fact["id"], "kind": v, "sql": fact["sql"],
                            "want": {k: fact[k] for k in ("schema", "rows", "error", "sqlstate") if k in fact},
                            "got": got, "message": res.get("message", "")[:300]})
            if "error" in res and ("UNAVAILABLE" in res.get("message", "") or v == "timeout"):
                dead += 1
                try:
                    ep.open()
                    last_conf = {}
                except Exception:
                    time.sleep(1)
                if dead > 200:
                    print("endpoint gone", file=sys.stderr)
                    break
    ok, ko = kinds["pass"], sum(kinds.values()) - kinds["pass"]
    rep = {"passed": ok, "failed": ko, "percent": round(100.0 * ok / max(1, ok + ko), 2), "kinds": dict(kinds),
           "seconds": round(time.time() - started, 1),
           "groups": {g: {"passed": p, "failed": f} for g, (p, f) in sorted(groups.items())}}
    if a.json:
        json.dump(rep, open(a.json, "w"), indent=1)
    if a.fails:
        with open(a.fails, "w", encoding="utf-8") as f:
            for b in bad:
                f.write(json.dumps(b, ensure_ascii=False) + "\n")
    if not a.quiet:
        for g, (p, f) in sorted(groups.items()):
            print("%-40s %d/%d" % (g, p, p + f))
    print(json.dumps({k: rep[k] for k in ("percent", "kinds", "seconds")}))
    print("%d passed, %d failed" % (ok, ko))
    ep.close()
    return 0 if ko == 0 else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
