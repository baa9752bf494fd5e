/* How the open platform is called: parameters sorted and signed raw, sent percent-encoded. */
#include "hosts/zzd_wire.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "hosts/answer.h"

#include <stdlib.h>

enum { PARAMS_TEXT_MAX = 64 * 1024, NONCE_TEXT = 24 };

/* ---- signature ---- */

static int compare_str(struct str a, struct str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_params(const void *x, const void *y) {
    const struct zzd_param *a = x, *b = y;
    int order = compare_str(a->name, b->name);
    return order ? order : compare_str(a->value, b->value);
}

/* Sorted, without those that have no value; p == NULL with *n 0 when there are none or memory is used up. */
static struct zzd_param *sort_params(const struct zzd_param *params, size_t count, struct arena *a, size_t *n) {
    struct zzd_param *sorted = count ? arena_array(a, count, sizeof *sorted) : NULL;
    *n = 0;
    for (size_t i = 0; sorted && i < count; i++)
        if (params[i].value.n) sorted[(*n)++] = params[i];
    if (sorted) qsort(sorted, *n, sizeof *sorted, compare_params);
    return sorted;
}

static bool finish_md5(struct buf *b, const char *secret, char out[ZZD_SIGNATURE_TEXT]) {
    buf_add_char(b, '\n');
    buf_add_z(b, secret);
    return !b->failed && md5_hex(buf_str(b), out);
}

bool zzd_sign(const struct zzd_signed *s, const char *secret, enum zzd_algorithm algorithm, struct arena *a,
              char out[ZZD_SIGNATURE_TEXT]) {
    size_t n;
    uint8_t mac[32];
    struct buf b;
    const struct zzd_param *sorted = sort_params(s->params, s->param_count, a, &n);
    if (s->param_count && !sorted) return false;
    buf_init(&b, a, PARAMS_TEXT_MAX);
    buf_printf(&b, "%s\n%s\n%s\n%s", s->method, s->timestamp, s->nonce, s->path);
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&b, i ? '&' : '\n');
        buf_add_str(&b, sorted[i].name);
        buf_add_char(&b, '=');
        buf_add_str(&b, sorted[i].value);
    }
    if (algorithm == ZZD_MD5) return finish_md5(&b, secret, out);
    if (b.failed || !hmac_sha256(str_of(secret), buf_str(&b), mac)) return false;
    base64_encode(mac, sizeof mac, out);
    return true;
}

/* ---- one call ---- */

static bool has_qr_keys(const struct zzd_config *c) { return c->qr_app_key && *c->qr_app_key; }

const char *zzd_app_key(const struct zzd_config *config, enum zzd_way keys) {
    return keys == ZZD_QR && has_qr_keys(config) ? config->qr_app_key : config->app_key;
}

const char *zzd_app_secret(const struct zzd_config *config, enum zzd_way keys) {
    return keys == ZZD_QR && has_qr_keys(config) ? config->qr_app_secret : config->app_secret;
}

/* Milliseconds and four digits by chance, as other clients do. */
static const char *make_nonce(int64_t us, struct arena *a) {
    uint16_t chance;
    if (!random_bytes(&chance, sizeof chance)) return NULL;
    return arena_printf(a, "%lld%04u", (long long)(us / 1000), (unsigned)chance % 10000u);
}

static bool sign_request(const struct zzd_config *config, const struct zzd_call *call, struct http_request *r,
                         struct arena *a) {
    int64_t now = time_now_us();
    char *timestamp = arena_alloc(a, TIME_TEXT_MAX), *signature = arena_alloc(a, ZZD_SIGNATURE_TEXT);
    const char *nonce = make_nonce(now, a);
    if (!timestamp || !signature || !nonce) return false;
    time_format_beijing(now, 3, timestamp);
    struct zzd_signed s = {call->post ? "POST" : "GET", timestamp, nonce, call->path, call->params, call->param_count};
    if (!zzd_sign(&s, zzd_app_secret(config, call->keys), ZZD_HMAC_SHA256, a, signature)) return false;
    const struct http_header headers[] = {
        {"apiKey", zzd_app_key(config, call->keys)},
        {"X-Hmac-Auth-Timestamp", timestamp},
        {"X-Hmac-Auth-Nonce", nonce},
        {"X-Hmac-Auth-Version", "1.0"},
        {"X-Hmac-Auth-Signature", signature},
        {"Accept", "application/json"},
        {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
    };
    memcpy(r->headers, headers, sizeof headers);
    r->header_count = sizeof headers / sizeof headers[0] - (call->post ? 0 : 1);
    return true;
}

static const char *encode_params(const struct zzd_call *call, struct arena *a) {
    struct buf b;
    buf_init(&b, a, PARAMS_TEXT_MAX);
    for (size_t i = 0; i < call->param_count; i++)
        if (call->params[i].value.n) http_form_add(&b, call->params[i].name, call->params[i].value);
    buf_add_char(&b, '\0');
    return b.failed ? NULL : b.p;
}

enum http_outcome zzd_send(struct http_client *c, const struct zzd_config *config, const struct zzd_call *call,
                           struct arena *a, struct http_answer *answer) {
    *answer = (struct http_answer){0};
    struct http_request r = {
        .name = call->name,
        .post = call->post,
        .connect_to = config->connect_to,
        .once = call->once,
        .connect_ms = config->connect_ms,
        .deadline_us = call->deadline_us,
    };
    const char *params = encode_params(call, a);
    const char *target = params && !call->post ? arena_printf(a, "%s%s%s", call->path, *params ? "?" : "", params)
                                               : call->path;
    if (!params || !target || !(r.url = http_join(a, config->host, target)) || !sign_request(config, call, &r, a))
        return HTTP_NOT_SENT;
    if (call->post) r.body = str_of(params);
    return http_send(c, &r, a, answer);
}

enum rc zzd_ask(struct http_client *c, const struct zzd_config *config, const struct zzd_call *call, struct arena *a,
                const struct json_value **data) {
    struct http_answer http;
    *data = NULL;
    if (zzd_send(c, config, call, a, &http) != HTTP_ANSWERED) return RC_HOST_APP;
    struct zzd_answer answer = zzd_read_answer(http.body, a);
    /* Refusals come with error statuses too, and their codes count; a good answer doesn't. */
    if ((http.status >= 300 || http.status == 203) && answer.kind == ZZD_GOOD) answer.kind = ZZD_NONSENSE;
    if (answer.kind == ZZD_NONSENSE) log_event(LOG_WARN, "host_call", "%s: status %d", call->name, http.status);
    *data = answer.data;
    return zzd_answer_rc(call->name, &answer);
}
