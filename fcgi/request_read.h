/* One request as it comes in on a FastCGI connection (FastCGI 1.0, as a web server speaks to a responder): its records, put
 * together again. Nothing is allocated: a request whose memory has run out is still read, and refused in step. */
#ifndef MINHU_REQUEST_READ_H
#define MINHU_REQUEST_READ_H

#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FCGI_PARAMS_MAX = 200,                                      /* parameters of one request */
    FCGI_PARAM_BYTES_MAX = 64 << 10,                            /* their names and values together */
    FCGI_TEXT_MAX = FCGI_PARAM_BYTES_MAX + 8 * FCGI_PARAMS_MAX, /* as they come: before each stand two lengths */
    FCGI_DRAIN_MAX = 8 << 20, /* unread body that is read away before the connection is given up */
    FCGI_READ_AHEAD = 16 << 10
};

/* How the connection's input or output failed during an exchange. */
enum fcgi_io { FCGI_IO_OK, FCGI_IO_TIMEOUT, FCGI_IO_CLOSED, FCGI_IO_UNREAD, FCGI_IO__MAX };

/* All but the first five is request_read.c's own. */
struct incoming {
    unsigned id;
    bool keep;       /* the web server wants the connection kept */
    enum fcgi_io io; /* how reading failed; nothing can be read after it has */
    struct fcgi_param params[FCGI_PARAMS_MAX];
    size_t param_count;

    int fd, io_seconds;
    int64_t until_ms; /* for what is read at present */
    int type;         /* of the records that are due */
    bool ended;       /* the last of them has been seen */
    size_t content, padding;
    size_t at, have, most;
    char ahead[FCGI_READ_AHEAD];
    size_t text_bytes;
    char text[FCGI_TEXT_MAX + 1]; /* of the parameters */
};

/* How the first part of a request was read. */
enum head_result {
    HEAD_READ_OK,
    HEAD_READ_TOO_LARGE, /* more or longer parameters than are allowed: the first of them are there */
    HEAD_READ_BROKEN     /* no request, or not a whole one: io tells why */
};

/* Reads BEGIN_REQUEST and the parameters, from a connected socket whose reads end after io_seconds; they stay until
 * incoming_forget. A peer that is slower than io_seconds with all that is broken, too. */
enum head_result incoming_head(struct incoming *in, int fd, int io_seconds);
/* The first one of this name; p is NULL when there is none. */
struct str incoming_param(const struct incoming *in, const char *name);
/* Reads up to n bytes of the body; fewer only at its end, or when io tells of a failure. */
size_t incoming_body(struct incoming *in, char *to, size_t n);
/* Reads what is left of the body away. True when the socket then stands at the next request's first byte: what stayed in it would be
 * parsed as that. */
bool incoming_drain(struct incoming *in);
/* Wipes what was read. */
void incoming_forget(struct incoming *in);

#endif
