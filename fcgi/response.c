/* What handlers say about their answer, and the one place that turns it into bytes. */
#include "response.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "base/log.h"

static const char default_type[] = "application/json; charset=utf-8";
static const char exposed[] =
    "ETag, Location, Link, Retry-After, X-Request-Id, RateLimit, RateLimit-Policy, Deprecation, Sunset, "
    "Idempotent-Replayed, Preference-Applied";

void response_init(struct response *res, struct arena *a, size_t max) {
    memset(res, 0, sizeof *res);
    buf_init(&res->body, a, max);
    jw_init(&res->json, &res->body);
}

/* No control characters: nothing that a header's value holds may end its line. */
static bool one_line(const char *value) {
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if ((*p < 0x20 && *p != '\t') || *p == 0x7f) return false;
    return true;
}

void response_location(struct response *res, const char *path) {
    res->location = path;
    if (!path) res->body.failed = true;
}

void response_header(struct response *res, const char *name, const char *value) {
    if (!value) res->body.failed = true;
    if (!name || !value || !one_line(value)) {
        log_event(LOG_ERROR, "header_refused", "header %s has no value or one of several lines", name ? name : "?");
        return;
    }
    if (res->header_count >= RESPONSE_HEADERS_MAX) {
        log_event(LOG_ERROR, "header_refused", "no room for header %s", name);
        return;
    }
    res->headers[res->header_count].name = name;
    res->headers[res->header_count].value = value;
    res->header_count++;
}

const char *response_find(const struct response *res, const char *name) {
    for (int i = 0; i < res->header_count; i++)
        if (strcasecmp(res->headers[i].name, name) == 0) return res->headers[i].value;
    return NULL;
}

void response_etag(struct response *res, const char *text) {
    res->has_etag = false;
    if (!text) res->body.failed = true;
    bool good = text && text[0] && strlen(text) < sizeof res->etag;
    for (const char *p = text; good && *p; p++) good = *p > 0x20 && *p < 0x7f && *p != '"' && *p != ',';
    if (!good) {
        log_event(LOG_ERROR, "etag_refused", "an entity tag is empty, too long or not plain ASCII");
        return;
    }
    snprintf(res->etag, sizeof res->etag, "%s", text);
    res->has_etag = true;
}

void response_etag_version(struct response *res, int64_t version) {
    snprintf(res->etag, sizeof res->etag, "%" PRId64, version);
    res->has_etag = true;
}

enum rc fail(struct request *req, enum rc rc, const char *zh, const char *en) {
    req->detail_zh = zh;
    req->detail_en = en;
    return rc;
}

enum rc fail_field(struct request *req, const char *pointer, const char *zh, const char *en) {
    violations_add_text(&req->violations, pointer, zh, en);
    return RC_INVALID;
}

/* Takes the next entity tag off an If-None-Match list, without W/ and quotes; false at its end or where it is no list.
 */
static bool next_tag(struct str *list, struct str *tag) {
    while (list->n && (list->p[0] == ' ' || list->p[0] == '\t' || list->p[0] == ','))
        *list = (struct str){list->p + 1, list->n - 1};
    if (str_starts(*list, "W/")) *list = (struct str){list->p + 2, list->n - 2};
    if (list->n < 2 || list->p[0] != '"') return false;
    const char *end = memchr(list->p + 1, '"', list->n - 1);
    if (!end) return false;
    *tag = (struct str){list->p + 1, (size_t)(end - list->p) - 1};
    *list = (struct str){end + 1, list->n - tag->n - 2};
    return true;
}

bool response_not_modified(const struct request *req, const struct response *res) {
    struct str list = req->if_none_match, tag;
    if (!list.p || !res->has_etag) return false;
    if (str_is(list, "*")) return true;
    while (next_tag(&list, &tag))
        if (str_is(tag, res->etag)) return true;
    return false;
}

/* 1 to 3 seconds, by the request's own id, so that those who are sent away together do not come back together. */
static int jittered_second(const struct request *req) {
    unsigned sum = 0;
    for (const char *p = req->request_id; *p; p++) sum = sum * 31 + (unsigned char)*p;
    return 1 + (int)(sum % 3);
}

void response_complete(const struct request *req, struct response *res) {
    if (res->status == 0) res->status = res->no_body ? 204 : 200;
    if (res->status == 204 || res->status == 304) res->no_body = true;
    if ((res->status == 429 || res->status == 503) && res->retry_after <= 0) res->retry_after = jittered_second(req);
}

static void write_cors(const struct cors_answer *cors, struct buf *out) {
    buf_add_z(out, cors->configured ? "Vary: Accept-Language, Origin\r\n" : "Vary: Accept-Language\r\n");
    if (!cors->allow_origin.p) return;
    buf_add_z(out, "Access-Control-Allow-Origin: ");
    buf_add_str(out, cors->allow_origin);
    buf_printf(out, "\r\nAccess-Control-Expose-Headers: %s\r\n", exposed);
}

static void write_header(struct buf *out, const char *name, const char *value) {
    buf_add_z(out, name);
    buf_add(out, ": ", 2);
    buf_add_z(out, value);
    buf_add(out, "\r\n", 2);
}

static void write_number_header(struct buf *out, const char *name, long long value) {
    buf_add_z(out, name);
    buf_add(out, ": ", 2);
    buf_add_int(out, value);
    buf_add(out, "\r\n", 2);
}

static void write_body_headers(const struct response *res, struct buf *out) {
    if (!res->no_body || res->content_type)
        write_header(out, "Content-Type", res->content_type ? res->content_type : default_type);
    if (!res->no_body) write_number_header(out, "Content-Length", (long long)res->body.n);
}

static void write_headers(const struct request *req, const struct response *res, struct buf *out) {
    write_number_header(out, "Status", res->status);
    write_header(out, "X-Request-Id", req->request_id);
    write_header(out, "X-Content-Type-Options", "nosniff");
    if (res->status != 304 && res->status != 204) write_body_headers(res, out);
    if (!response_find(res, "Cache-Control"))
        write_header(out, "Cache-Control", res->has_etag ? "private, no-cache" : "no-store");
    if (res->has_etag) buf_printf(out, "ETag: %s\"%s\"\r\n", res->weak_list ? "W/" : "", res->etag);
    if (res->location && one_line(res->location)) write_header(out, "Location", res->location);
    if (res->retry_after > 0) write_number_header(out, "Retry-After", res->retry_after);
    if (res->status == 401) write_header(out, "WWW-Authenticate", "Bearer");
    for (int i = 0; i < res->header_count; i++) write_header(out, res->headers[i].name, res->headers[i].value);
}

/* Memory is used up: an answer from this thread's own few bytes. The caller sends it before it answers anything else.
 */
static void write_emergency(const struct request *req, struct buf *out) {
    static _Thread_local char text[768];
    static const char body[] =
        "{\"type\":\"/docs/problems#internal_error\",\"title\":\"系统内部错误\",\"status\":500,"
        "\"detail\":\"系统出错，请稍后重试。\",\"code\":\"internal_error\",\"request_id\":\"%s\"}";
    int body_size = snprintf(NULL, 0, body, req->request_id);
    int n = snprintf(text, sizeof text,
                     "Status: 500\r\nX-Request-Id: %s\r\nX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
                     "Content-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n",
                     req->request_id, body_size);
    n += snprintf(text + n, sizeof text - (size_t)n, body, req->request_id);
    *out = (struct buf){.arena = out->arena, .p = text, .n = (size_t)n, .cap = (size_t)n, .max = (size_t)n};
}

bool response_write(const struct request *req, const struct response *res, const struct cors_answer *cors,
                    struct buf *out) {
    write_headers(req, res, out);
    write_cors(cors, out);
    buf_add_z(out, "\r\n");
    if (!res->no_body) buf_add_str(out, buf_str(&res->body));
    if (!out->failed && !res->body.failed) return true;
    log_event(LOG_ERROR, "answer_lost", "no memory for the answer to %s", req->request_id);
    write_emergency(req, out);
    return false;
}
