/* Signing in through the host apps, refreshing, signing out. */
#include "resources.h"

#include "acts/sign_in.h"
#include "callers.h"
#include "me.h"
#include "view.h"
#include "write.h"

static enum session_kind kind_of(const struct request *req) {
    return app_of(req)->entry == ENTRY_ZLB ? SESSION_RESIDENT : SESSION_STAFF;
}

/* The members of an open session object; the caller closes it. */
static void write_tokens(struct request *req, struct response *res, const struct session_tokens *t) {
    const struct token_lives *lives = &app_of(req)->lives;
    jw_begin_object(&res->json);
    jw_key_z(&res->json, "access_token", t->access);
    jw_key_z(&res->json, "refresh_token", t->refresh);
    jw_key_z(&res->json, "token_type", "Bearer");
    jw_key_int(&res->json, "expires_in", lives->access_seconds);
    jw_key_int(&res->json, "refresh_expires_in", lives->refresh_seconds);
    jw_key_uuid(&res->json, "session_id", t->session_id);
}

/* As many as there are spare threads at most wait for a host app; the next one is told to come back. */
static enum rc host_busy(struct response *res) {
    res->retry_after = 3;
    return RC_HOST_APP;
}

/* A host app's ticket is spent by showing it: nobody's is while there is no database to keep what comes of it. RC_OK: host_call_end
 * follows. */
static enum rc host_begin(struct request *req, struct response *res, struct db *db) {
    if (!app_district()) return RC_UNAVAILABLE;
    enum rc rc = db_ping(db);
    if (rc != RC_OK) return rc;
    return host_call_begin(app_of(req)) ? RC_OK : host_busy(res);
}

/* ---- residents ---- */

struct resident_signing {
    struct request *req;
    struct act act;
    struct zlb_person person;
    struct session_tokens tokens;
    struct row_resident_caller caller;
};

static enum rc resident_in_tx(struct db *db, void *arg) {
    (void)db;
    struct resident_signing *s = arg;
    return sign_in_resident(&s->act, &s->person, s->req->user_agent, &app_of(s->req)->lives, &s->tokens, &s->caller);
}

enum rc sign_in(struct request *req, struct response *res) {
    const struct body_sign_in *in = req->body_in;
    static const enum zlb_channel channels[] = {ZLB_APP, ZLB_ALIPAY, ZLB_WECHAT};
    struct resident_signing s = {.req = req, .act = act_for(req)};
    struct http_client *http = thread_http(req);
    if (!http) return RC_INTERNAL;
    enum rc rc = host_begin(req, res, s.act.db);
    if (rc != RC_OK) return rc;
    rc = zlb_exchange_ticket(http, &app_of(req)->zlb, channels[in->channel], in->ticket, req->arena, &s.person);
    host_call_end(req);
    if (rc == RC_HOST_APP) res->retry_after = 5;
    if (rc == RC_OK && s.person.is_legal_person)
        return fail(req, RC_FORBIDDEN, "请以个人身份登录，暂不支持法人账号。",
                    "Sign in as a person; accounts of organisations are not supported.");
    if (rc == RC_OK) rc = db_tx(s.act.db, resident_in_tx, &s);
    if (rc == RC_CONFLICT) rc = db_tx(s.act.db, resident_in_tx, &s); /* signed in twice at once: now he is known */
    callers_forget(s.caller.id);                                     /* what the host said of him may be new */
    if (rc != RC_OK) return act_result(req, &s.act, rc);
    struct principal p = {.asker = s.act.asker, .resident = &s.caller};
    req->principal = &p;
    res->status = 201;
    write_tokens(req, res, &s.tokens);
    jw_key(&res->json, "resident");
    rc = write_me(req, res);
    jw_end_object(&res->json);
    req->principal = NULL;
    return rc;
}

/* ---- staff ---- */

struct staff_signing {
    struct request *req;
    struct act act;
    struct zzd_person person;
    struct str invitation;
    struct session_tokens tokens;
};

static enum rc staff_in_tx(struct db *db, void *arg) {
    (void)db;
    struct staff_signing *s = arg;
    const struct token_lives *lives = &app_of(s->req)->lives;
    if (s->invitation.p) return sign_in_invited(&s->act, s->invitation, s->req->user_agent, lives, &s->tokens);
    return sign_in_staff(&s->act, &s->person, s->req->user_agent, lives, &s->tokens);
}

static enum rc finish_staff(struct request *req, struct response *res, struct staff_signing *s) {
    enum rc rc = db_tx(s->act.db, staff_in_tx, s);
    if (rc != RC_OK) return act_result(req, &s->act, rc);
    res->status = 201;
    write_tokens(req, res, &s->tokens);
    jw_key(&res->json, "staff");
    rc = write_staff_me_by_id(req, res, s->act.asker.id, NULL);
    jw_end_object(&res->json);
    return rc;
}

enum rc staff_sign_in(struct request *req, struct response *res) {
    const struct body_staff_sign_in *in = req->body_in;
    struct staff_signing s = {.req = req, .act = act_for(req)};
    struct http_client *http = thread_http(req);
    if (!http) return RC_INTERNAL;
    enum rc rc = host_begin(req, res, s.act.db);
    if (rc != RC_OK) return rc;
    rc = zzd_exchange_code(http, &app_of(req)->zzd, app_of(req)->zzd_tokens, in->way == 1 ? ZZD_QR : ZZD_CLIENT,
                           in->code, req->arena, &s.person);
    host_call_end(req);
    if (rc == RC_HOST_APP) res->retry_after = 5;
    return rc == RC_OK ? finish_staff(req, res, &s) : rc;
}

enum rc staff_sign_in_by_invitation(struct request *req, struct response *res) {
    const struct body_invitation *in = req->body_in;
    struct staff_signing s = {.req = req, .act = act_for(req), .invitation = in->invitation};
    if (!app_district()) return RC_UNAVAILABLE;
    return finish_staff(req, res, &s);
}

/* ---- both ---- */

struct refreshing {
    struct request *req;
    struct act act;
    struct session_tokens tokens;
    bool reused;
};

static enum rc refresh_in_tx(struct db *db, void *arg) {
    (void)db;
    struct refreshing *r = arg;
    const struct body_refresh *in = r->req->body_in;
    return session_refresh(&r->act, kind_of(r->req), in->refresh_token, &app_of(r->req)->lives, &r->tokens, &r->reused);
}

enum rc refresh_session(struct request *req, struct response *res) {
    struct refreshing r = {.req = req, .act = act_for(req)};
    r.act.asker.kind = kind_of(req) == SESSION_RESIDENT ? ACTOR_RESIDENT : ACTOR_STAFF;
    enum rc rc = db_tx(r.act.db, refresh_in_tx, &r);
    if (r.reused) callers_forget(r.act.asker.id);
    if (rc == RC_OK && r.reused) return RC_BAD_TOKEN;
    if (rc != RC_OK) return act_result(req, &r.act, rc);
    write_tokens(req, res, &r.tokens);
    jw_end_object(&res->json);
    return RC_OK;
}

enum rc list_sessions(struct request *req, struct response *res) {
    const struct principal *p = principal_of(req);
    struct row_session *rows;
    size_t n;
    enum rc rc = db_rows(thread_of(req)->db, ST_sessions_of,
                         DB_VALUES(v_int(kind_of(req)), v_id(p->asker.id), v_time(req->now_us)), req->arena, &rows, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(&res->json);
        jw_key_uuid(&res->json, "id", rows[i].id);
        view_time(&res->json, "created_at", rows[i].created_at);
        view_time(&res->json, "last_used_at", rows[i].rotated_at);
        jw_key_str(&res->json, "agent", rows[i].agent);
        jw_key_str(&res->json, "address", rows[i].address);
        jw_key_bool(&res->json, "current", memcmp(rows[i].id, p->session_id, 16) == 0);
        jw_end_object(&res->json);
    }
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

static enum rc revoke_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_revoke *in = req->body_in;
    (void)arg;
    enum { SESSION_ID = 0 };
    const uint8_t *id = FIELD_SEEN(in, SESSION_ID) ? in->session_id : principal_of(req)->session_id;
    res->status = 204;
    res->no_body = true;
    return in->all ? session_revoke_all(act, kind_of(req)) : session_revoke(act, kind_of(req), id);
}

enum rc revoke_session(struct request *req, struct response *res) {
    enum rc rc = write_run(req, res, revoke_in_tx, NULL);
    callers_forget(principal_of(req)->asker.id);
    return rc;
}
