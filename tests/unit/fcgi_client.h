/* A small FastCGI client for tests: it can also say things that no web server would. */
#ifndef MINHU_TEST_FCGI_CLIENT_H
#define MINHU_TEST_FCGI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FCGI_T_BEGIN = 1,
    FCGI_T_ABORT,
    FCGI_T_END,
    FCGI_T_PARAMS,
    FCGI_T_STDIN,
    FCGI_T_STDOUT,
    FCGI_T_STDERR,
    FCGI_T_DATA,
    FCGI_T_GET_VALUES
};

/* Records to send; grows on the heap. */
struct fcgi_bytes {
    char *p;
    size_t n, cap;
};

struct fcgi_pair {
    const char *name, *value;
};

struct fcgi_answer {
    char *text; /* STDOUT, NUL-terminated; on the heap */
    size_t n;
    bool ended; /* END_REQUEST came */
    int protocol_status;
};

void fcgi_put_raw(struct fcgi_bytes *b, const void *p, size_t n);
void fcgi_put_record(struct fcgi_bytes *b, int type, const void *p, size_t n);
void fcgi_put_begin(struct fcgi_bytes *b, bool keep);
/* All pairs and the stream's end. */
void fcgi_put_params(struct fcgi_bytes *b, const struct fcgi_pair *pairs, size_t count);
/* The body in records of at most 65535 bytes, and the stream's end. */
void fcgi_put_stdin(struct fcgi_bytes *b, const void *p, size_t n);
/* BEGIN, PARAMS and STDIN of one request. */
void fcgi_put_request(struct fcgi_bytes *b, bool keep, const struct fcgi_pair *pairs, size_t count, const void *body,
                      size_t n);
void fcgi_bytes_free(struct fcgi_bytes *b);

/* -1 when it can't connect. Reads and writes on it fail after ten seconds. */
int fcgi_connect(const char *path);
/* Sends all and frees b; false on error. */
bool fcgi_send(int fd, struct fcgi_bytes *b);
/* Reads up to END_REQUEST; false when the connection ended or failed before. */
bool fcgi_receive(int fd, struct fcgi_answer *a);
void fcgi_answer_free(struct fcgi_answer *a);
/* The peer closes within ms. */
bool fcgi_closed_within(int fd, int ms);

/* Monotonic. */
int64_t now_ms(void);
void pause_ms(int ms);

#endif
