/*
 * weir-sim: runs seeds, and says of the first that breaks something what broke, when, and how.
 *
 *   weir-sim --seeds 1..2000 [--jobs N] [--part NAME] [--twice]
 *   weir-sim --seed 77 [--trace] [--until MS] [--without 3,5]
 *   weir-sim --bugs [--only NAME] [--sample] [--limit 10000] [--jobs N]   (weir-sim-bugs)
 *   weir-sim --seeds 1..100 --bug NAME                             (weir-sim-bugs)
 *
 * Seeds run in child processes, a few hundred each: an assertion that fails in a machine under test
 * is a failure of its seed, and what a stopped run leaves behind goes with its process.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bugs.h"
#include "world.h"

#ifndef SIM_COMMIT
#define SIM_COMMIT "unknown"
#endif

enum { CHUNK = 200, JOBS_MAX = 64, REPORT_LINES = 60 };

struct verdict {
    bool failed;
    uint64_t seed, hash, events;
    char broken[16], what[400];
    int64_t at;
};

struct shared { /* between the parent and its children */
    _Atomic uint64_t next;
    _Atomic uint64_t done, hash, events;
    _Atomic bool stop;
    _Atomic uint64_t running[JOBS_MAX]; /* the seed that each child is at */
    struct verdict first[JOBS_MAX];
};

struct options {
    uint64_t from, to;
    uint32_t jobs;
    const char *part, *bug, *only;
    uint64_t limit, without;
    int64_t until;
    bool trace, twice, bugs, sample;
};

static struct shared *
shared_new(void)
{
    struct shared *s =
        mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) {
        abort();
    }
    return s;
}

static void
seed_run(const struct world_options *o, struct verdict *v)
{
    struct world *w = world_new(o);
    world_run(w);
    *v = (struct verdict){.failed = w->failed,
                          .seed = o->seed,
                          .hash = w->hash,
                          .events = w->events,
                          .at = w->failed_at};
    memcpy(v->broken, w->broken, sizeof v->broken);
    memcpy(v->what, w->what, sizeof v->what);
    world_free(w);
}

static void
child_run(struct shared *s, uint32_t slot, const struct options *o)
{
    for (;;) {
        const uint64_t at = atomic_fetch_add(&s->next, CHUNK);
        const uint64_t end = at + CHUNK - 1 < o->to ? at + CHUNK - 1 : o->to;
        for (uint64_t seed = at; seed <= end && !atomic_load(&s->stop); seed++) {
            const struct world_options wo = {.seed = seed, .part = o->part};
            struct verdict v, again;
            atomic_store(&s->running[slot], seed);
            seed_run(&wo, &v);
            if (!v.failed && o->twice) {
                seed_run(&wo, &again);
                if (again.hash != v.hash) {
                    v.failed = true;
                    snprintf(v.broken, sizeof v.broken, "HASH");
                    snprintf(v.what, sizeof v.what, "the same seed ran in two ways");
                }
            }
            atomic_fetch_add(&s->done, 1);
            atomic_fetch_add(&s->hash, v.hash);
            atomic_fetch_add(&s->events, v.events);
            if (v.failed) {
                s->first[slot] = v;
                atomic_store(&s->stop, true);
                _exit(1);
            }
        }
        if (at + CHUNK > o->to || atomic_load(&s->stop)) {
            _exit(0);
        }
    }
}

/* A child that died by a signal: its seed made a machine abort. */
static void
child_died(struct shared *s, uint32_t slot, int status)
{
    struct verdict *v = &s->first[slot];
    if (WIFSIGNALED(status)) {
        *v = (struct verdict){.failed = true, .seed = atomic_load(&s->running[slot]), .at = -1};
        snprintf(v->broken, sizeof v->broken, "CRASH");
        snprintf(v->what, sizeof v->what, "the machine stopped by signal %d", WTERMSIG(status));
        atomic_store(&s->stop, true);
    }
}

/* Runs from..to; true: all clean. Else the lowest seed that failed. */
static bool
seeds_run(const struct options *o, struct verdict *first, struct shared *s)
{
    pid_t pids[JOBS_MAX] = {0};
    memset(s, 0, sizeof *s);
    atomic_store(&s->next, o->from);
    fflush(NULL);
    for (uint32_t i = 0; i < o->jobs; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            if (!o->trace && freopen("/dev/null", "w", stderr) == NULL) {
                _exit(2);
            }
            child_run(s, i, o);
        }
    }
    bool clean = true;
    for (uint32_t i = 0; i < o->jobs; i++) {
        int status = 0;
        waitpid(pids[i], &status, 0);
        child_died(s, i, status);
    }
    for (uint32_t i = 0; i < o->jobs; i++) {
        if (s->first[i].failed && (clean || s->first[i].seed < first->seed)) {
            *first = s->first[i];
            clean = false;
        }
    }
    return clean;
}

/* One seed in a child; its lines go to stdout. */
static void
trial(const struct world_options *o, struct shared *s, bool print)
{
    memset(s, 0, sizeof *s);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        if (!print && freopen("/dev/null", "w", stderr) == NULL) {
            _exit(2);
        }
        struct world *w = world_new(o);
        world_run(w);
        struct verdict *v = &s->first[0];
        v->failed = w->failed;
        memcpy(v->broken, w->broken, sizeof v->broken);
        memcpy(v->what, w->what, sizeof v->what);
        v->at = w->failed_at;
        v->hash = w->hash;
        v->events = w->events;
        const uint64_t keep = o->until != 0 ? TRACE_LINES : REPORT_LINES;
        const uint64_t count = w->line_count < keep ? w->line_count : keep;
        for (uint64_t i = w->line_count - count; print && i < w->line_count; i++) {
            printf("  %s\n", w->lines[i % TRACE_LINES]);
        }
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    atomic_store(&s->running[0], o->seed);
    child_died(s, 0, status);
}

/* Leaves out faults one by one, as long as the same invariant breaks. */
static uint64_t
faults_shrink(struct world_options o, const char *broken, struct shared *s)
{
    uint64_t without = 0;
    o.tracing = false;
    for (uint32_t i = 0; i < FAULTS_MAX; i++) {
        o.faults_left_out = without | UINT64_C(1) << i;
        trial(&o, s, false);
        if (s->first[0].failed && strcmp(s->first[0].broken, broken) == 0) {
            without = o.faults_left_out;
        }
    }
    return without;
}

static void
report(const struct verdict *v, const struct options *o, struct shared *s)
{
    printf("seed %" PRIu64 " broke %s at %.3f ms (commit " SIM_COMMIT "): %s\n", v->seed, v->broken,
           (double)v->at / 1e6, v->what);
    struct world_options wo = {.seed = v->seed, .part = o->part};
    wo.faults_left_out = faults_shrink(wo, v->broken, s);
    wo.tracing = true;
    struct world_options plain = wo;
    plain.tracing = false;
    struct world *w = world_new(&plain);
    printf("faults that matter:");
    const char *comma = "";
    for (uint32_t i = 0; i < w->fault_count; i++) {
        if ((wo.faults_left_out >> i & 1) == 0) {
            printf(" %u", i);
        }
    }
    printf("\nagain: weir-sim --seed %" PRIu64 " --trace", v->seed);
    for (uint32_t i = 0; i < w->fault_count; i++) {
        if (wo.faults_left_out >> i & 1) {
            printf("%s%u", *comma ? comma : " --without ", i);
            comma = ",";
        }
    }
    printf("%s%s%s%s\n", o->part ? " --part " : "", o->part ? o->part : "", o->bug ? " --bug " : "",
           o->bug ? o->bug : "");
    world_free(w);
    trial(&wo, s, true);
}

static uint64_t
without_parse(const char *text)
{
    uint64_t mask = 0;
    char *end = NULL;
    while (*text != '\0') {
        const unsigned long i = strtoul(text, &end, 10);
        if (end == text || i >= FAULTS_MAX) {
            fprintf(stderr, "--without wants numbers below %d\n", FAULTS_MAX);
            exit(2);
        }
        mask |= UINT64_C(1) << i;
        text = *end == ',' ? end + 1 : end;
    }
    return mask;
}

static double
seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each planted bug must be found within the limit, and a line says at which seed it was. */
static int
bugs_run(struct options *o, struct shared *s)
{
    int missed = 0, tried = 0;
    for (size_t i = 0; bugs[i].name != NULL; i++) {
        if ((o->only != NULL && strcmp(o->only, bugs[i].name) != 0) ||
            (o->sample && bugs[i].rare)) {
            continue;
        }
        struct verdict v = {0};
        struct options one = *o;
        const double begin = seconds_now();
        one.part = bugs[i].part;
        one.from = 1;
        one.to = o->limit;
        world_bug = bugs[i].bug;
        const bool clean = seeds_run(&one, &v, s);
        tried++;
        missed += clean;
        if (clean) {
            printf("%-24s NOT FOUND within %" PRIu64 " seeds\n", bugs[i].name, o->limit);
        } else {
            printf("%-24s seed %6" PRIu64 "  %-5s %.1f s  %.90s\n", bugs[i].name, v.seed, v.broken,
                   seconds_now() - begin, v.what);
        }
        fflush(stdout);
    }
    world_bug = BUG_NONE;
    printf("%d of %d planted bugs found within %" PRIu64 " seeds\n", tried - missed, tried,
           o->limit);
    return missed > 0 || tried == 0;
}

static int
usage(void)
{
    fprintf(stderr, "usage: weir-sim --seeds A..B [--jobs N] [--part NAME] [--twice]\n"
                    "       weir-sim --seed S [--trace] [--until MS] [--without I,J]\n"
                    "       weir-sim --bugs [--only NAME] [--sample] [--limit N] [--jobs N]\n");
    return 2;
}

static bool
options_parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        char *end = NULL;
        i++;
        if (strcmp(name, "--seeds") == 0) {
            o->from = strtoull(value, &end, 10);
            o->to = strncmp(end, "..", 2) == 0 ? strtoull(end + 2, NULL, 10) : 0;
        } else if (strcmp(name, "--seed") == 0) {
            o->from = o->to = strtoull(value, NULL, 10);
        } else if (strcmp(name, "--jobs") == 0) {
            o->jobs = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(name, "--part") == 0) {
            o->part = value;
        } else if (strcmp(name, "--bug") == 0) {
            o->bug = value;
        } else if (strcmp(name, "--only") == 0) {
            o->only = value;
        } else if (strcmp(name, "--limit") == 0) {
            o->limit = strtoull(value, NULL, 10);
        } else if (strcmp(name, "--until") == 0) {
            o->until = strtoll(value, NULL, 10) * MS;
        } else if (strcmp(name, "--without") == 0) {
            o->without = without_parse(value);
        } else {
            i--;
            o->trace |= strcmp(name, "--trace") == 0;
            o->twice |= strcmp(name, "--twice") == 0;
            o->bugs |= strcmp(name, "--bugs") == 0;
            o->sample |= strcmp(name, "--sample") == 0;
            if (strcmp(name, "--trace") != 0 && strcmp(name, "--twice") != 0 &&
                strcmp(name, "--bugs") != 0 && strcmp(name, "--sample") != 0) {
                return false;
            }
        }
    }
    return o->bugs || (o->from > 0 && o->to >= o->from);
}

static bool
bug_choose(const char *name)
{
    for (size_t i = 0; name != NULL && bugs[i].name != NULL; i++) {
        if (strcmp(bugs[i].name, name) == 0) {
            world_bug = bugs[i].bug;
        }
    }
    return name == NULL || world_bug != BUG_NONE;
}

static int
one_seed(const struct options *o, struct shared *s)
{
    const struct world_options wo = {.seed = o->from,
                                     .part = o->part,
                                     .faults_left_out = o->without,
                                     .tracing = o->trace,
                                     .until = o->until};
    trial(&wo, s, o->trace);
    const struct verdict *v = &s->first[0];
    printf("seed %" PRIu64 " hash %016" PRIx64 " events %" PRIu64 "%s%s%s%s\n", o->from, v->hash,
           v->events, v->failed ? " broke " : " clean", v->broken, v->failed ? ": " : "", v->what);
    return v->failed;
}

int
main(int argc, char **argv)
{
    struct options o = {.jobs = 1, .limit = 10000};
    if (!options_parse(argc, argv, &o) || o.jobs < 1 || o.jobs > JOBS_MAX || !bug_choose(o.bug)) {
        return usage();
    }
#ifndef WEIR_BUGS
    if (o.bugs || o.bug != NULL) {
        fprintf(stderr, "the planted bugs are in weir-sim-bugs\n");
        return 2;
    }
#endif
    struct shared *s = shared_new();
    if (o.bugs) {
        return bugs_run(&o, s);
    }
    if (o.from == o.to) {
        return one_seed(&o, s);
    }
    struct verdict first = {0};
    const double begin = seconds_now();
    const bool clean = seeds_run(&o, &first, s);
    const double took = seconds_now() - begin;
    const uint64_t done = atomic_load(&s->done), events = atomic_load(&s->events);
    printf("%" PRIu64 " seeds, %" PRIu64 " events, hash %016" PRIx64
           ", %.1f s: %.0f seeds/s a job (commit " SIM_COMMIT ")\n",
           done, events, atomic_load(&s->hash), took, (double)done / took / o.jobs);
    if (!clean) {
        report(&first, &o, s);
    }
    return !clean;
}
