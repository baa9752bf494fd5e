/* One request and its answer, as plain structs: what a handler sees. Knows nothing of FastCGI, appeals or the database. */
#ifndef MINHU_HTTP_H
#define MINHU_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_write.h"
#include "base/rc.h"
#include "base/schema.h"

#include <stdint.h>

enum http_method { M_GET, M_POST, M__MAX };

enum body_kind { BODY_NONE, BODY_JSON, BODY_BINARY };

/* What a route asks for. */
enum {
    ROUTE_NO_TOKEN = 1 << 0,     /* anybody may call it */
    ROUTE_KEY = 1 << 1,          /* takes Idempotency-Key */
    ROUTE_KEY_REQUIRED = 1 << 2, /* … and insists on it */
    ROUTE_VERSION = 1 << 3,      /* needs If-Match (or the by-name form's version) */
    ROUTE_PUBLIC = 1 << 4        /* ETag answers may be cached by the client without a token */
};

struct request;
struct response;
struct dispatcher; /* dispatch.h */
struct exchange;   /* transport.h */
struct outcome;

/* One row of the route table. All that is refused before a handler runs is decided from it. */
struct route {
    enum http_method method;
    const char *path;      /* "/zlb/v1/appeals/{appeal_id}"; names in braces are the path schema's fields */
    const char *operation; /* operationId of the contract */
    enum rc (*handler)(struct request *, struct response *);
    const struct schema *path_schema, *query_schema, *body_schema; /* NULL: none */
    enum body_kind body;
    uint32_t body_max; /* bytes */
    uint32_t access;   /* the application's permission number; opaque here */
    uint32_t flags;
};

struct request {
    struct arena *arena;
    void *thread;    /* the application's context of this handler thread (its database connection) */
    const void *app; /* the application, shared by all threads, read-only */
    const struct route *route;
    enum http_method method;
    struct str uri; /* path and query as they came */
    struct str path, query;
    struct str body;
    struct str content_type, bearer, idempotency_key, if_none_match, user_agent, origin;
    struct str address; /* the client's, after trusted proxies; text */
    bool from_proxy;    /* came through a trusted proxy: per-address limits don't apply */
    bool english;       /* Accept-Language asks for English */
    bool minimal;       /* Prefer: return=minimal (RFC 7240) */
    bool has_version;   /* If-Match (or by-name version) was given */
    int64_t version;
    char request_id[33];
    int64_t now_us;                           /* one instant for the whole request */
    int64_t age_us;                           /* … and how long before it nginx passed the request on; 0: not known */
    const void *path_in, *query_in, *body_in; /* decoded by the route's schemas; NULL when it has none */
    const void *principal;                    /* set by the application's authenticate */
    struct violations violations;
    const char *detail_zh, *detail_en; /* a better detail than rc.def's, set where the fact is known */
    struct str problem_extra;          /* more members of the problem document, already JSON: "\"allowed\":[…]" */

    /* The server's own. */
    const struct dispatcher *dispatcher;
    struct outcome *outcome;
    struct exchange *exchange; /* NULL outside a server */
    bool has_authorization;    /* the header was there; bearer.p == NULL then means that it was no Bearer token */
    bool has_length;           /* Content-Length was given */
    uint64_t length;           /* … and its value */
    bool body_ready;           /* body is already complete: nothing is to be read */
};

/* A request header that has no member above ("X-Signature"); absent when it was not sent or came more than once. */
struct str request_header(const struct request *req, const char *name);

enum { RESPONSE_HEADERS_MAX = 12 };

struct response {
    int status; /* 0: 200 */
    struct buf body;
    struct json_out json;     /* writes to body */
    const char *content_type; /* NULL: application/json; charset=utf-8 */
    bool has_etag, weak_list; /* etag is "version"; see response_etag */
    char etag[48];            /* without quotes */
    const char *location;
    int retry_after; /* seconds; 0: none */
    struct {
        const char *name, *value;
    } headers[RESPONSE_HEADERS_MAX];
    int header_count;
    bool no_body; /* 204, 304 */
};

/* value is kept by pointer (arena or static). Ignored, and logged, when there is no room. A value of NULL is one that memory
 * was missing for: the answer fails, rather than go out without it. */
void response_header(struct response *res, const char *name, const char *value);
/* As a header's value: kept by pointer, and never missing. */
void response_location(struct response *res, const char *path);
/* Sets the ETag; the caller's If-None-Match is compared in one place afterwards (304). text without quotes is copied;
 * NULL is as with response_header. */
void response_etag(struct response *res, const char *text);
void response_etag_version(struct response *res, int64_t version);
/* Sets the detail of the problem that the handler is about to return; returns rc, so that `return fail(req, RC_X, zh, en)`. */
enum rc(fail)(struct request *req, enum rc rc, const char *zh, const char *en); /* brackets: cmocka's macro fail() */
/* As fail, with one violation at pointer and RC_INVALID. */
enum rc fail_field(struct request *req, const char *pointer, const char *zh, const char *en);

/* ---- the application, as the server sees it ---- */

struct server_app {
    const char *entry; /* "zlb", "zzd", "open": label in metrics and logs; known from the socket, never from the path */
    const struct route *routes;
    size_t route_count;
    const void *app; /* goes to request.app */
    /* Makes and unmakes a handler thread's context. Failing to reach the database is no failure here; NULL, for want of memory,
     * ends the process, which is then replaced. */
    void *(*thread_start)(const void *app, int index);
    void (*thread_stop)(void *thread);
    /* A request is about to be answered; nginx passed it on age_us ago, and it has waited for a thread since. */
    void (*request_start)(void *thread, int64_t age_us);
    /* bearer → principal. RC_OK, RC_NO_TOKEN, RC_BAD_TOKEN, RC_UNAVAILABLE … */
    enum rc (*authenticate)(struct request *req);
    /* May this principal call this route (role, scope), and within its quota? May add RateLimit headers to res. */
    enum rc (*authorize)(struct request *req, struct response *res);
    /* Whether this worker process has all that it needs to answer; asked after its start until it says yes. In the loop
     * thread; must not block. NULL: yes. */
    bool (*warm)(const void *app);
    /* For /readyz, about once a second in the ops process's checking thread (it may hang): true when the
     * database answers and the schema is current; reason else. */
    bool (*ready)(const void *app, char *reason, size_t reason_size);
    /* More lines for /metrics (complete with HELP and TYPE), every five seconds in the checking thread, after ready. */
    void (*metrics)(const void *app, struct buf *out);
    /* SIGHUP in a worker (loop thread) and in the ops process (checking thread): read the configuration's
     * reloadable keys again and everything kept in memory. */
    void (*reload)(const void *app);
    /* Called about once a second in each worker process's loop thread; must not block for long. */
    void (*tick)(const void *app, int64_t now_us);
};

#endif
