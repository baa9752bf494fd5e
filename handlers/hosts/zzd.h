/* Zhezhengding as a host app: codes to staff persons, the directory, and work notices, over the open platform. */
#ifndef MINHU_ZZD_H
#define MINHU_ZZD_H

#include "base/arena.h"
#include "base/json_read.h"
#include "base/rc.h"
#include "hosts/http.h"

#include <pthread.h>

/* Where a code comes from; the order is the contract's. */
enum zzd_way { ZZD_CLIENT, ZZD_QR, ZZD_WAY__MAX };

struct zzd_config {
    const char *host;       /* https://host[:port] */
    const char *connect_to; /* NULL or "": the host's own address */
    const char *app_key, *app_secret;
    const char *qr_app_key, *qr_app_secret; /* of the QR sign-in application; NULL or "": the same as above */
    const char *tenant_id;
    int64_t connect_ms, total_ms; /* total: for a whole exchange, its token and repetition included */
};

/* ---- tokens ---- */

enum { ZZD_TOKEN_MAX = 512 };

struct zzd_token {
    char text[ZZD_TOKEN_MAX + 1];
    int64_t refresh_at_us, ends_at_us; /* monotonic */
    bool refreshing;                   /* one thread is at it */
};

/* The applications' tokens, shared by a process's threads. The lock is held for copying only, never during a call. */
struct zzd_tokens {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct zzd_token slots[ZZD_WAY__MAX];
};

bool zzd_tokens_init(struct zzd_tokens *t);
void zzd_tokens_end(struct zzd_tokens *t);
/* The token, from memory while it has 10 minutes to live; then one thread gets the next, and others go on with the old
 * one or, where there is none, wait until deadline_us. RC_OK or RC_HOST_APP. */
enum rc zzd_app_token(struct http_client *c, const struct zzd_config *config, struct zzd_tokens *t, enum zzd_way way,
                      int64_t deadline_us, struct arena *a, struct str *token) MUST_USE;
/* Forgets a token that the host refused, unless it is another one by now. */
void zzd_token_refused(struct zzd_tokens *t, enum zzd_way way, struct str token);

/* ---- persons ---- */

struct zzd_person {
    int64_t realm_id, account_id;
    struct str employee_code, name, account; /* absent where the host has none */
};

/* Spends the code. RC_OK; RC_BAD_TICKET: used, expired or another application's; RC_HOST_APP: down, slow, nonsense, or
 * it refuses us (logged as an error); RC_INTERNAL: memory. */
enum rc zzd_exchange_code(struct http_client *c, const struct zzd_config *config, struct zzd_tokens *t,
                          enum zzd_way way, struct str code, struct arena *a, struct zzd_person *person) MUST_USE;

enum { ZZD_MOBILES_MAX = 50, ZZD_CODES_MAX = 100, ZZD_RECEIVERS_MAX = 1000, ZZD_MSG_MAX = 2048, ZZD_BIZ_ID_MAX = 64 };

/* A directory entry; mobile is absent in answers to zzd_account_ids_by_codes. */
struct zzd_contact {
    struct str mobile, employee_code;
    int64_t account_id;
};

/* Those of at most ZZD_MOBILES_MAX mobiles (11 digits each) that the tenant knows. RC_OK, RC_INVALID, RC_HOST_APP,
 * RC_INTERNAL. */
enum rc zzd_find_by_mobiles(struct http_client *c, const struct zzd_config *config, const struct str *mobiles, size_t n,
                            struct arena *a, struct zzd_contact **found, size_t *count) MUST_USE;
/* The same for at most ZZD_CODES_MAX employee codes. */
enum rc zzd_account_ids_by_codes(struct http_client *c, const struct zzd_config *config, const struct str *codes,
                                 size_t n, struct arena *a, struct zzd_contact **found, size_t *count) MUST_USE;

/* ---- work notices ---- */

enum zzd_notice {
    ZZD_NOTICE_SENT,
    ZZD_NOTICE_DUPLICATE, /* this biz_msg_id was taken before: an earlier, uncertain attempt did arrive */
    ZZD_NOTICE_LIMIT,     /* the host's daily or pacing limit; later, or in the in-app list only */
    ZZD_NOTICE_REFUSED,   /* for another reason, which is in the log: its content, or our configuration */
    ZZD_NOTICE_NOT_SENT,  /* the host was not reached; repeat it */
    ZZD_NOTICE_UNCERTAIN, /* repeat it with the same biz_msg_id to find out */
    ZZD_NOTICE_INVALID,   /* nothing was sent: no or too many receivers, no id, msg empty or longer than ZZD_MSG_MAX */
    ZZD_NOTICE__MAX
};

/* msg: JSON, e.g. {"msgtype":"text","text":{"content":"…"}}. Pacing is the caller's matter. */
enum zzd_notice zzd_send_work_notice(struct http_client *c, const struct zzd_config *config, const int64_t *receivers,
                                     size_t n, struct str biz_msg_id, struct str msg, struct arena *a) MUST_USE;

/* ---- the parts of it, without network ---- */

struct zzd_param {
    struct str name, value;
};

enum zzd_algorithm { ZZD_HMAC_SHA256, ZZD_MD5 };

struct zzd_signed {
    const char *method, *timestamp, *nonce, *path;
    const struct zzd_param *params; /* in any order; those with an empty value are left out */
    size_t param_count;
};

enum { ZZD_SIGNATURE_TEXT = 45 };

/* False when memory is used up. */
bool zzd_sign(const struct zzd_signed *s, const char *secret, enum zzd_algorithm algorithm, struct arena *a,
              char out[ZZD_SIGNATURE_TEXT]) MUST_USE;

enum zzd_answer_kind {
    ZZD_GOOD,
    ZZD_FAILED,  /* the platform's service says no */
    ZZD_REFUSED, /* the platform's gateway does: signature, grant, token */
    ZZD_NONSENSE
};

struct zzd_answer {
    enum zzd_answer_kind kind;
    const struct json_value *content, *data; /* data NULL when absent or null */
    struct str code, message;                /* of a failure; message may hold personal data */
};

struct zzd_answer zzd_read_answer(struct str text, struct arena *a);
/* RC_OK, RC_BAD_TICKET, RC_BAD_TOKEN (the application's token was refused: get another), RC_HOST_APP. Logs what is not
 * RC_OK. */
enum rc zzd_answer_rc(const char *name, const struct zzd_answer *answer) MUST_USE;
/* From the data of either sign-in call. */
enum rc zzd_read_person(const struct json_value *data, struct zzd_person *person) MUST_USE;
/* From the data of either directory call; entries without an account are left out. */
enum rc zzd_read_contacts(const struct json_value *data, struct arena *a, struct zzd_contact **found,
                          size_t *count) MUST_USE;
/* Of an answer that came with this HTTP status. */
enum zzd_notice zzd_read_notice(int status, struct str text, struct arena *a);

#endif
