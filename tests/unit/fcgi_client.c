/* Builds and reads FastCGI records. */
#include "fcgi_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { RECORD_MAX = 65535, PATIENCE_SECONDS = 10 };

void fcgi_put_raw(struct fcgi_bytes *b, const void *p, size_t n) {
    if (b->n + n > b->cap) {
        b->cap = 2 * (b->n + n) + 64;
        b->p = realloc(b->p, b->cap);
        if (!b->p) abort();
    }
    if (n > 0) memcpy(b->p + b->n, p, n);
    b->n += n;
}

void fcgi_put_record(struct fcgi_bytes *b, int type, const void *p, size_t n) {
    const unsigned char head[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(n >> 8), (unsigned char)n};
    fcgi_put_raw(b, head, sizeof head);
    fcgi_put_raw(b, p, n);
}

void fcgi_put_begin(struct fcgi_bytes *b, bool keep) {
    const unsigned char body[8] = {0, 1, keep};
    fcgi_put_record(b, FCGI_T_BEGIN, body, sizeof body);
}

/* A stream's content in as many records as it needs, and the empty record that ends it. */
static void put_stream(struct fcgi_bytes *b, int type, const char *p, size_t n) {
    for (size_t at = 0; at < n; at += RECORD_MAX)
        fcgi_put_record(b, type, p + at, n - at < RECORD_MAX ? n - at : RECORD_MAX);
    fcgi_put_record(b, type, "", 0);
}

static void put_length(struct fcgi_bytes *b, size_t n) {
    const unsigned char wide[4] = {(unsigned char)(n >> 24 | 0x80), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                   (unsigned char)n};
    if (n < 128) fcgi_put_raw(b, wide + 3, 1);
    else fcgi_put_raw(b, wide, sizeof wide);
}

void fcgi_put_params(struct fcgi_bytes *b, const struct fcgi_pair *pairs, size_t count) {
    struct fcgi_bytes all = {0};
    for (size_t i = 0; i < count; i++) {
        put_length(&all, strlen(pairs[i].name));
        put_length(&all, strlen(pairs[i].value));
        fcgi_put_raw(&all, pairs[i].name, strlen(pairs[i].name));
        fcgi_put_raw(&all, pairs[i].value, strlen(pairs[i].value));
    }
    put_stream(b, FCGI_T_PARAMS, all.p, all.n);
    fcgi_bytes_free(&all);
}

void fcgi_put_stdin(struct fcgi_bytes *b, const void *p, size_t n) { put_stream(b, FCGI_T_STDIN, p, n); }

void fcgi_put_request(struct fcgi_bytes *b, bool keep, const struct fcgi_pair *pairs, size_t count, const void *body,
                      size_t n) {
    fcgi_put_begin(b, keep);
    fcgi_put_params(b, pairs, count);
    fcgi_put_stdin(b, body, n);
}

void fcgi_bytes_free(struct fcgi_bytes *b) {
    free(b->p);
    *b = (struct fcgi_bytes){0};
}

int fcgi_connect(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = PATIENCE_SECONDS};
    if (strlen(path) >= sizeof a.sun_path) return -1;
    memcpy(a.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0) return fd;
    close(fd);
    return -1;
}

bool fcgi_send(int fd, struct fcgi_bytes *b) {
    size_t at = 0;
    while (at < b->n) {
        ssize_t n = send(fd, b->p + at, b->n - at, MSG_NOSIGNAL);
        if (n <= 0) break;
        at += (size_t)n;
    }
    bool all = at == b->n;
    fcgi_bytes_free(b);
    return all;
}

static bool read_all(int fd, void *p, size_t n) {
    for (size_t at = 0; at < n;) {
        ssize_t got = recv(fd, (char *)p + at, n - at, 0);
        if (got <= 0) return false;
        at += (size_t)got;
    }
    return true;
}

bool fcgi_receive(int fd, struct fcgi_answer *a) {
    struct fcgi_bytes all = {0};
    unsigned char head[8], body[RECORD_MAX + 256];
    *a = (struct fcgi_answer){0};
    while (!a->ended && read_all(fd, head, sizeof head)) {
        size_t n = (size_t)head[4] << 8 | head[5];
        if (!read_all(fd, body, n + head[6])) break;
        if (head[1] == FCGI_T_STDOUT) fcgi_put_raw(&all, body, n);
        if (head[1] == FCGI_T_END) {
            a->ended = true;
            a->protocol_status = n >= 5 ? body[4] : -1;
        }
    }
    fcgi_put_raw(&all, "", 1);
    a->text = all.p;
    a->n = all.n - 1;
    return a->ended;
}

void fcgi_answer_free(struct fcgi_answer *a) {
    free(a->text);
    *a = (struct fcgi_answer){0};
}

bool fcgi_closed_within(int fd, int ms) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char c;
    if (poll(&p, 1, ms) != 1) return false;
    ssize_t n = recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN);
}

int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

void pause_ms(int ms) {
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    nanosleep(&t, NULL);
}
