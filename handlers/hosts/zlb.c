/* Calls of Zheliban's components: signed for the gateway, two for each ticket. Answers are read in zlb_read.c. */
#include "hosts/zlb.h"

#include "base/crypto.h"
#include "base/encode.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "hosts/answer.h"

enum { TICKET_MAX = 512, FORM_MAX = 8192, SMS_CHARACTERS_MAX = 500, REFUSAL_SHOWN_MAX = 80 };

#define FORM_TYPE "application/x-www-form-urlencoded; charset=UTF-8"
#define JSON_TYPE "application/json; charset=UTF-8"
#define SIMPLEAUTH "/sso/servlet/simpleauth"

/* ---- signatures ---- */

bool zlb_gateway_signature(const struct zlb_signed *s, struct arena *a, char out[ZLB_SIGNATURE_TEXT]) {
    uint8_t mac[32];
    const char *text = arena_printf(a, "%s\n%s\n%s\n%s\n%s\n", s->method, s->path, s->query, s->access_key, s->date);
    if (!text || !hmac_sha256(str_of(s->secret_key), str_of(text), mac)) return false;
    base64_encode(mac, sizeof mac, out);
    return true;
}

bool zlb_sign_md5(const char *access_key, const char *secret_key, const char *time, struct arena *a,
                  char out[ZLB_MD5_TEXT]) {
    const char *text = arena_printf(a, "%s%s%s", access_key, secret_key, time);
    return text && md5_hex(str_of(text), out);
}

/* ---- one call ---- */

static const char *own_or(const char *own, const char *common) { return own && *own ? own : common ? common : ""; }
static const char *access_key(const struct zlb_config *c, enum zlb_component_index i) {
    return own_or(c->components[i].access_key, c->access_key);
}
static const char *secret_key(const struct zlb_config *c, enum zlb_component_index i) {
    return own_or(c->components[i].secret_key, c->secret_key);
}

struct call {
    enum zlb_component_index component;
    const char *path, *query, *content_type;
    struct str body;
    bool once;
    int64_t deadline_us;
};

static const char *const names[ZLB_COMPONENT__MAX] = {
    [ZLB_TICKET] = "zlb ticket", [ZLB_USER] = "zlb user", [ZLB_TOKEN] = "zlb token",
    [ZLB_INFO] = "zlb info",     [ZLB_SMS] = "zlb sms",
};

static bool sign_request(const struct zlb_config *config, const struct call *call, const char *path,
                         struct http_request *r, struct arena *a) {
    char *date = arena_alloc(a, TIME_TEXT_MAX), *signature = arena_alloc(a, ZLB_SIGNATURE_TEXT);
    if (!date || !signature) return false;
    time_format_http(time_now_us(), date);
    struct zlb_signed s = {
        "POST", path, call->query, access_key(config, call->component), secret_key(config, call->component), date};
    if (!zlb_gateway_signature(&s, a, signature)) return false;
    const struct http_header headers[] = {
        {"X-BG-HMAC-ACCESS-KEY", s.access_key}, {"X-BG-HMAC-ALGORITHM", "hmac-sha256"}, {"X-BG-DATE-TIME", date},
        {"X-BG-HMAC-SIGNATURE", signature},     {"Content-Type", call->content_type},   {"Accept", "application/json"},
    };
    memcpy(r->headers, headers, sizeof headers);
    r->header_count = sizeof headers / sizeof headers[0];
    return true;
}

/* The gateway refuses before any component sees the call: our own configuration is wrong, and nobody can sign in. */
static void log_refusal(const char *name, const struct http_answer *answer, struct arena *a) {
    struct str message = {0};
    bool ours = answer->status == 401 || answer->status == 403;
    if (ours) message = answer_text(answer_parse(answer->body, a), "message", REFUSAL_SHOWN_MAX);
    log_event(ours ? LOG_ERROR : LOG_WARN, ours ? "host_refuses_us" : "host_call", "%s: status %d%s%.*s%s", name,
              answer->status, message.p ? ": " : "", (int)message.n, message.p ? message.p : "",
              ours ? "; check keys, component id, grants and this machine's clock" : "");
}

static enum http_outcome send_call(struct http_client *c, const struct zlb_config *config, const struct call *call,
                                   struct arena *a, struct http_answer *answer) {
    *answer = (struct http_answer){0};
    const char *path = arena_printf(a, "/restapi/prod/%s%s", config->components[call->component].id, call->path);
    const char *target = path ? arena_printf(a, "%s%s%s", path, *call->query ? "?" : "", call->query) : NULL;
    struct http_request r = {
        .name = names[call->component],
        .post = true,
        .connect_to = config->connect_to,
        .body = call->body,
        .once = call->once,
        .connect_ms = config->connect_ms,
        .deadline_us = call->deadline_us,
    };
    if (!target || !(r.url = http_join(a, config->gateway, target)) || !sign_request(config, call, path, &r, a))
        return HTTP_NOT_SENT;
    enum http_outcome outcome = http_send(c, &r, a, answer);
    if (outcome == HTTP_ANSWERED && answer->status != 200) log_refusal(r.name, answer, a);
    return outcome;
}

static enum rc ask(struct http_client *c, const struct zlb_config *config, const struct call *call, struct arena *a,
                   struct str *text) {
    struct http_answer answer;
    if (send_call(c, config, call, a, &answer) != HTTP_ANSWERED || answer.status != 200) return RC_HOST_APP;
    *text = answer.body;
    return RC_OK;
}

/* ---- simpleauth: App and Alipay ---- */

static enum rc ask_simpleauth(struct http_client *c, const struct zlb_config *config,
                              enum zlb_component_index component, const char *method, struct str what, struct str value,
                              int64_t deadline_us, struct arena *a, struct str *text) {
    char time[TIME_TEXT_MAX], sign[ZLB_MD5_TEXT];
    struct buf form;
    time_format_compact_beijing(time_now_us(), time);
    if (!zlb_sign_md5(access_key(config, component), secret_key(config, component), time, a, sign)) return RC_INTERNAL;
    buf_init(&form, a, FORM_MAX);
    http_form_add(&form, STR("method"), str_of(method));
    http_form_add(&form, STR("servicecode"), str_of(access_key(config, component)));
    http_form_add(&form, STR("time"), str_of(time));
    http_form_add(&form, STR("sign"), str_of(sign));
    http_form_add(&form, what, value);
    http_form_add(&form, STR("datatype"), STR("json")); /* XML without it */
    if (form.failed) return RC_INTERNAL;
    struct call call = {.component = component,
                        .path = SIMPLEAUTH,
                        .query = "",
                        .content_type = FORM_TYPE,
                        .body = buf_str(&form),
                        .deadline_us = deadline_us};
    return ask(c, config, &call, a, text);
}

static enum rc exchange_simpleauth(struct http_client *c, const struct zlb_config *config, struct str ticket,
                                   int64_t deadline_us, struct arena *a, struct zlb_person *person) {
    struct str text, token;
    enum rc rc = ask_simpleauth(c, config, ZLB_TICKET, "ticketValidation", STR("st"), ticket, deadline_us, a, &text);
    if (rc == RC_OK) rc = zlb_read_ticket(text, a, &token);
    if (rc == RC_OK)
        rc = ask_simpleauth(c, config, ZLB_USER, "getUserInfo", STR("token"), token, deadline_us, a, &text);
    return rc == RC_OK ? zlb_read_user(text, a, person) : rc;
}

/* ---- unified SSO: WeChat ---- */

static enum rc ask_sso(struct http_client *c, const struct zlb_config *config, enum zlb_component_index component,
                       const char *path, struct str body, int64_t deadline_us, struct arena *a, struct str *text) {
    struct call call = {.component = component,
                        .path = path,
                        .query = "",
                        .content_type = JSON_TYPE,
                        .body = body,
                        .deadline_us = deadline_us};
    return ask(c, config, &call, a, text);
}

static bool sso_body(struct arena *a, struct str ticket, struct str app_id, struct str token, struct str *body) {
    struct buf b;
    struct json_out w;
    buf_init(&b, a, FORM_MAX);
    jw_init(&w, &b);
    jw_begin_object(&w);
    if (ticket.p) jw_key_str(&w, "ticketId", ticket);
    if (app_id.p) jw_key_str(&w, "appId", app_id);
    if (token.p) jw_key_str(&w, "token", token);
    jw_end_object(&w);
    *body = buf_str(&b);
    return !b.failed;
}

static enum rc exchange_sso(struct http_client *c, const struct zlb_config *config, struct str ticket,
                            int64_t deadline_us, struct arena *a, struct zlb_person *person) {
    struct str body, text, token;
    const struct str none = {0};
    if (!sso_body(a, ticket, str_of(own_or(config->app_id, "")), none, &body)) return RC_INTERNAL;
    enum rc rc = ask_sso(c, config, ZLB_TOKEN, "/uc/sso/access_token", body, deadline_us, a, &text);
    if (rc == RC_OK) rc = zlb_read_sso_token(text, a, &token);
    if (rc == RC_OK && !sso_body(a, none, none, token, &body)) rc = RC_INTERNAL;
    if (rc == RC_OK) rc = ask_sso(c, config, ZLB_INFO, "/uc/sso/getUserInfo", body, deadline_us, a, &text);
    return rc == RC_OK ? zlb_read_sso_user(text, a, person) : rc;
}

/* ---- tickets ---- */

typedef enum rc exchange_fn(struct http_client *c, const struct zlb_config *config, struct str ticket,
                            int64_t deadline_us, struct arena *a, struct zlb_person *person);

static exchange_fn *const exchanges[ZLB_CHANNEL__MAX] = {
    [ZLB_APP] = exchange_simpleauth,
    [ZLB_ALIPAY] = exchange_simpleauth,
    [ZLB_WECHAT] = exchange_sso,
};

enum rc zlb_exchange_ticket(struct http_client *c, const struct zlb_config *config, enum zlb_channel channel,
                            struct str ticket, struct arena *a, struct zlb_person *person) {
    *person = (struct zlb_person){0};
    if ((unsigned)channel >= ZLB_CHANNEL__MAX) return RC_INTERNAL;
    if (!ticket.p || !ticket.n || ticket.n > TICKET_MAX || !utf8_is_text(ticket)) return RC_BAD_TICKET;
    return exchanges[channel](c, config, ticket, time_mono_us() + config->total_ms * 1000, a, person);
}

/* ---- text messages ---- */

static bool is_eleven_digits(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n == 11;
}

enum rc zlb_send_sms(struct http_client *c, const struct zlb_config *config, struct str phone, struct str text,
                     struct arena *a) {
    struct buf query;
    struct http_answer answer;
    if (!is_eleven_digits(phone) || !text.n || !utf8_is_text(text) || utf8_count(text) > SMS_CHARACTERS_MAX)
        return RC_INVALID;
    buf_init(&query, a, FORM_MAX);
    /* In the order of their names, as they are signed. */
    http_form_add(&query, STR("MessageContent"), text);
    http_form_add(&query, STR("UserNumber"), phone);
    http_form_add(&query, STR("f"), STR("1"));
    http_form_add(&query, STR("signCode"), str_of(own_or(config->sms_sign_code, "")));
    buf_add_char(&query, '\0');
    if (query.failed) return RC_INTERNAL;
    struct call call = {.component = ZLB_SMS,
                        .path = "/rest/sop-sms/sms/post/Send",
                        .query = query.p,
                        .content_type = FORM_TYPE,
                        .body = STR(""),
                        .once = true,
                        .deadline_us = time_mono_us() + config->total_ms * 1000};
    enum http_outcome outcome = send_call(c, config, &call, a, &answer);
    if (outcome != HTTP_ANSWERED) return outcome == HTTP_NOT_SENT ? RC_HOST_APP : RC_UNCERTAIN;
    if (answer.status == 200) return RC_OK;
    /* The gateway refused it (4xx); behind a 5xx the component may have run. */
    return answer.status < 500 ? RC_HOST_APP : RC_UNCERTAIN;
}
