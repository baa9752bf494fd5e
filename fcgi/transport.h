/* Between the FastCGI side (request_read.c, fcgi_conn.c, reactor.c) and the HTTP side (dispatch.c): one exchange. */
#ifndef MINHU_TRANSPORT_H
#define MINHU_TRANSPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "http.h"

struct fcgi_param {
    struct str name, value;
};

/* How reading a body ended. */
enum body_result { BODY_READ_OK, BODY_READ_TOO_LARGE, BODY_READ_SHORT, BODY_READ_NO_MEMORY };

struct exchange {
    struct arena *arena;
    const struct fcgi_param *params; /* in arrival order; a repeated HTTP header is there twice */
    size_t param_count;
    struct incoming *incoming; /* request_read.h: the rest of the request */
    /* Reads the whole body of the announced length into the arena. Whatever is left unread is drained by the transport. */
    enum body_result (*read_body)(struct exchange *x, size_t length, size_t max, struct str *body);
};

/* What dispatch tells the log and the metrics about one exchange. */
struct outcome {
    const char *operation; /* "none" when no route matched */
    int route_index;       /* -1 when no route matched */
    int status;
    enum rc rc;
};

struct dispatcher; /* the HTTP side's set-up, made once (dispatch.h) */

/* Answers one exchange: writes CGI headers and body to out (in the arena). Never fails: at worst it writes a 500. */
void dispatch(const struct dispatcher *d, void *thread, struct exchange *x, struct buf *out, struct outcome *outcome);

#endif
