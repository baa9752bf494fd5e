/* POST …/call/{operation}: one generic adapter that turns an envelope into the request it describes, and the answer
 * into one. */
#include "byname.h"

#include <stddef.h>
#include <stdio.h>

#include "base/encode.h"
#include "base/json_read.h"
#include "request_decode.h"
#include "response.h"
#include "router.h"

enum { BODY_TEXT_MAX = 7 * 1024 * 1024, ENVELOPE_ROOM = 8 * 1024 };

struct byname_path {
    uint64_t seen;
    struct str operation;
};

enum { E_TOKEN, E_KEY, E_VERSION, E_IF_NONE_MATCH, E_LANGUAGE, E_PATH, E_QUERY, E_BODY, E_BODY_BASE64, E_CONTENT_TYPE };

struct byname_body {
    uint64_t seen;
    struct str token, idempotency_key;
    int64_t version;
    struct str if_none_match;
    int language;
    struct str path, query, body, body_base64, content_type;
};

static const char *const languages[] = {"zh", "en", NULL};

static const struct field path_fields[] = {
    {.name = "operation",
     .type = F_TEXT,
     .offset = offsetof(struct byname_path, operation),
     .required = true,
     .min = 1,
     .max = 64},
};
const struct schema byname_path_schema = {"CallPath", sizeof(struct byname_path), path_fields, 1};

#define ENVELOPE(member, kind, low, high) \
    .name = #member, .type = kind, .offset = offsetof(struct byname_body, member), .min = low, .max = high
static const struct field body_fields[] = {
    [E_TOKEN] = {ENVELOPE(token, F_TEXT, 1, TOKEN_MAX_BYTES)},
    [E_KEY] = {ENVELOPE(idempotency_key, F_TEXT, 1, KEY_MAX_BYTES + 2)},
    [E_VERSION] = {ENVELOPE(version, F_INT, 0, INT64_C(9007199254740991))},
    [E_IF_NONE_MATCH] = {ENVELOPE(if_none_match, F_TEXT, 1, 512)},
    [E_LANGUAGE] = {ENVELOPE(language, F_ENUM, 0, 0), .names = languages},
    [E_PATH] = {ENVELOPE(path, F_RAW, 0, 0)},
    [E_QUERY] = {ENVELOPE(query, F_RAW, 0, 0)},
    [E_BODY] = {ENVELOPE(body, F_RAW, 0, 0)},
    [E_BODY_BASE64] = {ENVELOPE(body_base64, F_TEXT, 0, BODY_TEXT_MAX)},
    [E_CONTENT_TYPE] = {ENVELOPE(content_type, F_TEXT, 1, 128)},
};
const struct schema byname_body_schema = {"Call", sizeof(struct byname_body), body_fields,
                                          sizeof body_fields / sizeof *body_fields};

/* ---- path and query ---- */

/* Can this value stand in a path as one segment? */
static bool is_segment(struct str value) {
    bool good = value.n > 0 && value.n <= PATH_MAX_BYTES && !str_is(value, ".") && !str_is(value, "..");
    for (size_t i = 0; good && i < value.n; i++) good = path_char(value.p[i]);
    return good;
}

static void add_at(struct request *req, const char *prefix, struct str name, enum violation_code code) {
    const char *pointer = arena_printf(req->arena, "%s/%.*s", prefix, (int)(name.n > 64 ? 64 : name.n), name.p);
    violations_add(&req->violations, pointer ? pointer : prefix, code, 0);
}

static enum rc fits(const struct buf *b) { return b->starved ? RC_INTERNAL : b->failed ? RC_URI_TOO_LONG : RC_OK; }

static const struct json_pair *pair_of(const struct json_pair *pairs, size_t n, struct str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(pairs[i].key, name)) return &pairs[i];
    return NULL;
}

static bool template_names(const struct route *route, struct str name) {
    struct str rest = str_of(route->path), segment;
    while (path_next(&rest, &segment)) {
        struct str named = path_name(segment);
        if (named.p && str_eq(named, name)) return true;
    }
    return false;
}

static void write_segment(struct request *req, struct str segment, const struct json_pair *pairs, size_t n,
                          struct buf *out) {
    struct str name = path_name(segment), value = segment;
    if (name.p) {
        const struct json_pair *pair = pair_of(pairs, n, name);
        if (!pair || !is_segment(pair->value)) {
            add_at(req, "/path", name, pair ? V_FORMAT : V_REQUIRED);
            return;
        }
        value = pair->value;
    }
    buf_add_char(out, '/');
    buf_add_str(out, value);
}

/* The template with the envelope's values in its braces. Violations belong to the envelope. */
static enum rc build_path(struct request *req, const struct byname_body *in, const struct route *route,
                          struct str *path) {
    struct json_pair *pairs = NULL;
    size_t n = 0;
    enum rc rc = in->path.p ? json_read_pairs(in->path, "/path", &pairs, &n, &req->violations, req->arena) : RC_OK;
    if (rc != RC_OK) return rc;
    struct buf out;
    buf_init(&out, req->arena, ENVELOPE_ROOM);
    struct str rest = str_of(route->path), segment;
    while (path_next(&rest, &segment)) write_segment(req, segment, pairs, n, &out);
    for (size_t i = 0; i < n; i++)
        if (!template_names(route, pairs[i].key)) add_at(req, "/path", pairs[i].key, V_UNKNOWN);
    *path = buf_str(&out);
    return fits(&out);
}

static enum rc build_query(struct request *req, const struct byname_body *in, struct str *query) {
    struct json_pair *pairs = NULL;
    size_t n = 0;
    enum rc rc = in->query.p ? json_read_pairs(in->query, "/query", &pairs, &n, &req->violations, req->arena) : RC_OK;
    struct buf out;
    buf_init(&out, req->arena, ENVELOPE_ROOM);
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_char(&out, '&');
        percent_encode(&out, pairs[i].key);
        buf_add_char(&out, '=');
        percent_encode(&out, pairs[i].value);
    }
    *query = buf_str(&out);
    return rc != RC_OK ? rc : fits(&out);
}

/* ---- body and head ---- */

static enum rc decode_binary(struct request *req, const struct byname_body *in, struct request *inner) {
    if (!FIELD_SEEN(in, E_BODY_BASE64)) {
        violations_add(&req->violations, "/body_base64", V_REQUIRED, 0);
        return RC_OK;
    }
    size_t cap = in->body_base64.n / 4 * 3 + 3, n = 0;
    uint8_t *bytes = arena_alloc(req->arena, cap);
    if (!bytes) return RC_UNAVAILABLE;
    if (!base64_decode(in->body_base64, bytes, cap, &n)) violations_add(&req->violations, "/body_base64", V_FORMAT, 0);
    inner->body = (struct str){(const char *)bytes, n};
    inner->content_type = in->content_type;
    return RC_OK;
}

static bool is_empty_object(struct str s) {
    size_t braces = 0;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '{' || s.p[i] == '}') braces++;
        else if (!memchr(" \t\r\n", s.p[i], 4)) return false;
    return braces == 2;
}

static enum rc build_body(struct request *req, const struct byname_body *in, const struct route *route,
                          struct request *inner) {
    bool binary = route->body == BODY_BINARY;
    if (!binary && FIELD_SEEN(in, E_BODY_BASE64)) violations_add(&req->violations, "/body_base64", V_UNKNOWN, 0);
    if (binary && FIELD_SEEN(in, E_BODY)) violations_add(&req->violations, "/body", V_UNKNOWN, 0);
    inner->body = STR("");
    inner->content_type = STR("application/json");
    enum rc rc = RC_OK;
    if (binary) rc = decode_binary(req, in, inner);
    else if (route->body == BODY_JSON) inner->body = FIELD_SEEN(in, E_BODY) ? in->body : STR("{}");
    else if (FIELD_SEEN(in, E_BODY) && !is_empty_object(in->body))
        violations_add(&req->violations, "/body", V_UNKNOWN, 0);
    inner->body_ready = inner->has_length = true;
    inner->length = inner->body.n;
    return rc;
}

/* The same thing in a header and in the envelope is refused: which of the two was meant nobody can know. */
static enum rc check_twice(struct request *req, const struct byname_body *in) {
    bool twice = (FIELD_SEEN(in, E_TOKEN) && req->has_authorization) ||
                 (FIELD_SEEN(in, E_KEY) && req->idempotency_key.p) || (FIELD_SEEN(in, E_VERSION) && req->has_version) ||
                 (FIELD_SEEN(in, E_IF_NONE_MATCH) && req->if_none_match.p);
    if (!twice) return RC_OK;
    return fail(
        req, RC_BAD_REQUEST, "令牌、幂等键、版本号和 if_none_match 请只在请求头或请求体之一中给出。",
        "Give token, idempotency key, version and if_none_match either in a header or in the envelope, not in both.");
}

static void build_head(struct request *req, const struct byname_body *in, struct request *inner) {
    if (FIELD_SEEN(in, E_TOKEN)) {
        inner->has_authorization = true;
        inner->bearer = in->token;
    }
    if (FIELD_SEEN(in, E_KEY)) {
        inner->idempotency_key = idempotency_key_of(in->idempotency_key);
        if (!inner->idempotency_key.p)
            violations_add_text(&req->violations, "/idempotency_key", "须为 1–255 个可见 ASCII 字符（不含逗号）。",
                                "Give 1 to 255 visible ASCII characters without a comma.");
    }
    if (FIELD_SEEN(in, E_VERSION)) {
        inner->has_version = true;
        inner->version = in->version;
    }
    if (FIELD_SEEN(in, E_LANGUAGE)) inner->english = in->language == 1;
    if (!FIELD_SEEN(in, E_IF_NONE_MATCH)) return;
    inner->if_none_match = in->if_none_match;
    if (!memchr(in->if_none_match.p, '"', in->if_none_match.n) && !str_is(in->if_none_match, "*")) {
        const char *quoted = arena_printf(req->arena, "\"%.*s\"", (int)in->if_none_match.n, in->if_none_match.p);
        inner->if_none_match = str_of(quoted);
    }
}

/* The inner request: who, when and from where as outside; everything else from the envelope. */
static struct request *inner_of(struct request *req, const struct route *route) {
    struct request *inner = ARENA_NEW(req->arena, struct request);
    if (!inner) return NULL;
    *inner = *req;
    inner->route = route;
    inner->method = route->method;
    inner->path_in = inner->query_in = inner->body_in = inner->principal = NULL;
    inner->detail_zh = inner->detail_en = NULL;
    inner->problem_extra = (struct str){NULL, 0};
    return inner;
}

static enum rc build(struct request *req, const struct route *route, struct request *inner) {
    const struct byname_body *in = req->body_in;
    enum rc rc = check_twice(req, in);
    if (rc != RC_OK) return rc;
    build_head(req, in, inner);
    enum rc path = build_path(req, in, route, &inner->path), query = build_query(req, in, &inner->query);
    enum rc body = build_body(req, in, route, inner);
    inner->uri = inner->path;
    const enum rc results[] = {path, query, body};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] != RC_OK && results[i] != RC_INVALID) return results[i];
    if (req->violations.count > 0) return RC_INVALID;
    bool without = !inner->has_authorization && !(route->flags & ROUTE_NO_TOKEN);
    return without ? fail(req, RC_NO_TOKEN, "请在 token 中给出访问令牌。", "Give your access token as token.") : RC_OK;
}

enum rc byname_call(struct request *req, struct response *res) {
    const struct byname_path *path = req->path_in;
    const struct route *route = dispatcher_operation(req->dispatcher, path->operation);
    if (!route || byname_is(route))
        return fail(req, RC_NOT_FOUND, "没有这个操作，请检查操作名。", "There is no such operation; check its name.");
    const struct byname_body *in = req->body_in;
    if (FIELD_SEEN(in, E_LANGUAGE)) req->english = in->language == 1;
    struct request *inner = inner_of(req, route);
    if (!inner) return RC_UNAVAILABLE;
    enum rc rc = build(req, route, inner);
    if (rc == RC_OK) dispatch_request(req->dispatcher, inner, res, req->outcome);
    return rc;
}

/* ---- the answer ---- */

/* "Idempotent-Replayed" as "idempotent_replayed". */
static const char *member_name(struct arena *a, const char *header) {
    char *name = arena_dup(a, str_of(header));
    for (char *p = name; p && *p; p++) *p = *p == '-' ? '_' : (char)(*p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    return name;
}

static void write_headers(const struct request *req, const struct response *res, struct json_out *w) {
    jw_key(w, "headers");
    jw_begin_object(w);
    jw_key_z(w, "request_id", req->request_id);
    if (!res->no_body)
        jw_key_z(w, "content_type", res->content_type ? res->content_type : "application/json; charset=utf-8");
    if (res->has_etag) {
        char etag[sizeof res->etag + 8];
        snprintf(etag, sizeof etag, "%s\"%s\"", res->weak_list ? "W/" : "", res->etag);
        jw_key_z(w, "etag", etag);
    }
    if (res->location) jw_key_z(w, "location", res->location);
    if (res->retry_after > 0) jw_key_int(w, "retry_after", res->retry_after);
    for (int i = 0; i < res->header_count; i++) {
        const char *name = member_name(req->arena, res->headers[i].name);
        if (name) jw_key_z(w, name, res->headers[i].value);
        else w->buf->failed = true;
    }
    jw_end_object(w);
}

static bool is_json(const char *type) {
    return !type || str_starts(str_of(type), "application/json") ||
           str_starts(str_of(type), "application/problem+json");
}

static void write_body(const struct request *req, const struct response *res, struct json_out *w) {
    struct str body = buf_str(&res->body);
    if (res->no_body || body.n == 0) {
        jw_key(w, "body");
        jw_null(w);
        return;
    }
    if (is_json(res->content_type)) {
        jw_key(w, "body");
        jw_raw(w, body);
        return;
    }
    char *text = arena_alloc(req->arena, 4 * ((body.n + 2) / 3) + 1);
    if (!text) {
        w->buf->failed = true;
        return;
    }
    size_t n = base64_encode((const uint8_t *)body.p, body.n, text);
    jw_key_str(w, "body_base64", (struct str){text, n});
}

void byname_wrap(struct request *req, struct response *res) {
    if (response_find(res, "X-Accel-Redirect") || res->body.failed)
        return; /* nginx sends the file itself; there is nothing to wrap */
    struct buf out;
    struct json_out w;
    buf_init(&out, req->arena, res->body.n * 2 + ENVELOPE_ROOM);
    jw_init(&w, &out);
    jw_begin_object(&w);
    jw_key_int(&w, "status", res->status);
    write_headers(req, res, &w);
    write_body(req, res, &w);
    jw_end_object(&w);
    /* 204 and 304 have no body, so that the envelope could not travel under them. */
    bool bodiless = res->status == 204 || res->status == 304;
    if (out.failed) {
        problem_render(req, res, RC_INTERNAL);
        return;
    }
    if (bodiless || dispatcher_config(req->dispatcher)->gateway_flatten) res->status = 200;
    res->body = out;
    res->json = (struct json_out){.buf = &res->body};
    res->content_type = NULL;
    res->no_body = res->has_etag = false;
    res->location = NULL;
}
