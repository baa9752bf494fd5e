/* Token families: open, rotate, revoke. */
#include "acts/sessions.h"

#include "acts/audit.h"
#include "base/crypto.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"

enum { AGENT_MAX = 200 };

/* HMAC-SHA256(token key, prefix ‖ family ‖ generation). */
static bool derive(const struct keyring *keys, const char prefix[5], const uint8_t family[16], int64_t generation,
                   char out[TOKEN_TEXT + 1]) {
    const uint8_t *key = keyring_key(keys, "token");
    uint8_t number[8], secret[32];
    for (int i = 7; i >= 0; i--, generation >>= 8) number[i] = (uint8_t)generation;
    struct str parts[] = {str_of(prefix), {(const char *)family, 16}, {(const char *)number, 8}};
    if (!key || !hmac_sha256_parts((struct str){(const char *)key, 32}, parts, 3, secret)) return false;
    token_format(prefix, secret, out);
    wipe(secret, sizeof secret);
    return true;
}

static bool derive_both(const struct act *act, int64_t generation, struct session_tokens *t) {
    return derive(act->keys, "mha_", t->session_id, generation, t->access) &&
           derive(act->keys, "mhr_", t->session_id, generation, t->refresh);
}

static enum rc store_tokens(struct act *act, const struct session_tokens *t, int64_t generation,
                            const struct token_lives *lives) {
    uint8_t access[32], refresh[32];
    if (!token_hash(str_of(t->access), access) || !token_hash(str_of(t->refresh), refresh)) return RC_INTERNAL;
    return db_run(act->db, ST_tokens_insert,
                  DB_VALUES(v_hash(access), v_id(t->session_id), v_int(generation),
                            v_time(act->now_us + lives->access_seconds * SECOND_US), v_hash(refresh),
                            v_id(t->session_id), v_int(generation),
                            v_time(act->now_us + lives->refresh_seconds * SECOND_US)),
                  NULL);
}

static struct str cut_agent(struct arena *a, struct str agent) {
    if (!agent.p || !utf8_is_text(agent)) return STR("");
    return arena_str(a, utf8_prefix(agent, AGENT_MAX));
}

enum rc session_open(struct act *act, enum session_kind kind, const uint8_t person_id[16], const uint8_t post_id[16],
                     struct str agent, const struct token_lives *lives, struct session_tokens *out) {
    if (!uuid_make(act->now_us, out->session_id) || !derive_both(act, 1, out)) return RC_INTERNAL;
    enum rc rc = db_run(
        act->db, ST_session_insert,
        DB_VALUES(v_id(out->session_id), v_int(kind), v_id(person_id), v_id_or_null(post_id), v_time(act->now_us),
                  v_time(act->now_us), v_time(act->now_us + lives->refresh_seconds * SECOND_US),
                  v_text(cut_agent(act->arena, agent)), v_text(act->address.p ? act->address : STR(""))),
        NULL);
    if (rc == RC_OK) rc = store_tokens(act, out, 1, lives);
    return rc == RC_OK ? audit_write(act, AUDIT_SIGN_IN, out->session_id, "") : rc;
}

static enum rc rotate(struct act *act, const struct row_token *t, const uint8_t hash[32],
                      const struct token_lives *lives, struct session_tokens *out) {
    int64_t next = t->generation + 1, matched = 0;
    if (!derive_both(act, next, out)) return RC_INTERNAL;
    enum rc rc = db_run(act->db, ST_session_rotate,
                        DB_VALUES(v_int(next), v_time(act->now_us),
                                  v_time(act->now_us + lives->refresh_seconds * SECOND_US), v_id(t->session_id),
                                  v_int(t->generation)),
                        &matched);
    if (rc == RC_OK && matched != 1) rc = RC_CONFLICT;
    if (rc == RC_OK) rc = db_run(act->db, ST_token_spend, DB_VALUES(v_time(act->now_us), v_hash(hash)), NULL);
    return rc == RC_OK ? store_tokens(act, out, next, lives) : rc;
}

enum rc session_refresh(struct act *act, enum session_kind kind, struct str refresh, const struct token_lives *lives,
                        struct session_tokens *out, bool *reused) {
    uint8_t secret[32], hash[32];
    struct row_token *t;
    *reused = false;
    if (!token_parse(refresh, "mhr_", secret)) return RC_BAD_TOKEN;
    if (!token_hash(refresh, hash)) return RC_INTERNAL;
    enum rc rc = db_row(act->db, ST_token_for_refresh, DB_VALUES(v_hash(hash)), act->arena, &t);
    if (rc != RC_OK) return rc;
    if (!t || t->kind != (int64_t)kind || t->revoked_at || t->session_expires_at <= act->now_us ||
        t->expires_at <= act->now_us)
        return RC_BAD_TOKEN;
    memcpy(out->session_id, t->session_id, 16);
    memcpy(act->asker.id, t->person_id, 16);
    if (t->generation == t->current) return rotate(act, t, hash, lives, out);
    /* A lost answer is not theft: the direct successor is given again for a while after the first use. */
    bool in_grace = t->generation + 1 == t->current && act->now_us - t->spent_at <= lives->grace_seconds * SECOND_US;
    if (in_grace) return derive_both(act, t->current, out) ? RC_OK : RC_INTERNAL;
    *reused = true;
    rc = session_revoke(act, kind, t->session_id);
    return rc == RC_OK ? audit_write(act, AUDIT_TOKEN_REUSE, t->session_id, "a spent refresh token came back") : rc;
}

enum rc session_revoke(struct act *act, enum session_kind kind, const uint8_t session_id[16]) {
    int64_t matched = 0;
    enum rc rc = db_run(act->db, ST_session_revoke,
                        DB_VALUES(v_time(act->now_us), v_id(session_id), v_int(kind), v_id(act->asker.id)), &matched);
    if (rc != RC_OK) return rc;
    return matched ? audit_write(act, AUDIT_SIGN_OUT, session_id, "") : RC_NOT_FOUND;
}

enum rc session_revoke_all(struct act *act, enum session_kind kind) {
    enum rc rc = db_run(act->db, ST_session_revoke_all,
                        DB_VALUES(v_time(act->now_us), v_int(kind), v_id(act->asker.id)), NULL);
    return rc == RC_OK ? audit_write(act, AUDIT_SIGN_OUT_ALL, act->asker.id, "") : rc;
}
