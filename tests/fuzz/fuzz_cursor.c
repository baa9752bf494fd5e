/* Cursors of the real lists: what was made reads back for its reader, list and filter, and nothing else does.
 * Input: which list (1 byte), which character is changed (1) and how (1), a key (8), an id (16), and the query as it was sent. */
#include "acts/settings.h"
#include "base/json_read.h"
#include "base/seal.h"
#include "cursor.h"
#include "fuzz.h"
#include "keys.h"
#include "object.h"
#include "query.h"
#include "resources.h"
#include "response.h"
#include "routes.h"

enum { LISTS_MAX = 64, HEAD = 27, MEMORY = 16 << 20 };

static struct arena arena;
static struct app app;
static const struct route *lists[LISTS_MAX];
static size_t list_count;

static void setup(void) {
    if (app.keys) return;
    arena_init(&arena, MEMORY);
    app.keys = keys_of_this_run();
    for (int entry = 0; entry < ENTRY__MAX; entry++) {
        size_t n;
        const struct route *routes = routes_of_entry(entry, &n);
        for (size_t i = 0; i < n; i++) {
            const struct schema *s = routes[i].query_schema;
            for (size_t k = 0; s && k < s->count; k++)
                if (strcmp(s->fields[k].name, "cursor") == 0 && list_count < LISTS_MAX)
                    lists[list_count++] = &routes[i];
        }
    }
    CHECK(list_count > 0);
}

static void *decode(const struct route *route, struct str query) {
    struct violations v;
    void *object = arena_alloc(&arena, route->query_schema->size);
    violations_init(&v, &arena);
    CHECK(object);
    return query_decode(query, route->query_schema, object, &v, &arena) == RC_OK ? object : NULL;
}

static bool reads(struct request *req, const char *filter, struct str text, struct cursor *out) {
    const struct list_query q = {.cursor = text};
    const struct cursor start = {.key = -1};
    enum rc rc = cursor_read(req, &q, filter, &start, out);
    CHECK(rc == RC_OK || rc == RC_CURSOR);
    return rc == RC_OK;
}

/* The cursor that a list's end gives, and its Link header. */
static struct str make(struct request *req, const char *filter, const struct cursor *next, const char **link) {
    struct response res;
    struct json_value *root;
    response_init(&res, &arena, MEMORY);
    list_begin(&res);
    CHECK(list_end(req, &res, filter, next) == RC_OK);
    CHECK(json_parse(buf_str(&res.body), 10, &root, &arena) == RC_OK);
    *link = response_find(&res, "Link");
    return json_text(json_at(root, "next_cursor", NULL));
}

/* Whoever follows the link gets the same list with the new cursor. */
static void check_link(const struct request *req, const void *object, const char *link, struct str cursor) {
    static const char tail[] = ">; rel=\"next\"";
    CHECK(link);
    struct str text = str_of(link);
    CHECK(text.n > req->path.n + sizeof tail && text.p[0] == '<' &&
          strchr(text.p, '>') == text.p + text.n - strlen(tail));
    CHECK(strcmp(text.p + text.n - strlen(tail), tail) == 0);
    text = (struct str){text.p + 1, text.n - 1 - strlen(tail)};
    CHECK(memcmp(text.p, req->path.p, req->path.n) == 0 && text.p[req->path.n] == '?');
    struct str query = {text.p + req->path.n + 1, text.n - req->path.n - 1};
    struct list_query *again = decode(req->route, query), *first = arena_alloc(&arena, req->route->query_schema->size);
    CHECK(again && first && str_eq(again->cursor, cursor));
    /* Apart from the cursor the two queries say the same. */
    memcpy(first, object, req->route->query_schema->size);
    uint64_t bit = 0;
    for (size_t i = 0; i < req->route->query_schema->count; i++)
        if (strcmp(req->route->query_schema->fields[i].name, "cursor") == 0) bit = UINT64_C(1) << i;
    first->seen |= bit;
    first->cursor = cursor;
    CHECK(object_same(req->route->query_schema, first, again));
}

static bool same(const struct cursor *a, const struct cursor *b) {
    return a->key == b->key && memcmp(a->id, b->id, 16) == 0;
}

/* The same text elsewhere: for somebody else, in another list, under another filter. */
static void check_bound(struct request *req, const char *filter, struct str text) {
    const struct principal *mine = req->principal;
    const struct route *route = req->route;
    struct principal other = *mine;
    struct cursor out;
    other.asker.id[15] ^= 1;
    req->principal = &other;
    CHECK(!reads(req, filter, text, &out));
    req->principal = mine;
    CHECK(!reads(req, arena_printf(&arena, "%s.", filter), text, &out));
    for (size_t i = 0; i < list_count; i++) {
        req->route = lists[i];
        CHECK(reads(req, filter, text, &out) == (lists[i] == route));
    }
    req->route = route;
}

static void check_changed(struct request *req, const char *filter, struct str text, uint8_t where, uint8_t how) {
    struct cursor out;
    char *changed = arena_dup(&arena, text);
    CHECK(changed);
    size_t at = where % text.n;
    changed[at] = (char)(changed[at] ^ how);
    CHECK(reads(req, filter, (struct str){changed, text.n}, &out) == (how == 0));
    CHECK(!reads(req, filter, (struct str){text.p, at}, &out));
    changed = arena_printf(&arena, "%.*s%c", (int)text.n, text.p, 'A' + how % 26);
    CHECK(!reads(req, filter, str_of(changed), &out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD) return 0;
    setup();
    struct principal principal = {.asker.kind = ACTOR_RESIDENT};
    const struct route *route = lists[data[0] % list_count];
    struct request req = {.arena = &arena,
                          .app = &app,
                          .principal = &principal,
                          .route = route,
                          .path = str_of(route->path),
                          .query = {(const char *)data + HEAD, size - HEAD}};
    struct cursor next, out;
    const char *link, *filter;
    for (int i = 0; i < 8; i++) next.key = (int64_t)((uint64_t)(i ? next.key : 0) << 8 | data[3 + i]);
    memcpy(next.id, data + 11, 16);
    memcpy(principal.asker.id, data + 3, 16);
    const struct list_query *object = req.query.n <= 2048 ? decode(route, req.query) : NULL;
    if (object && object->cursor.p) CHECK(!reads(&req, "", object->cursor, &out));
    if (!object) {
        req.query = (struct str){"box=mine", 8};
        object = decode(route, req.query);
    }
    if (!object) {
        req.query = (struct str){"", 0};
        object = decode(route, req.query);
    }
    CHECK(object && !reads(&req, "", req.query, &out));
    filter = arena_printf(&arena, "%d", data[0]);
    struct str text = make(&req, filter, &next, &link);
    CHECK(text.p && text.n <= CURSOR_TEXT_MAX);
    CHECK(reads(&req, filter, text, &out) && same(&out, &next));
    check_link(&req, object, link, text);
    check_bound(&req, filter, text);
    check_changed(&req, filter, text, data[1], data[2]);
    arena_reset(&arena);
    return 0;
}
