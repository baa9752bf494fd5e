/* Request lines against the real route tables: "GET /zlb/v1/appeals?limit=5". What comes before the first space is the method. */
#include "acts/settings.h"
#include "base/encode.h"
#include "fuzz.h"
#include "object.h"
#include "query.h"
#include "request_decode.h"
#include "router.h"
#include "routes.h"

enum { MEMORY = 16 << 20 };

static struct arena arena;
static struct router *routers[ENTRY__MAX];

static void setup(void) {
    char error[200];
    size_t n;
    if (routers[0]) return;
    arena_init(&arena, MEMORY);
    for (int entry = 0; entry < ENTRY__MAX; entry++) {
        const struct route *routes = routes_of_entry(entry, &n);
        routers[entry] = router_make(routes, n, error, sizeof error);
        CHECK(routers[entry]);
    }
}

/* ---- the head ---- */

static bool inside(struct str part, struct str whole) {
    return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

/* No empty segment, no dots, no character that could be written in two ways. */
static bool is_canonical(struct str path) {
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
    if (path.n == 0 || path.p[0] != '/') return false;
    if (path.n > 1 && path.p[path.n - 1] == '/') return false;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '\0' || !strchr(good, path.p[i])) return false;
    /* With a slash behind it, every segment stands between two. */
    const char *text = arena_printf(&arena, "%.*s/", (int)path.n, path.p);
    return path.n == 1 || (text && !strstr(text, "//") && !strstr(text, "/./") && !strstr(text, "/../"));
}

static enum rc decode_head(struct request *req, struct exchange *x, struct str method, struct str uri) {
    static struct address_list nobody;
    struct fcgi_param *params = arena_array(&arena, 2, sizeof *params);
    CHECK(params);
    params[0] = (struct fcgi_param){STR("REQUEST_METHOD"), method};
    params[1] = (struct fcgi_param){STR("REQUEST_URI"), uri};
    *x = (struct exchange){.arena = &arena, .params = params, .param_count = 2};
    *req = (struct request){.arena = &arena};
    enum rc rc = request_decode(req, x, &nobody);
    CHECK(rc == RC_OK || rc == RC_BAD_PATH || rc == RC_URI_TOO_LONG);
    CHECK(inside(req->path, uri) && inside(req->query, uri));
    if (rc != RC_OK) return rc;
    CHECK(req->path.n <= PATH_MAX_BYTES && req->query.n <= QUERY_MAX_BYTES && is_canonical(req->path));
    /* Blanks around a value mean nothing. */
    while (method.n && method.p[0] == '\t') method = (struct str){method.p + 1, method.n - 1};
    while (method.n && method.p[method.n - 1] == '\t') method.n--;
    CHECK(req->method == (str_is(method, "GET") ? M_GET : str_is(method, "POST") ? M_POST : M__MAX));
    return rc;
}

/* ---- the route ---- */

/* Does the path belong to the template? One segment after the other, the plain way. */
static bool belongs(struct str path, const char *template) {
    const char *p = path.p, *end = path.p + path.n;
    while (p < end && *template) {
        if (*template == '{') {
            const char *start = p;
            while (p < end && *p != '/') p++;
            if (p == start) return false;
            template = strchr(template, '}') + 1;
        } else if (*p++ != *template ++) {
            return false;
        }
    }
    return p == end && !*template;
}

static void check_path_object(const struct route *route, const struct path_args *args) {
    struct violations v;
    bool absent = false;
    if (!route->path_schema) {
        CHECK(args->n == 0);
        return;
    }
    void *object = arena_alloc(&arena, route->path_schema->size);
    violations_init(&v, &arena);
    CHECK(object && args->n == route->path_schema->count);
    router_decode(route, args, object, &absent, &v, &arena);
    violations_check(&v);
    if (v.count == 0 && !absent) object_check(route->path_schema, object);
}

static void check_query_object(const struct route *route, struct str query) {
    const struct schema *s = route->query_schema;
    struct violations v;
    struct buf out;
    void *object = s ? arena_alloc(&arena, s->size) : NULL, *again = s ? arena_alloc(&arena, s->size) : NULL;
    violations_init(&v, &arena);
    enum rc rc = query_decode(query, s, object, &v, &arena);
    violations_check(&v);
    CHECK(rc == RC_OK || rc == RC_INVALID);
    CHECK((rc == RC_OK) == (v.count == 0));
    if (rc != RC_OK || !s) return;
    object_check(s, object);
    buf_init(&out, &arena, MEMORY);
    object_write_query(s, object, &out);
    CHECK(query_decode(buf_str(&out), s, again, &v, &arena) == RC_OK);
    CHECK(object_same(s, object, again));
}

static void check_entry(int entry, const struct request *req) {
    struct router_match match;
    size_t n;
    bool any = false;
    const struct route *routes = routes_of_entry(entry, &n);
    router_find(routers[entry], req->method, req->path, &match);
    for (size_t i = 0; i < n; i++) any = any || belongs(req->path, routes[i].path);
    CHECK(any == (match.methods != 0));
    CHECK(match.index < 0 ? !(match.methods >> req->method & 1u) : (match.methods >> req->method & 1u) != 0);
    if (match.index < 0) return;
    const struct route *route = &routes[match.index];
    struct path_args args;
    CHECK(route->method == req->method && belongs(req->path, route->path));
    CHECK(router_operation(routers[entry], str_of(route->operation)) == match.index);
    CHECK(router_split(route, req->path, &args) && args.n == match.args.n);
    for (size_t i = 0; i < args.n; i++) CHECK(str_eq(args.values[i], match.args.values[i]) && args.values[i].n > 0);
    check_path_object(route, &args);
    check_query_object(route, req->query);
}

/* ---- percent-encoding ---- */

static void check_percent(struct str text) {
    struct buf out;
    buf_init(&out, &arena, MEMORY);
    CHECK(percent_encode(&out, text));
    struct str back, decoded;
    char *room = arena_alloc(&arena, out.n);
    CHECK(room && percent_decode(buf_str(&out), true, room, &back) && str_eq(back, text));
    CHECK(!percent_decode(text, false, room, &decoded) || decoded.n <= text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    setup();
    struct str line = {(const char *)data, size}, uri = {"", 0};
    const char *space = size ? memchr(data, ' ', size) : NULL;
    if (space) {
        line.n = (size_t)(space - line.p);
        uri = (struct str){space + 1, size - line.n - 1};
    }
    struct request req;
    struct exchange x;
    check_percent(uri);
    if (decode_head(&req, &x, line, uri) == RC_OK)
        for (int entry = 0; entry < ENTRY__MAX; entry++) check_entry(entry, &req);
    arena_reset(&arena);
    return 0;
}
