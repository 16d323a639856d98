/* Scopes: the columns of a resolved relation as names see them, and how a name finds its column. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "plan/resolver.h"

void
scope_init(struct scope *s, struct rel *rel)
{
    *s = (struct scope){.rel = rel};
}

struct column_ref *
scope_push(struct resolver *r, struct scope *s, struct column_ref column)
{
    if (s->count == s->capacity) {
        const uint32_t capacity = s->capacity > 0 ? s->capacity * 2 : 8;
        struct column_ref *more = arena_new_array(r->arena, struct column_ref, capacity);
        if (s->count > 0) {
            memcpy(more, s->columns, sizeof *more * s->count);
        }
        s->columns = more;
        s->capacity = capacity;
    }
    s->columns[s->count] = column;
    return &s->columns[s->count++];
}

void
scope_add(struct resolver *r, struct scope *s, const char *name, uint64_t id)
{
    scope_push(r, s, (struct column_ref){.name = name, .id = id != 0 ? id : ++r->next_id});
}

void
scope_from_schema(struct resolver *r, struct scope *s, struct rel *rel)
{
    scope_init(s, rel);
    for (uint32_t i = 0; i < rel->schema->field_count; i++) {
        scope_add(r, s, rel->schema->fields[i].name, 0);
    }
}

void
scope_pass(struct resolver *r, struct scope *out, const struct scope *in, struct rel *rel)
{
    rel->schema = in->rel->schema;
    struct scope next = {.rel = rel};
    for (uint32_t i = 0; i < in->count; i++) {
        scope_push(r, &next, in->columns[i]);
    }
    *out = next;
}

void
scope_requalify(struct resolver *r, struct scope *s, const char *const *qualifier, uint32_t count)
{
    struct scope next = {.rel = s->rel, .select = s->select};
    for (uint32_t i = 0; i < s->count; i++) {
        struct column_ref c = s->columns[i];
        c.qualifier = qualifier;
        c.qualifier_count = count;
        scope_push(r, &next, c);
    }
    *s = next;
}

uint32_t
scope_visible_count(const struct scope *s)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        count += !s->columns[i].hidden;
    }
    return count;
}

const struct type_field *
scope_field(const struct scope *s, uint32_t i)
{
    return &s->rel->schema->fields[i];
}

struct expr *
scope_column(struct resolver *r, const struct scope *s, uint32_t i)
{
    const struct type_field *f = scope_field(s, i);
    struct expr *e = expr_column(r->arena, i, f->type, f->nullable);
    e->name = s->columns[i].name;
    return e;
}

void
scope_visible(struct resolver *r, struct scope *s)
{
    const uint32_t count = scope_visible_count(s);
    if (count == s->count) {
        return;
    }
    struct rel *project = rel_new(r->arena, REL_PROJECT, 1, s->rel);
    project->exprs = arena_new_array(r->arena, struct expr *, count);
    struct type_field *fields = arena_new_array(r->arena, struct type_field, count);
    struct scope next = {.rel = project};
    for (uint32_t i = 0; i < s->count; i++) {
        if (!s->columns[i].hidden) {
            fields[project->expr_count] = *scope_field(s, i);
            project->exprs[project->expr_count++] = scope_column(r, s, i);
            scope_push(r, &next, s->columns[i]);
        }
    }
    project->schema = type_struct(r->arena, fields, count);
    *s = next;
}

bool
name_equal(const struct resolver *r, const char *x, const char *y)
{
    return r->ctx->session->case_sensitive ? strcmp(x, y) == 0 : strcasecmp(x, y) == 0;
}

/* Does the column's qualifier end with these parts? */
static bool
qualifier_matches(const struct resolver *r, const struct column_ref *c, const char *const *parts,
                  uint32_t count)
{
    if (count > c->qualifier_count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *q = c->qualifier[c->qualifier_count - count + i];
        if (!name_equal(r, q, parts[i])) {
            return false;
        }
    }
    return true;
}

/* Columns for one reading of the parts: the first `qualified` are the qualifier. Columns of one
 * identity count once. */
static uint32_t
find_qualified(const struct resolver *r, const struct scope *s, const char *const *parts,
               uint32_t qualified, bool hidden, uint32_t *found, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct column_ref *c = &s->columns[i];
        if (c->hidden != hidden || !name_equal(r, c->name, parts[qualified]) ||
            !qualifier_matches(r, c, parts, qualified)) {
            continue;
        }
        bool known = false;
        for (uint32_t k = 0; k < n && k < max; k++) {
            known = known || s->columns[found[k]].id == c->id;
        }
        if (!known) {
            if (n < max) {
                found[n] = i;
            }
            n++;
        }
    }
    return n < max ? n : max;
}

uint32_t
scope_find(const struct resolver *r, const struct scope *s, const char *const *parts,
           uint32_t count, uint32_t *found, uint32_t *used, uint32_t max)
{
    for (int hidden = 0; hidden < 2; hidden++) {
        uint32_t qualified = count - 1 < 3 ? count - 1 : 3;
        for (;; qualified--) {
            /* A hidden column answers only to its qualified name. */
            if (!(hidden && qualified == 0)) {
                const uint32_t n = find_qualified(r, s, parts, qualified, hidden != 0, found, max);
                if (n > 0) {
                    *used = qualified + 1;
                    return n;
                }
            }
            if (qualified == 0) {
                break;
            }
        }
    }
    return 0;
}

const char *
names_quoted(struct arena *a, const char *const *parts, uint32_t count)
{
    struct buffer b = {0};
    for (uint32_t i = 0; i < count; i++) {
        buffer_puts(&b, i > 0 ? ".`" : "`");
        for (const char *p = parts[i]; *p != '\0'; p++) {
            buffer_puts(&b, *p == '`' ? "`" : "");
            buffer_put(&b, p, 1);
        }
        buffer_puts(&b, "`");
    }
    const char *text = arena_strdup(a, buffer_text(&b));
    buffer_release(&b);
    return text;
}

const char *
names_dotted(struct arena *a, const char *const *parts, uint32_t count)
{
    const char *text = count > 0 ? parts[0] : "";
    for (uint32_t i = 1; i < count; i++) {
        text = arena_printf(a, "%s.%s", text, parts[i]);
    }
    return text;
}

/* Levenshtein distance with two rows; names are cut at 127 bytes. */
static uint32_t
edit_distance(const char *x, const char *y)
{
    uint32_t row[128];
    size_t n = strlen(y), m = strlen(x);
    n = n < 127 ? n : 127;
    m = m < 127 ? m : 127;
    for (size_t j = 0; j <= n; j++) {
        row[j] = (uint32_t)j;
    }
    for (size_t i = 1; i <= m; i++) {
        uint32_t diagonal = row[0];
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= n; j++) {
            const bool same = tolower((unsigned char)x[i - 1]) == tolower((unsigned char)y[j - 1]);
            uint32_t best = diagonal + !same;
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[n];
}

/* Do all visible columns come from one relation? Then its name is left out of proposals. */
static bool
one_qualifier(const struct scope *s)
{
    const struct column_ref *first = NULL;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct column_ref *c = &s->columns[i];
        if (c->hidden) {
            continue;
        }
        if (first == NULL) {
            first = c;
        }
        if (c->qualifier_count != first->qualifier_count) {
            return false;
        }
        for (uint32_t k = 0; k < c->qualifier_count; k++) {
            if (strcmp(c->qualifier[k], first->qualifier[k]) != 0) {
                return false;
            }
        }
    }
    return true;
}

/* The five nearest names, quoted, nearest first; "" when there are none. */
static const char *
proposals(struct resolver *r, const struct scope *s, const char *wanted)
{
    enum { BEST = 5 };
    const char *text[BEST];
    uint32_t distance[BEST], n = 0;
    const bool bare = one_qualifier(s);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct column_ref *c = &s->columns[i];
        if (c->hidden) {
            continue;
        }
        const char *plain = c->name, *quoted = names_quoted(r->arena, &c->name, 1);
        if (!bare && c->qualifier_count > 0) {
            const char *q = names_dotted(r->arena, c->qualifier, c->qualifier_count);
            plain = arena_printf(r->arena, "%s.%s", q, c->name);
            quoted = arena_printf(r->arena, "%s.%s",
                                  names_quoted(r->arena, c->qualifier, c->qualifier_count), quoted);
        }
        const uint32_t d = edit_distance(wanted, plain);
        uint32_t at = n < BEST ? n : BEST;
        while (at > 0 && distance[at - 1] > d) {
            at--;
        }
        if (at == BEST) {
            continue;
        }
        const uint32_t last = n < BEST ? n : BEST - 1;
        memmove(&text[at + 1], &text[at], sizeof *text * (last - at));
        memmove(&distance[at + 1], &distance[at], sizeof *distance * (last - at));
        text[at] = quoted;
        distance[at] = d;
        n += n < BEST;
    }
    const char *all = "";
    for (uint32_t i = 0; i < n; i++) {
        all = arena_printf(r->arena, "%s%s%s", all, i > 0 ? ", " : "", text[i]);
    }
    return all;
}

bool
scope_unresolved(struct resolver *r, const struct scope *s, const struct expr *u)
{
    const char *object = names_quoted(r->arena, u->names, u->name_count);
    const char *wanted = names_dotted(r->arena, u->names, u->name_count);
    const char *near = s != NULL ? proposals(r, s, wanted) : "";
    if (near[0] == '\0') {
        error_raise(r->err, "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", object, NULL);
    } else {
        error_raise(r->err, "UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", object, "proposal",
                    near, NULL);
    }
    return resolve_failed_at(r, u);
}

bool
scope_ambiguous(struct resolver *r, const struct scope *s, const struct expr *u,
                const uint32_t *found, uint32_t count)
{
    const char *all = "";
    for (uint32_t i = 0; i < count; i++) {
        const struct column_ref *c = &s->columns[found[i]];
        const char *name = names_quoted(r->arena, &c->name, 1);
        if (c->qualifier_count > 0) {
            name = arena_printf(r->arena, "%s.%s",
                                names_quoted(r->arena, c->qualifier, c->qualifier_count), name);
        }
        all = arena_printf(r->arena, "%s%s%s", all, i > 0 ? ", " : "", name);
    }
    error_raise(r->err, "AMBIGUOUS_REFERENCE", "name",
                names_quoted(r->arena, u->names, u->name_count), "referenceNames",
                arena_printf(r->arena, "[%s]", all), NULL);
    return resolve_failed_at(r, u);
}

void
scope_register(struct resolver *r, const struct scope *s, int64_t plan_id)
{
    if (plan_id < 0) {
        return;
    }
    struct plan_id_scope *p = arena_new(r->arena, struct plan_id_scope);
    *p = (struct plan_id_scope){
        .next = r->plan_ids,
        .plan_id = plan_id,
        .depth = r->depth,
        .columns = arena_new_array(r->arena, struct column_ref, s->count + 1),
        .count = s->count,
    };
    memcpy(p->columns, s->columns, sizeof *p->columns * s->count);
    r->plan_ids = p;
}

/* Builders of relations whose columns are all given. */

const struct type *
schema_of(struct arena *a, struct expr *const *exprs, const char *const *names, uint32_t count)
{
    struct type_field *fields = arena_new_array(a, struct type_field, count);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (struct type_field){
            .name = names[i], .type = exprs[i]->type, .nullable = exprs[i]->nullable};
    }
    return type_struct(a, fields, count);
}

const struct type *
schema_join(struct arena *a, const struct type *left, bool left_nullable, const struct type *right,
            bool right_nullable)
{
    const uint32_t right_count = right != NULL ? right->field_count : 0;
    const uint32_t count = left->field_count + right_count;
    struct type_field *fields = arena_new_array(a, struct type_field, count);
    for (uint32_t i = 0; i < left->field_count; i++) {
        fields[i] = left->fields[i];
        fields[i].nullable |= left_nullable;
    }
    for (uint32_t i = 0; i < right_count; i++) {
        fields[left->field_count + i] = right->fields[i];
        fields[left->field_count + i].nullable |= right_nullable;
    }
    return type_struct(a, fields, count);
}

struct rel *
rel_filter(struct resolver *r, struct rel *input, struct expr *condition)
{
    struct rel *f = rel_new(r->arena, REL_FILTER, 1, input);
    f->condition = condition;
    f->schema = input->schema;
    return f;
}

struct rel *
rel_project(struct resolver *r, struct rel *input, struct expr **exprs, const char *const *names,
            uint32_t count)
{
    struct rel *p = rel_new(r->arena, REL_PROJECT, 1, input);
    p->exprs = exprs;
    p->expr_count = count;
    p->schema = schema_of(r->arena, exprs, names, count);
    return p;
}
