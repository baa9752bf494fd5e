/* Zheliban as a host app: tickets to persons, through the component gateway; and text messages. */
#ifndef MINHU_ZLB_H
#define MINHU_ZLB_H

#include "base/arena.h"
#include "base/json_read.h"
#include "base/rc.h"
#include "hosts/http.h"

/* What the ticket came by; the order is the contract's. */
enum zlb_channel { ZLB_APP, ZLB_ALIPAY, ZLB_WECHAT, ZLB_CHANNEL__MAX };

/* Whose user ids they are; stored, so the numbers stay. Ids of two sources never mean the same account. */
enum zlb_source { ZLB_SOURCE_SIMPLEAUTH = 1, ZLB_SOURCE_SSO = 2, ZLB_SOURCE_SSO_LEGAL = 3 };

enum zlb_component_index {
    ZLB_TICKET, /* simpleauth, ticket to token */
    ZLB_USER,   /* simpleauth, token to user */
    ZLB_TOKEN,  /* unified SSO, ticket to token */
    ZLB_INFO,   /* unified SSO, token to user */
    ZLB_SMS,
    ZLB_COMPONENT__MAX
};

/* A component of the gateway; keys that are NULL or "" are the common ones. */
struct zlb_component {
    const char *id, *access_key, *secret_key;
};

struct zlb_config {
    const char *gateway;    /* https://host:port */
    const char *connect_to; /* NULL or "": the gateway's own address */
    const char *access_key, *secret_key;
    const char *app_id;        /* unified SSO only */
    const char *sms_sign_code; /* NULL or "": none */
    struct zlb_component components[ZLB_COMPONENT__MAX];
    int64_t connect_ms, total_ms; /* total: for the whole exchange, both its calls together */
};

enum zlb_id_type {
    ZLB_ID_NONE,
    ZLB_ID_CARD,
    ZLB_ID_PASSPORT,
    ZLB_ID_OFFICER,
    ZLB_ID_HK_MACAU,
    ZLB_ID_TAIWAN,
    ZLB_ID_FOREIGN,
    ZLB_ID_OTHER,
    ZLB_ID__MAX
};

/* Texts that the host leaves out or that are not plain short text are absent (p == NULL). */
struct zlb_person {
    enum zlb_source source;
    struct str user_id; /* 1 to 64 bytes */
    struct str name;    /* at most 60 characters */
    struct str phone;   /* absent for a legal person: its agent's phone is what the company typed in */
    enum zlb_id_type id_type;
    struct str id_number; /* counts only at level 2 or 3; absent for a legal person */
    int auth_level;       /* 1 not verified, 2 basic real name, 3 real person */
    bool is_legal_person;
};

/* Spends the ticket. RC_OK; RC_BAD_TICKET: used, expired, malformed or another application's; RC_HOST_APP: the gateway
 * is down, slow, answers nonsense, or refuses us (logged as an error: keys, clock or grants are wrong). Memory that runs
 * out is RC_INTERNAL or RC_HOST_APP, whichever it was needed for. */
enum rc zlb_exchange_ticket(struct http_client *c, const struct zlb_config *config, enum zlb_channel channel,
                            struct str ticket, struct arena *a, struct zlb_person *person) MUST_USE;

/* RC_OK: taken by the gateway. RC_INVALID: phone is not 11 digits, or text not 1 to 500 characters. RC_HOST_APP: surely
 * not sent. RC_UNCERTAIN: it may have been; there is no way to ask, so repeating may send it twice. */
enum rc zlb_send_sms(struct http_client *c, const struct zlb_config *config, struct str phone, struct str text,
                     struct arena *a) MUST_USE;

/* ---- the parts of it, without network ---- */

struct zlb_signed {
    const char *method, *path, *query; /* query: sorted and encoded, "" if none */
    const char *access_key, *secret_key, *date;
};
enum { ZLB_SIGNATURE_TEXT = 45, ZLB_MD5_TEXT = 33 };

/* The gateway's signature; false when memory is used up. */
bool zlb_gateway_signature(const struct zlb_signed *s, struct arena *a, char out[ZLB_SIGNATURE_TEXT]) MUST_USE;
/* simpleauth's own sign; time is yyyyMMddHHmmss. */
bool zlb_sign_md5(const char *access_key, const char *secret_key, const char *time, struct arena *a,
                  char out[ZLB_MD5_TEXT]) MUST_USE;

/* What the four answers with HTTP status 200 say; results as zlb_exchange_ticket's. */
enum rc zlb_read_ticket(struct str text, struct arena *a, struct str *token) MUST_USE;
enum rc zlb_read_user(struct str text, struct arena *a, struct zlb_person *person) MUST_USE;
enum rc zlb_read_sso_token(struct str text, struct arena *a, struct str *token) MUST_USE;
enum rc zlb_read_sso_user(struct str text, struct arena *a, struct zlb_person *person) MUST_USE;

#endif
