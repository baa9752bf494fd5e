/* Objects of any schema, field by field. */
#include "object.h"

#include "base/encode.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "fuzz.h"

static const void *member(const struct field *f, const void *object) { return (const char *)object + f->offset; }

static bool was_given(const void *object, size_t index) { return *(const uint64_t *)object >> index & 1u; }

/* A member by its type, whichever that is. */
union value {
    struct str text;
    int64_t number;
    bool yes;
    int index;
    uint8_t id[16];
    struct uuid_list ids;
    struct object_list objects;
};

static const size_t sizes[] = {
    [F_TEXT] = sizeof(struct str),
    [F_INT] = sizeof(int64_t),
    [F_BOOL] = sizeof(bool),
    [F_ENUM] = sizeof(int),
    [F_UUID] = 16,
    [F_DEGREES] = sizeof(int64_t),
    [F_TIME] = sizeof(int64_t),
    [F_UUIDS] = sizeof(struct uuid_list),
    [F_OBJECTS] = sizeof(struct object_list),
    [F_RAW] = sizeof(struct str),
};

static union value value_of(const struct field *f, const void *object) {
    union value v;
    memset(&v, 0, sizeof v);
    memcpy(&v, member(f, object), sizes[f->type]);
    return v;
}

/* ---- what holds ---- */

/* By the table of RFC 3629, section 4. Returns the number of code points, or -1. */
static long count_points(struct str s) {
    const uint8_t *p = (const uint8_t *)s.p, *end = p + s.n;
    long n = 0;
    for (; p < end; n++) {
        uint32_t c = *p++;
        int more = c < 0x80 ? 0 : c >= 0xC2 && c <= 0xDF ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : -1;
        if (more < 0 || end - p < more) return -1;
        c = more == 0 ? c : c & (0x3Fu >> more);
        for (int i = 0; i < more; i++, p++) {
            if ((*p & 0xC0) != 0x80) return -1;
            c = c << 6 | (*p & 0x3Fu);
        }
        static const uint32_t least[] = {1, 0x80, 0x800, 0x10000};
        if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return -1;
    }
    return n;
}

bool is_clean_text(struct str s) { return s.p && count_points(s) >= 0; }

static void check_text(const struct field *f, struct str s) {
    CHECK(is_clean_text(s));
    CHECK(count_points(s) <= f->max && count_points(s) >= f->min);
    for (size_t i = 0; i < s.n; i++)
        CHECK((unsigned char)s.p[i] >= 0x20 ? s.p[i] != 0x7F : s.p[i] == '\t' || s.p[i] == '\n');
    size_t visible = 0;
    for (size_t i = 0; i < s.n; i++) visible += !strchr(" \t\n", s.p[i]);
    CHECK(f->min == 0 || visible > 0);
}

static void check_list(const struct field *f, struct uuid_list list) {
    CHECK((int64_t)list.n >= f->min && (int64_t)list.n <= f->max);
    for (size_t i = 0; i < list.n; i++)
        for (size_t k = 0; k < i; k++) CHECK(memcmp(list.ids[i], list.ids[k], 16) != 0);
}

static const void *item_of(const struct field *f, struct object_list list, size_t i) {
    return (const char *)list.items + i * f->item->size;
}

static void check_objects(const struct field *f, struct object_list list) {
    CHECK((int64_t)list.n >= f->min && (int64_t)list.n <= f->max);
    for (size_t i = 0; i < list.n; i++) object_check(f->item, item_of(f, list, i));
}

static void check_value(const struct field *f, union value v) {
    int names = 0;
    switch (f->type) {
    case F_TEXT: check_text(f, v.text); break;
    case F_INT: CHECK(v.number >= -(INT64_C(1) << 53) && v.number <= INT64_C(1) << 53); /* fall through */
    case F_DEGREES: CHECK(v.number >= f->min && v.number <= f->max); break;
    case F_TIME: CHECK(v.number >= 0); break;
    case F_ENUM:
        while (f->names[names]) names++;
        CHECK(v.index >= 0 && v.index < names);
        break;
    case F_UUIDS: check_list(f, v.ids); break;
    case F_OBJECTS: check_objects(f, v.objects); break;
    case F_RAW:
        CHECK(is_clean_text(v.text) && v.text.n >= 2 && v.text.p[0] == '{' && v.text.p[v.text.n - 1] == '}');
        break;
    case F_BOOL:
    case F_UUID: break;
    }
}

void object_check(const struct schema *s, const void *object) {
    static const uint8_t zero[sizeof(union value)];
    CHECK(s->count == 64 || *(const uint64_t *)object >> s->count == 0);
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        if (f->type == F_BOOL) CHECK(*(const uint8_t *)member(f, object) <= 1);
        if (was_given(object, i)) {
            check_value(f, value_of(f, object));
        } else {
            CHECK(!f->required);
            CHECK(memcmp(member(f, object), zero, sizes[f->type]) == 0);
        }
    }
}

/* A pointer can be told in an answer, whatever bytes a query's name had. */
static void check_pointer(const char *pointer, struct arena *a) {
    struct buf out;
    struct json_out w;
    struct json_value *root;
    buf_init(&out, a, 1 << 16);
    jw_init(&w, &out);
    jw_z(&w, pointer);
    CHECK(json_parse(buf_str(&out), 1, &root, a) == RC_OK && is_clean_text(root->text));
    CHECK(pointer[0] == '\0' || strchr("/?{", pointer[0]));
    CHECK(strlen(pointer) < 1024);
    if (pointer[0] == '/') CHECK(str_is(root->text, pointer));
}

void violations_check(const struct violations *v) {
    int n = 0;
    for (const struct violation *one = v->first; one; one = one->next, n++) {
        CHECK((size_t)one->code < V__MAX);
        check_pointer(one->pointer, v->arena);
    }
    CHECK(n == v->count && n <= VIOLATIONS_MAX);
}

/* ---- comparing ---- */

static bool same_objects(const struct field *f, struct object_list a, struct object_list b) {
    for (size_t i = 0; a.n == b.n && i < a.n; i++)
        if (!object_same(f->item, item_of(f, a, i), item_of(f, b, i))) return false;
    return a.n == b.n;
}

static bool same_value(const struct field *f, union value a, union value b) {
    switch (f->type) {
    case F_TEXT:
    case F_RAW: return str_eq(a.text, b.text);
    case F_TIME: return a.number / 1000 == b.number / 1000; /* as it is written */
    case F_OBJECTS: return same_objects(f, a.objects, b.objects);
    case F_UUIDS: return a.ids.n == b.ids.n && memcmp(a.ids.ids, b.ids.ids, 16 * a.ids.n) == 0;
    case F_INT:
    case F_BOOL:
    case F_ENUM:
    case F_UUID:
    case F_DEGREES: break;
    }
    return memcmp(&a, &b, sizes[f->type]) == 0;
}

bool object_same(const struct schema *s, const void *a, const void *b) {
    if (*(const uint64_t *)a != *(const uint64_t *)b) return false;
    for (size_t i = 0; i < s->count; i++)
        if (was_given(a, i) && !same_value(&s->fields[i], value_of(&s->fields[i], a), value_of(&s->fields[i], b)))
            return false;
    return true;
}

/* ---- writing ---- */

static void write_ids(struct json_out *w, struct uuid_list list) {
    jw_begin_array(w);
    for (size_t i = 0; i < list.n; i++) jw_uuid(w, list.ids[i]);
    jw_end_array(w);
}

static void write_object(struct json_out *w, const struct schema *s, const void *object);

static void write_objects(struct json_out *w, const struct field *f, struct object_list list) {
    jw_begin_array(w);
    for (size_t i = 0; i < list.n; i++) write_object(w, f->item, item_of(f, list, i));
    jw_end_array(w);
}

static void write_value(struct json_out *w, const struct field *f, union value v) {
    char time[TIME_TEXT_MAX];
    switch (f->type) {
    case F_TEXT: jw_str(w, v.text); break;
    case F_INT: jw_int(w, v.number); break;
    case F_BOOL: jw_bool(w, v.yes); break;
    case F_ENUM: jw_z(w, f->names[v.index]); break;
    case F_UUID: jw_uuid(w, v.id); break;
    case F_DEGREES: jw_degrees(w, v.number); break;
    case F_UUIDS: write_ids(w, v.ids); break;
    case F_OBJECTS: write_objects(w, f, v.objects); break;
    case F_RAW: jw_raw(w, v.text); break;
    case F_TIME:
        time_format_beijing(v.number, 3, time);
        jw_z(w, time);
        break;
    }
}

static void write_object(struct json_out *w, const struct schema *s, const void *object) {
    jw_begin_object(w);
    for (size_t i = 0; i < s->count; i++) {
        if (!was_given(object, i)) continue;
        jw_key(w, s->fields[i].name);
        write_value(w, &s->fields[i], value_of(&s->fields[i], object));
    }
    jw_end_object(w);
}

void object_write_json(const struct schema *s, const void *object, struct buf *out) {
    struct json_out w;
    jw_init(&w, out);
    write_object(&w, s, object);
    CHECK(!out->failed);
}

void object_write_query(const struct schema *s, const void *object, struct buf *out) {
    for (size_t i = 0; i < s->count; i++) {
        const struct field *f = &s->fields[i];
        if (!was_given(object, i)) continue;
        char storage[64];
        struct buf plain;
        struct json_out w;
        struct str text = value_of(f, object).text;
        if (f->type != F_TEXT) {
            buf_fixed(&plain, storage, sizeof storage);
            jw_init(&w, &plain);
            write_value(&w, f, value_of(f, object));
            CHECK(!plain.failed);
            text = buf_str(&plain);
            if (text.p[0] == '"') text = (struct str){text.p + 1, text.n - 2};
        }
        buf_printf(out, "%s%s=", out->n ? "&" : "", f->name);
        percent_encode(out, text);
    }
    CHECK(!out->failed);
}
