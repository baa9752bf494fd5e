/* What Zheliban's components answer: result codes to ours, user records to a person. */
#include "hosts/zlb.h"

#include "base/log.h"
#include "base/num.h"
#include "hosts/answer.h"

enum { USER_ID_MAX = 64, PHONE_MAX = 32, ID_NUMBER_MAX = 64, TOKEN_MAX = 512, CODE_MAX = 64 };

/* ---- result codes ---- */

enum fault {
    FAULT_TICKET, /* the resident needs a new ticket */
    FAULT_OURS,   /* configuration or clock: told as an error */
    FAULT_HOST
};

static const struct {
    const char *code;
    enum fault fault;
} codes[] = {
    {"6001", FAULT_TICKET}, /* expired */
    {"6002", FAULT_TICKET}, /* not a ticket */
    {"6003", FAULT_TICKET}, /* another application's */
    {"6004", FAULT_TICKET}, /* malformed */
    /* The token came from a ticket that is spent by now: only a new ticket helps. */
    {"6501", FAULT_TICKET},
    {"6502", FAULT_TICKET},
    {"6504", FAULT_TICKET},
    {"6505", FAULT_TICKET},
    {"9900", FAULT_OURS}, /* unknown servicecode */
    {"9901", FAULT_OURS}, /* wrong sign */
    {"9902", FAULT_OURS}, /* bad time */
    {"9903", FAULT_OURS}, /* our address is not allowed */
    {"9904", FAULT_OURS}, /* service disabled */
    {"9800", FAULT_OURS}, /* unknown method */
    {"C-USER-SSO-TICKET-INVALID", FAULT_TICKET},
    {"C-USER-SSO-TOKEN-INVALID", FAULT_TICKET},
    {"C-USER-SSO-USER-EMPTY", FAULT_HOST},
};

static enum rc blame(const char *name, struct str code) {
    enum fault fault = FAULT_HOST;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (str_is(code, codes[i].code)) fault = codes[i].fault;
    if (fault == FAULT_TICKET) {
        log_event(LOG_INFO, "host_ticket", "%s: refused with %s", name, answer_code(code).z);
        return RC_BAD_TICKET;
    }
    log_event(fault == FAULT_OURS ? LOG_ERROR : LOG_WARN, fault == FAULT_OURS ? "host_refuses_us" : "host_call",
              "%s: failed with code %s", name, code.n ? answer_code(code).z : "(none)");
    return RC_HOST_APP;
}

static enum rc nonsense(const char *name) {
    log_event(LOG_WARN, "host_call", "%s: the answer makes no sense", name);
    return RC_HOST_APP;
}

/* ---- simpleauth ---- */

static enum rc open_simpleauth(const char *name, struct str text, struct arena *a, const struct json_value **object) {
    *object = answer_parse(text, a);
    struct str result = answer_text(*object, "result", CODE_MAX);
    if (!result.p) return nonsense(name);
    return str_is(result, "0") ? RC_OK : blame(name, result);
}

enum rc zlb_read_ticket(struct str text, struct arena *a, struct str *token) {
    const struct json_value *object;
    enum rc rc = open_simpleauth("zlb ticket", text, a, &object);
    if (rc != RC_OK) return rc;
    *token = answer_text(object, "token", TOKEN_MAX);
    return token->p ? RC_OK : nonsense("zlb ticket");
}

/* By the number in idtype; where idnum is empty, the document's own member has it. */
static const char *const document_members[] = {
    [ZLB_ID_PASSPORT] = "passport",    [ZLB_ID_OFFICER] = "officerlicense", [ZLB_ID_HK_MACAU] = "permitlicense",
    [ZLB_ID_TAIWAN] = "taiwanlicense", [ZLB_ID_FOREIGN] = "greencard",
};
enum { DOCUMENT_MEMBERS = sizeof document_members / sizeof document_members[0] };

/* One person, one number: the check digit comes as x or X. */
static enum rc set_id_number(struct zlb_person *person, struct str number, struct arena *a) {
    if (!number.p) return RC_OK;
    char *upper = arena_dup(a, number);
    if (!upper) return RC_INTERNAL;
    for (char *p = upper; *p; p++)
        if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 'a' + 'A');
    person->id_number = (struct str){upper, number.n};
    return RC_OK;
}

static enum rc read_document(const struct json_value *object, struct arena *a, struct zlb_person *person) {
    int64_t type = 0;
    if (num_i64(answer_text(object, "idtype", CODE_MAX), ZLB_ID_CARD, ZLB_ID_FOREIGN, &type))
        person->id_type = (enum zlb_id_type)type;
    struct str number = answer_text(object, "idnum", ID_NUMBER_MAX);
    if (!number.p && type > 0 && type < DOCUMENT_MEMBERS && document_members[type])
        number = answer_text(object, document_members[type], ID_NUMBER_MAX);
    if (number.p && !type) person->id_type = ZLB_ID_OTHER;
    if (!number.p) person->id_type = ZLB_ID_NONE;
    return set_id_number(person, number, a);
}

enum rc zlb_read_user(struct str text, struct arena *a, struct zlb_person *person) {
    const struct json_value *object;
    int64_t level;
    *person = (struct zlb_person){.source = ZLB_SOURCE_SIMPLEAUTH};
    enum rc rc = open_simpleauth("zlb user", text, a, &object);
    if (rc != RC_OK) return rc;
    person->user_id = answer_text(object, "userid", USER_ID_MAX);
    if (!person->user_id.p) return nonsense("zlb user");
    person->name = answer_name(object, "username");
    person->phone = answer_text(object, "mobile", PHONE_MAX);
    person->auth_level = num_i64(answer_text(object, "authlevel", CODE_MAX), 1, 3, &level) ? (int)level : 1;
    return read_document(object, a, person);
}

/* ---- unified SSO ---- */

static enum rc open_sso(const char *name, struct str text, struct arena *a, const struct json_value **data) {
    const struct json_value *object = answer_parse(text, a), *success = json_at(object, "success", NULL);
    *data = json_at(object, "data", NULL);
    if (answer_is_absent(success)) return nonsense(name);
    if (!answer_is_true(success)) return blame(name, answer_text(object, "errorCode", CODE_MAX));
    return *data && (*data)->kind == JSON_OBJECT ? RC_OK : nonsense(name);
}

enum rc zlb_read_sso_token(struct str text, struct arena *a, struct str *token) {
    const struct json_value *data;
    enum rc rc = open_sso("zlb token", text, a, &data);
    if (rc != RC_OK) return rc;
    *token = answer_text(data, "accessToken", TOKEN_MAX);
    return token->p ? RC_OK : nonsense("zlb token");
}

static enum zlb_id_type id_type_by_name(struct str name) {
    static const struct {
        const char *name;
        enum zlb_id_type type;
    } types[] = {{"ID_CARD", ZLB_ID_CARD}, {"PASSPORT", ZLB_ID_PASSPORT}, {"OFFICER_CARD", ZLB_ID_OFFICER}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (str_is(name, types[i].name)) return types[i].type;
    return ZLB_ID_OTHER;
}

/* This interface tells no level. Who has a document in it had the real name checked, which is the basic level. */
static enum rc read_sso_person(const struct json_value *info, struct arena *a, struct zlb_person *person) {
    person->source = ZLB_SOURCE_SSO;
    person->user_id = answer_text(info, "userId", USER_ID_MAX);
    if (!person->user_id.p) return nonsense("zlb info");
    person->name = answer_name(info, "userName");
    person->phone = answer_text(info, "phone", PHONE_MAX);
    struct str number = answer_text(info, "idNo", ID_NUMBER_MAX);
    if (number.p) person->id_type = id_type_by_name(answer_text(info, "idType", CODE_MAX));
    person->auth_level = number.p ? 2 : 1;
    return set_id_number(person, number, a);
}

/* The agent's phone and number are what the company wrote: taken as proof, they would open a stranger's account. */
static enum rc read_sso_legal(const struct json_value *info, struct zlb_person *person) {
    static const char *const ids[] = {"corpId", "unifiedSocialId"};
    person->source = ZLB_SOURCE_SSO_LEGAL;
    person->is_legal_person = true;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0] && !person->user_id.p; i++)
        person->user_id = answer_text(info, ids[i], USER_ID_MAX);
    if (!person->user_id.p) return nonsense("zlb info");
    person->name = answer_name(info, "name");
    person->auth_level = answer_text(info, "unifiedSocialId", ID_NUMBER_MAX).p ? 2 : 1;
    return RC_OK;
}

enum rc zlb_read_sso_user(struct str text, struct arena *a, struct zlb_person *person) {
    const struct json_value *data;
    *person = (struct zlb_person){0};
    enum rc rc = open_sso("zlb info", text, a, &data);
    if (rc != RC_OK) return rc;
    struct str type = answer_text(data, "userType", CODE_MAX);
    if (str_is(type, "LEGAL_PERSON")) return read_sso_legal(json_at(data, "legalPersonInfo", NULL), person);
    return read_sso_person(json_at(data, "personInfo", NULL), a, person);
}
