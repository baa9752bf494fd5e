/* A small application and an exchange made of arrays, to drive the HTTP side without a server. */
#ifndef MINHU_HTTP_FIXTURE_H
#define MINHU_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_read.h"
#include "dispatch.h"
#include <cmocka.h>

#define THING "0191a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5b"
#define REQUEST_ID "0123456789abcdef0123456789abcdef"

struct thing_path {
    uint64_t seen;
    uint8_t thing_id[16];
};
struct list_query {
    uint64_t seen;
    struct str q;
    int64_t limit;
};
struct create_body {
    uint64_t seen;
    struct str title;
    int64_t count;
};
struct rc_query {
    uint64_t seen;
    int64_t rc;
};

static const struct field thing_path_fields[] = {
    {.name = "thing_id", .type = F_UUID, .offset = offsetof(struct thing_path, thing_id), .required = true}};
static const struct schema thing_path = {"ThingPath", sizeof(struct thing_path), thing_path_fields, 1};
static const struct field list_query_fields[] = {
    {.name = "q", .type = F_TEXT, .offset = offsetof(struct list_query, q), .min = 1, .max = 20},
    {.name = "limit", .type = F_INT, .offset = offsetof(struct list_query, limit), .min = 1, .max = 100}};
static const struct schema list_query = {"ListQuery", sizeof(struct list_query), list_query_fields, 2};
static const struct field create_body_fields[] = {
    {.name = "title",
     .type = F_TEXT,
     .offset = offsetof(struct create_body, title),
     .required = true,
     .min = 1,
     .max = 10},
    {.name = "count", .type = F_INT, .offset = offsetof(struct create_body, count), .min = 0, .max = 5}};
static const struct schema create_body = {"Create", sizeof(struct create_body), create_body_fields, 2};
static const struct field rc_query_fields[] = {
    {.name = "rc", .type = F_INT, .offset = offsetof(struct rc_query, rc), .required = true, .min = 0, .max = RC__MAX}};
static const struct schema rc_query = {"RcQuery", sizeof(struct rc_query), rc_query_fields, 1};

/* What happened, a letter each: A authenticate, Z authorize, R body read, H handler. */
static char trace[32];
static struct request seen_request; /* the last one that a handler saw */
static char seen_text[256];

static inline void note(char c) {
    size_t n = strlen(trace);
    if (n + 1 < sizeof trace) {
        trace[n] = c;
        trace[n + 1] = '\0';
    }
}

static inline enum rc h_thing(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    const struct thing_path *in = req->path_in;
    if (in->thing_id[15] != 0x5b) return RC_NOT_FOUND;
    response_etag_version(res, 7);
    jw_begin_object(&res->json);
    jw_key_uuid(&res->json, "id", in->thing_id);
    jw_end_object(&res->json);
    return RC_OK;
}

static inline enum rc h_list(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    const struct list_query *in = req->query_in;
    snprintf(seen_text, sizeof seen_text, "%.*s|%d", (int)in->q.n, in->q.p ? in->q.p : "", (int)in->limit);
    jw_begin_object(&res->json);
    jw_key_int(&res->json, "limit", in->limit);
    jw_end_object(&res->json);
    return RC_OK;
}

static inline enum rc h_create(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    const struct create_body *in = req->body_in;
    snprintf(seen_text, sizeof seen_text, "%.*s", (int)in->title.n, in->title.p);
    res->status = 201;
    res->location = "/t/v1/things/" THING;
    response_header(res, "Idempotent-Replayed", "true");
    jw_begin_object(&res->json);
    jw_key_str(&res->json, "title", in->title);
    jw_end_object(&res->json);
    return RC_OK;
}

static inline enum rc h_plain(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    jw_begin_object(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

static inline enum rc h_nothing(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    res->no_body = true;
    return RC_OK;
}

static inline enum rc h_photo(struct request *req, struct response *res) {
    note('H');
    seen_request = *req;
    res->content_type = "image/png";
    buf_add(&res->body, "\x89PNG\0\1", 6);
    return RC_OK;
}

static inline enum rc h_rc(struct request *req, struct response *res) {
    (void)res;
    note('H');
    response_etag(res, "stale");
    buf_add_z(&res->body, "{\"half\":");
    return (enum rc)((const struct rc_query *)req->query_in)->rc;
}

static inline enum rc h_huge(struct request *req, struct response *res) {
    (void)req;
    for (int i = 0; i < 100000; i++) buf_add_z(&res->body, "0123456789");
    return RC_OK;
}

static const struct route fixture_routes[] = {
    {M_GET, "/t/v1/things/{thing_id}", "getThing", h_thing, &thing_path, NULL, NULL, BODY_NONE, 0, 1, 0},
    {M_GET, "/t/v1/things", "listThings", h_list, NULL, &list_query, NULL, BODY_NONE, 0, 1, 0},
    {M_POST, "/t/v1/things", "createThing", h_create, NULL, NULL, &create_body, BODY_JSON, 200, 1, ROUTE_KEY},
    {M_POST, "/t/v1/things/{thing_id}/accept", "acceptThing", h_plain, &thing_path, &list_query, &create_body,
     BODY_JSON, 200, 1, ROUTE_VERSION},
    {M_POST, "/t/v1/things/{thing_id}/photos", "addPhoto", h_plain, &thing_path, NULL, NULL, BODY_BINARY, 100, 1, 0},
    {M_POST, "/t/v1/things/import", "importThings", h_plain, NULL, NULL, NULL, BODY_NONE, 0, 1,
     ROUTE_KEY | ROUTE_KEY_REQUIRED},
    {M_GET, "/t/v1/lists", "getLists", h_plain, NULL, NULL, NULL, BODY_NONE, 0, 0, ROUTE_NO_TOKEN},
    {M_POST, "/t/v1/call/{operation}", "callByName", byname_call, &byname_path_schema, NULL, &byname_body_schema,
     BODY_JSON, 7 * 1024 * 1024, 0, ROUTE_NO_TOKEN},
    {M_GET, "/t/v1/rc", "answerRc", h_rc, NULL, &rc_query, NULL, BODY_NONE, 0, 1, 0},
    {M_GET, "/t/v1/photo", "getPhoto", h_photo, NULL, NULL, NULL, BODY_NONE, 0, 1, 0},
    {M_POST, "/t/v1/empty", "empty", h_nothing, NULL, NULL, NULL, BODY_NONE, 0, 1, 0},
    {M_GET, "/t/v1/huge", "huge", h_huge, NULL, NULL, NULL, BODY_NONE, 0, 1, 0},
};

static inline enum rc fixture_authenticate(struct request *req) {
    note('A');
    if (str_is(req->bearer, "down")) return RC_UNAVAILABLE;
    static const char principal[] = "somebody";
    req->principal = principal;
    return str_is(req->bearer, "good") || str_is(req->bearer, "weak") ? RC_OK : RC_BAD_TOKEN;
}

static inline enum rc fixture_authorize(struct request *req, struct response *res) {
    note('Z');
    response_header(res, "RateLimit", "\"key\";r=12;t=34");
    return str_is(req->bearer, "weak") ? RC_FORBIDDEN : RC_OK;
}

static const struct server_app fixture_app = {
    .entry = "t",
    .routes = fixture_routes,
    .route_count = sizeof fixture_routes / sizeof *fixture_routes,
    .authenticate = fixture_authenticate,
    .authorize = fixture_authorize,
};

/* One request: NULL members are not sent. */
struct ask {
    const char *method, *uri, *token, *type, *body;
    const char *length;           /* NULL: the body's; "": none */
    const char *extra[8][2];      /* more parameters, by CGI name */
    enum body_result body_result; /* what reading the body ends with */
    size_t body_size;             /* 0: strlen(body) */
};

struct answer {
    struct arena arena;
    struct buf out;
    struct outcome outcome;
    int status;
    struct str head, body;
};

static const struct ask *asking;
static inline size_t asked_size(void) {
    return asking->body_size ? asking->body_size : asking->body ? strlen(asking->body) : 0;
}

static inline enum body_result fixture_read(struct exchange *x, size_t length, size_t max, struct str *body) {
    note('R');
    assert_true(length <= max);
    *body = arena_str(x->arena, (struct str){asking->body ? asking->body : "", asked_size()});
    return asking->body_result;
}

static inline void add_param(struct fcgi_param *params, size_t *n, const char *name, const char *value) {
    if (value) params[(*n)++] = (struct fcgi_param){str_of(name), str_of(value)};
}

static inline void send_with(const struct dispatcher *d, const struct ask *ask, struct answer *answer, size_t cap,
                             long fail_after) {
    struct fcgi_param params[24];
    size_t n = 0;
    char length[32] = "", authorization[640] = "";
    asking = ask;
    trace[0] = seen_text[0] = '\0';
    if (ask->body && !ask->length) snprintf(length, sizeof length, "%zu", asked_size());
    if (ask->token) snprintf(authorization, sizeof authorization, "Bearer %s", ask->token);
    add_param(params, &n, "REQUEST_METHOD", ask->method ? ask->method : "GET");
    add_param(params, &n, "REQUEST_URI", ask->uri);
    add_param(params, &n, "CONTENT_TYPE", ask->type ? ask->type : "");
    add_param(params, &n, "CONTENT_LENGTH", ask->length ? ask->length : length);
    add_param(params, &n, "REQUEST_ID", REQUEST_ID);
    add_param(params, &n, "HTTP_AUTHORIZATION", ask->token ? authorization : NULL);
    bool remote = false;
    for (size_t i = 0; i < 8 && ask->extra[i][0]; i++) {
        add_param(params, &n, ask->extra[i][0], ask->extra[i][1]);
        remote = remote || strcmp(ask->extra[i][0], "REMOTE_ADDR") == 0;
    }
    if (!remote) add_param(params, &n, "REMOTE_ADDR", "203.0.113.9");
    memset(answer, 0, sizeof *answer);
    arena_init(&answer->arena, cap);
    answer->arena.fail_after = fail_after;
    buf_init(&answer->out, &answer->arena, 4 << 20);
    struct exchange x = {.arena = &answer->arena, .params = params, .param_count = n, .read_body = fixture_read};
    dispatch(d, NULL, &x, &answer->out, &answer->outcome);
    assert_non_null(answer->out.p);
    const char *end = memmem(answer->out.p, answer->out.n, "\r\n\r\n", 4);
    assert_non_null(end);
    answer->head = (struct str){answer->out.p, (size_t)(end - answer->out.p) + 2};
    answer->body = (struct str){end + 4, answer->out.n - answer->head.n - 2};
    assert_true(str_starts(answer->head, "Status: "));
    answer->status = (int)strtol(answer->head.p + 8, NULL, 10);
}

static inline void ask_send(const struct dispatcher *d, const struct ask *ask, struct answer *answer) {
    send_with(d, ask, answer, 32 << 20, -1);
}

static inline void answer_free(struct answer *answer) { arena_free(&answer->arena); }

static inline bool has_head(const struct answer *a, const char *line) {
    char wanted[256];
    int n = snprintf(wanted, sizeof wanted, "\r\n%s\r\n", line);
    return memmem(a->head.p, a->head.n, wanted, (size_t)n) != NULL;
}

static inline bool has_text(struct str s, const char *text) { return memmem(s.p, s.n, text, strlen(text)) != NULL; }

static inline struct dispatcher *fixture_make(const char *proxies, const char *origins, bool flatten) {
    struct dispatch_config config = {proxies, origins, flatten, 512 * 1024, 0, 0, 0, 0};
    struct dispatcher *d = dispatcher_make(&fixture_app, &config, NULL);
    assert_non_null(d);
    return d;
}

/* Sends and expects a status, a problem code (NULL: none) and a trace (NULL: any). */
static inline void expect(const struct dispatcher *d, struct ask ask, int status, const char *code, const char *steps) {
    struct answer a;
    char wanted[96];
    ask_send(d, &ask, &a);
    if (a.status != status || a.outcome.status != status)
        print_error("%s: %.*s%.*s\n", ask.uri ? ask.uri : "(none)", (int)a.head.n, a.head.p, (int)a.body.n, a.body.p);
    assert_int_equal(a.status, status);
    assert_int_equal(a.outcome.status, status);
    if (code) {
        snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", code);
        assert_true(has_text(a.body, wanted));
        assert_true(has_head(&a, "Content-Type: application/problem+json"));
    }
    if (steps) assert_string_equal(trace, steps);
    answer_free(&a);
}

#endif
