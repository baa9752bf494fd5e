/* The order of all checks on a request, in one table, and the set-up that they work by. */
#include "dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <strings.h>

#include "address.h"
#include "base/json_read.h"
#include "base/log.h"
#include "base/utf8.h"
#include "byname.h"
#include "query.h"
#include "request_decode.h"
#include "response.h"
#include "router.h"

enum { ORIGINS_MAX = 32, ORIGIN_TEXT_MAX = 128 };

/* What a reload replaces as a whole. Old ones are kept until the end, since a thread may still read one: they are
 * small, and there is one a SIGHUP. */
struct settings {
    struct settings *older;
    struct dispatch_config config;
    struct address_list trusted;
    char origins[ORIGINS_MAX][ORIGIN_TEXT_MAX];
    size_t origin_count;
};

struct dispatcher {
    const struct server_app *app;
    struct router *router;
    struct shared *shared;
    _Atomic(struct settings *) settings;
};

/* One request on its way through the steps. */
struct call {
    const struct dispatcher *d;
    struct request *req;
    struct response *res;
    struct outcome *outcome;
    struct path_args args;
    bool absent; /* the path holds an id that can not exist */
};

static const struct settings *current(const struct dispatcher *d) {
    return atomic_load_explicit(&d->settings, memory_order_acquire);
}

const struct dispatch_config *dispatcher_config(const struct dispatcher *d) { return &current(d)->config; }

const struct route *dispatcher_operation(const struct dispatcher *d, struct str operation) {
    int index = router_operation(d->router, operation);
    return index < 0 ? NULL : &d->app->routes[index];
}

/* ---- steps: each returns RC_OK to go on ---- */

static enum rc take_route(struct call *c, int index) {
    c->req->route = &c->d->app->routes[index];
    c->outcome->operation = c->req->route->operation;
    c->outcome->route_index = index;
    return RC_OK;
}

static enum rc find_route(struct call *c) {
    struct request *req = c->req;
    if (req->route) {
        if (!router_split(req->route, req->path, &c->args)) return RC_NOT_FOUND;
        return take_route(c, (int)(req->route - c->d->app->routes));
    }
    struct router_match match;
    router_find(c->d->router, req->method, req->path, &match);
    c->args = match.args;
    if (match.index >= 0) return take_route(c, match.index);
    if (!match.methods) return RC_NOT_FOUND;
    static const char *const allow[] = {"", "GET", "POST", "GET, POST"};
    response_header(c->res, "Allow", allow[match.methods & 3u]);
    return RC_METHOD;
}

/* The media type's parameters, from their ';' on: nothing, or charset=utf-8. */
static bool is_utf8_parameter(struct str s) {
    static const char *const good[] = {"charset=utf-8", "charset=\"utf-8\"", "charset=utf8"};
    s = utf8_trim(s);
    if (s.n == 0) return true;
    if (s.p[0] != ';') return false;
    s = utf8_trim((struct str){s.p + 1, s.n - 1});
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (s.n == strlen(good[i]) && strncasecmp(s.p, good[i], s.n) == 0) return true;
    return s.n == 0;
}

static bool has_type(struct str type, const char *wanted, bool charset) {
    size_t n = strlen(wanted);
    if (!type.p || type.n < n || strncasecmp(type.p, wanted, n) != 0) return false;
    struct str rest = {type.p + n, type.n - n};
    return charset ? utf8_valid(rest) && is_utf8_parameter(rest) : rest.n == 0;
}

static enum rc check_type(struct call *c) {
    static const struct {
        enum body_kind kind;
        const char *type;
    } types[] = {{BODY_JSON, "application/json"}, {BODY_BINARY, "image/jpeg"}, {BODY_BINARY, "image/png"}};
    struct request *req = c->req;
    struct str encoding = request_header(req, "Content-Encoding");
    if (encoding.n && !str_is(encoding, "identity") && !req->body_ready)
        return fail(req, RC_MEDIA_TYPE, "不接受压缩的请求体，请去掉 Content-Encoding。",
                    "A compressed body is not taken; send it without Content-Encoding.");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].kind == req->route->body &&
            has_type(req->content_type, types[i].type, types[i].kind == BODY_JSON)) {
            req->content_type = str_of(types[i].type);
            return RC_OK;
        }
    if (req->route->body == BODY_JSON)
        return fail(req, RC_MEDIA_TYPE, "请用 Content-Type: application/json 发送（UTF-8）。",
                    "Send Content-Type: application/json, in UTF-8.");
    return fail(req, RC_MEDIA_TYPE, "请用 Content-Type: image/jpeg 或 image/png 发送。",
                "Send Content-Type: image/jpeg or image/png.");
}

static enum rc check_body(struct call *c) {
    struct request *req = c->req;
    if (req->route->body == BODY_NONE) {
        if (!req->has_length || req->length == 0) return RC_OK;
        return fail(req, RC_BAD_REQUEST, "此操作不带请求体，请去掉。", "This operation takes no body; send none.");
    }
    if (!req->has_length) return RC_LENGTH_REQUIRED;
    if (req->length > req->route->body_max) return RC_TOO_LARGE;
    return check_type(c);
}

static enum rc authenticate(struct call *c) {
    struct request *req = c->req;
    if (req->route->flags & ROUTE_NO_TOKEN) return RC_OK;
    if (!req->has_authorization) return RC_NO_TOKEN;
    if (!req->bearer.p) return RC_BAD_TOKEN;
    return c->d->app->authenticate ? c->d->app->authenticate(req) : RC_INTERNAL;
}

static enum rc authorize(struct call *c) {
    if (c->req->route->flags & ROUTE_NO_TOKEN) return RC_OK;
    return c->d->app->authorize ? c->d->app->authorize(c->req, c->res) : RC_INTERNAL;
}

static enum rc read_body(struct call *c) {
    static const enum rc results[] = {
        [BODY_READ_OK] = RC_OK,
        [BODY_READ_TOO_LARGE] = RC_TOO_LARGE,
        [BODY_READ_SHORT] = RC_BODY_INCOMPLETE,
        [BODY_READ_NO_MEMORY] = RC_UNAVAILABLE,
    };
    struct request *req = c->req;
    if (req->body_ready || req->route->body == BODY_NONE) return RC_OK;
    if (!req->exchange || !req->exchange->read_body) return RC_INTERNAL;
    enum body_result result = req->exchange->read_body(req->exchange, (size_t)req->length, req->route->body_max,
                                                       &req->body);
    req->body_ready = result == BODY_READ_OK;
    return (size_t)result < sizeof results / sizeof *results ? results[result] : RC_INTERNAL;
}

/* Zeroed room for what a schema fills; NULL, and *failed, when memory is used up. */
static void *room_for(struct call *c, const struct schema *s, bool *failed) {
    void *object = s ? arena_alloc(c->req->arena, s->size) : NULL;
    *failed = *failed || (s && !object);
    return object;
}

/* Path, query and body one after the other, whatever was found before: all that is wrong is told at once. */
static enum rc decode_input(struct call *c) {
    struct request *req = c->req;
    const struct route *route = req->route;
    bool failed = false;
    void *path = room_for(c, route->path_schema, &failed), *query = room_for(c, route->query_schema, &failed);
    void *body = room_for(c, route->body_schema, &failed);
    if (failed) return RC_UNAVAILABLE;
    if (path) router_decode(route, &c->args, path, &c->absent, &req->violations, req->arena);
    enum rc query_rc = query_decode(req->query, route->query_schema, query, &req->violations, req->arena);
    enum rc body_rc = body ? json_read(req->body, route->body_schema, body, &req->violations, req->arena) : RC_OK;
    req->path_in = path;
    req->query_in = query;
    req->body_in = body;
    if (query_rc != RC_OK && query_rc != RC_INVALID) return query_rc;
    if (body_rc != RC_OK && body_rc != RC_INVALID) return body_rc;
    return req->violations.count > 0 || query_rc != RC_OK || body_rc != RC_OK ? RC_INVALID : RC_OK;
}

static enum rc check_preconditions(struct call *c) {
    if (c->req->route->flags & ROUTE_KEY_REQUIRED && !c->req->idempotency_key.p) return RC_NO_IDEMPOTENCY_KEY;
    return c->req->route->flags & ROUTE_VERSION && !c->req->has_version ? RC_VERSION_REQUIRED : RC_OK;
}

/* An id that can not exist is answered here, so that it differs in nothing from one that does not. */
static enum rc handle(struct call *c) { return c->absent ? RC_NOT_FOUND : c->req->route->handler(c->req, c->res); }

static enum rc (*const steps[])(struct call *) = {
    find_route, check_body, authenticate, authorize, read_body, decode_input, check_preconditions, handle,
};

/* ---- the answer ---- */

static enum rc settle(struct request *req, struct response *res, enum rc rc) {
    if (rc == RC_OK && res->body.failed) {
        log_event(LOG_ERROR, "answer_too_large", "the answer of %s does not fit",
                  req->route ? req->route->operation : "none");
        rc = RC_INTERNAL;
    }
    if (rc != RC_OK) problem_render(req, res, rc);
    response_complete(req, res);
    if (rc == RC_OK && req->method == M_GET && res->status == 200 && response_not_modified(req, res)) {
        res->status = 304;
        res->no_body = true;
    }
    return rc;
}

void dispatch_request(const struct dispatcher *d, struct request *req, struct response *res, struct outcome *outcome) {
    struct call c = {.d = d, .req = req, .res = res, .outcome = outcome};
    enum rc rc = RC_OK;
    *outcome = (struct outcome){.operation = "none", .route_index = -1};
    req->dispatcher = d;
    req->outcome = outcome;
    violations_init(&req->violations, req->arena);
    response_init(res, req->arena, current(d)->config.response_max);
    for (size_t i = 0; rc == RC_OK && i < sizeof steps / sizeof *steps; i++) rc = steps[i](&c);
    bool inner_ran = rc == RC_OK && byname_is(req->route);
    rc = settle(req, res, rc);
    if (!inner_ran) { /* else the inner call has told its own */
        outcome->status = res->status;
        outcome->rc = rc;
    }
    if (byname_is(req->route)) byname_wrap(req, res);
}

/* ---- one exchange ---- */

/* A home or a phone has a whole /64 of IPv6: one bucket. */
static uint64_t address_key(struct str text) {
    struct address a;
    if (address_parse(text, &a) && !a.v4) return rate_key("a", a.bytes, 8);
    return rate_key("a", text.p, text.n);
}

static bool within_rate(const struct dispatcher *d, const struct request *req, int *reset_seconds) {
    const struct dispatch_config *config = &current(d)->config;
    if (req->from_proxy || !d->shared || config->address_per_minute <= 0) return true;
    return rate_take(d->shared, address_key(req->address), config->address_per_minute, config->address_burst,
                     req->now_us, NULL, reset_seconds);
}

static void refuse(const struct dispatcher *d, struct request *req, struct response *res, enum rc rc,
                   struct outcome *outcome) {
    violations_init(&req->violations, req->arena);
    response_init(res, req->arena, current(d)->config.response_max);
    settle(req, res, rc);
    *outcome = (struct outcome){.operation = "none", .route_index = -1, .status = res->status, .rc = rc};
}

static struct cors_answer cors_for(const struct dispatcher *d, const struct request *req) {
    const struct settings *s = current(d);
    struct cors_answer answer = {.configured = s->origin_count > 0};
    for (size_t i = 0; req->origin.p && i < s->origin_count; i++)
        if (str_is(req->origin, s->origins[i])) answer.allow_origin = req->origin;
    return answer;
}

void dispatch(const struct dispatcher *d, void *thread, struct exchange *x, struct buf *out, struct outcome *outcome) {
    struct request req = {.arena = x->arena, .thread = thread, .app = d->app->app};
    struct response res;
    int reset_seconds = 0;
    enum rc rc = request_decode(&req, x, &current(d)->trusted);
    if (d->app->request_start) d->app->request_start(thread, req.age_us);
    if (!within_rate(d, &req, &reset_seconds)) {
        refuse(d, &req, &res, RC_TOO_MANY, outcome);
        res.retry_after += reset_seconds > 0 ? reset_seconds - 1 : 0;
    } else if (rc != RC_OK) {
        refuse(d, &req, &res, rc, outcome);
    } else {
        dispatch_request(d, &req, &res, outcome);
    }
    if (outcome->status == 401 && d->shared)
        atomic_fetch_add_explicit(&d->shared->auth_failures, 1, memory_order_relaxed);
    struct cors_answer cors = cors_for(d, &req);
    if (!response_write(&req, &res, &cors, out)) {
        outcome->status = 500;
        outcome->rc = RC_INTERNAL;
    }
}

/* ---- set-up ---- */

static bool origin_is_sound(struct str s) {
    size_t scheme = str_starts(s, "https://") ? 8 : str_starts(s, "http://") ? 7 : 0;
    if (!scheme || s.n == scheme || s.n >= ORIGIN_TEXT_MAX) return false;
    for (size_t i = scheme; i < s.n; i++)
        if (!path_char(s.p[i]) && s.p[i] != ':' && s.p[i] != '[' && s.p[i] != ']') return false;
    return true;
}

static bool parse_origins(const char *text, struct settings *s) {
    static const char separators[] = ", \t\r\n";
    for (const char *p = text ? text : "";;) {
        p += strspn(p, separators);
        struct str origin = {p, strcspn(p, separators)};
        if (origin.n == 0) return true;
        if (s->origin_count == ORIGINS_MAX || !origin_is_sound(origin)) {
            log_event(LOG_ERROR, "config_refused", "cors origins: '%.*s' is no origin, or one too many",
                      (int)(origin.n > ORIGIN_TEXT_MAX ? ORIGIN_TEXT_MAX : origin.n), p);
            return false;
        }
        memcpy(s->origins[s->origin_count], origin.p, origin.n);
        s->origin_count++;
        p += origin.n;
    }
}

static struct settings *settings_make(const struct dispatch_config *config) {
    char error[160] = "";
    struct settings *s = calloc(1, sizeof *s);
    if (!s) {
        log_event(LOG_ERROR, "config_refused", "memory is used up");
        return NULL;
    }
    bool good = address_list_parse(config->trusted_proxies, &s->trusted, error, sizeof error);
    if (!good) log_event(LOG_ERROR, "config_refused", "trusted proxies: %s", error);
    if (!good || !parse_origins(config->cors_origins, s)) {
        free(s);
        return NULL;
    }
    s->config = *config;
    s->config.trusted_proxies = s->config.cors_origins = "";
    return s;
}

struct dispatcher *dispatcher_make(const struct server_app *app, const struct dispatch_config *config,
                                   struct shared *shared) {
    char error[256] = "memory is used up";
    struct dispatcher *d = calloc(1, sizeof *d);
    struct settings *s = d ? settings_make(config) : NULL;
    if (!s) {
        free(d);
        return NULL;
    }
    d->app = app;
    d->shared = shared;
    atomic_init(&d->settings, s);
    d->router = router_make(app->routes, app->route_count, error, sizeof error);
    if (d->router) return d;
    log_event(LOG_ERROR, "routes_refused", "%s", error);
    dispatcher_free(d);
    return NULL;
}

bool dispatcher_reload(struct dispatcher *d, const struct dispatch_config *config) {
    struct settings *s = settings_make(config), *old = atomic_load_explicit(&d->settings, memory_order_acquire);
    if (!s) return false;
    s->config.response_max = old->config.response_max;
    s->older = old;
    atomic_store_explicit(&d->settings, s, memory_order_release);
    return true;
}

void dispatcher_free(struct dispatcher *d) {
    if (!d) return;
    struct settings *s = atomic_load_explicit(&d->settings, memory_order_acquire);
    while (s) {
        struct settings *older = s->older;
        free(s);
        s = older;
    }
    router_free(d->router);
    free(d);
}
