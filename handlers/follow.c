/* Duplicates: a resident joins what others reported, staff are suggested duplicates, merge, and look at what follows. */
#include "acts/follow.h"

#include "acts/alike.h"
#include "acts/numbers.h"
#include "resources.h"
#include "rules/scrub.h"
#include "view.h"
#include "write.h"

/* ---- residents ---- */

struct joining {
    const uint8_t *lead_id;
    struct submission submission;
};

static enum rc join_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct joining *j = arg;
    struct submission s = j->submission;
    struct row_appeal *a;
    bool created;
    enum rc rc = appeal_join(act, j->lead_id, &s, &a, &created);
    return rc == RC_OK ? answer_appeal(req, res, act, a, created) : rc;
}

enum rc join_appeal(struct request *req, struct response *res) {
    const struct body_join *in = req->body_in;
    struct joining j = {.lead_id = ((const struct path_id *)req->path_in)->id,
                        .submission = {.channel = CHANNEL_ZLB, .text = in->text, .withheld = in->withhold_name}};
    char number[NUMBER_TEXT];
    if (principal_of(req)->resident->level < 2) return RC_LOW_LEVEL;
    if (in->contact_phone.p && !is_mobile(in->contact_phone))
        return fail_field(req, "/contact_phone", "请填写 11 位手机号。", "Give a mobile number of 11 digits.");
    enum rc rc = submission_reporter(req, in->contact_phone, &j.submission);
    if (rc == RC_OK) rc = number_take(thread_of(req)->db, req->arena, req->now_us, number);
    if (rc != RC_OK) return rc;
    j.submission.number = str_of(number);
    return write_run(req, res, join_in_tx, &j);
}

/* ---- staff ---- */

enum rc merge_appeal(struct request *req, struct response *res) {
    const struct body_merge *in = req->body_in;
    struct change c = {.action = ACT_MERGE, .text = in->text};
    memcpy(c.lead_id, in->lead_id, 16);
    enum rc rc = do_change(req, res, c);
    /* What the act finds invalid is the lead: nothing else is left to be. */
    return rc == RC_INVALID ? fail_field(req, "/lead_id", req->detail_zh, req->detail_en) : rc;
}

enum rc list_followers(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    struct act act = act_for(req);
    struct row_appeal *lead;
    char filter[UUID_TEXT + 1];
    struct cursor start = {0}, at, next = {0};
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &lead);
    if (rc != RC_OK) return rc;
    uuid_format(lead->id, filter);
    rc = cursor_read(req, &q->list, filter, &start, &at);
    if (rc != RC_OK) return rc;
    struct row_appeal_item *items;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = db_rows(act.db, ST_followers_seen,
                 DB_VALUES(v_id(lead->id), v_id(at.id), STAFF_SIGHT(&act.asker), v_int((int64_t)limit + 1)), act.arena,
                 &items, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_appeal_item(req, &res->json, &items[i], false);
    if (n > limit) memcpy(next.id, items[limit - 1].id, 16);
    return list_end(req, res, filter, n > limit ? &next : NULL);
}

/* Of one hundred, for people. */
static int64_t percent(double score) { return (int64_t)(score * 100 + 0.5); }

enum rc list_alike(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    struct alike_suggested found;
    struct json_out *w = &res->json;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc == RC_OK) rc = appeal_suggestions(&act, a, &found);
    if (rc != RC_OK) return act_result(req, &act, rc);
    list_begin(res);
    for (size_t i = 0; i < found.n; i++) {
        jw_begin_object(w);
        jw_key_int(w, "score", percent(found.items[i].score));
        jw_key(w, "appeal");
        view_appeal_item(req, w, found.items[i].item, false);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return RC_OK;
}
