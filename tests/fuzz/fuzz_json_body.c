/* JSON bodies by the schemas of the real route table.
 * Input: a JSON document, tried as every operation's body; or a byte of 128 or more, which chooses one, and then the document. */
#include "acts/settings.h"
#include "base/json_read.h"
#include "fuzz.h"
#include "object.h"
#include "routes.h"

enum { BODIES_MAX = 256, MEMORY = 64 << 20 };

static const struct schema *bodies[BODIES_MAX];
static size_t body_count;
static struct arena arena, trees;

static void add_body(const struct schema *s) {
    for (size_t i = 0; i < body_count; i++)
        if (bodies[i] == s) return;
    CHECK(body_count < BODIES_MAX);
    bodies[body_count++] = s;
}

static void setup(void) {
    if (body_count) return;
    arena_init(&arena, MEMORY);
    arena_init(&trees, MEMORY);
    for (int entry = 0; entry < ENTRY__MAX; entry++) {
        size_t n;
        const struct route *routes = routes_of_entry(entry, &n);
        for (size_t i = 0; i < n; i++)
            if (routes[i].body_schema) add_body(routes[i].body_schema);
    }
    CHECK(body_count > 0);
}

/* ---- the tree of the same document, as a second opinion ---- */

static size_t children(const struct json_value *v) {
    size_t n = 0;
    for (const struct json_value *c = v->child; c; c = c->next) n++;
    return n;
}

/* Has any object or array more in it than one of a request may? */
static bool is_crowded(const struct json_value *v) {
    if (v->kind == JSON_OBJECT && children(v) > JSON_MEMBERS_MAX) return true;
    if (v->kind == JSON_ARRAY && children(v) > JSON_ITEMS_MAX) return true;
    for (const struct json_value *c = v->child; c; c = c->next)
        if (is_crowded(c)) return true;
    return false;
}

static void check_strings(const struct json_value *v) {
    if (v->kind == JSON_STRING) CHECK(is_clean_text(v->text));
    if (v->key.p) CHECK(is_clean_text(v->key));
    for (const struct json_value *c = v->child; c; c = c->next) check_strings(c);
}

static const struct field *field_of(const struct schema *s, struct str name) {
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->fields[i].name)) return &s->fields[i];
    return NULL;
}

static void compare(const struct schema *s, const void *object, const struct json_value *root);

static void compare_items(const struct field *f, struct object_list list, const struct json_value *array) {
    CHECK(array->kind == JSON_ARRAY && children(array) == list.n);
    size_t i = 0;
    for (const struct json_value *c = array->child; c; c = c->next, i++)
        compare(f->item, (const char *)list.items + i * f->item->size, c);
}

/* Each member of the document is in the object or null, none twice, and nothing else is in the object. */
static void compare(const struct schema *s, const void *object, const struct json_value *root) {
    uint64_t seen = 0, named = 0;
    CHECK(root->kind == JSON_OBJECT);
    for (const struct json_value *c = root->child; c; c = c->next) {
        const struct field *f = field_of(s, c->key);
        CHECK(f);
        uint64_t bit = UINT64_C(1) << (f - s->fields);
        CHECK(!(named & bit));
        named |= bit;
        if (c->kind == JSON_NULL) continue;
        seen |= bit;
        const void *member = (const char *)object + f->offset;
        if (f->type == F_TEXT) CHECK(str_eq(*(const struct str *)member, c->text));
        if (f->type == F_OBJECTS) compare_items(f, *(const struct object_list *)member, c);
    }
    CHECK(*(const uint64_t *)object == seen);
}

/* ---- one document ---- */

/* What was read can be written, and reads as the same again. */
static void check_round_trip(const struct schema *s, const void *object) {
    struct buf out;
    struct violations v;
    void *again = arena_alloc(&arena, s->size);
    buf_init(&out, &arena, MEMORY);
    object_write_json(s, object, &out);
    violations_init(&v, &arena);
    CHECK(again && json_read(buf_str(&out), s, again, &v, &arena) == RC_OK);
    CHECK(object_same(s, object, again));
}

static void try_body(struct str text, const struct schema *s, const struct json_value *root) {
    struct violations v;
    void *object = arena_alloc(&arena, s->size);
    violations_init(&v, &arena);
    CHECK(object);
    enum rc rc = json_read(text, s, object, &v, &arena);
    violations_check(&v);
    CHECK(rc == RC_OK || rc == RC_INVALID || rc == RC_BAD_JSON);
    CHECK((rc == RC_BAD_JSON) == (!root || is_crowded(root)));
    if (rc != RC_BAD_JSON) CHECK((rc == RC_OK) == (v.count == 0));
    if (rc == RC_OK) {
        object_check(s, object);
        compare(s, object, root);
        check_round_trip(s, object);
    }
    arena_reset(&arena);
}

static void try_pairs(struct str text, const struct json_value *root) {
    struct violations v;
    struct json_pair *pairs = NULL;
    size_t n = 0;
    violations_init(&v, &arena);
    enum rc rc = json_read_pairs(text, "/query", &pairs, &n, &v, &arena);
    violations_check(&v);
    CHECK((rc == RC_BAD_JSON) == (!root || is_crowded(root)));
    if (rc != RC_BAD_JSON) CHECK((rc == RC_OK) == (v.count == 0));
    if (rc != RC_OK) return;
    CHECK(root->kind == JSON_OBJECT && n == children(root) && n <= JSON_MEMBERS_MAX);
    const struct json_value *c = root->child;
    for (size_t i = 0; i < n; i++, c = c->next) {
        CHECK(str_eq(pairs[i].key, c->key));
        if (c->kind == JSON_STRING || c->kind == JSON_NUMBER) CHECK(str_eq(pairs[i].value, c->text));
        else CHECK(str_is(pairs[i].value, c->kind == JSON_TRUE ? "true" : "false"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    setup();
    bool chosen = size > 0 && data[0] >= 0x80;
    struct str text = {(const char *)data + chosen, size - chosen};
    struct json_value *root = NULL;
    enum rc rc = json_parse(text, SIZE_MAX, &root, &trees);
    CHECK(rc == RC_OK ? root != NULL : rc == RC_BAD_JSON && !root);
    if (root) {
        CHECK(is_clean_text(text));
        check_strings(root);
    }
    if (chosen) {
        try_body(text, bodies[(data[0] & 0x7F) % body_count], root);
    } else {
        for (size_t i = 0; i < body_count; i++) try_body(text, bodies[i], root);
        try_pairs(text, root);
    }
    arena_reset(&arena);
    arena_reset(&trees);
    return 0;
}
