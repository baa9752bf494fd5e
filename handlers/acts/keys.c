/* key_create, key_rotate, key_revoke. */
#include "acts/keys.h"

#include "acts/audit.h"
#include "base/crypto.h"
#include "base/num.h"
#include "base/timefmt.h"
#include "base/uuid.h"

#include <arpa/inet.h>

enum { HINT = 12 };

const char *const key_scope_names[KEY_SCOPES] = {"post", "read", "feed"};

static enum rc fail(struct act *act, enum rc rc, const char *zh, const char *en) {
    act->zh = zh;
    act->en = en;
    return rc;
}

/* The client of that name; made when there is none. */
static enum rc find_client(struct act *act, const struct key_request *r, uint8_t id[16]) {
    struct row_id *found;
    struct row_number *channel;
    enum rc rc = db_row(act->db, ST_client_by_name, DB_VALUES(v_text(r->client)), act->arena, &found);
    if (rc == RC_OK && found)
        rc = db_row(act->db, ST_client_channel, DB_VALUES(v_text(r->client)), act->arena, &channel);
    if (rc != RC_OK) return rc;
    if (!found) {
        if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
        return db_run(act->db, ST_client_insert,
                      DB_VALUES(v_id(id), v_text(r->client), v_int(r->channel), v_time(act->now_us)), NULL);
    }
    memcpy(id, found->id, 16);
    if (channel && channel->n == r->channel) return RC_OK;
    return fail(act, RC_CONFLICT, "该接入方已用其他渠道登记。", "This client is registered with another channel.");
}

static enum rc live_keys(struct act *act, const uint8_t client[16], int64_t *n) {
    struct row_number *count;
    enum rc rc = db_row(act->db, ST_api_key_live, DB_VALUES(v_id(client), v_time(act->now_us)), act->arena, &count);
    *n = rc == RC_OK && count ? count->n : 0;
    if (rc == RC_OK && *n >= KEYS_LIVE_MAX)
        return fail(act, RC_LIMIT_REACHED, "每个接入方最多两个有效密钥。",
                    "A client has at most two live keys: revoke one first, or wait until it expires.");
    return rc;
}

static enum rc insert(struct act *act, const uint8_t client[16], const struct key_request *r, struct key_made *made) {
    uint8_t secret[32], hash[32];
    if (!random_bytes(secret, sizeof secret) || !uuid_make(act->now_us, made->id)) return RC_INTERNAL;
    token_format("mhk_", secret, made->text);
    wipe(secret, sizeof secret);
    if (!token_hash(str_of(made->text), hash)) return RC_INTERNAL;
    return db_run(act->db, ST_api_key_insert,
                  DB_VALUES(v_id(made->id), v_id(client), v_hash(hash), v_text((struct str){made->text, HINT}),
                            v_int(r->scopes), v_text(r->units), v_text(r->addresses), v_int(r->per_minute),
                            v_time_or_null(r->expires_at_us), v_time(act->now_us)),
                  NULL);
}

enum rc key_create(struct act *act, const struct key_request *r, struct key_made *made) {
    uint8_t client[16];
    int64_t live;
    enum rc rc = find_client(act, r, client);
    if (rc == RC_OK) rc = live_keys(act, client, &live);
    if (rc == RC_OK) rc = insert(act, client, r, made);
    return rc == RC_OK ? audit_write(act, AUDIT_KEY_CREATE, made->id, "") : rc;
}

static enum rc find_key(struct act *act, const uint8_t id[16], struct row_api_key **key) {
    enum rc rc = db_row(act->db, ST_api_key_by_id, DB_VALUES(v_id(id)), act->arena, key);
    if (rc == RC_OK && !*key) return fail(act, RC_NOT_FOUND, "没有这个密钥。", "There is no key with this id.");
    return rc;
}

/* The new key lives as long from now as the old one was made for. */
static struct key_request request_like(const struct row_api_key *k, int64_t now_us) {
    return (struct key_request){.client = k->client,
                                .channel = (enum channel)k->channel,
                                .scopes = (uint32_t)k->scopes,
                                .units = k->units,
                                .addresses = k->addresses,
                                .per_minute = k->per_minute,
                                .expires_at_us = k->expires_at ? now_us + (k->expires_at - k->created_at) : 0};
}

enum rc key_rotate(struct act *act, const uint8_t id[16], struct key_made *made) {
    struct row_api_key *old;
    uint8_t client[16];
    int64_t live, ends = act->now_us + KEY_OVERLAP_SECONDS * SECOND_US;
    enum rc rc = find_key(act, id, &old);
    if (rc != RC_OK) return rc;
    if (old->revoked_at || (old->expires_at && old->expires_at <= act->now_us))
        return fail(act, RC_CONFLICT, "该密钥已失效。", "This key is revoked or expired: make a new one.");
    struct key_request r = request_like(old, act->now_us);
    rc = find_client(act, &r, client);
    if (rc == RC_OK) rc = live_keys(act, client, &live);
    if (rc == RC_OK) rc = insert(act, client, &r, made);
    if (rc == RC_OK && (!old->expires_at || old->expires_at > ends))
        rc = db_run(act->db, ST_api_key_expire, DB_VALUES(v_time(ends), v_id(id)), NULL);
    return rc == RC_OK ? audit_write(act, AUDIT_KEY_ROTATE, id, "") : rc;
}

enum rc key_revoke(struct act *act, const uint8_t id[16]) {
    struct row_api_key *key;
    int64_t revoked = 0;
    enum rc rc = find_key(act, id, &key);
    if (rc == RC_OK) rc = db_run(act->db, ST_api_key_revoke, DB_VALUES(v_time(act->now_us), v_id(id)), &revoked);
    if (rc == RC_OK && !revoked) return fail(act, RC_CONFLICT, "该密钥已撤销。", "This key was revoked before.");
    return rc == RC_OK ? audit_write(act, AUDIT_KEY_REVOKE, id, "") : rc;
}

/* ---- addresses ---- */

static bool host_bits_clear(const uint8_t *p, size_t bytes, int64_t bits) {
    for (size_t i = 0; i < bytes * 8; i++)
        if ((int64_t)i >= bits && p[i / 8] & (0x80u >> (i % 8))) return false;
    return true;
}

static const char *address_fault(struct str s, struct arena *a) {
    const char *slash = memchr(s.p, '/', s.n);
    size_t n = slash ? (size_t)(slash - s.p) : s.n;
    char *text = arena_dup(a, (struct str){s.p, n});
    uint8_t bytes[16];
    if (!text) return "no memory";
    bool v4 = inet_pton(AF_INET, text, bytes) == 1;
    if (!v4 && inet_pton(AF_INET6, text, bytes) != 1) return "is no address";
    int64_t bits, max = v4 ? 32 : 128;
    if (!slash) return NULL;
    if (!num_i64((struct str){slash + 1, s.n - n - 1}, 0, max, &bits)) return "has no number of bits that fits";
    return host_bits_clear(bytes, v4 ? 4 : 16, bits) ? NULL : "has bits set beyond its network";
}

const char *key_addresses_fault(struct str list, struct arena *a) {
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        struct str one = {list.p, n};
        list = (struct str){list.p + skip, list.n - skip};
        const char *fault = address_fault(one, a);
        if (!fault) continue;
        const char *text = arena_printf(a, "\"%.*s\" %s", (int)(one.n > 60 ? 60 : one.n), one.p, fault);
        return text ? text : fault;
    }
    return NULL;
}
