/* What the open platform answers: envelopes and codes, persons, directory entries, notices. */
#include "hosts/zzd.h"

#include "base/log.h"
#include "base/num.h"
#include "hosts/answer.h"

enum { CODE_MAX = 64, MESSAGE_MAX = 500, EMPLOYEE_CODE_MAX = 64, ACCOUNT_MAX = 100, MOBILE_MAX = 32, LIST_MAX = 100 };

/* ---- envelopes ---- */

/* The first of the members that holds a code; "0" stands for none. */
static struct str first_code(const struct json_value *object, const char *const *names, size_t n) {
    for (size_t i = 0; i < n; i++) {
        struct str code = answer_text(object, names[i], CODE_MAX);
        if (code.p && !str_is(code, "0")) return code;
    }
    return (struct str){0};
}

static struct zzd_answer read_refusal(const struct json_value *object) {
    static const char *const names[] = {"bizErrorCode", "Code", "errorCode"};
    return (struct zzd_answer){.kind = ZZD_REFUSED,
                               .code = first_code(object, names, sizeof names / sizeof names[0]),
                               .message = answer_text(object, "Message", MESSAGE_MAX)};
}

struct zzd_answer zzd_read_answer(struct str text, struct arena *a) {
    static const char *const names[] = {"responseCode", "bizErrorCode", "errorCode"};
    const struct json_value *object = answer_parse(text, a), *success = json_at(object, "success", NULL);
    struct zzd_answer answer = {.kind = ZZD_NONSENSE};
    if (answer_is_absent(success)) return answer;
    if (!answer_is_true(success)) return read_refusal(object);
    answer.content = json_at(object, "content", NULL);
    answer.data = json_at(answer.content, "data", NULL);
    if (answer_is_absent(answer.data)) answer.data = NULL;
    const struct json_value *inner = json_at(answer.content, "success", NULL);
    /* An older form lacks the inner flag: then only data says that it went well. */
    if (answer_is_absent(inner) ? answer.data != NULL : answer_is_true(inner)) {
        answer.kind = ZZD_GOOD;
        return answer;
    }
    if (!answer.content || answer.content->kind != JSON_OBJECT) return answer;
    answer.kind = ZZD_FAILED;
    answer.data = NULL;
    answer.code = first_code(answer.content, names, sizeof names / sizeof names[0]);
    answer.message = answer_text(answer.content, "responseMessage", MESSAGE_MAX);
    return answer;
}

static const struct {
    const char *code;
    enum rc rc;
} codes[] = {
    {"240111", RC_BAD_TICKET}, /* sign-in code used, expired or another application's */
    {"240132", RC_BAD_TICKET}, /* sign-in refused */
    {"250027", RC_BAD_TOKEN},  /* access token not correct */
    {"240133", RC_BAD_TOKEN},  /* application's token invalid or gone */
};

enum rc zzd_answer_rc(const char *name, const struct zzd_answer *answer) {
    if (answer->kind == ZZD_GOOD) return RC_OK;
    if (answer->kind == ZZD_NONSENSE) {
        log_event(LOG_WARN, "host_call", "%s: the answer makes no sense", name);
        return RC_HOST_APP;
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (!str_is(answer->code, codes[i].code)) continue;
        log_event(LOG_INFO, "host_ticket", "%s: refused with %s", name, codes[i].code);
        return codes[i].rc;
    }
    bool ours = answer->kind == ZZD_REFUSED;
    log_event(ours ? LOG_ERROR : LOG_WARN, ours ? "host_refuses_us" : "host_call", "%s: failed with code %s%s", name,
              answer->code.n ? answer_code(answer->code).z : "(none)",
              ours ? "; check keys, grants and this machine's clock" : "");
    return RC_HOST_APP;
}

/* ---- persons ---- */

/* "realm$account", which says both again. */
static bool split_tenant_user(struct str s, int64_t *realm, int64_t *account) {
    const char *dollar = s.p ? memchr(s.p, '$', s.n) : NULL;
    if (!dollar) return false;
    size_t n = (size_t)(dollar - s.p);
    return num_i64((struct str){s.p, n}, 1, INT64_MAX, realm) &&
           num_i64((struct str){dollar + 1, s.n - n - 1}, 1, INT64_MAX, account);
}

enum rc zzd_read_person(const struct json_value *data, struct zzd_person *person) {
    int64_t realm = 0, account = 0;
    *person = (struct zzd_person){0};
    split_tenant_user(answer_text(data, "tenantUserId", CODE_MAX), &realm, &account);
    if ((!num_i64(answer_text(data, "realmId", CODE_MAX), 1, INT64_MAX, &person->realm_id) &&
         !(person->realm_id = realm)) ||
        (!num_i64(answer_text(data, "accountId", CODE_MAX), 1, INT64_MAX, &person->account_id) &&
         !(person->account_id = account))) {
        log_event(LOG_WARN, "host_call", "zzd person: the answer names no account");
        *person = (struct zzd_person){0};
        return RC_HOST_APP;
    }
    person->employee_code = answer_text(data, "employeeCode", EMPLOYEE_CODE_MAX);
    person->account = answer_text(data, "account", ACCOUNT_MAX);
    person->name = answer_name(data, "lastName");
    if (!person->name.p) person->name = answer_name(data, "nickNameCn");
    return RC_OK;
}

enum rc zzd_read_contacts(const struct json_value *data, struct arena *a, struct zzd_contact **found, size_t *count) {
    *count = 0;
    *found = arena_array(a, LIST_MAX, sizeof **found);
    if (!*found) return RC_INTERNAL;
    if (!data) return RC_OK; /* nobody */
    if (data->kind != JSON_ARRAY) return RC_HOST_APP;
    for (const struct json_value *v = data->child; v && *count < LIST_MAX; v = v->next) {
        struct zzd_contact contact = {.mobile = answer_text(v, "mobile", MOBILE_MAX),
                                      .employee_code = answer_text(v, "employeeCode", EMPLOYEE_CODE_MAX)};
        if (num_i64(answer_text(v, "accountId", CODE_MAX), 1, INT64_MAX, &contact.account_id))
            (*found)[(*count)++] = contact;
    }
    return RC_OK;
}

/* ---- work notices ---- */

/* The platform publishes no list of these codes: its texts are what tells. Fragments are in lower case. A gateway's
 * words are about clocks and days too, so that most fragments are looked for in the service's own only. */
static const struct {
    const char *fragment;
    enum zzd_notice notice;
    bool of_gateway;
} refusals[] = {
    {"duplicat", ZZD_NOTICE_DUPLICATE, false}, {"repeat", ZZD_NOTICE_DUPLICATE, false},
    {"already", ZZD_NOTICE_DUPLICATE, false},  {"used before", ZZD_NOTICE_DUPLICATE, false},
    {"重复", ZZD_NOTICE_DUPLICATE, false},     {"已存在", ZZD_NOTICE_DUPLICATE, false},
    {"limit", ZZD_NOTICE_LIMIT, true},         {"throttl", ZZD_NOTICE_LIMIT, true},
    {"限流", ZZD_NOTICE_LIMIT, true},          {"exceed", ZZD_NOTICE_LIMIT, false},
    {"too many", ZZD_NOTICE_LIMIT, false},     {"frequen", ZZD_NOTICE_LIMIT, false},
    {"quota", ZZD_NOTICE_LIMIT, false},        {"day", ZZD_NOTICE_LIMIT, false},
    {"daily", ZZD_NOTICE_LIMIT, false},        {"batch", ZZD_NOTICE_LIMIT, false},
    {"parallel", ZZD_NOTICE_LIMIT, false},     {"频", ZZD_NOTICE_LIMIT, false},
    {"上限", ZZD_NOTICE_LIMIT, false},         {"超过", ZZD_NOTICE_LIMIT, false},
    {"超出", ZZD_NOTICE_LIMIT, false},         {"限制", ZZD_NOTICE_LIMIT, false},
};

static bool contains(struct str text, const char *fragment) {
    size_t n = strlen(fragment);
    for (size_t i = 0; i + n <= text.n; i++) {
        size_t same = 0;
        while (same < n) {
            char c = text.p[i + same];
            if (c >= 'A' && c <= 'Z') c = (char)(c + ('a' - 'A'));
            if (c != fragment[same]) break;
            same++;
        }
        if (same == n) return true;
    }
    return false;
}

static enum zzd_notice read_refused_notice(const struct zzd_answer *answer) {
    bool gateway = answer->kind == ZZD_REFUSED;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (gateway && !refusals[i].of_gateway) continue;
        if (contains(answer->code, refusals[i].fragment) || contains(answer->message, refusals[i].fragment))
            return refusals[i].notice;
    }
    log_event(gateway ? LOG_ERROR : LOG_WARN, gateway ? "host_refuses_us" : "host_call",
              "zzd notice: refused with code %s", answer->code.n ? answer_code(answer->code).z : "(none)");
    return ZZD_NOTICE_REFUSED;
}

/* Not the common envelope: content is the message's id, as an object or as text; failures may come in either form. */
static bool names_message(const struct zzd_answer *answer) {
    const struct json_value *c = answer->content;
    return c && (json_text(c).n > 0 || json_text(json_at(c, "msgId", NULL)).n > 0);
}

enum zzd_notice zzd_read_notice(int status, struct str text, struct arena *a) {
    struct zzd_answer answer = zzd_read_answer(text, a);
    bool good_status = status >= 200 && status < 300 && status != 203;
    bool said_no = answer.kind == ZZD_FAILED && !answer_is_absent(json_at(answer.content, "success", NULL));
    if (good_status && !said_no && (answer.kind == ZZD_GOOD || names_message(&answer))) return ZZD_NOTICE_SENT;
    if (answer.kind == ZZD_REFUSED || answer.kind == ZZD_FAILED) {
        /* An inner part without flag, id or code says neither yes nor no. */
        if (answer.kind == ZZD_FAILED && !said_no && !answer.code.p) return ZZD_NOTICE_UNCERTAIN;
        return read_refused_notice(&answer);
    }
    log_event(LOG_WARN, "host_call", "zzd notice: status %d without a readable answer", status);
    return status >= 400 && status < 500 ? ZZD_NOTICE_REFUSED : ZZD_NOTICE_UNCERTAIN;
}
