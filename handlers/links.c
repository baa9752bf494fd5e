/* Links of parts: the lead makes and revokes them; who has one reads what is asked of him, and answers. */
#include "resources.h"

#include "acts/links.h"
#include "acts/parts.h"
#include "view.h"
#include "write.h"

/* ---- the lead ---- */

struct linking {
    const uint8_t *part_id;
    struct act act;
    int64_t days;
    char token[TOKEN_TEXT + 1];
    int64_t expires_at;
};

static enum rc link_in_tx(struct db *db, void *arg) {
    struct linking *l = arg;
    struct row_part *p;
    struct row_appeal *a;
    enum rc rc = find_part(&l->act, l->part_id, &p);
    if (rc == RC_OK) rc = link_make(&l->act, p, l->days, l->token, &a);
    if (rc == RC_OK) rc = db_row(db, ST_part_lock, DB_VALUES(v_id(p->appeal_id), v_int(p->n)), l->act.arena, &p);
    if (rc == RC_OK && p) l->expires_at = p->link_until;
    return rc;
}

/* Without an Idempotency-Key: a kept answer may hold no secret. Whoever has lost the answer makes a new link, which ends the lost one. */
enum rc link_part(struct request *req, struct response *res) {
    const struct body_link *in = req->body_in;
    struct linking l = {.part_id = ((const struct path_id *)req->path_in)->id,
                        .act = act_for(req),
                        .days = in->days ? in->days : LINK_DAYS};
    enum rc rc = db_tx(l.act.db, link_in_tx, &l);
    if (rc != RC_OK) return act_result(req, &l.act, rc);
    res->status = 201;
    jw_begin_object(&res->json);
    jw_key_z(&res->json, "token", l.token);
    view_time(&res->json, "expires_at", l.expires_at);
    jw_end_object(&res->json);
    return RC_OK;
}

static enum rc revoke_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    (void)arg;
    struct row_part *p;
    struct row_appeal *a;
    enum rc rc = find_part(act, ((const struct path_id *)req->path_in)->id, &p);
    if (rc == RC_OK) rc = link_revoke(act, p, &a);
    return rc == RC_OK ? answer_part_row(req, res, act, p->appeal_id, p->n) : rc;
}

enum rc revoke_part_link(struct request *req, struct response *res) { return write_run(req, res, revoke_in_tx, NULL); }

/* ---- who has the link ---- */

/* Nothing of the matter but where it is: the lead writes what is to be known into what he asks. */
static enum rc write_asked(struct request *req, struct response *res, struct act *act) {
    struct json_out *w = &res->json;
    const struct district *d = app_district();
    struct row_part *p;
    struct row_number *place;
    const struct row_guest_caller *g = principal_of(req)->guest;
    enum rc rc = db_row(act->db, ST_part_of_link, DB_VALUES(v_id(g->appeal_id), v_int(g->part_n), v_id(g->id)),
                        act->arena, &p);
    if (rc == RC_OK) rc = db_row(act->db, ST_place_of_appeal, DB_VALUES(v_id(g->appeal_id)), act->arena, &place);
    if (rc != RC_OK || !p) return rc == RC_OK ? RC_NOT_FOUND : rc;
    jw_begin_object(w);
    view_unit(req, w, "unit", unit_by_id(d, p->unit_id));
    jw_key_str(w, "organisation", p->unit_id ? (struct str){0} : p->organisation);
    jw_key_str(w, "text", p->asked);
    view_place(req, w, "place", place ? place_by_id(d, place->n) : NULL);
    view_word(req, w, "state", part_words, p->state);
    view_part_time(req, w, p);
    jw_key_str(w, "result", p->result);
    view_time(w, "expires_at", g->expires_at);
    jw_end_object(w);
    return RC_OK;
}

enum rc get_part(struct request *req, struct response *res) {
    struct act act = act_for(req);
    return write_asked(req, res, &act);
}

static enum rc answer_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_appeal *a;
    enum rc rc = appeal_change(act, principal_of(req)->guest->appeal_id, arg, &a);
    return rc == RC_OK ? write_asked(req, res, act) : rc;
}

enum rc answer_part_by_link(struct request *req, struct response *res) {
    const struct body_part_answer *in = req->body_in;
    struct change c = {.action = in->outcome ? ACT_PART_REFUSE : ACT_PART_DONE,
                       .detail = principal_of(req)->guest->part_n,
                       .text = in->text};
    return write_run(req, res, answer_in_tx, &c);
}
