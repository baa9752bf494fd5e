/* One FastCGI connection, kept open between requests; hides libfcgi, which only fcgx_conn.c includes. */
#ifndef MINHU_FCGX_CONN_H
#define MINHU_FCGX_CONN_H

#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FCGX_PARAMS_MAX = 200,           /* parameters of one request */
    FCGX_PARAM_BYTES_MAX = 64 << 10, /* their names and values together */
    FCGX_DRAIN_MAX = 8 << 20         /* unread body that is read away before the connection is given up */
};

struct fcgx_conn;

/* What lies in the socket, seen without taking it. */
enum fcgx_peek {
    FCGX_PEEK_REQUEST, /* a whole, sound BEGIN_REQUEST */
    FCGX_PEEK_PARTIAL, /* the start of one */
    FCGX_PEEK_EMPTY,   /* nothing yet */
    FCGX_PEEK_CLOSED,  /* the peer has gone */
    FCGX_PEEK_BAD      /* anything else: close it */
};

/* How the connection's input or output failed during an exchange. */
enum fcgx_io { FCGX_IO_OK, FCGX_IO_TIMEOUT, FCGX_IO_CLOSED, FCGX_IO_UNREAD, FCGX_IO__MAX };

struct fcgx_result {
    bool answered; /* a request was read and something was written */
    bool refused;  /* answered here, without the callback; rc tells why */
    enum rc rc;
    enum fcgx_io io;
    size_t bytes;                    /* of the answer, headers included */
    char request_id[37], method[12]; /* "" when absent or not plain */
};

/* Fills out (CGI headers and body) for one request; runs in the calling thread. */
typedef void fcgx_answer(void *arg, struct exchange *x, struct buf *out);

/* Once in a process, before any thread. It leaves SIGPIPE and SIGUSR1 ignored. False when the library refuses. */
bool fcgx_init(void);
/* Takes a blocking, connected socket over and gives it timeouts. NULL (fd untouched) when there is no memory. */
struct fcgx_conn *fcgx_conn_new(int fd, int io_seconds);
/* Closes the socket, if it is still open. */
void fcgx_conn_free(struct fcgx_conn *c);
/* -1 after the connection was closed. */
int fcgx_conn_fd(const struct fcgx_conn *c);
/* Never blocks. */
enum fcgx_peek fcgx_conn_peek(struct fcgx_conn *c);
/* Asks the web server to close an idle connection, so that it is never closed under a request that is on its way: sends
 * an empty STDERR record. nginx closes an idle connection that has something to read; one that carries a request meanwhile
 * takes the record for what it is, nothing, and the answer follows it. Never blocks. */
void fcgx_conn_dismiss(struct fcgx_conn *c);
/* Reads one request, has it answered, drains its body and writes the answer; may block for the connection's timeouts.
 * The arena is the caller's to reset. Returns true when the connection stays open and stands at a record boundary. */
bool fcgx_conn_exchange(struct fcgx_conn *c, struct arena *a, fcgx_answer *answer, void *arg,
                        struct fcgx_result *result);

#endif
