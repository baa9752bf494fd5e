/* JSON objects to described structs and to lists of pairs; every fault is collected, none stops the reading. */
#include "base/json_read.h"

#include "base/buf.h"
#include "base/json_yajl.h"
#include "base/utf8.h"
#include "base/uuid.h"

/* Room for a pointer: a field's name or an unknown key's first JSON_KEY_MAX characters, escaped, behind the names and indexes of the
 * lists around it. */
enum { POINTER_MAX = JSON_KEY_MAX * 4 * 2 + 512 };

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

/* One object that is open: the document's, or an item's of a list in it. */
struct frame {
    const struct schema *schema;
    void *object;
    const struct field *field; /* whose value comes next or is open; NULL: passed over */
    uint64_t given;            /* bit i: fields[i]'s key was there, be it with null */
    size_t depth;              /* of its members */
    size_t pointer_n;          /* how much of the pointer leads to it */
    char *items;               /* of the list of objects that is open */
    size_t items_n, items_cap;
};

/* An item lies two levels deeper than its list's object, so that there is always a frame for it. */
enum { FRAMES_MAX = JSON_DEPTH_MAX / 2 + 1 };

struct reader {
    struct frame frames[FRAMES_MAX], *top;
    struct violations *violations;
    struct arena *arena;
    struct str text;
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
    violations_add_field(r->violations, pointer_text(&r->pointer), code, bound, r->top->field);
    r->invalid = true;
}

static void point_to_item(struct reader *r, size_t index) {
    buf_add_char(&r->pointer, '/');
    buf_add_int(&r->pointer, (long long)index);
}

static void blame_item(struct reader *r, size_t index, enum violation_code code) {
    size_t n = r->pointer.n;
    point_to_item(r, index);
    blame(r, code, 0);
    r->pointer.n = n;
}

static void point_to(struct reader *r, struct str key) {
    r->pointer.n = r->top->pointer_n;
    pointer_add_key(&r->pointer, key);
}

static uint64_t bit(const struct frame *at, const struct field *f) { return UINT64_C(1) << (f - at->schema->fields); }

static void read_key(struct reader *r, struct str key) {
    struct frame *at = r->top;
    point_to(r, key);
    at->field = NULL;
    for (size_t i = 0; i < at->schema->count; i++) {
        const struct field *f = &at->schema->fields[i];
        if (!str_is(key, f->name)) {
            continue;
        }
        if (at->given & bit(at, f)) {
            blame(r, V_DUPLICATE, 0);
            return;
        }
        at->given |= bit(at, f);
        at->field = f;
        return;
    }
    blame(r, V_UNKNOWN, 0);
}

/* ---- lists ---- */

static size_t list_cap(const struct field *f) {
    int64_t cap = f->max < JSON_ITEMS_MAX ? f->max : JSON_ITEMS_MAX;
    return cap > 0 ? (size_t)cap : 0;
}

static enum rc list_begin(struct reader *r) {
    struct frame *at = r->top;
    if (at->field->type == F_OBJECTS) {
        at->items_n = 0;
        at->items_cap = list_cap(at->field);
        at->items = arena_array(r->arena, at->items_cap, at->field->item->size);
        return at->items ? RC_OK : RC_INTERNAL;
    }
    r->list = (struct uuid_list){0};
    r->ids_cap = list_cap(at->field);
    r->ids = arena_array(r->arena, r->ids_cap, sizeof *r->ids);
    return r->ids ? RC_OK : RC_INTERNAL;
}

static void uuid_item(struct reader *r, const struct json_event *e) {
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

/* What is more than the list may hold is passed over; list_end tells. */
static void object_item(struct reader *r, const struct json_event *e) {
    struct frame *at = r->top;
    if (e->kind != EV_BEGIN_OBJECT) {
        blame_item(r, e->index, V_TYPE);
        return;
    }
    if (at->items_n == at->items_cap || at + 1 == r->frames + FRAMES_MAX) {
        return;
    }
    point_to_item(r, e->index);
    const struct schema *s = at->field->item;
    at[1] = (struct frame){
        .schema = s, .object = at->items + at->items_n++ * s->size, .depth = at->depth + 2, .pointer_n = r->pointer.n};
    r->top = at + 1;
}

static void list_end(struct reader *r, size_t count) {
    struct frame *at = r->top;
    char *member = (char *)at->object + at->field->offset;
    if ((int64_t)count < at->field->min) {
        blame(r, V_TOO_FEW, at->field->min);
    } else if ((int64_t)count > at->field->max) {
        blame(r, V_TOO_MANY, at->field->max);
    }
    if (at->field->type == F_OBJECTS) {
        memcpy(member, &(struct object_list){at->items, at->items_n}, sizeof(struct object_list));
        return;
    }
    r->list.ids = (const uint8_t(*)[16])r->ids;
    memcpy(member, &r->list, sizeof r->list);
}

/* ---- values ---- */

static enum rc read_plain(struct reader *r, struct str text) {
    if (r->top->field->type == F_TEXT) {
        text = arena_str(r->arena, text);
        if (!text.p) {
            return RC_INTERNAL;
        }
    }
    if (!field_from_text(r->top->field, text, r->top->object, r->violations, pointer_text(&r->pointer))) {
        r->invalid = true;
    }
    return RC_OK;
}

/* The value of a known member begins. */
static enum rc read_value(struct reader *r, const struct json_event *e) {
    static const enum json_event_kind wanted[] = {
        [F_TEXT] = EV_STRING,         [F_INT] = EV_NUMBER,       [F_BOOL] = EV_BOOL,   [F_ENUM] = EV_STRING,
        [F_UUID] = EV_STRING,         [F_DEGREES] = EV_NUMBER,   [F_TIME] = EV_STRING, [F_UUIDS] = EV_BEGIN_ARRAY,
        [F_OBJECTS] = EV_BEGIN_ARRAY, [F_RAW] = EV_BEGIN_OBJECT,
    };
    struct frame *at = r->top;
    if (e->kind == EV_NULL) {
        if (at->field->required) {
            blame(r, V_REQUIRED, 0);
        }
        return RC_OK;
    }
    *(uint64_t *)at->object |= bit(at, at->field);
    if (e->kind != wanted[at->field->type]) {
        blame(r, V_TYPE, 0);
        at->field = NULL;
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
    struct frame *at = r->top;
    if (at->field->type != F_RAW) {
        list_end(r, e->index);
        return;
    }
    struct str raw = {r->text.p + r->raw_from, e->at + 1 - r->raw_from};
    memcpy((char *)at->object + at->field->offset, &raw, sizeof raw);
}

static void find_missing(struct reader *r) {
    struct frame *at = r->top;
    for (size_t i = 0; i < at->schema->count; i++) {
        const struct field *f = &at->schema->fields[i];
        if (f->required && !(at->given & bit(at, f))) {
            at->field = f;
            point_to(r, str_of(f->name));
            blame(r, V_REQUIRED, 0);
        }
    }
}

/* An item's object ends: its list goes on, with the pointer back at the list. */
static void end_item(struct reader *r) {
    find_missing(r);
    r->top--;
    point_to(r, str_of(r->top->field->name));
}

static void read_document(struct reader *r, const struct json_event *e) {
    if (e->kind == EV_END) {
        find_missing(r);
    } else if (e->kind != EV_BEGIN_OBJECT) {
        blame(r, V_TYPE, 0);
        r->rejected = true;
    }
}

static void read_item(struct reader *r, const struct json_event *e) {
    if (r->top->field->type == F_UUIDS) {
        uuid_item(r, e);
    } else if (r->top->field->type == F_OBJECTS) {
        object_item(r, e);
    }
}

static enum rc read_event(void *ctx, const struct json_event *e) {
    struct reader *r = ctx;
    if (r->rejected) {
        return RC_OK;
    }
    size_t depth = r->top->depth;
    if (e->depth == 0) {
        read_document(r, e);
    } else if (e->depth + 1 == depth && e->kind == EV_END) {
        end_item(r);
    } else if (e->depth == depth && e->kind == EV_KEY) {
        read_key(r, e->text);
    } else if (e->depth == depth && r->top->field && e->kind == EV_END) {
        read_end(r, e);
    } else if (e->depth == depth && r->top->field) {
        return read_value(r, e);
    } else if (e->depth == depth + 1 && r->top->field && e->kind != EV_END) {
        read_item(r, e);
    }
    return RC_OK;
}

enum rc json_read(struct str text, const struct schema *s, void *object, struct violations *v, struct arena *a) {
    memset(object, 0, s->size);
    struct reader *r = ARENA_NEW(a, struct reader);
    if (!r) {
        return RC_INTERNAL;
    }
    *r = (struct reader){.violations = v, .arena = a, .text = text};
    r->top = r->frames;
    *r->top = (struct frame){.schema = s, .object = object, .depth = 1};
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
