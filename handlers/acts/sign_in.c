/* Residents and staff, from what a host app says of them. */
#include "acts/sign_in.h"

#include "acts/audit.h"
#include "acts/submit.h"
#include "base/crypto.h"
#include "base/uuid.h"
#include "rules/scrub.h"

/* ---- residents ---- */

/* An identity number counts only when the host has verified the person (levels 2 and 3). */
static bool has_identity(const struct zlb_person *p) { return p->auth_level >= 2 && p->id_number.n > 0; }

static enum rc find_resident(struct act *act, const struct zlb_person *p, const uint8_t id_index[16],
                             struct row_resident **out, bool *linked) {
    *linked = true;
    enum rc rc = db_row(act->db, ST_resident_by_account, DB_VALUES(v_int(p->source), v_text(p->user_id)), act->arena,
                        out);
    if (rc != RC_OK || *out) return rc;
    *linked = false;
    return has_identity(p) ? db_row(act->db, ST_resident_by_id_number, DB_VALUES(v_id(id_index)), act->arena, out)
                           : RC_OK;
}

struct sealed_person {
    struct str name, phone, id_number;
    uint8_t phone_index[16], id_index[16];
};

static enum rc seal_person(struct act *act, const uint8_t id[16], const struct zlb_person *p, struct sealed_person *s) {
    enum rc rc = seal(act->keys, PLACE_RESIDENT_NAME, id, p->name, act->arena, &s->name);
    if (rc == RC_OK) rc = seal(act->keys, PLACE_RESIDENT_PHONE, id, p->phone, act->arena, &s->phone);
    if (rc == RC_OK && has_identity(p))
        rc = seal(act->keys, PLACE_RESIDENT_ID_NUMBER, id, p->id_number, act->arena, &s->id_number);
    if (rc == RC_OK && is_mobile(p->phone) && !blind_index(act->keys, INDEX_PHONE, p->phone, s->phone_index))
        rc = RC_INTERNAL;
    return rc;
}

static enum rc make_resident(struct act *act, const struct zlb_person *p, struct sealed_person *s, uint8_t id[16]) {
    if (!uuid_make(act->now_us, id)) return RC_INTERNAL;
    enum rc rc = seal_person(act, id, p, s);
    if (rc != RC_OK) return rc;
    return db_run(act->db, ST_resident_insert,
                  DB_VALUES(v_id(id), v_bytes_or_null(s->name), v_bytes_or_null(s->phone), v_id_or_null(s->phone_index),
                            v_bytes_or_null(s->id_number), v_id_or_null(s->id_index), v_int(p->auth_level),
                            v_time(act->now_us)),
                  NULL);
}

/* Somebody whom the host has verified since he came first gets his identity, so that his other accounts find him by it;
 * unless one of these was here before and has it. */
static enum rc check_identity(struct act *act, const struct row_resident *found, const uint8_t id_index[16],
                              bool *take) {
    struct row_resident *other = NULL;
    *take = false;
    if (found->identified || uuid_is_zero(id_index)) return RC_OK;
    enum rc rc = db_row(act->db, ST_resident_by_id_number, DB_VALUES(v_id(id_index)), act->arena, &other);
    *take = rc == RC_OK && !other;
    return rc;
}

static enum rc refresh_resident(struct act *act, const struct zlb_person *p, struct sealed_person *s,
                                const struct row_resident *found) {
    bool take;
    enum rc rc = seal_person(act, found->id, p, s);
    if (rc == RC_OK) rc = check_identity(act, found, s->id_index, &take);
    if (rc != RC_OK) return rc;
    return db_run(act->db, ST_resident_refresh,
                  DB_VALUES(v_bytes_or_null(s->name), v_bytes_or_null(s->phone), v_id_or_null(s->phone_index),
                            v_int(p->auth_level), take ? v_bytes_or_null(s->id_number) : v_null(),
                            take ? v_id(s->id_index) : v_null(), v_id(found->id)),
                  NULL);
}

/* What he told us himself, which the host doesn't know. */
static enum rc read_profile(struct act *act, struct row_resident_caller *caller) {
    struct row_resident_profile *profile;
    enum rc rc = db_row(act->db, ST_resident_profile_lock, DB_VALUES(v_id(caller->id)), act->arena, &profile);
    if (rc != RC_OK || !profile) return rc == RC_OK ? RC_INTERNAL : rc;
    caller->place_id = profile->place_id;
    caller->address_sealed = profile->address_sealed;
    caller->elder = profile->elder;
    return RC_OK;
}

/* Orders that third parties posted with this phone become the resident's own; only a phone that the host has verified. */
static enum rc adopt(struct act *act, const uint8_t id[16], const uint8_t phone_index[16]) {
    if (uuid_is_zero(phone_index)) return RC_OK;
    size_t adopted = 0;
    enum rc rc = appeals_adopt(act, id, phone_index, &adopted);
    if (rc != RC_OK || !adopted) return rc;
    return audit_write(act, AUDIT_ADOPT, id, "orders of third parties joined by phone");
}

enum rc sign_in_resident(struct act *act, const struct zlb_person *person, struct str agent,
                         const struct token_lives *lives, struct session_tokens *tokens,
                         struct row_resident_caller *caller) {
    struct sealed_person s = {0};
    struct row_resident *found = NULL;
    bool linked = false;
    if (has_identity(person) && !blind_index(act->keys, INDEX_ID_NUMBER, person->id_number, s.id_index))
        return RC_INTERNAL;
    enum rc rc = find_resident(act, person, s.id_index, &found, &linked);
    if (rc != RC_OK) return rc;
    if (found && found->disabled_at)
        return act_fail(act, RC_FORBIDDEN, "账号已停用，请联系社区。", "This account is disabled; ask your community.");
    *caller = (struct row_resident_caller){.level = person->auth_level};
    if (found) memcpy(caller->id, found->id, 16);
    rc = found ? refresh_resident(act, person, &s, found) : make_resident(act, person, &s, caller->id);
    if (rc == RC_OK && !linked)
        rc = db_run(act->db, ST_resident_account_insert,
                    DB_VALUES(v_int(person->source), v_text(person->user_id), v_id(caller->id)), NULL);
    act->asker.kind = ACTOR_RESIDENT;
    memcpy(act->asker.id, caller->id, 16);
    if (rc == RC_OK) rc = adopt(act, caller->id, s.phone_index);
    if (rc == RC_OK) rc = session_open(act, SESSION_RESIDENT, caller->id, (const uint8_t[16]){0}, agent, lives, tokens);
    if (rc == RC_OK && found) rc = read_profile(act, caller);
    caller->name_sealed = s.name;
    caller->phone_sealed = s.phone;
    memcpy(caller->session_id, tokens->session_id, 16);
    return rc;
}

/* ---- staff ---- */

static enum rc open_for_staff(struct act *act, const uint8_t staff_id[16], struct str agent,
                              const struct token_lives *lives, struct session_tokens *tokens) {
    struct row_post *posts;
    size_t n;
    enum rc rc = db_rows(act->db, ST_posts_of_staff, DB_VALUES(v_id(staff_id)), act->arena, &posts, &n);
    if (rc != RC_OK) return rc;
    if (!n) return RC_NO_POST;
    act->asker.kind = ACTOR_STAFF;
    memcpy(act->asker.id, staff_id, 16);
    return session_open(act, SESSION_STAFF, staff_id, posts[0].id, agent, lives, tokens);
}

/* Known by account; at the first sign-in by the employee code that was imported, which is then bound to the account. */
enum rc sign_in_staff(struct act *act, const struct zzd_person *person, struct str agent,
                      const struct token_lives *lives, struct session_tokens *tokens) {
    struct row_staff *found = NULL;
    enum rc rc = db_row(act->db, ST_staff_by_account, DB_VALUES(v_int(person->realm_id), v_int(person->account_id)),
                        act->arena, &found);
    if (rc == RC_OK && !found && person->employee_code.n) {
        rc = db_row(act->db, ST_staff_by_employee_code, DB_VALUES(v_text(person->employee_code)), act->arena, &found);
        if (rc == RC_OK && found && found->account_id) found = NULL; /* bound to another account */
        if (rc == RC_OK && found)
            rc = db_run(act->db, ST_staff_set_account,
                        DB_VALUES(v_int(person->realm_id), v_int(person->account_id), v_text(person->employee_code),
                                  v_id(found->id)),
                        NULL);
    }
    if (rc != RC_OK) return rc;
    if (!found) return RC_NO_POST;
    if (found->disabled_at)
        return act_fail(act, RC_FORBIDDEN, "账号已停用，请联系本单位管理员。",
                        "This account is disabled; ask your unit's administrator.");
    return open_for_staff(act, found->id, agent, lives, tokens);
}

enum rc sign_in_invited(struct act *act, struct str invitation, struct str agent, const struct token_lives *lives,
                        struct session_tokens *tokens) {
    uint8_t secret[32], hash[32];
    int64_t used = 0;
    struct row_id *staff;
    if (!token_parse(invitation, "mhi_", secret)) return RC_BAD_TICKET;
    if (!token_hash(invitation, hash)) return RC_INTERNAL;
    enum rc rc = db_run(act->db, ST_invitation_use, DB_VALUES(v_time(act->now_us), v_hash(hash), v_time(act->now_us)),
                        &used);
    if (rc == RC_OK && !used) return RC_BAD_TICKET;
    if (rc == RC_OK) rc = db_row(act->db, ST_invitation_staff, DB_VALUES(v_hash(hash)), act->arena, &staff);
    if (rc == RC_OK && !staff) rc = RC_INTERNAL;
    if (rc == RC_OK) rc = open_for_staff(act, staff->id, agent, lives, tokens);
    return rc == RC_OK ? audit_write(act, AUDIT_INVITATION, staff->id, "used") : rc;
}
