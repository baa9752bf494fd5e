/* Idempotency rows. */
#include "acts/answers.h"

#include "base/crypto.h"

bool answer_key_make(struct answer_key *k, const uint8_t caller_id[16], const char *operation, struct str key,
                     struct str path, struct str version, struct str body) {
    uint8_t hash[32];
    struct str parts[] = {path, version.p ? version : STR(""), body.p ? body : STR("")};
    memcpy(k->caller_id, caller_id, 16);
    k->operation = operation;
    if (!sha256(key.p, key.n, hash) || !hmac_sha256_parts(STR("minhu body"), parts, 3, k->body_hash)) return false;
    memcpy(k->key_hash, hash, 16);
    return true;
}

enum rc answer_find(struct act *act, const struct answer_key *k, bool *found, struct answer *out) {
    struct row_answer *row;
    *found = false;
    enum rc rc = db_row(act->db, ST_answer_find, DB_VALUES(v_id(k->caller_id), v_z(k->operation), v_id(k->key_hash)),
                        act->arena, &row);
    if (rc != RC_OK || !row) return rc;
    if (!ct_equal(row->body_hash, k->body_hash, 32)) return RC_OTHER_BODY;
    out->status = (int)row->status;
    rc = unseal(act->keys, PLACE_ANSWER, k->key_hash, row->answer, act->arena, &out->text);
    *found = rc == RC_OK;
    return rc;
}

enum rc answer_keep(struct act *act, const struct answer_key *k, const struct answer *answer) {
    struct str sealed;
    enum rc rc = seal(act->keys, PLACE_ANSWER, k->key_hash, answer->text, act->arena, &sealed);
    if (rc != RC_OK) return rc;
    return db_later(act->db, ST_answer_keep,
                    DB_VALUES(v_id(k->caller_id), v_z(k->operation), v_id(k->key_hash), v_hash(k->body_hash),
                              v_int(answer->status), v_bytes(sealed.p ? sealed : STR("")), v_time(act->now_us)));
}

enum rc answer_finish(struct act *act, const struct answer_key *k, const struct answer *answer, bool *kept) {
    struct str sealed;
    int64_t matched = 0;
    enum rc rc = seal(act->keys, PLACE_ANSWER, k->key_hash, answer->text, act->arena, &sealed);
    if (rc == RC_OK)
        rc = db_run(act->db, ST_answer_finish,
                    DB_VALUES(v_int(answer->status), v_bytes(sealed.p ? sealed : STR("")), v_id(k->caller_id),
                              v_z(k->operation), v_id(k->key_hash)),
                    &matched);
    *kept = matched == 1;
    return rc;
}
