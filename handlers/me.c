/* One's own profile: residents, staff, third parties. */
#include "me.h"

#include "acts/audit.h"
#include "callers.h"
#include "resources.h"
#include "rules/scrub.h"
#include "view.h"
#include "write.h"

/* ---- residents ---- */

enum rc write_me(struct request *req, struct response *res) {
    const struct row_resident_caller *r = principal_of(req)->resident;
    const struct keyring *keys = app_of(req)->keys;
    struct json_out *w = &res->json;
    struct str name, phone, address;
    enum rc rc = unseal(keys, PLACE_RESIDENT_NAME, r->id, r->name_sealed, req->arena, &name);
    if (rc == RC_OK) rc = unseal(keys, PLACE_RESIDENT_PHONE, r->id, r->phone_sealed, req->arena, &phone);
    if (rc == RC_OK) rc = unseal(keys, PLACE_RESIDENT_ADDRESS, r->id, r->address_sealed, req->arena, &address);
    if (rc != RC_OK) return rc;
    jw_begin_object(w);
    jw_key_uuid(w, "id", r->id);
    view_masked(w, "name", name, mask_name, req->arena);
    view_masked(w, "phone", phone, mask_phone, req->arena);
    jw_key_int(w, "level", r->level);
    jw_key_bool(w, "elder", r->elder);
    view_place(req, w, "default_place", place_by_id(app_district(), r->place_id));
    jw_key_str(w, "address", address);
    jw_end_object(w);
    return RC_OK;
}

enum rc get_me(struct request *req, struct response *res) { return write_me(req, res); }

/* An empty text clears place or address; what is not given stays, also what another phone changes at the same time. */
static enum rc update_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_profile *in = req->body_in;
    struct row_resident_caller *r = arg;
    enum { ELDER = 2 };
    struct row_resident_profile *now;
    enum rc rc = db_row(act->db, ST_resident_profile_lock, DB_VALUES(v_id(r->id)), act->arena, &now);
    if (rc != RC_OK || !now) return rc == RC_OK ? RC_BAD_TOKEN : rc;
    r->place_id = now->place_id;
    r->address_sealed = now->address_sealed;
    r->elder = now->elder;
    if (in->place_code.p) {
        const struct place *place = in->place_code.n ? place_by_code(act->district, in->place_code) : NULL;
        if (in->place_code.n && !place)
            return fail_field(req, "/place_code", "没有这个地点，请从地点列表中选择。",
                              "There is no such place; choose from the list.");
        r->place_id = place ? place->id : 0;
    }
    if (FIELD_SEEN(in, ELDER)) r->elder = in->elder;
    if (in->address.p) {
        struct str sealed = {0};
        if (in->address.n) rc = seal(act->keys, PLACE_RESIDENT_ADDRESS, r->id, in->address, act->arena, &sealed);
        if (rc != RC_OK) return rc;
        r->address_sealed = sealed;
    }
    rc = db_run(act->db, ST_resident_profile,
                DB_VALUES(v_int_or_null(r->place_id), v_bytes_or_null(r->address_sealed), v_int(r->elder), v_id(r->id)),
                NULL);
    return rc == RC_OK ? write_me(req, res) : rc;
}

enum rc update_me(struct request *req, struct response *res) {
    struct row_resident_caller copy = *principal_of(req)->resident;
    struct principal p = *principal_of(req);
    const void *caller = req->principal;
    p.resident = &copy;
    req->principal = &p;
    enum rc rc = write_run(req, res, update_in_tx, &copy);
    callers_forget(copy.id);
    req->principal = caller;
    return rc;
}

/* ---- staff ---- */

static void write_post(struct request *req, struct json_out *w, const struct row_post *p) {
    jw_begin_object(w);
    jw_key_uuid(w, "id", p->id);
    view_unit(req, w, "unit", unit_by_id(app_district(), p->unit_id));
    view_word(req, w, "role", role_words, p->role);
    jw_end_object(w);
}

enum rc write_staff_me_by_id(struct request *req, struct response *res, const uint8_t staff_id[16],
                             const uint8_t *post_id) {
    struct db *db = thread_of(req)->db;
    struct json_out *w = &res->json;
    struct row_staff *s;
    struct row_post *posts;
    size_t n, current = 0;
    struct str name;
    enum rc rc = db_row(db, ST_staff_by_id, DB_VALUES(v_id(staff_id)), req->arena, &s);
    if (rc == RC_OK) rc = db_rows(db, ST_posts_of_staff, DB_VALUES(v_id(staff_id)), req->arena, &posts, &n);
    if (rc == RC_OK && (!s || !n)) rc = RC_NO_POST;
    if (rc == RC_OK) rc = unseal(app_of(req)->keys, PLACE_STAFF_NAME, staff_id, s->name_sealed, req->arena, &name);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < n; i++)
        if (post_id && memcmp(posts[i].id, post_id, 16) == 0) current = i;
    jw_begin_object(w);
    jw_key_uuid(w, "id", staff_id);
    jw_key_str(w, "name", name);
    jw_key(w, "post");
    write_post(req, w, &posts[current]);
    jw_key(w, "posts");
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) write_post(req, w, &posts[i]);
    jw_end_array(w);
    jw_end_object(w);
    return RC_OK;
}

enum rc get_staff_me(struct request *req, struct response *res) {
    const struct asker *k = &principal_of(req)->asker;
    return write_staff_me_by_id(req, res, k->id, k->post_id);
}

static enum rc switch_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_post *in = req->body_in;
    struct row_post *post;
    (void)arg;
    enum rc rc = db_row(act->db, ST_post_by_id, DB_VALUES(v_id(in->post_id), v_id(act->asker.id)), act->arena, &post);
    if (rc == RC_OK && !post)
        return act_fail(act, RC_NOT_FOUND, "这不是您在任的岗位。", "This is not a post that you hold.");
    if (rc == RC_OK)
        rc = db_run(act->db, ST_session_set_post, DB_VALUES(v_id(in->post_id), v_id(principal_of(req)->session_id)),
                    NULL);
    if (rc == RC_OK) rc = audit_write(act, AUDIT_POST_SWITCH, in->post_id, "");
    return rc == RC_OK ? write_staff_me_by_id(req, res, act->asker.id, in->post_id) : rc;
}

enum rc switch_post(struct request *req, struct response *res) {
    enum rc rc = write_run(req, res, switch_in_tx, NULL);
    callers_forget(principal_of(req)->asker.id);
    return rc;
}

/* ---- third parties ---- */

static void write_codes(struct json_out *w, const char *key, struct str list) {
    jw_key(w, key);
    jw_begin_array(w);
    while (list.n) {
        const char *comma = memchr(list.p, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.p) : list.n, skip = comma ? n + 1 : n;
        if (n) jw_str(w, (struct str){list.p, n});
        list = (struct str){list.p + skip, list.n - skip};
    }
    jw_end_array(w);
}

enum rc get_client(struct request *req, struct response *res) {
    const struct row_client_caller *c = principal_of(req)->client;
    struct json_out *w = &res->json;
    static const char *const scopes[] = {"post", "read", "feed"};
    jw_begin_object(w);
    jw_key_str(w, "name", c->name);
    view_word(req, w, "channel", channel_words, c->channel);
    jw_key(w, "scopes");
    jw_begin_array(w);
    for (int i = 0; i < 3; i++)
        if (c->scopes & (1 << i)) jw_z(w, scopes[i]);
    jw_end_array(w);
    write_codes(w, "units", c->units);
    jw_key_int(w, "per_minute", c->per_minute);
    view_time(w, "expires_at", c->expires_at);
    jw_end_object(w);
    return RC_OK;
}
