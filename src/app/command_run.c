/*
 * `weir run prog.py` and `weir sql`: the caller's python3 with our launcher module in front.
 *
 * The launcher (python/weir/run.py) finds or starts a server and makes classic PySpark programs run
 * on it; `weir sql` is a small program of the same package. This file only finds the interpreter
 * and the package, and becomes them.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/commands.h"

static bool
has_package(const char *dir)
{
    char file[PATH_MAX * 2 + 16];
    snprintf(file, sizeof file, "%s/weir/run.py", dir);
    return access(file, R_OK) == 0;
}

/* The package lies beside the program: ../python of the source tree, or ../lib/weir/python
 * installed. In a wheel the program lies inside the package, and its Python knows the way: *known.
 */
static bool
package_dir(char *out, size_t size, bool *known)
{
    *known = false;
    const char *home = getenv("WEIR_HOME");
    if (home != NULL) {
        snprintf(out, size, "%s/python", home);
        return has_package(out);
    }
    char exe[PATH_MAX];
    const ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len <= 0) {
        return false;
    }
    exe[len] = '\0';
    char *slash = strrchr(exe, '/');
    *slash = '\0';
    static const char *const places[] = {"../python", "../lib/weir/python", "../.."};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        snprintf(out, size, "%.*s/%s", (int)(slash - exe), exe, places[i]);
        if (has_package(out)) {
            *known = strcmp(places[i], "../..") == 0;
            return true;
        }
    }
    return false;
}

static int
become_python(const char *module, int argc, char **argv)
{
    char package[PATH_MAX * 2], program[PATH_MAX];
    bool known;
    if (!package_dir(package, sizeof package, &known)) {
        fprintf(stderr, "weir: the python folder of this program is missing\n");
        return EXIT_FAILED;
    }
    const ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    program[len > 0 ? len : 0] = '\0';
    setenv("WEIR_PROGRAM", program, 1);
    const char *old = getenv("PYTHONPATH");
    char path[PATH_MAX * 3];
    snprintf(path, sizeof path, "%s%s%s", package, old != NULL && old[0] != '\0' ? ":" : "",
             old != NULL ? old : "");
    if (!known) {
        setenv("PYTHONPATH", path, 1);
    }
    const char *python = getenv("PYSPARK_DRIVER_PYTHON");
    python = python != NULL ? python : getenv("PYSPARK_PYTHON");
    python = python != NULL ? python : "python3";
    char **args = calloc((size_t)argc + 4, sizeof *args);
    if (args == NULL) {
        return EXIT_FAILED;
    }
    args[0] = (char *)python;
    args[1] = (char *)"-m";
    args[2] = (char *)module;
    for (int i = 0; i < argc; i++) {
        args[3 + i] = argv[i];
    }
    execvp(python, args);
    fprintf(stderr, "weir: cannot start %s: %s\n", python, strerror(errno));
    free(args);
    return EXIT_FAILED;
}

int
command_run(int argc, char **argv)
{
    if (argc == 0) {
        fprintf(stderr, "weir run: which program? weir run PROG.py [args]\n");
        return EXIT_USAGE;
    }
    return become_python("weir.run", argc, argv);
}

int
command_sql(int argc, char **argv)
{
    return become_python("weir.sql", argc, argv);
}
