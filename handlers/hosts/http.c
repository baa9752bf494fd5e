/* One exchange with libcurl, from described request to bounded answer. */
#include "hosts/http.h"

#include "base/encode.h"
#include "base/log.h"
#include "base/timefmt.h"

#include <curl/curl.h>

/* Front ends drop idle connections after a minute or so; a younger one is hardly ever dead. */
enum { KEPT_CONNECTION_S = 20, KEPT_CONNECTIONS = 4 };

bool hosts_init(void) {
    CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) log_event(LOG_ERROR, "host_call", "libcurl does not start: %s", curl_easy_strerror(code));
    return code == CURLE_OK;
}

void hosts_end(void) { curl_global_cleanup(); }

bool http_client_init(struct http_client *c) {
    c->easy = curl_easy_init();
    return c->easy != NULL;
}

void http_client_end(struct http_client *c) {
    if (c->easy) curl_easy_cleanup(c->easy);
    c->easy = NULL;
}

static size_t take_body(char *p, size_t size, size_t n, void *user) {
    return buf_add(user, p, size * n) ? size * n : 0;
}

/* ---- lists ---- */

static bool list_add(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = line ? curl_slist_append(*list, line) : NULL;
    if (longer) *list = longer;
    return longer != NULL;
}

/* A line break in a value would be a header of its own. */
static bool is_header_value(const char *z) {
    for (const char *p = z; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f) return false;
    return *z != '\0';
}

static bool add_headers(struct curl_slist **list, const struct http_request *r, struct arena *a) {
    if (r->header_count > HTTP_HEADERS_MAX) return false;
    for (size_t i = 0; i < r->header_count; i++) {
        const struct http_header *h = &r->headers[i];
        if (!is_header_value(h->value) || !list_add(list, arena_printf(a, "%s: %s", h->name, h->value))) return false;
    }
    /* Small bodies: asking first would only cost a round trip. */
    return list_add(list, "Expect:");
}

/* ---- options ---- */

static bool set_safety(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
}

/* A name server that hangs must not hold us either: without QUICK_EXIT libcurl waits for its resolver's thread. */
static bool set_times(CURL *easy, const struct http_request *r, int64_t left_ms) {
    int64_t connect_ms = r->connect_ms > 0 && r->connect_ms < left_ms ? r->connect_ms : left_ms;
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)KEPT_CONNECTION_S) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, r->once ? 1L : 0L) == CURLE_OK;
}

static bool set_request(CURL *easy, const struct http_request *r) {
    if (curl_easy_setopt(easy, CURLOPT_URL, r->url) != CURLE_OK) return false;
    if (!r->post) return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body.n ? r->body.p : "") == CURLE_OK;
}

/* ---- the exchange ---- */

struct exchange {
    struct curl_slist *headers, *connect_to;
    struct buf body;
};

static bool prepare(CURL *easy, const struct http_request *r, int64_t left_ms, struct arena *a, struct exchange *x) {
    curl_easy_reset(easy);
    buf_init(&x->body, a, HTTP_ANSWER_MAX);
    if (!set_safety(easy) || !set_times(easy, r, left_ms) || !set_request(easy, r)) return false;
    if (!add_headers(&x->headers, r, a)) return false;
    if (r->connect_to && *r->connect_to && !list_add(&x->connect_to, arena_printf(a, "::%s", r->connect_to)))
        return false;
    return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECT_TO, x->connect_to) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, &x->body) == CURLE_OK;
}

static enum http_outcome perform(CURL *easy, const struct http_request *r, struct exchange *x,
                                 struct http_answer *answer) {
    int64_t start = time_mono_us();
    long status = 0, sent = 0;
    CURLcode code = curl_easy_perform(easy);
    if (code == CURLE_OK && curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK) {
        *answer = (struct http_answer){(int)status, buf_str(&x->body)};
        return HTTP_ANSWERED;
    }
    log_event(LOG_WARN, "host_call", "%s: %s after %lld ms", r->name,
              x->body.failed ? "the answer is too long" : curl_easy_strerror(code),
              (long long)((time_mono_us() - start) / 1000));
    if (curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent) != CURLE_OK) sent = 1;
    return sent > 0 ? HTTP_UNANSWERED : HTTP_NOT_SENT;
}

enum http_outcome http_send(struct http_client *c, const struct http_request *r, struct arena *a,
                            struct http_answer *answer) {
    struct exchange x = {0};
    enum http_outcome outcome = HTTP_NOT_SENT;
    int64_t left_ms = (r->deadline_us - time_mono_us()) / 1000;
    *answer = (struct http_answer){0};
    if (left_ms < 1) {
        log_event(LOG_WARN, "host_call", "%s: no time is left for the call", r->name);
        return HTTP_NOT_SENT;
    }
    if (left_ms > INT32_MAX) left_ms = INT32_MAX;
    if (c->easy && r->url && prepare(c->easy, r, left_ms, a, &x)) {
        outcome = perform(c->easy, r, &x, answer);
    } else {
        log_event(LOG_ERROR, "host_call",
                  "%s: the call can't be prepared (memory, or a header with control characters)", r->name);
    }
    /* The handle lives on and must not keep pointers to what goes now. */
    if (c->easy) curl_easy_reset(c->easy);
    curl_slist_free_all(x.headers);
    curl_slist_free_all(x.connect_to);
    return outcome;
}

/* ---- texts ---- */

bool http_form_add(struct buf *b, struct str name, struct str value) {
    if (b->n && !buf_add_char(b, '&')) return false;
    return percent_encode(b, name) && buf_add_char(b, '=') && percent_encode(b, value);
}

const char *http_join(struct arena *a, const char *base, const char *rest) {
    size_t n = strlen(base);
    while (n && base[n - 1] == '/') n--;
    return arena_printf(a, "%.*s%s", (int)n, base, rest);
}
