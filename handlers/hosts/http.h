/* Calls to other systems over HTTP: hard deadlines, bounded answers. With http.c the only user of libcurl. */
#ifndef MINHU_HOSTS_HTTP_H
#define MINHU_HOSTS_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

enum { HTTP_ANSWER_MAX = 256 * 1024, HTTP_HEADERS_MAX = 12 };

/* Once a process, before its threads start; false when libcurl can't. */
bool hosts_init(void);
void hosts_end(void);

/* Belongs to one thread, and is made after the process was forked. Connections are kept and used again. */
struct http_client {
    void *easy;
};

bool http_client_init(struct http_client *c);
void http_client_end(struct http_client *c);

struct http_header {
    const char *name, *value;
};

struct http_request {
    const char *name; /* for the log, which gets neither address, headers nor body */
    bool post;        /* else GET, which takes no body */
    const char *url;
    const char *connect_to; /* "address[:port]" to connect to instead of the URL's own, which NULL and "" mean */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
    struct str body;
    bool once; /* no kept connection: libcurl repeats a request by itself when a kept one turns out to be dead */
    int64_t connect_ms;  /* longest wait for a connection */
    int64_t deadline_us; /* time_mono_us() at which the call must be over */
};

enum http_outcome {
    HTTP_ANSWERED,
    HTTP_NOT_SENT,   /* not a byte of the request left: it may be repeated */
    HTTP_UNANSWERED, /* sent at least in part; whether the other side acted on it is not known */
    HTTP__MAX
};

struct http_answer {
    int status;
    struct str body; /* in the arena; at most HTTP_ANSWER_MAX bytes, a longer answer counts as none */
};

/* One exchange. Only http and https, certificates always checked, no redirects, no proxy, no cookies. Failures are
 * logged. */
enum http_outcome http_send(struct http_client *c, const struct http_request *r, struct arena *a,
                            struct http_answer *answer);

/* Adds "name=value", after a "&" where needed, both percent-encoded: form bodies and queries alike. */
bool http_form_add(struct buf *b, struct str name, struct str value);
/* base without slashes at its end, then the rest; NULL when memory is used up. */
const char *http_join(struct arena *a, const char *base, const char *rest);

#endif
