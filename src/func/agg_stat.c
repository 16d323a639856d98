/*
 * Statistics over one or two columns: central moments updated one value at a time and merged
 * pairwise (Welford, Chan), the formulas that Spark documents; so the last digits agree.
 */
#include <math.h>
#include <string.h>

#include "func/agg.h"

/* ---- one column ---- */

struct moments {
    double n;
    double avg;
    double m2;
    double m3;
    double m4;
};
AGG_PLAIN(moments, struct moments)

static inline void
moments_add(struct moments *s, double x)
{
    const double n = s->n + 1;
    const double delta = x - s->avg;
    const double delta_n = delta / n;
    const double delta2 = delta * delta;
    const double delta_n2 = delta_n * delta_n;
    const double m2 = s->m2 + delta * (delta - delta_n);
    const double m3 = s->m3 - 3 * delta_n * m2 + delta * (delta2 - delta_n2);
    s->m4 = s->m4 - 4 * delta_n * m3 - 6 * delta_n2 * m2 +
            delta * (delta * delta2 - delta_n * delta_n2);
    s->n = n;
    s->avg += delta_n;
    s->m2 = m2;
    s->m3 = m3;
}

AGG_UPDATE(
    moments, struct moments,
    if (!vec_is_null(in[0], i)) { moments_add(s, ((const double *)in[0]->data)[i]); })

AGG_MERGE(moments_merge)
{
    struct moments *l = into;
    const struct moments *r = from;
    if (r->n == 0) {
        return true;
    }
    const double n1 = l->n;
    const double n2 = r->n;
    const double n = n1 + n2;
    const double delta = r->avg - l->avg;
    const double delta_n = n == 0 ? 0 : delta / n;
    const double m2 = l->m2 + r->m2 + delta * delta_n * n1 * n2;
    const double m3 = l->m3 + r->m3 + delta_n * delta_n * delta * n1 * n2 * (n1 - n2) +
                      3 * delta_n * (n1 * r->m2 - n2 * l->m2);
    l->m4 = l->m4 + r->m4 +
            delta_n * delta_n * delta_n * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) +
            6 * delta_n * delta_n * (n1 * n1 * r->m2 + n2 * n2 * l->m2) +
            4 * delta_n * (n1 * r->m3 - n2 * l->m3);
    l->avg += delta_n * n2;
    l->n = n;
    l->m2 = m2;
    l->m3 = m3;
    return true;
}

enum moment { VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP, SKEWNESS, KURTOSIS };

static bool
moment_value(enum moment kind, const struct moments *s, double *out)
{
    const bool sample = kind == VAR_SAMP || kind == STDDEV_SAMP;
    if (s->n == 0 || (sample && s->n == 1)) {
        return false;
    }
    switch (kind) {
    case VAR_POP:
        *out = s->m2 / s->n;
        return true;
    case VAR_SAMP:
        *out = s->m2 / (s->n - 1);
        return true;
    case STDDEV_POP:
        *out = sqrt(s->m2 / s->n);
        return true;
    case STDDEV_SAMP:
        *out = sqrt(s->m2 / (s->n - 1));
        return true;
    case SKEWNESS:
        *out = sqrt(s->n) * s->m3 / sqrt(s->m2 * s->m2 * s->m2);
        return s->m2 != 0;
    default:
        *out = s->n * s->m4 / (s->m2 * s->m2) - 3;
        return s->m2 != 0;
    }
}

AGG_FINISH(moments_finish)
{
    const enum moment kind = *(const enum moment *)call->def->data;
    for (uint32_t i = 0; i < n; i++) {
        double v = 0;
        if (moment_value(kind, states[i], &v)) {
            ((double *)out->data)[i] = v;
        } else {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}
AGG_OPS(moments, struct moments);

static bool
bind_moments(struct func_bind *b, struct error *err)
{
    b->type = type_scalar(TYPE_DOUBLE);
    b->nullable = true;
    b->agg = &moments_ops;
    return bind_want(b, 0, b->type, err);
}

/* ---- two columns ---- */

struct pairs {
    double n;
    double x_avg;
    double y_avg;
    double ck;
    double x_mk;
    double y_mk;
};
AGG_PLAIN(pairs, struct pairs)

static inline void
pairs_add(struct pairs *s, double x, double y)
{
    const double n = s->n + 1;
    const double dx = x - s->x_avg;
    const double dy = y - s->y_avg;
    const double x_avg = s->x_avg + dx / n;
    const double y_avg = s->y_avg + dy / n;
    s->ck += dx * (y - y_avg);
    s->x_mk += dx * (x - x_avg);
    s->y_mk += dy * (y - y_avg);
    s->n = n;
    s->x_avg = x_avg;
    s->y_avg = y_avg;
}

AGG_UPDATE(
    pairs, struct pairs, if (!vec_is_null(in[0], i) && !vec_is_null(in[1], i)) {
        pairs_add(s, ((const double *)in[0]->data)[i], ((const double *)in[1]->data)[i]);
    })

AGG_MERGE(pairs_merge)
{
    struct pairs *l = into;
    const struct pairs *r = from;
    const double n = l->n + r->n;
    if (r->n == 0) {
        return true;
    }
    const double dx = r->x_avg - l->x_avg;
    const double dy = r->y_avg - l->y_avg;
    const double dx_n = dx / n;
    const double dy_n = dy / n;
    l->ck += r->ck + dx * dy_n * l->n * r->n;
    l->x_mk += r->x_mk + dx * dx_n * l->n * r->n;
    l->y_mk += r->y_mk + dy * dy_n * l->n * r->n;
    l->x_avg += dx_n * r->n;
    l->y_avg += dy_n * r->n;
    l->n = n;
    return true;
}

enum pair {
    COVAR_POP,
    COVAR_SAMP,
    CORR,
    REGR_COUNT,
    REGR_AVGX,
    REGR_AVGY,
    REGR_SXX,
    REGR_SYY,
    REGR_SXY,
    REGR_SLOPE,
    REGR_INTERCEPT,
    REGR_R2
};

/* regr_*(y, x): the first column is y. false: null. */
static bool
pair_value(enum pair kind, const struct pairs *s, double *out)
{
    if (s->n == 0) {
        return false;
    }
    switch (kind) {
    case COVAR_POP:
        *out = s->ck / s->n;
        return true;
    case COVAR_SAMP:
        *out = s->ck / (s->n - 1);
        return s->n > 1;
    case CORR:
        *out = s->ck / sqrt(s->x_mk * s->y_mk);
        return s->n > 1;
    case REGR_AVGX:
        *out = s->y_avg;
        return true;
    case REGR_AVGY:
        *out = s->x_avg;
        return true;
    case REGR_SXX:
        *out = s->y_mk;
        return true;
    case REGR_SYY:
        *out = s->x_mk;
        return true;
    case REGR_SXY:
        *out = s->ck;
        return true;
    case REGR_SLOPE:
        *out = s->ck / s->y_mk;
        return s->n > 1 && s->y_mk != 0;
    case REGR_INTERCEPT:
        *out = s->x_avg - s->ck / s->y_mk * s->y_avg;
        return s->n > 1 && s->y_mk != 0;
    default:
        if (s->y_mk == 0) {
            return false;
        }
        *out = s->x_mk == 0 ? 1 : s->ck * s->ck / (s->x_mk * s->y_mk);
        return true;
    }
}

AGG_FINISH(pairs_finish)
{
    const enum pair kind = *(const enum pair *)call->def->data;
    for (uint32_t i = 0; i < n; i++) {
        const struct pairs *s = states[i];
        double v = 0;
        if (kind == REGR_COUNT) {
            ((int64_t *)out->data)[i] = (int64_t)s->n;
        } else if (!pair_value(kind, s, &v)) {
            vec_set_null(out, ev->tmp, i);
        } else if (kind == CORR && s->x_mk * s->y_mk == 0 && ev->session->ansi) {
            return raise_divide_by_zero(err);
        } else if (kind == CORR && s->x_mk * s->y_mk == 0) {
            vec_set_null(out, ev->tmp, i);
        } else {
            ((double *)out->data)[i] = v;
        }
    }
    return true;
}
AGG_OPS(pairs, struct pairs);

static bool
bind_pairs(struct func_bind *b, struct error *err)
{
    const bool count = *(const enum pair *)b->def->data == REGR_COUNT;
    b->type = type_scalar(count ? TYPE_LONG : TYPE_DOUBLE);
    b->nullable = !count;
    b->agg = &pairs_ops;
    return bind_want(b, 0, type_scalar(TYPE_DOUBLE), err) &&
           bind_want(b, 1, type_scalar(TYPE_DOUBLE), err);
}

#define MOMENT(name, kind, use)                                                                    \
    {                                                                                              \
        name, FUNC_AGGREGATE, 1, 1, false, true, bind_moments, use, NULL, NULL,                    \
            &(const enum moment)                                                                   \
        {                                                                                          \
            kind                                                                                   \
        }                                                                                          \
    }
#define PAIR(name, kind, use)                                                                      \
    {                                                                                              \
        name, FUNC_AGGREGATE, 2, 2, false, true, bind_pairs, use, NULL, NULL, &(const enum pair)   \
        {                                                                                          \
            kind                                                                                   \
        }                                                                                          \
    }

static const struct func_def defs[] = {
    MOMENT("var_pop", VAR_POP, "var_pop(expr) - Population variance."),
    MOMENT("var_samp", VAR_SAMP, "var_samp(expr) - Sample variance."),
    MOMENT("stddev_pop", STDDEV_POP, "stddev_pop(expr) - Population standard deviation."),
    MOMENT("stddev_samp", STDDEV_SAMP, "stddev_samp(expr) - Sample standard deviation."),
    MOMENT("skewness", SKEWNESS, "skewness(expr) - The skewness."),
    MOMENT("kurtosis", KURTOSIS, "kurtosis(expr) - The excess kurtosis."),
    PAIR("covar_pop", COVAR_POP, "covar_pop(x, y) - Population covariance."),
    PAIR("covar_samp", COVAR_SAMP, "covar_samp(x, y) - Sample covariance."),
    PAIR("corr", CORR, "corr(x, y) - Pearson's correlation."),
    PAIR("regr_count", REGR_COUNT, "regr_count(y, x) - Pairs without nulls."),
    PAIR("regr_avgx", REGR_AVGX, "regr_avgx(y, x) - Mean of x."),
    PAIR("regr_avgy", REGR_AVGY, "regr_avgy(y, x) - Mean of y."),
    PAIR("regr_sxx", REGR_SXX, "regr_sxx(y, x) - Squares of x about the mean."),
    PAIR("regr_syy", REGR_SYY, "regr_syy(y, x) - Squares of y about the mean."),
    PAIR("regr_sxy", REGR_SXY, "regr_sxy(y, x) - Products about the means."),
    PAIR("regr_slope", REGR_SLOPE, "regr_slope(y, x) - Slope of the fitted line."),
    PAIR("regr_intercept", REGR_INTERCEPT, "regr_intercept(y, x) - Where the line starts."),
    PAIR("regr_r2", REGR_R2, "regr_r2(y, x) - Coefficient of determination."),
};

const struct func_family family_aggregate_stat = {defs, sizeof defs / sizeof *defs};
