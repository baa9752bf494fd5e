/* One FastCGI connection, kept open between requests. */
#ifndef MINHU_FCGI_CONN_H
#define MINHU_FCGI_CONN_H

#include "request_read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fcgi_conn;

/* What lies in the socket, seen without taking it. */
enum fcgi_peek {
    FCGI_PEEK_REQUEST, /* a whole, sound BEGIN_REQUEST */
    FCGI_PEEK_PARTIAL, /* the start of one */
    FCGI_PEEK_EMPTY,   /* nothing yet */
    FCGI_PEEK_CLOSED,  /* the peer has gone */
    FCGI_PEEK_BAD      /* anything else: close it */
};

struct fcgi_result {
    bool answered; /* a request was read and something was written */
    bool refused;  /* answered here, without the callback; rc tells why */
    enum rc rc;
    enum fcgi_io io;
    size_t bytes;                    /* of the answer, headers included */
    char request_id[37], method[12]; /* "" when absent or not plain */
};

/* Fills out (CGI headers and body) for one request; runs in the calling thread. */
typedef void fcgi_answer(void *arg, struct exchange *x, struct buf *out);

/* Takes a blocking, connected socket over and gives it timeouts. NULL (fd untouched) when there is no memory
 * or the socket takes none. */
struct fcgi_conn *fcgi_conn_new(int fd, int io_seconds);
/* Closes the socket, if it is still open. */
void fcgi_conn_free(struct fcgi_conn *c);
/* -1 after the connection was closed. */
int fcgi_conn_fd(const struct fcgi_conn *c);
/* Never blocks. */
enum fcgi_peek fcgi_conn_peek(struct fcgi_conn *c);
/* Asks the web server to close an idle connection, so that it is never closed under a request that is on its way: sends
 * an empty STDERR record. nginx closes an idle connection that has something to read; one that carries a request meanwhile
 * takes the record for what it is, nothing, and the answer follows it. Never blocks. */
void fcgi_conn_dismiss(struct fcgi_conn *c);
/* Reads one request, has it answered, drains its body and writes the answer; may block for the connection's timeouts. What the
 * callback is given of the request lives as long as the call. The arena is the caller's to reset. Returns true when the
 * connection stays open and stands at a record boundary. */
bool fcgi_conn_exchange(struct fcgi_conn *c, struct arena *a, fcgi_answer *answer, void *arg,
                        struct fcgi_result *result);

#endif
