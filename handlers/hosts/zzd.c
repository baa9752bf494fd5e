/* What is asked of the open platform: who a code belongs to, who is in the directory, and that a notice be shown. */
#include "hosts/zzd_wire.h"

#include "base/timefmt.h"
#include "base/utf8.h"

enum { CODE_MAX = 512 };

/* ---- sign-in ---- */

static const struct {
    const char *name, *path;
    struct str code_param;
} ways[ZZD_WAY__MAX] = {
    [ZZD_CLIENT] = {"zzd user", "/rpc/oauth2/dingtalk_app_user.json", {"auth_code", 9}},
    [ZZD_QR] = {"zzd qr user", "/rpc/oauth2/getuserinfo_bycode.json", {"code", 4}},
};

static enum rc ask_person(struct http_client *c, const struct zzd_config *config, enum zzd_way way, struct str token,
                          struct str code, int64_t deadline_us, struct arena *a, struct zzd_person *person) {
    const struct json_value *data;
    const struct zzd_param params[] = {{STR("access_token"), token}, {ways[way].code_param, code}};
    struct zzd_call call = {.name = ways[way].name,
                            .post = true,
                            .path = ways[way].path,
                            .params = params,
                            .param_count = 2,
                            .keys = way,
                            .deadline_us = deadline_us};
    enum rc rc = zzd_ask(c, config, &call, a, &data);
    return rc == RC_OK ? zzd_read_person(data, person) : rc;
}

enum rc zzd_exchange_code(struct http_client *c, const struct zzd_config *config, struct zzd_tokens *t,
                          enum zzd_way way, struct str code, struct arena *a, struct zzd_person *person) {
    int64_t deadline_us = time_mono_us() + config->total_ms * 1000;
    *person = (struct zzd_person){0};
    if ((unsigned)way >= ZZD_WAY__MAX) return RC_INTERNAL;
    if (!code.p || !code.n || code.n > CODE_MAX || !utf8_is_text(code)) return RC_BAD_TICKET;
    /* A refused token does not spend the code: once more with a new token. */
    for (int attempt = 0; attempt < 2; attempt++) {
        struct str token;
        enum rc rc = zzd_app_token(c, config, t, way, deadline_us, a, &token);
        if (rc == RC_OK) rc = ask_person(c, config, way, token, code, deadline_us, a, person);
        if (rc != RC_BAD_TOKEN) return rc;
        zzd_token_refused(t, way, token);
    }
    return RC_HOST_APP;
}

/* ---- directory ---- */

static enum rc ask_contacts(struct http_client *c, const struct zzd_config *config, const char *name, const char *path,
                            const struct zzd_param *params, size_t n, struct arena *a, struct zzd_contact **found,
                            size_t *count) {
    const struct json_value *data;
    struct zzd_call call = {.name = name,
                            .post = true,
                            .path = path,
                            .params = params,
                            .param_count = n,
                            .keys = ZZD_CLIENT,
                            .deadline_us = time_mono_us() + config->total_ms * 1000};
    enum rc rc = zzd_ask(c, config, &call, a, &data);
    if (rc == RC_OK) rc = zzd_read_contacts(data, a, found, count);
    return rc == RC_OK || rc == RC_INTERNAL ? rc : RC_HOST_APP;
}

static bool is_mobile(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n == 11;
}

enum rc zzd_find_by_mobiles(struct http_client *c, const struct zzd_config *config, const struct str *mobiles, size_t n,
                            struct arena *a, struct zzd_contact **found, size_t *count) {
    struct buf list;
    *found = NULL;
    *count = 0;
    if (!n || n > ZZD_MOBILES_MAX) return RC_INVALID;
    buf_init(&list, a, ZZD_MOBILES_MAX * 12);
    for (size_t i = 0; i < n; i++) {
        if (!is_mobile(mobiles[i])) return RC_INVALID;
        if (i) buf_add_char(&list, ',');
        buf_add_str(&list, mobiles[i]);
    }
    if (list.failed) return RC_INTERNAL;
    const struct zzd_param params[] = {
        {STR("areaCode"), STR("86")},
        {STR("tenantId"), str_of(config->tenant_id)},
        {STR("namespace"), STR("local")},
        {STR("mobiles"), buf_str(&list)},
    };
    return ask_contacts(c, config, "zzd mobiles", "/mozi/employee/get_by_mobiles", params,
                        sizeof params / sizeof params[0], a, found, count);
}

enum rc zzd_account_ids_by_codes(struct http_client *c, const struct zzd_config *config, const struct str *codes,
                                 size_t n, struct arena *a, struct zzd_contact **found, size_t *count) {
    struct zzd_param params[ZZD_CODES_MAX + 1];
    *found = NULL;
    *count = 0;
    if (!n || n > ZZD_CODES_MAX) return RC_INVALID;
    params[0] = (struct zzd_param){STR("tenantId"), str_of(config->tenant_id)};
    for (size_t i = 0; i < n; i++) {
        if (!codes[i].n || codes[i].n > 64 || !utf8_is_text(codes[i])) return RC_INVALID;
        params[i + 1] = (struct zzd_param){STR("employeeCodes"), codes[i]};
    }
    return ask_contacts(c, config, "zzd accounts", "/mozi/employee/listEmployeeAccountIds", params, n + 1, a, found,
                        count);
}

/* ---- work notices ---- */

static bool join_receivers(const int64_t *receivers, size_t n, struct buf *b) {
    for (size_t i = 0; i < n; i++) {
        if (receivers[i] <= 0) return false;
        if (i) buf_add_char(b, ',');
        buf_add_int(b, receivers[i]);
    }
    return true;
}

static bool is_biz_id(struct str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~') return false;
    return s.n > 0 && s.n <= ZZD_BIZ_ID_MAX;
}

enum zzd_notice zzd_send_work_notice(struct http_client *c, const struct zzd_config *config, const int64_t *receivers,
                                     size_t n, struct str biz_msg_id, struct str msg, struct arena *a) {
    struct buf list;
    struct http_answer answer;
    buf_init(&list, a, ZZD_RECEIVERS_MAX * 21);
    if (!n || n > ZZD_RECEIVERS_MAX || !join_receivers(receivers, n, &list) || !is_biz_id(biz_msg_id) || !msg.n ||
        msg.n > ZZD_MSG_MAX || !utf8_valid(msg))
        return ZZD_NOTICE_INVALID;
    if (list.failed) return ZZD_NOTICE_NOT_SENT;
    const struct zzd_param params[] = {
        {STR("tenantId"), str_of(config->tenant_id)},
        {STR("receiverIds"), buf_str(&list)},
        {STR("bizMsgId"), biz_msg_id},
        {STR("msg"), msg},
    };
    struct zzd_call call = {.name = "zzd notice",
                            .post = true,
                            .path = "/message/workNotification",
                            .params = params,
                            .param_count = sizeof params / sizeof params[0],
                            .keys = ZZD_CLIENT,
                            .once = true,
                            .deadline_us = time_mono_us() + config->total_ms * 1000};
    enum http_outcome outcome = zzd_send(c, config, &call, a, &answer);
    if (outcome != HTTP_ANSWERED) return outcome == HTTP_NOT_SENT ? ZZD_NOTICE_NOT_SENT : ZZD_NOTICE_UNCERTAIN;
    return zzd_read_notice(answer.status, answer.body, a);
}
