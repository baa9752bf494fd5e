/* application/x-www-form-urlencoded as a struct: percent-decoding, strict UTF-8, one value a name. */
#include "query.h"

#include "base/encode.h"
#include "base/utf8.h"

/* "?name" for a violation: a name that nobody can print is shown as it was sent. */
static const char *pointer_of(struct arena *a, struct str raw, struct str name) {
    struct str shown = name;
    if (!name.p || !utf8_is_text(name)) shown = (struct str){raw.p, raw.n > QUERY_NAME_MAX ? QUERY_NAME_MAX : raw.n};
    else shown = utf8_prefix(name, QUERY_NAME_MAX);
    char *text = arena_printf(a, "?%.*s", (int)shown.n, shown.p);
    return text ? text : "?";
}

static size_t field_index(const struct schema *s, struct str name) {
    size_t i = 0;
    while (i < s->count && !str_is(name, s->fields[i].name)) i++;
    return i;
}

static void mark_seen(void *object, size_t index) {
    uint64_t seen;
    memcpy(&seen, object, sizeof seen);
    seen |= UINT64_C(1) << index;
    memcpy(object, &seen, sizeof seen);
}

/* One "name=value". given: bit by field, so that a second value is found even when the first was refused. False without memory,
 * which is nobody's fault. */
static bool decode_pair(struct str pair, const struct schema *s, void *object, uint64_t *given, struct violations *v,
                        struct arena *a) {
    const char *equals = memchr(pair.p, '=', pair.n);
    struct str raw = {pair.p, equals ? (size_t)(equals - pair.p) : pair.n};
    struct str rest = equals ? (struct str){equals + 1, pair.n - raw.n - 1} : (struct str){"", 0};
    struct str name = {NULL, 0}, value;
    char *room = arena_alloc(a, pair.n);
    if (!room) return false;
    bool named = percent_decode(raw, true, room, &name);
    const char *pointer = pointer_of(a, raw, name);
    size_t index = s && named ? field_index(s, name) : 0;
    if (!s || !named || index == s->count) {
        violations_add(v, pointer, V_UNKNOWN, 0);
        return true;
    }
    if (*given >> index & 1u) {
        violations_add(v, pointer, V_DUPLICATE, 0);
        return true;
    }
    *given |= UINT64_C(1) << index;
    if (!percent_decode(rest, true, room + raw.n, &value)) violations_add(v, pointer, V_FORMAT, 0);
    else if (!utf8_is_text(value)) violations_add(v, pointer, V_TEXT, 0);
    else if (field_from_text(&s->fields[index], value, object, v, pointer)) mark_seen(object, index);
    return true;
}

static void add_missing(const struct schema *s, uint64_t given, struct violations *v, struct arena *a) {
    for (size_t i = 0; s && i < s->count; i++)
        if (s->fields[i].required && !(given >> i & 1u)) {
            const char *pointer = arena_printf(a, "?%s", s->fields[i].name);
            violations_add(v, pointer ? pointer : "?", V_REQUIRED, 0);
        }
}

enum rc query_decode(struct str query, const struct schema *s, void *object, struct violations *v, struct arena *a) {
    int before = v->count, params = 0;
    uint64_t given = 0;
    while (query.n > 0) {
        const char *amp = memchr(query.p, '&', query.n);
        struct str pair = {query.p, amp ? (size_t)(amp - query.p) : query.n};
        size_t used = pair.n + (amp ? 1 : 0);
        query.p += used;
        query.n -= used;
        if (pair.n == 0) continue;
        if (++params > QUERY_PARAMS_MAX) {
            violations_add(v, "?", V_TOO_MANY, QUERY_PARAMS_MAX);
            return RC_INVALID;
        }
        if (!decode_pair(pair, s, object, &given, v, a)) return RC_INTERNAL;
    }
    add_missing(s, given, v, a);
    return v->count > before ? RC_INVALID : RC_OK;
}
