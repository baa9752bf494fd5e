/* The index: one hash table from (node, literal segment) to node, and in each node at most one child for a name in
 * braces. Matching costs one look-up a segment, however many routes there are. */
#include "router.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/uuid.h"
#include "shared.h"

struct node {
    int any;           /* the child for a name in braces; 0: none (the root is nobody's child) */
    int route[M__MAX]; /* index + 1; 0: none */
};

struct edge {
    int from, to; /* to 0: an empty slot */
    struct str segment;
};

struct router {
    const struct route *routes;
    size_t count;
    struct node *nodes;
    size_t node_count;
    struct edge *edges; /* open addressing; edge_mask + 1 is a power of two and at least twice what is used */
    size_t edge_mask;
    int *by_operation; /* route indexes, sorted by operation */
};

bool path_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

bool path_next(struct str *rest, struct str *segment) {
    if (rest->n == 0) return false;
    const char *start = rest->p + 1;
    size_t left = rest->n - 1;
    const char *slash = left ? memchr(start, '/', left) : NULL;
    *segment = (struct str){start, slash ? (size_t)(slash - start) : left};
    *rest = (struct str){start + segment->n, left - segment->n};
    return true;
}

struct str path_name(struct str segment) {
    if (segment.n < 3 || segment.p[0] != '{' || segment.p[segment.n - 1] != '}') return (struct str){NULL, 0};
    return (struct str){segment.p + 1, segment.n - 2};
}

/* ---- soundness of a table ---- */

struct check {
    char *error;
    size_t size;
};

static bool __attribute__((format(printf, 3, 4)))
unsound(struct check *c, const struct route *route, const char *format, ...) {
    char what[160];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    snprintf(c->error, c->size, "route %s: %s", route->operation ? route->operation : "(unnamed)", what);
    return false;
}

static bool check_schema(struct check *c, const struct route *route, const struct schema *s, bool from_text) {
    if (!s) return true;
    if (s->count > 64 || s->size < sizeof(uint64_t))
        return unsound(c, route, "schema %s is too small or has more than 64 fields", s->name);
    for (size_t i = 0; from_text && i < s->count; i++)
        if (s->fields[i].type == F_RAW || s->fields[i].type == F_UUIDS || s->fields[i].type == F_OBJECTS)
            return unsound(c, route, "field %s can not be given as text", s->fields[i].name);
    return true;
}

static int field_of(const struct schema *s, struct str name) {
    for (size_t i = 0; s && i < s->count; i++)
        if (str_is(name, s->fields[i].name)) return (int)i;
    return -1;
}

static bool check_segment(struct check *c, const struct route *route, struct str segment, uint64_t *named) {
    struct str name = path_name(segment);
    if (name.p) {
        int field = field_of(route->path_schema, name);
        if (field < 0 || *named >> field & 1u)
            return unsound(c, route, "{%.*s} is no field of the path schema, or stands twice", (int)name.n, name.p);
        *named |= UINT64_C(1) << field;
        return true;
    }
    bool good = segment.n > 0 && !str_is(segment, ".") && !str_is(segment, "..");
    for (size_t i = 0; i < segment.n; i++) good = good && path_char(segment.p[i]);
    return good || unsound(c, route, "segment '%.*s' is not canonical", (int)segment.n, segment.p);
}

static bool check_path(struct check *c, const struct route *route) {
    struct str rest = str_of(route->path), segment;
    uint64_t named = 0;
    int segments = 0, names = 0;
    if (rest.n < 2 || rest.p[0] != '/') return unsound(c, route, "path does not start with '/'");
    while (path_next(&rest, &segment)) {
        if (!check_segment(c, route, segment, &named)) return false;
        segments++;
        names += path_name(segment).p != NULL;
    }
    if (segments > PATH_SEGMENTS_MAX || names > PATH_ARGS_MAX)
        return unsound(c, route, "path has too many segments or names");
    if (route->path_schema && (size_t)names != route->path_schema->count)
        return unsound(c, route, "the path schema has fields that the path does not name");
    return true;
}

static bool check_route(struct check *c, const struct route *route) {
    if (!route->operation || !route->operation[0] || !route->path || !route->handler)
        return unsound(c, route, "operation, path and handler are required");
    if (route->method != M_GET && route->method != M_POST) return unsound(c, route, "method is neither GET nor POST");
    if (route->method == M_GET && route->body != BODY_NONE) return unsound(c, route, "GET takes no body");
    if (route->body != BODY_NONE && route->body_max == 0) return unsound(c, route, "body_max is 0");
    if (route->body_schema && route->body != BODY_JSON) return unsound(c, route, "a body schema needs BODY_JSON");
    return check_schema(c, route, route->path_schema, true) && check_schema(c, route, route->query_schema, true) &&
           check_schema(c, route, route->body_schema, false) && check_path(c, route);
}

/* ---- building ---- */

static size_t edge_slot(const struct router *r, int from, struct str segment) {
    uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)from; /* FNV-1a */
    for (size_t i = 0; i < segment.n; i++) hash = (hash ^ (unsigned char)segment.p[i]) * UINT64_C(1099511628211);
    size_t at = (size_t)(hash ^ hash >> 32) & r->edge_mask;
    while (r->edges[at].to && !(r->edges[at].from == from && str_eq(r->edges[at].segment, segment)))
        at = (at + 1) & r->edge_mask;
    return at;
}

static int new_node(struct router *r) { return (int)r->node_count++; }

static bool add_route(struct router *r, struct check *c, size_t index) {
    const struct route *route = &r->routes[index];
    struct str rest = str_of(route->path), segment;
    int at = 0;
    while (path_next(&rest, &segment)) {
        if (path_name(segment).p) {
            if (!r->nodes[at].any) r->nodes[at].any = new_node(r);
            at = r->nodes[at].any;
            continue;
        }
        struct edge *edge = &r->edges[edge_slot(r, at, segment)];
        if (!edge->to) *edge = (struct edge){at, new_node(r), segment};
        at = edge->to;
    }
    int *slot = &r->nodes[at].route[route->method];
    if (*slot) return unsound(c, route, "same method and path as %s", r->routes[*slot - 1].operation);
    *slot = (int)index + 1;
    return true;
}

static int compare_operations(const void *a, const void *b, void *arg) {
    const struct router *r = arg;
    return strcmp(r->routes[*(const int *)a].operation, r->routes[*(const int *)b].operation);
}

static bool index_operations(struct router *r, struct check *c) {
    for (size_t i = 0; i < r->count; i++) r->by_operation[i] = (int)i;
    qsort_r(r->by_operation, r->count, sizeof *r->by_operation, compare_operations, r);
    for (size_t i = 1; i < r->count; i++)
        if (compare_operations(&r->by_operation[i - 1], &r->by_operation[i], r) == 0)
            return unsound(c, &r->routes[r->by_operation[i]], "another route has this operation too");
    return true;
}

static bool make_room(struct router *r) {
    size_t segments = 1, edges = 16;
    for (size_t i = 0; i < r->count; i++)
        for (const char *p = r->routes[i].path; *p; p++) segments += *p == '/';
    while (edges < 2 * segments) edges *= 2;
    r->edge_mask = edges - 1;
    r->edges = calloc(edges, sizeof *r->edges);
    r->nodes = calloc(segments, sizeof *r->nodes);
    r->by_operation = calloc(r->count + 1, sizeof *r->by_operation);
    r->node_count = 1;
    return r->edges && r->nodes && r->by_operation;
}

struct router *router_make(const struct route *routes, size_t n, char *error, size_t error_size) {
    struct check c = {error, error_size};
    snprintf(error, error_size, "memory is used up");
    struct router *r = calloc(1, sizeof *r);
    if (!r) return NULL;
    r->routes = routes;
    r->count = n;
    bool good = n <= ROUTES_MAX;
    if (!good) snprintf(error, error_size, "more than %d routes", ROUTES_MAX);
    for (size_t i = 0; good && i < n; i++) good = check_route(&c, &routes[i]);
    good = good && make_room(r);
    for (size_t i = 0; good && i < n; i++) good = add_route(r, &c, i);
    if (good && index_operations(r, &c)) return r;
    router_free(r);
    return NULL;
}

void router_free(struct router *r) {
    if (!r) return;
    free(r->edges);
    free(r->nodes);
    free(r->by_operation);
    free(r);
}

/* ---- matching ---- */

static int find_node(const struct router *r, int at, struct str rest, struct path_args *args) {
    struct str segment;
    if (!path_next(&rest, &segment)) {
        for (int m = 0; m < M__MAX; m++)
            if (r->nodes[at].route[m]) return at;
        return -1;
    }
    int literal = r->edges[edge_slot(r, at, segment)].to;
    int found = literal ? find_node(r, literal, rest, args) : -1;
    if (found >= 0 || !r->nodes[at].any || segment.n == 0 || args->n == PATH_ARGS_MAX) return found;
    args->values[args->n++] = segment;
    found = find_node(r, r->nodes[at].any, rest, args);
    if (found < 0) args->n--;
    return found;
}

void router_find(const struct router *r, enum http_method method, struct str path, struct router_match *match) {
    *match = (struct router_match){.index = -1};
    int node = path.n && path.p[0] == '/' ? find_node(r, 0, path, &match->args) : -1;
    for (int m = 0; node >= 0 && m < M__MAX; m++)
        if (r->nodes[node].route[m]) {
            match->methods |= 1u << m;
            if (m == (int)method) match->index = r->nodes[node].route[m] - 1;
        }
}

int router_operation(const struct router *r, struct str operation) {
    size_t low = 0, high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct str name = str_of(r->routes[r->by_operation[middle]].operation);
        size_t n = name.n < operation.n ? name.n : operation.n;
        int order = n ? memcmp(operation.p, name.p, n) : 0;
        if (order == 0 && operation.n == name.n) return r->by_operation[middle];
        if (order < 0 || (order == 0 && operation.n < name.n)) high = middle;
        else low = middle + 1;
    }
    return -1;
}

bool router_split(const struct route *route, struct str path, struct path_args *args) {
    struct str template = str_of(route->path), wanted, segment;
    args->n = 0;
    while (path_next(&template, &wanted)) {
        if (!path_next(&path, &segment)) return false;
        if (!path_name(wanted).p && !str_eq(wanted, segment)) return false;
        if (path_name(wanted).p) args->values[args->n++] = segment;
    }
    return path.n == 0;
}

void router_decode(const struct route *route, const struct path_args *args, void *object, bool *absent,
                   struct violations *v, struct arena *a) {
    struct str template = str_of(route->path), segment;
    uint64_t seen = 0;
    size_t next = 0;
    while (path_next(&template, &segment)) {
        struct str name = path_name(segment);
        int index = name.p ? field_of(route->path_schema, name) : -1;
        if (index < 0 || next == args->n) continue;
        const struct field *field = &route->path_schema->fields[index];
        struct str value = args->values[next++];
        uint8_t id[16];
        if (field->type == F_UUID && !uuid_parse(value, id)) {
            *absent = true;
            continue;
        }
        const char *pointer = arena_printf(a, "{%s}", field->name);
        if (field_from_text(field, value, object, v, pointer ? pointer : "{}")) seen |= UINT64_C(1) << index;
    }
    memcpy(object, &seen, sizeof seen);
}
