"""weir run prog.py [args]: runs an unchanged PySpark program on Weir.

The program sees its own argv, its exit status and its tracebacks are its own. Options of spark-submit
before the program are understood; those that only matter to a JVM (memory, jars) are accepted.
"""

import os
import sys
import traceback
import types

# spark-submit's options that take a value and mean nothing here.
IGNORED_WITH_VALUE = {
    "--deploy-mode", "--class", "--exclude-packages", "--repositories",
    "--driver-memory", "--driver-java-options", "--driver-library-path", "--driver-class-path",
    "--executor-memory", "--driver-cores", "--executor-cores", "--total-executor-cores",
    "--num-executors", "--queue", "--principal", "--keytab", "--proxy-user", "--properties-file",
    "--archives",
}
IGNORED = {"--verbose", "-v", "--supervise"}


def usage(problem):
    print(f"weir run: {problem}", file=sys.stderr)
    raise SystemExit(2)


def parse(argv):
    """-> (program, its arguments, settings, files to find beside it)"""
    conf = {}
    files = []
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        option, _, value = argv[at].partition("=")
        if option in IGNORED:
            at += 1
            continue
        if not value:
            at += 1
            if at >= len(argv):
                usage(f"{option} wants a value")
            value = argv[at]
        if option == "--master":
            conf["spark.master"] = value
        elif option == "--name":
            conf["spark.app.name"] = value
        elif option in ("--conf", "-c"):
            key, equals, setting = value.partition("=")
            if not equals:
                usage(f"{option} wants KEY=VALUE, not {value}")
            conf[key] = setting
        elif option in ("--packages", "--jars"):
            conf["spark.jars" + (".packages" if option == "--packages" else "")] = value
        elif option in ("--py-files", "--files"):
            files += value.split(",")
        elif option not in IGNORED_WITH_VALUE:
            usage(f"unknown option {option}")
        at += 1
    if at >= len(argv):
        usage("which program? weir run PROG.py [args]")
    return argv[at], argv[at + 1:], conf, files


def main(argv):
    path, arguments, conf, files = parse(argv)
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"weir run: {path}: {error.strerror}", file=sys.stderr)
        raise SystemExit(3 if isinstance(error, FileNotFoundError) else 1)
    from weir import compat
    compat.install(conf)
    for name in files:
        if name.endswith((".py", ".zip", ".egg")):
            sys.path.insert(0, name if not name.endswith(".py") else os.path.dirname(os.path.abspath(name)))
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    sys.argv = [path, *arguments]
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    try:
        exec(compile(source, path, "exec"), module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:  # the program's own end: shown as python would show it
        frames = error.__traceback__.tb_next if error.__traceback__ is not None else None
        traceback.print_exception(type(error), error, frames)
        sys.stdout.flush()
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
