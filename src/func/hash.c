/*
 * Hashes that users see: Murmur3 with seed 42 (hash), XXH64 (xxhash64), digests and checksums; and
 * encodings of bytes as text.
 *
 * hash() and xxhash64() chain: the hash of one argument is the seed of the next, nulls leave it
 * alone; so a row's answer equals Spark's bit for bit.
 */
#include <math.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "func/text.h"
#include "type/decimal.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- Murmur3, x86 32 bit; tail bytes are mixed one by one, as Spark does ---- */

static uint32_t
mix_k(uint32_t k)
{
    k *= 0xcc9e2d51;
    k = k << 15 | k >> 17;
    return k * 0x1b873593;
}

static uint32_t
mix_h(uint32_t h, uint32_t k)
{
    h ^= k;
    h = h << 13 | h >> 19;
    return h * 5 + 0xe6546b64;
}

static uint32_t
finish_h(uint32_t h, uint32_t len)
{
    h ^= len;
    h ^= h >> 16;
    h *= 0x85ebca6b;
    h ^= h >> 13;
    h *= 0xc2b2ae35;
    return h ^ h >> 16;
}

static uint32_t
murmur_int(uint32_t v, uint32_t seed)
{
    return finish_h(mix_h(seed, mix_k(v)), 4);
}

static uint32_t
murmur_long(uint64_t v, uint32_t seed)
{
    return finish_h(mix_h(mix_h(seed, mix_k((uint32_t)v)), mix_k((uint32_t)(v >> 32))), 8);
}

static uint32_t
murmur_bytes(const char *p, size_t len, uint32_t seed)
{
    uint32_t h = seed;
    size_t i = 0;
    for (; i + 4 <= len; i += 4) {
        uint32_t k;
        memcpy(&k, p + i, 4);
        h = mix_h(h, mix_k(k));
    }
    for (; i < len; i++) {
        h = mix_h(h, mix_k((uint32_t)(int32_t)(int8_t)p[i]));
    }
    return finish_h(h, (uint32_t)len);
}

/* ---- XXH64 over single words, as Spark's own class ---- */

static uint64_t
xx_long(uint64_t v, uint64_t seed)
{
    return XXH64(&v, 8, seed);
}

static uint64_t
xx_int(uint32_t v, uint64_t seed)
{
    return XXH64(&v, 4, seed);
}

struct hasher {
    bool wide; /* xxhash64 */
    uint64_t h;
};

static void
add_int(struct hasher *s, uint32_t v)
{
    s->h = s->wide ? xx_int(v, s->h) : murmur_int(v, (uint32_t)s->h);
}

static void
add_long(struct hasher *s, uint64_t v)
{
    s->h = s->wide ? xx_long(v, s->h) : murmur_long(v, (uint32_t)s->h);
}

static void
add_bytes(struct hasher *s, const char *p, size_t len)
{
    s->h = s->wide ? XXH64(p, len, s->h) : murmur_bytes(p, len, (uint32_t)s->h);
}

/* The shortest big-endian two's complement, as BigInteger.toByteArray. */
static void
add_wide(struct hasher *s, i128 v)
{
    char bytes[16];
    for (int k = 0; k < 16; k++) {
        bytes[k] = (char)(v >> (8 * (15 - k)));
    }
    int from = 0;
    while (from < 15 && ((bytes[from] == 0 && (bytes[from + 1] & 0x80) == 0) ||
                         (bytes[from] == -1 && (bytes[from + 1] & 0x80) != 0))) {
        from++;
    }
    add_bytes(s, bytes + from, (size_t)(16 - from));
}

static void
add_float(struct hasher *s, float v)
{
    uint32_t bits = 0x7fc00000;
    if (v == 0) {
        v = 0;
    }
    if (!isnan(v)) {
        memcpy(&bits, &v, 4);
    }
    add_int(s, v == 0 ? 0 : bits);
}

static void
add_double(struct hasher *s, double v)
{
    uint64_t bits = UINT64_C(0x7ff8000000000000);
    if (!isnan(v)) {
        memcpy(&bits, &v, 8);
    }
    add_long(s, v == 0 ? 0 : bits);
}

static void
add_value(struct hasher *s, const struct vec *v, uint32_t i, int depth)
{
    if (vec_is_null(v, i) || depth > 100) {
        return;
    }
    switch ((enum phys)v->phys) {
    case PHYS_BOOL:
        add_int(s, ((const uint8_t *)v->data)[i] != 0);
        break;
    case PHYS_I8:
        add_int(s, (uint32_t)(int32_t)((const int8_t *)v->data)[i]);
        break;
    case PHYS_I16:
        add_int(s, (uint32_t)(int32_t)((const int16_t *)v->data)[i]);
        break;
    case PHYS_I32:
        add_int(s, (uint32_t)((const int32_t *)v->data)[i]);
        break;
    case PHYS_I64:
        add_long(s, (uint64_t)((const int64_t *)v->data)[i]);
        break;
    case PHYS_I128:
        add_wide(s, ((const i128 *)v->data)[i]);
        break;
    case PHYS_F32:
        add_float(s, ((const float *)v->data)[i]);
        break;
    case PHYS_F64:
        add_double(s, ((const double *)v->data)[i]);
        break;
    case PHYS_VIEW: {
        const struct span t = text_at(v, i);
        add_bytes(s, t.ptr, t.len);
        break;
    }
    case PHYS_INTERVAL: {
        const struct interval *t = (const struct interval *)v->data + i;
        add_long(s, (uint64_t)t->micros);
        add_int(s, (uint32_t)t->days);
        add_int(s, (uint32_t)t->months);
        break;
    }
    case PHYS_LIST:
    case PHYS_MAP: {
        const struct list_range r = ((const struct list_range *)v->data)[i];
        for (uint32_t k = 0; k < r.len; k++) {
            for (uint32_t c = 0; c < v->child_count; c++) {
                add_value(s, &v->child[c], r.offset + k, depth + 1);
            }
        }
        break;
    }
    case PHYS_STRUCT:
        for (uint32_t c = 0; c < v->child_count; c++) {
            add_value(s, &v->child[c], i, depth + 1);
        }
        break;
    case PHYS_NONE:
        break;
    }
}

KERNEL(hash_rows)
{
    const bool wide = call->def->name[0] == 'x';
    EACH_ROW(i)
    {
        struct hasher s = {wide, 42};
        for (uint32_t a = 0; a < call->arg_count; a++) {
            add_value(&s, in[a], i, 0);
        }
        if (wide) {
            ((int64_t *)out->data)[i] = (int64_t)s.h;
        } else {
            ((int32_t *)out->data)[i] = (int32_t)(uint32_t)s.h;
        }
    }
    return true;
}

static bool
bind_hash(struct func_bind *b, struct error *err)
{
    for (uint32_t i = 0; i < b->arg_count; i++) {
        if (b->args[i]->type->id == TYPE_MAP) {
            return error_raise(err, "DATATYPE_MISMATCH.HASH_MAP_TYPE", "sqlExpr", bind_sql(b),
                               "functionName", arena_printf(b->arena, "`%s`", b->def->name), NULL);
        }
    }
    b->type = type_scalar(b->def->name[0] == 'x' ? TYPE_LONG : TYPE_INT);
    b->nullable = false;
    b->kernel = hash_rows;
    return true;
}

/* ---- digests ---- */

static void
put_hex(struct eval *ev, struct vec *out, uint32_t i, const uint8_t *p, size_t len, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *text = arena_alloc(ev->tmp, len * 2 + 1);
    for (size_t k = 0; k < len; k++) {
        text[2 * k] = digits[p[k] >> 4];
        text[2 * k + 1] = digits[p[k] & 15];
    }
    ((struct view *)out->data)[i] = view_make(text, len * 2);
}

static bool
put_digest(struct eval *ev, struct vec *out, uint32_t i, struct span s, const EVP_MD *md,
           struct error *err)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(s.ptr, s.len, digest, &len, md, NULL) != 1) {
        return error_set(err, ERROR_INTERNAL, "[INTERNAL_ERROR] the digest is not available");
    }
    put_hex(ev, out, i, digest, len, false);
    return true;
}

KERNEL(digest)
{
    const EVP_MD *md = call->def->name[0] == 'm' ? EVP_md5() : EVP_sha1();
    EACH_VALID(i)
    {
        if (!put_digest(ev, out, i, text_at(in[0], i), md, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(sha2)
{
    EACH_VALID(i)
    {
        const int32_t bits = ((const int32_t *)in[1]->data)[i];
        const EVP_MD *md = bits == 224                ? EVP_sha224()
                           : bits == 256 || bits == 0 ? EVP_sha256()
                           : bits == 384              ? EVP_sha384()
                           : bits == 512              ? EVP_sha512()
                                                      : NULL;
        if (md == NULL) {
            vec_set_null(out, ev->tmp, i);
        } else if (!put_digest(ev, out, i, text_at(in[0], i), md, err)) {
            return false;
        }
    }
    return true;
}

KERNEL(crc32)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        uint32_t c = ~0u;
        for (size_t k = 0; k < s.len; k++) {
            uint32_t x = (c ^ (uint8_t)s.ptr[k]) & 0xff;
            uint32_t e = x;
            for (int b = 0; b < 8; b++) {
                e = e & 1 ? 0xedb88320u ^ e >> 1 : e >> 1;
            }
            c = e ^ c >> 8;
        }
        ((int64_t *)out->data)[i] = (int64_t)(uint32_t)~c;
    }
    return true;
}

/* ---- bytes as text ---- */

KERNEL(hex)
{
    EACH_VALID(i)
    {
        if (in[0]->phys == PHYS_VIEW) {
            const struct span s = text_at(in[0], i);
            put_hex(ev, out, i, (const uint8_t *)s.ptr, s.len, true);
            continue;
        }
        char text[20];
        const int len = snprintf(text, sizeof text, "%llX",
                                 (unsigned long long)((const int64_t *)in[0]->data)[i]);
        text_put(ev, out, i, text, (size_t)len);
    }
    return true;
}

static bool
bind_hex(struct func_bind *b, struct error *err)
{
    const struct type *t = b->args[0]->type;
    b->type = type_scalar(TYPE_STRING);
    b->nullable = bind_any_nullable(b);
    b->kernel = hex;
    if (t->id == TYPE_STRING || t->id == TYPE_BINARY) {
        return true;
    }
    if (!type_is_numeric(t) && t->id != TYPE_NULL) {
        return bind_fail_input(b, 0, "(\"BIGINT\" or \"BINARY\" or \"STRING\")", err);
    }
    return bind_want(b, 0, type_scalar(TYPE_LONG), err);
}

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

KERNEL(unhex)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const size_t len = (s.len + 1) / 2;
        char *p = arena_alloc(ev->tmp, len + 1);
        bool ok = true;
        size_t at = 0;
        size_t k = 0;
        if (s.len % 2 == 1) {
            ok = hex_digit(s.ptr[0]) >= 0;
            p[at++] = (char)hex_digit(s.ptr[0]);
            k = 1;
        }
        for (; ok && k < s.len; k += 2) {
            const int hi = hex_digit(s.ptr[k]);
            const int lo = hex_digit(s.ptr[k + 1]);
            ok = hi >= 0 && lo >= 0;
            p[at++] = (char)(hi << 4 | lo);
        }
        if (ok) {
            ((struct view *)out->data)[i] = view_make(p, len);
        } else {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

KERNEL(base64)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const uint8_t *b = (const uint8_t *)s.ptr;
        buffer_clear(&text);
        for (size_t k = 0; k < s.len; k += 3) {
            if (k > 0 && k % 57 == 0) { /* lines of 76, as the MIME encoder */
                buffer_puts(&text, "\r\n");
            }
            const size_t left = s.len - k;
            const uint32_t w = (uint32_t)b[k] << 16 | (uint32_t)(left > 1 ? b[k + 1] : 0) << 8 |
                               (left > 2 ? b[k + 2] : 0);
            const char quad[4] = {digits[w >> 18], digits[w >> 12 & 63],
                                  left > 1 ? digits[w >> 6 & 63] : '=',
                                  left > 2 ? digits[w & 63] : '='};
            buffer_put(&text, quad, 4);
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static int
base64_digit(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

KERNEL(unbase64)
{
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        char *p = arena_alloc(ev->tmp, s.len + 4);
        uint32_t w = 0;
        int have = 0;
        size_t at = 0;
        for (size_t k = 0; k < s.len && s.ptr[k] != '='; k++) {
            const int d = base64_digit(s.ptr[k]);
            if (d < 0) {
                continue; /* the MIME decoder leaves out what is no digit */
            }
            w = w << 6 | (uint32_t)d;
            if (++have == 4) {
                p[at++] = (char)(w >> 16);
                p[at++] = (char)(w >> 8);
                p[at++] = (char)w;
                have = 0;
                w = 0;
            }
        }
        if (have == 1) {
            return error_raise(err, "CONVERSION_INVALID_INPUT", "str",
                               arena_printf(ev->tmp, "'%.*s'", (int)s.len, s.ptr), "fmt",
                               "'BASE64'", "targetType", "\"BINARY\"", "suggestion",
                               "`try_to_binary`", NULL);
        }
        if (have >= 2) {
            p[at++] = (char)(have == 2 ? w >> 4 : w >> 10);
        }
        if (have == 3) {
            p[at++] = (char)(w >> 2);
        }
        ((struct view *)out->data)[i] = view_make(p, at);
    }
    return true;
}

/* ---- character sets ---- */

enum charset {
    SET_NONE,
    SET_UTF8,
    SET_ASCII,
    SET_LATIN1,
    SET_UTF16,
    SET_UTF16BE,
    SET_UTF16LE,
    SET_UTF32
};

static enum charset
charset_of(struct span s)
{
    static const struct {
        const char *name;
        enum charset set;
    } names[] = {{"UTF-8", SET_UTF8},   {"US-ASCII", SET_ASCII},   {"ISO-8859-1", SET_LATIN1},
                 {"UTF-16", SET_UTF16}, {"UTF-16BE", SET_UTF16BE}, {"UTF-16LE", SET_UTF16LE},
                 {"UTF-32", SET_UTF32}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == s.len && strncasecmp(names[i].name, s.ptr, s.len) == 0) {
            return names[i].set;
        }
    }
    return SET_NONE;
}

static bool
raise_charset(struct error *err, const char *func, struct span s)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)(s.len < 60 ? s.len : 60), s.ptr);
    return error_raise(err, "INVALID_PARAMETER_VALUE.CHARSET", "functionName", func, "parameter",
                       "`charset`", "charset", name, "charsets",
                       "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8", NULL);
}

static void
put16(struct buffer *b, uint32_t v, bool little)
{
    if (little) {
        buffer_le16(b, (uint16_t)v);
    } else {
        buffer_be16(b, (uint16_t)v);
    }
}

static void
encode_char(struct buffer *b, uint32_t c, enum charset set)
{
    const bool little = set == SET_UTF16LE;
    switch (set) {
    case SET_ASCII:
        buffer_u8(b, c < 0x80 ? (uint8_t)c : '?');
        break;
    case SET_LATIN1:
        buffer_u8(b, c < 0x100 ? (uint8_t)c : '?');
        break;
    case SET_UTF32:
        buffer_be32(b, c);
        break;
    default:
        if (c >= 0x10000) {
            put16(b, 0xd800 + ((c - 0x10000) >> 10), little);
            put16(b, 0xdc00 + ((c - 0x10000) & 0x3ff), little);
        } else {
            put16(b, c, little);
        }
    }
}

KERNEL(encode)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span name = text_at(in[1], i);
        const enum charset set = charset_of(name);
        if (set == SET_NONE) {
            buffer_release(&text);
            return raise_charset(err, "`encode`", name);
        }
        if (set == SET_UTF8) {
            text_share(out, i, s.ptr, s.len);
            continue;
        }
        buffer_clear(&text);
        if (set == SET_UTF16 && s.len > 0) {
            buffer_be16(&text, 0xfeff);
        }
        for (size_t at = 0; at < s.len;) {
            const size_t step = utf8_step(s.ptr + at, s.ptr + s.len);
            encode_char(&text, utf8_decode(s.ptr + at, step), set);
            at += step;
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

static void
decode_wide(struct buffer *text, struct span s, enum charset set)
{
    const uint8_t *b = (const uint8_t *)s.ptr;
    bool little = set == SET_UTF16LE;
    size_t at = 0;
    char bytes[4];
    if (set == SET_UTF16 && s.len >= 2 && (b[0] ^ b[1]) == 1 && b[0] >= 0xfe) {
        little = b[0] == 0xff;
        at = 2;
    }
    for (; at + (set == SET_UTF32 ? 4 : 2) <= s.len;) {
        uint32_t c;
        if (set == SET_UTF32) {
            c = (uint32_t)b[at] << 24 | (uint32_t)b[at + 1] << 16 | (uint32_t)b[at + 2] << 8 |
                b[at + 3];
            at += 4;
        } else {
            c = little ? (uint32_t)(b[at] | b[at + 1] << 8) : (uint32_t)(b[at] << 8 | b[at + 1]);
            at += 2;
            if (c >= 0xd800 && c < 0xdc00 && at + 2 <= s.len) {
                const uint32_t d = little ? (uint32_t)(b[at] | b[at + 1] << 8)
                                          : (uint32_t)(b[at] << 8 | b[at + 1]);
                c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
                at += 2;
            }
        }
        c = c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c;
        buffer_put(text, bytes, utf8_encode(bytes, c));
    }
}

KERNEL(decode)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        const struct span name = text_at(in[1], i);
        const enum charset set = charset_of(name);
        if (set == SET_NONE) {
            buffer_release(&text);
            return raise_charset(err, "`decode`", name);
        }
        if (set == SET_UTF8) {
            text_share(out, i, s.ptr, s.len);
            continue;
        }
        buffer_clear(&text);
        if (set >= SET_UTF16) {
            decode_wide(&text, s, set);
        }
        for (size_t k = 0; set < SET_UTF16 && k < s.len; k++) {
            char bytes[4];
            const uint8_t c = (uint8_t)s.ptr[k];
            buffer_put(&text, bytes,
                       utf8_encode(bytes, set == SET_ASCII && c >= 0x80 ? 0xfffd : c));
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

/* ---- URLs ---- */

KERNEL(url_encode)
{
    struct buffer text = {0};
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        buffer_clear(&text);
        for (size_t k = 0; k < s.len; k++) {
            const char c = s.ptr[k];
            const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' ||
                               c == '_';
            if (plain) {
                buffer_put(&text, &c, 1);
            } else if (c == ' ') {
                buffer_puts(&text, "+");
            } else {
                buffer_printf(&text, "%%%02X", (uint8_t)c);
            }
        }
        text_put(ev, out, i, (const char *)text.ptr, text.len);
    }
    buffer_release(&text);
    return true;
}

KERNEL(url_decode)
{
    const bool try_it = call->def->name[0] == 't';
    EACH_VALID(i)
    {
        const struct span s = text_at(in[0], i);
        char *p = arena_alloc(ev->tmp, s.len + 1);
        size_t at = 0;
        bool ok = true;
        for (size_t k = 0; k < s.len && ok; k++) {
            if (s.ptr[k] == '%') {
                ok = k + 2 < s.len && hex_digit(s.ptr[k + 1]) >= 0 && hex_digit(s.ptr[k + 2]) >= 0;
                if (ok) {
                    p[at++] = (char)(hex_digit(s.ptr[k + 1]) << 4 | hex_digit(s.ptr[k + 2]));
                    k += 2;
                }
            } else {
                p[at++] = s.ptr[k] == '+' ? ' ' : s.ptr[k];
            }
        }
        if (ok) {
            ((struct view *)out->data)[i] = view_make(p, at);
        } else if (try_it) {
            vec_set_null(out, ev->tmp, i);
        } else {
            char url[200];
            snprintf(url, sizeof url, "%.*s", (int)(s.len < 190 ? s.len : 190), s.ptr);
            return error_raise(err, "CANNOT_DECODE_URL", "url", url, NULL);
        }
    }
    return true;
}

struct url {
    struct span protocol, authority, userinfo, host, path, query, ref, file;
    bool has_query, has_ref, has_authority, has_userinfo;
};

static bool
url_split(struct span s, struct url *u)
{
    const char *end = s.ptr + s.len;
    const char *p = s.ptr;
    *u = (struct url){0};
    for (const char *q = p; q < end; q++) {
        if ((uint8_t)*q <= ' ' || strchr("<>\"{}|\\^`", *q) != NULL) {
            return false;
        }
    }
    const char *hash = s.len > 0 ? memchr(p, '#', s.len) : NULL;
    if (hash != NULL) {
        u->has_ref = true;
        u->ref = (struct span){hash + 1, (size_t)(end - hash - 1)};
        end = hash;
    }
    const char *colon = end > p ? memchr(p, ':', (size_t)(end - p)) : NULL;
    const char *slash = end > p ? memchr(p, '/', (size_t)(end - p)) : NULL;
    if (colon != NULL && (slash == NULL || colon < slash)) {
        u->protocol = (struct span){p, (size_t)(colon - p)};
        p = colon + 1;
    }
    if (end - p >= 2 && p[0] == '/' && p[1] == '/') {
        p += 2;
        const char *stop = p;
        while (stop < end && *stop != '/' && *stop != '?') {
            stop++;
        }
        u->has_authority = true;
        u->authority = (struct span){p, (size_t)(stop - p)};
        const char *at = stop > p ? memchr(p, '@', (size_t)(stop - p)) : NULL;
        if (at != NULL) {
            u->has_userinfo = true;
            u->userinfo = (struct span){p, (size_t)(at - p)};
            p = at + 1;
        }
        const char *port = stop;
        while (port > p && port[-1] >= '0' && port[-1] <= '9') {
            port--;
        }
        const char *host_end = port > p && port[-1] == ':' ? port - 1 : stop;
        u->host = (struct span){p, (size_t)(host_end - p)};
        p = stop;
    }
    const char *question = end > p ? memchr(p, '?', (size_t)(end - p)) : NULL;
    u->file = (struct span){p, (size_t)(end - p)};
    if (question != NULL) {
        u->has_query = true;
        u->query = (struct span){question + 1, (size_t)(end - question - 1)};
        end = question;
    }
    u->path = (struct span){p, (size_t)(end - p)};
    return true;
}

static bool
span_is(struct span s, const char *word)
{
    return strlen(word) == s.len && memcmp(s.ptr, word, s.len) == 0;
}

static bool
url_part(const struct url *u, struct span part, struct span *out)
{
    if (span_is(part, "HOST")) {
        *out = u->host;
        return u->host.len > 0;
    }
    if (span_is(part, "PATH")) {
        *out = u->path;
        return true;
    }
    if (span_is(part, "QUERY")) {
        *out = u->query;
        return u->has_query;
    }
    if (span_is(part, "REF")) {
        *out = u->ref;
        return u->has_ref;
    }
    if (span_is(part, "PROTOCOL")) {
        *out = u->protocol;
        return u->protocol.len > 0;
    }
    if (span_is(part, "FILE")) {
        *out = u->file;
        return true;
    }
    if (span_is(part, "AUTHORITY")) {
        *out = u->authority;
        return u->has_authority;
    }
    *out = u->userinfo;
    return span_is(part, "USERINFO") && u->has_userinfo;
}

static bool
url_key(struct span query, struct span key, struct span *out)
{
    const char *end = query.ptr + query.len;
    for (const char *p = query.ptr; p < end;) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const char *stop = amp != NULL ? amp : end;
        if ((size_t)(stop - p) > key.len && p[key.len] == '=' && memcmp(p, key.ptr, key.len) == 0) {
            *out = (struct span){p + key.len + 1, (size_t)(stop - p) - key.len - 1};
            return true;
        }
        p = stop + 1;
    }
    return false;
}

KERNEL(parse_url)
{
    const bool quiet = call->def->name[0] == 't' || !ev->session->ansi;
    EACH_VALID(i)
    {
        struct url u;
        struct span part;
        const struct span s = text_at(in[0], i);
        if (!url_split(s, &u)) {
            if (quiet) {
                vec_set_null(out, ev->tmp, i);
                continue;
            }
            char text[200];
            snprintf(text, sizeof text, "%.*s", (int)(s.len < 190 ? s.len : 190), s.ptr);
            return error_raise(err, "INVALID_URL", "url", text, "ansiConfig",
                               "\"spark.sql.ansi.enabled\"", NULL);
        }
        bool found = url_part(&u, text_at(in[1], i), &part);
        if (found && call->arg_count > 2) {
            found =
                span_is(text_at(in[1], i), "QUERY") && url_key(u.query, text_at(in[2], i), &part);
        }
        if (found) {
            text_share(out, i, part.ptr, part.len);
        } else {
            vec_set_null(out, ev->tmp, i);
        }
    }
    return true;
}

#define FN(name, min, max, sig, kernel, use)                                                       \
    {                                                                                              \
        name, FUNC_SCALAR, min, max, false, false, NULL, use, sig, kernel                          \
    }

static const struct func_def defs[] = {
    {"hash", FUNC_SCALAR, 1, 255, false, true, bind_hash, "hash(a, ...) - Murmur3, seed 42."},
    {"xxhash64", FUNC_SCALAR, 1, 255, false, true, bind_hash, "xxhash64(a, ...) - Seed 42."},
    FN("md5", 1, 1, "b>s", digest, "md5(expr)"),
    FN("sha1", 1, 1, "b>s", digest, "sha1(expr)"),
    FN("sha2", 2, 2, "bi>s?", sha2, "sha2(expr, bits)"),
    FN("crc32", 1, 1, "b>l", crc32, "crc32(expr)"),
    {"hex", FUNC_SCALAR, 1, 1, false, false, bind_hex, "hex(expr)"},
    FN("unhex", 1, 1, "s>b?", unhex, "unhex(expr) - Null if it has other characters."),
    FN("base64", 1, 1, "b>s", base64, "base64(bin)"),
    FN("unbase64", 1, 1, "s>b", unbase64, "unbase64(str)"),
    FN("encode", 2, 2, "ss>b", encode, "encode(str, charset)"),
    FN("decode", 2, 2, "bs>s", decode, "decode(bin, charset)"),
    FN("url_encode", 1, 1, "s>s", url_encode, "url_encode(str)"),
    FN("url_decode", 1, 1, "s>s", url_decode, "url_decode(str)"),
    FN("try_url_decode", 1, 1, "s>s?", url_decode, "try_url_decode(str)"),
    FN("parse_url", 2, 3, "ss|s>s?", parse_url, "parse_url(url, part[, key])"),
    FN("try_parse_url", 2, 3, "ss|s>s?", parse_url, "try_parse_url(url, part[, key])"),
};

const struct func_family family_hash = {defs, sizeof defs / sizeof *defs};
