"""weir sql [-e TEXT | -f FILE] [-o FORMAT] [--header]: SQL statements on the server that weir run would use.

Without -e and -f, statements are read from the terminal or from standard input, each ended by a
semicolon. In a terminal an answer is shown as a table (the first 100 rows); elsewhere all rows are
written with tabs between the columns, as spark-sql does. -o table|markdown|csv|json writes all rows
that way wherever it goes; json is one object a line.

Exit status: 0, 1 a statement failed, 2 usage, 3 no such file, 5 the server cannot be reached,
130 interrupted. This is a program in Python because it needs PySpark's client anyway; a native one
would only start faster.
"""

import argparse
import atexit
import csv
import json
import logging
import os
import sys

ROWS_SHOWN = 100
FAILED, NOT_FOUND, UNREACHABLE, INTERRUPTED = 1, 3, 5, 130


def statements(text):
    """Splits at semicolons outside of quotes and comments. -> ([complete statement], rest)"""
    done, start, at, depth = [], 0, 0, 0
    quote = None
    while at < len(text):
        two = text[at:at + 2]
        if quote is not None:
            if text[at] == "\\" and quote != "`":
                at += 1  # what follows is no end of the quote
            elif text[at] == quote:
                quote = None
            at += 1
        elif depth > 0:
            depth += (two == "/*") - (two == "*/")
            at += 2 if two in ("/*", "*/") else 1
        elif two == "--":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif two == "/*":
            depth, at = 1, at + 2
        elif text[at] in "'\"`":
            quote, at = text[at], at + 1
        elif text[at] == ";":
            done.append(text[start:at])
            at += 1
            start = at
        else:
            at += 1
    return done, text[start:]


def has_words(text):
    """Is there more than blanks and line comments?"""
    return any(line.strip() and not line.strip().startswith("--") for line in text.splitlines())


def texts_of(frame):
    """Rows as texts, NULL as None. The server makes the texts: they are Spark's to the letter."""
    from pyspark.sql import functions as F
    names = [f"c{i}" for i in range(len(frame.columns))]
    return frame.toDF(*names).select([F.col(name).cast("string") for name in names]).toLocalIterator()


def json_value(value):
    import base64
    import datetime
    import decimal
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat() if not isinstance(value, datetime.datetime) else value.isoformat(" ")
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent >= 0 else float(value)
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if hasattr(value, "asDict"):
        return {name: json_value(field) for name, field in zip(value.__fields__, value)}
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def show_json(frame, names):
    for row in frame.toLocalIterator():
        fields = {name: json_value(value) for name, value in zip(names, row)}
        print(json.dumps(fields, ensure_ascii=False))


def show_csv(frame, names):
    """NULL is an empty field."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    for row in texts_of(frame):
        writer.writerow(["" if value is None else value for value in row])


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def show_tabs(frame, names, header):
    if header:
        print("\t".join(map(escaped, names)))
    for row in texts_of(frame):
        print("\t".join("NULL" if value is None else escaped(value) for value in row))


def width(text):
    """Columns on a terminal: East Asian wide characters take two, combining ones none."""
    import unicodedata
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text, size):
    return text + " " * (size - width(text))


def show_grid(frame, names, style, limit=None):
    rows, more = [], False
    for row in texts_of(frame if limit is None else frame.limit(limit + 1)):
        if limit is not None and len(rows) == limit:
            more = True
            break
        rows.append(["NULL" if value is None else escaped(value) for value in row])
    if style == "markdown":
        rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        names = [name.replace("|", "\\|") for name in names]
    sizes = [max([3, width(name), *(width(row[i]) for row in rows)]) for i, name in enumerate(names)]

    def line(cells):
        return "| " + " | ".join(padded(cell, size) for cell, size in zip(cells, sizes)) + " |"
    if style == "markdown":
        print(line(names))
        print("|" + "|".join("-" * (size + 2) for size in sizes) + "|")
    else:
        rule = "+" + "+".join("-" * (size + 2) for size in sizes) + "+"
        print(rule)
        print(line(names))
        print(rule)
    for row in rows:
        print(line(row))
    if style == "table":
        print(rule)
    if more:
        print(f"only the first {limit} rows (-o table shows all)", file=sys.stderr)


def run(spark, text, options):
    frame = spark.sql(text)
    names = frame.columns
    if not names:
        return
    if options.o == "json":
        show_json(frame, names)
    elif options.o == "csv":
        show_csv(frame, names)
    elif options.o is not None:
        show_grid(frame, names, options.o)
    elif sys.stdout.isatty():
        show_grid(frame, names, "table", ROWS_SHOWN)
    else:
        show_tabs(frame, names, options.header)
    sys.stdout.flush()


def run_all(spark, texts, options):
    """The exit status; stops at the first statement that fails."""
    import grpc
    from pyspark.errors import PySparkException
    for text in texts:
        if not has_words(text):
            continue
        try:
            run(spark, text, options)
        except (PySparkException, grpc.RpcError) as error:
            sys.stdout.flush()
            print(str(error), file=sys.stderr)
            return FAILED
    return 0


def keep_history():
    """Editing and history of input(), kept in the user's state folder."""
    try:
        import readline
    except ImportError:
        return
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    path = os.path.join(state, "weir", "sql_history")

    def save():
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            readline.set_history_length(2000)
            readline.write_history_file(path)
        except OSError:
            pass  # a history that cannot be kept is no reason to fail
    try:
        readline.read_history_file(path)
    except OSError:
        pass
    atexit.register(save)


def terminal(spark, options):
    keep_history()
    pending = ""
    while True:
        try:
            line = input("weir> " if not pending else "    > ")
        except KeyboardInterrupt:
            pending = ""
            print()
            continue
        except EOFError:
            print()
            return 0
        if not pending and line.strip().rstrip(";").lower() in ("quit", "exit"):
            return 0
        complete, rest = statements(pending + line + "\n")
        pending = rest if has_words(rest) else ""
        try:
            run_all(spark, complete, options)
        except KeyboardInterrupt:
            spark.interruptAll()
            print("interrupted", file=sys.stderr)


def read_statements(options):
    if options.e is not None:
        return options.e
    if options.f is None or options.f == "-":
        return sys.stdin.read()
    try:
        with open(options.f, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        print(f"weir sql: {options.f}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        sys.exit(NOT_FOUND if isinstance(error, FileNotFoundError) else FAILED)


def reached(url):
    """Spark's client retries an absent server for minutes; a user at a prompt wants to know now."""
    import socket
    host, _, port = url.removeprefix("sc://").split("/")[0].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), 5).close()
    except (OSError, ValueError) as error:
        print(f"weir sql: {url.split('/;')[0]} cannot be reached: {error}", file=sys.stderr)
        return False
    return True


def work(options):
    from weir import compat
    text = None
    if options.e is not None or options.f is not None or not sys.stdin.isatty():
        text = read_statements(options)
    url = compat.server().url()
    if not reached(url):
        return UNREACHABLE
    spark = compat.remote_session({}, url)
    if text is None:
        return terminal(spark, options)
    complete, rest = statements(text)
    return run_all(spark, [*complete, rest], options)


def main(argv):
    parser = argparse.ArgumentParser(prog="weir sql")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("-e", metavar="TEXT", help="statements to run")
    what.add_argument("-f", metavar="FILE", help="a file of statements to run (- is standard input)")
    parser.add_argument("-o", choices=("table", "markdown", "csv", "json"), help="how rows are written")
    parser.add_argument("--header", action="store_true", help="column names first, outside of a terminal")
    options = parser.parse_args(argv)
    try:
        import pyspark.sql.connect.session  # noqa: F401
    except ImportError as missing:
        print(f"weir sql: {sys.executable} lacks {missing.name}: {sys.executable} -m pip install pyspark-client",
              file=sys.stderr)
        return FAILED
    logging.disable(logging.CRITICAL)  # PySpark logs each failed statement as JSON; we print its message
    try:
        return work(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except RuntimeError as error:  # no server could be started
        print(f"weir sql: {error}", file=sys.stderr)
        return UNREACHABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
