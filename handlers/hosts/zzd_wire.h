/* One signed call of the open platform; for the zzd files only. */
#ifndef MINHU_ZZD_WIRE_H
#define MINHU_ZZD_WIRE_H

#include "hosts/zzd.h"

struct zzd_call {
    const char *name; /* for the log */
    bool post;
    const char *path;
    const struct zzd_param *params;
    size_t param_count;
    enum zzd_way keys; /* whose application's keys sign it */
    bool once;         /* see http_request */
    int64_t deadline_us;
};

const char *zzd_app_key(const struct zzd_config *config, enum zzd_way keys);
const char *zzd_app_secret(const struct zzd_config *config, enum zzd_way keys);
enum http_outcome zzd_send(struct http_client *c, const struct zzd_config *config, const struct zzd_call *call,
                           struct arena *a, struct http_answer *answer);
/* zzd_send and zzd_answer_rc in one; data may be NULL with RC_OK. */
enum rc zzd_ask(struct http_client *c, const struct zzd_config *config, const struct zzd_call *call, struct arena *a,
                const struct json_value **data) MUST_USE;

#endif
