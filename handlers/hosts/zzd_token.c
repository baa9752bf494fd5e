/* The applications' tokens: got in time by one thread, used by all. */
#include "hosts/zzd_wire.h"

#include "base/num.h"
#include "base/timefmt.h"
#include "hosts/answer.h"

enum {
    REFRESH_EARLY_S = 600,
    LIFE_S = 7200,     /* where the host does not say */
    RETRY_AFTER_S = 15 /* a refresh failed, and the old token still serves */
};

bool zzd_tokens_init(struct zzd_tokens *t) {
    pthread_condattr_t attributes;
    memset(t, 0, sizeof *t);
    if (pthread_condattr_init(&attributes) != 0) return false;
    bool ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(&t->changed, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    if (ok && pthread_mutex_init(&t->lock, NULL) != 0) {
        pthread_cond_destroy(&t->changed);
        ok = false;
    }
    return ok;
}

void zzd_tokens_end(struct zzd_tokens *t) {
    pthread_cond_destroy(&t->changed);
    pthread_mutex_destroy(&t->lock);
}

static enum rc get_token(struct http_client *c, const struct zzd_config *config, enum zzd_way way, int64_t deadline_us,
                         struct arena *a, struct zzd_token *out) {
    int64_t now = time_mono_us(), life = LIFE_S;
    const struct json_value *data;
    const struct zzd_param params[] = {
        {STR("appkey"), str_of(zzd_app_key(config, way))},
        {STR("appsecret"), str_of(zzd_app_secret(config, way))},
    };
    struct zzd_call call = {.name = "zzd token",
                            .path = "/gettoken.json",
                            .params = params,
                            .param_count = 2,
                            .keys = way,
                            .deadline_us = deadline_us};
    enum rc rc = zzd_ask(c, config, &call, a, &data);
    if (rc != RC_OK) return rc == RC_INTERNAL ? rc : RC_HOST_APP;
    struct str token = answer_text(data, "accessToken", ZZD_TOKEN_MAX);
    if (!token.p) return RC_HOST_APP;
    if (!num_i64(answer_text(data, "expiresIn", 20), 1, 30 * DAY_S, &life)) life = LIFE_S;
    memcpy(out->text, token.p, token.n);
    out->ends_at_us = now + life * SECOND_US;
    out->refresh_at_us = now + (life > 2 * REFRESH_EARLY_S ? life - REFRESH_EARLY_S : life / 2) * SECOND_US;
    return RC_OK;
}

static bool wait_changed(struct zzd_tokens *t, int64_t deadline_us) {
    struct timespec until = {.tv_sec = deadline_us / SECOND_US, .tv_nsec = (deadline_us % SECOND_US) * 1000};
    return pthread_cond_timedwait(&t->changed, &t->lock, &until) == 0;
}

/* With the lock held. True when the slot's token can be used now; false when this thread has to get one (*mine) or time
 * is up. */
static bool await_token(struct zzd_tokens *t, struct zzd_token *slot, int64_t deadline_us, bool *mine) {
    for (;;) {
        int64_t now = time_mono_us();
        if (now < slot->refresh_at_us || (slot->refreshing && now < slot->ends_at_us)) return true;
        *mine = !slot->refreshing;
        if (*mine || !wait_changed(t, deadline_us)) return false;
    }
}

/* With the lock held. A failed refresh leaves the old token in use for as long as it lives. */
static enum rc store_token(struct zzd_token *slot, const struct zzd_token *fresh, enum rc rc) {
    int64_t now = time_mono_us();
    slot->refreshing = false;
    if (rc == RC_OK) {
        *slot = *fresh;
    } else if (now < slot->ends_at_us) {
        slot->refresh_at_us = now + RETRY_AFTER_S * SECOND_US < slot->ends_at_us ? now + RETRY_AFTER_S * SECOND_US
                                                                                 : slot->ends_at_us;
        rc = RC_OK;
    }
    return rc;
}

enum rc zzd_app_token(struct http_client *c, const struct zzd_config *config, struct zzd_tokens *t, enum zzd_way way,
                      int64_t deadline_us, struct arena *a, struct str *token) {
    if ((unsigned)way >= ZZD_WAY__MAX) return RC_INTERNAL;
    struct zzd_token *slot = &t->slots[way];
    bool mine = false;
    enum rc rc = RC_OK;
    pthread_mutex_lock(&t->lock);
    if (!await_token(t, slot, deadline_us, &mine)) rc = RC_HOST_APP;
    if (mine) {
        struct zzd_token fresh = {.refreshing = false};
        slot->refreshing = true;
        pthread_mutex_unlock(&t->lock);
        rc = get_token(c, config, way, deadline_us, a, &fresh);
        pthread_mutex_lock(&t->lock);
        rc = store_token(slot, &fresh, rc);
        pthread_cond_broadcast(&t->changed);
    }
    if (rc == RC_OK) {
        *token = arena_str(a, str_of(slot->text));
        if (!token->p) rc = RC_INTERNAL;
    }
    pthread_mutex_unlock(&t->lock);
    return rc;
}

void zzd_token_refused(struct zzd_tokens *t, enum zzd_way way, struct str token) {
    if ((unsigned)way >= ZZD_WAY__MAX) return;
    struct zzd_token *slot = &t->slots[way];
    pthread_mutex_lock(&t->lock);
    if (str_eq(token, str_of(slot->text))) slot->refresh_at_us = slot->ends_at_us = 0;
    pthread_mutex_unlock(&t->lock);
}
