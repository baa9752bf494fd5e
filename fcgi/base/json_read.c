/* JSON objects to described structs and to lists of pairs; every fault is collected, none stops the reading. */
#include "base/json_read.h"

#include "base/buf.h"
#include "base/json_yajl.h"
#include "base/utf8.h"
#include "base/uuid.h"

/* Room for a pointer: the field's name or an unknown key's first JSON_KEY_MAX characters, escaped, and an index. */
enum { POINTER_MAX = JSON_KEY_MAX * 4 * 2 + 128 };

static const struct json_limits limits = {JSON_MEMBERS_MAX, JSON_ITEMS_MAX, SIZE_MAX};

/* ---- JSON pointers (RFC 6901) ---- */

static void pointer_start(struct buf *b, char storage[POINTER_MAX], const char *prefix) {
    buf_fixed(b, storage, POINTER_MAX);
    buf_add_z(b, prefix);
}

/* Adds "/key". Keys may be anything a stranger sent, so that the length is bounded. */
static void pointer_add_key(struct buf *b, struct str key) {
    struct str shown = utf8_prefix(key, JSON_KEY_MAX);
    buf_add_char(b, '/');
    for (size_t i = 0; i < shown.n; i++) {
        char c = shown.p[i];
        if (c == '~' || c == '/') {
            buf_add_z(b, c == '~' ? "~0" : "~1");
        } else {
            buf_add_char(b, c);
        }
    }
    if (shown.n < key.n) {
        buf_add_z(b, "…");
    }
}

/* The text so far, with a NUL: a fixed buffer has a byte for it behind its cap. */
static const char *pointer_text(struct buf *b) {
    b->p[b->n] = '\0';
    return b->p;
}

/* ---- objects by schema ---- */

struct reader {
    const struct schema *schema;
    void *object;
    struct violations *violations;
    struct arena *arena;
    struct str text;
    const struct field *field; /* whose value comes next or is open; NULL: passed over */
    uint64_t given;            /* bit i: fields[i]'s key was there, be it with null */
    size_t raw_from;
    struct uuid_list list;
    uint8_t (*ids)[16]; /* the list's items while it is being read */
    size_t ids_cap;
    bool rejected; /* the document is not an object */
    bool invalid;
    struct buf pointer; /* to the member */
    char pointer_storage[POINTER_MAX];
};

static void blame(struct reader *r, enum violation_code code, int64_t bound) {
    violations_add_field(r->violations, pointer_text(&r->pointer), code, bound, r->field);
    r->invalid = true;
}

static void blame_item(struct reader *r, size_t index, enum violation_code code) {
    size_t n = r->pointer.n;
    buf_add_char(&r->pointer, '/');
    buf_add_int(&r->pointer, (long long)index);
    blame(r, code, 0);
    r->pointer.n = n;
}

static void point_to(struct reader *r, struct str key) {
    pointer_start(&r->pointer, r->pointer_storage, "");
    pointer_add_key(&r->pointer, key);
}

static uint64_t bit(const struct reader *r, const struct field *f) { return UINT64_C(1) << (f - r->schema->fields); }

static void read_key(struct reader *r, struct str key) {
    point_to(r, key);
    r->field = NULL;
    for (size_t i = 0; i < r->schema->count; i++) {
        const struct field *f = &r->schema->fields[i];
        if (!str_is(key, f->name)) {
            continue;
        }
        if (r->given & bit(r, f)) {
            blame(r, V_DUPLICATE, 0);
            return;
        }
        r->given |= bit(r, f);
        r->field = f;
        return;
    }
    blame(r, V_UNKNOWN, 0);
}

static enum rc list_begin(struct reader *r) {
    int64_t cap = r->field->max < JSON_ITEMS_MAX ? r->field->max : JSON_ITEMS_MAX;
    r->list = (struct uuid_list){0};
    r->ids_cap = cap > 0 ? (size_t)cap : 0;
    r->ids = arena_array(r->arena, r->ids_cap, sizeof *r->ids);
    return r->ids ? RC_OK : RC_INTERNAL;
}

static void list_item(struct reader *r, const struct json_event *e) {
    uint8_t id[16];
    if (e->kind != EV_STRING) {
        blame_item(r, e->index, V_TYPE);
        return;
    }
    if (!uuid_parse(e->text, id)) {
        blame_item(r, e->index, V_FORMAT);
        return;
    }
    for (size_t i = 0; i < r->list.n; i++) {
        if (memcmp(r->ids[i], id, sizeof id) == 0) {
            blame_item(r, e->index, V_DUPLICATE);
            return;
        }
    }
    if (r->list.n < r->ids_cap) {
        memcpy(r->ids[r->list.n++], id, sizeof id);
    }
}

static void list_end(struct reader *r, size_t count) {
    if ((int64_t)count < r->field->min) {
        blame(r, V_TOO_FEW, r->field->min);
    } else if ((int64_t)count > r->field->max) {
        blame(r, V_TOO_MANY, r->field->max);
    }
    r->list.ids = (const uint8_t(*)[16])r->ids;
    memcpy((char *)r->object + r->field->offset, &r->list, sizeof r->list);
}

static enum rc read_plain(struct reader *r, struct str text) {
    if (r->field->type == F_TEXT) {
        text = arena_str(r->arena, text);
        if (!text.p) {
            return RC_INTERNAL;
        }
    }
    if (!field_from_text(r->field, text, r->object, r->violations, pointer_text(&r->pointer))) {
        r->invalid = true;
    }
    return RC_OK;
}

/* The value of a known member begins. */
static enum rc read_value(struct reader *r, const struct json_event *e) {
    static const enum json_event_kind wanted[] = {
        [F_TEXT] = EV_STRING, [F_INT] = EV_NUMBER,        [F_BOOL] = EV_BOOL,
        [F_ENUM] = EV_STRING, [F_UUID] = EV_STRING,       [F_DEGREES] = EV_NUMBER,
        [F_TIME] = EV_STRING, [F_UUIDS] = EV_BEGIN_ARRAY, [F_RAW] = EV_BEGIN_OBJECT,
    };
    if (e->kind == EV_NULL) {
        if (r->field->required) {
            blame(r, V_REQUIRED, 0);
        }
        return RC_OK;
    }
    *(uint64_t *)r->object |= bit(r, r->field);
    if (e->kind != wanted[r->field->type]) {
        blame(r, V_TYPE, 0);
        r->field = NULL;
        return RC_OK;
    }
    if (e->kind == EV_BEGIN_ARRAY) {
        return list_begin(r);
    }
    if (e->kind == EV_BEGIN_OBJECT) {
        r->raw_from = e->at;
        return RC_OK;
    }
    return read_plain(r, e->text);
}

/* A known member's list or raw object ends. */
static void read_end(struct reader *r, const struct json_event *e) {
    if (r->field->type == F_UUIDS) {
        list_end(r, e->index);
        return;
    }
    struct str raw = {r->text.p + r->raw_from, e->at + 1 - r->raw_from};
    memcpy((char *)r->object + r->field->offset, &raw, sizeof raw);
}

static void find_missing(struct reader *r) {
    for (size_t i = 0; i < r->schema->count; i++) {
        const struct field *f = &r->schema->fields[i];
        if (f->required && !(r->given & bit(r, f))) {
            point_to(r, str_of(f->name));
            blame(r, V_REQUIRED, 0);
        }
    }
}

static void read_document(struct reader *r, const struct json_event *e) {
    if (e->kind == EV_END) {
        find_missing(r);
    } else if (e->kind != EV_BEGIN_OBJECT) {
        blame(r, V_TYPE, 0);
        r->rejected = true;
    }
}

static enum rc read_event(void *ctx, const struct json_event *e) {
    struct reader *r = ctx;
    if (r->rejected) {
        return RC_OK;
    }
    if (e->depth == 0) {
        read_document(r, e);
    } else if (e->depth == 1 && e->kind == EV_KEY) {
        read_key(r, e->text);
    } else if (e->depth == 1 && r->field && e->kind == EV_END) {
        read_end(r, e);
    } else if (e->depth == 1 && r->field) {
        return read_value(r, e);
    } else if (e->depth == 2 && r->field && r->field->type == F_UUIDS && e->kind != EV_END) {
        list_item(r, e);
    }
    return RC_OK;
}

enum rc json_read(struct str text, const struct schema *s, void *object, struct violations *v, struct arena *a) {
    memset(object, 0, s->size);
    struct reader *r = ARENA_NEW(a, struct reader);
    if (!r) {
        return RC_INTERNAL;
    }
    *r = (struct reader){.schema = s, .object = object, .violations = v, .arena = a, .text = text};
    pointer_start(&r->pointer, r->pointer_storage, "");
    enum rc rc = json_events(text, &limits, read_event, r, a);
    return rc == RC_OK && r->invalid ? RC_INVALID : rc;
}

/* ---- flat objects as pairs ---- */

struct pair_reader {
    struct arena *arena;
    struct violations *violations;
    const char *prefix;
    struct json_pair *pairs;
    size_t n;
    struct str key;
    bool rejected, invalid;
};

static void blame_pair(struct pair_reader *r, const struct str *key, enum violation_code code) {
    char storage[POINTER_MAX];
    struct buf pointer;
    pointer_start(&pointer, storage, r->prefix);
    if (key) {
        pointer_add_key(&pointer, *key);
    }
    violations_add(r->violations, pointer_text(&pointer), code, 0);
    r->invalid = true;
}

static bool is_doubled(const struct pair_reader *r) {
    for (size_t i = 0; i < r->n; i++) {
        if (str_eq(r->pairs[i].key, r->key)) {
            return true;
        }
    }
    return false;
}

static bool is_flat(const struct json_event *e) {
    if (e->kind == EV_NUMBER) {
        /* The parser has seen to the number's form; what makes it more than a whole one are these. */
        return !memchr(e->text.p, '.', e->text.n) && !memchr(e->text.p, 'e', e->text.n) &&
               !memchr(e->text.p, 'E', e->text.n);
    }
    return e->kind == EV_STRING || e->kind == EV_BOOL;
}

static enum rc pair_value(struct pair_reader *r, const struct json_event *e) {
    if (is_doubled(r)) {
        blame_pair(r, &r->key, V_DUPLICATE);
        return RC_OK;
    }
    struct str value = {"", 0};
    if (is_flat(e)) {
        value = arena_str(r->arena, e->text);
    } else {
        blame_pair(r, &r->key, V_TYPE);
    }
    r->pairs[r->n++] = (struct json_pair){r->key, value};
    return value.p ? RC_OK : RC_INTERNAL;
}

static enum rc pair_event(void *ctx, const struct json_event *e) {
    struct pair_reader *r = ctx;
    if (r->rejected || e->kind == EV_END || e->depth > 1) {
        return RC_OK;
    }
    if (e->depth == 0) {
        r->rejected = e->kind != EV_BEGIN_OBJECT;
        if (r->rejected) {
            blame_pair(r, NULL, V_TYPE);
        }
        return RC_OK;
    }
    if (e->kind == EV_KEY) {
        r->key = arena_str(r->arena, e->text);
        return r->key.p ? RC_OK : RC_INTERNAL;
    }
    return pair_value(r, e);
}

enum rc json_read_pairs(struct str text, const char *prefix, struct json_pair **pairs, size_t *n, struct violations *v,
                        struct arena *a) {
    struct pair_reader r = {.arena = a, .violations = v, .prefix = prefix ? prefix : ""};
    r.pairs = arena_array(a, JSON_MEMBERS_MAX, sizeof *r.pairs);
    if (!r.pairs) {
        return RC_INTERNAL;
    }
    enum rc rc = json_events(text, &limits, pair_event, &r, a);
    if (rc != RC_OK) {
        return rc;
    }
    *pairs = r.pairs;
    *n = r.n;
    return r.invalid ? RC_INVALID : RC_OK;
}
