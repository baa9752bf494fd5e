/* Staff: one action on up to a hundred appeals, each in a transaction of its own with all its checks and its own result.
 *
 * The whole is done once, however often it is sent and wherever it was cut off: the Idempotency-Key is claimed for this body first;
 * each appeal that is done keeps its result under the key and its id, in the transaction that does it; the answer is kept when
 * all have an end. One that met a fault of ours has none: then so the whole is answered, and a repeat goes on with what is left. */
#include "resources.h"

#include "acts/answers.h"
#include "base/num.h"

#include <stdio.h>

enum { ITEM_KEY_MAX = 255 + 1 + UUID_TEXT + 1, RESULT_TEXT = 48 };

/* What an action takes besides the appeals: all of it is needed, nothing else goes with it. A text always may. */
enum takes { TAKES_POST = 1 << 0, TAKES_UNIT = 1 << 1, TAKES_REASON = 1 << 2, TAKES_LEAD = 1 << 3 };
static const struct {
    enum action action;
    uint32_t takes;
    enum reason_purpose purpose; /* with TAKES_REASON */
} kinds[] = {
    /* In the order of bulk_names (schemas.c). */
    {ACT_ACCEPT, 0, 0},
    {ACT_ASSIGN, TAKES_POST, 0},
    {ACT_TRANSFER, TAKES_UNIT | TAKES_REASON, PURPOSE_TRANSFER},
    {ACT_MERGE, TAKES_LEAD, 0},
};

struct result {
    enum rc rc;
    char tag[RESULT_TEXT]; /* "version.events", when it is done */
    const char *zh, *en;   /* a better detail than the rc's */
};

struct bulk {
    struct request *req;
    const struct body_bulk *in;
    struct change change;
    struct answer_key whole;
    struct result *results;
    enum rc unfinished; /* what an item met that has no end, RC_OK if none did */
    /* The item that is being done. */
    const struct bulk_item *item;
    struct result *result;
    struct act act;
    struct answer_key key;
};

/* ---- what is asked ---- */

static void check_member(struct request *req, const char *pointer, bool given, bool taken) {
    if (given == taken) return;
    violations_add_text(&req->violations, pointer, taken ? "此操作需要这一项。" : "此操作不用这一项，请删去。",
                        taken ? "This action needs it." : "This action does not take it; leave it out.");
}

static enum rc read_change(struct bulk *b) {
    struct request *req = b->req;
    const struct body_bulk *in = b->in;
    uint32_t takes = kinds[in->action].takes;
    b->change = (struct change){.action = kinds[in->action].action, .text = in->text, .has_version = true};
    check_member(req, "/post_id", FIELD_SEEN(in, BULK_POST), takes & TAKES_POST);
    check_member(req, "/unit_code", in->unit_code.p != NULL, takes & TAKES_UNIT);
    check_member(req, "/reason_code", in->reason_code.p != NULL, takes & TAKES_REASON);
    check_member(req, "/lead_id", FIELD_SEEN(in, BULK_LEAD), takes & TAKES_LEAD);
    memcpy(b->change.post_id, in->post_id, 16);
    memcpy(b->change.lead_id, in->lead_id, 16);
    enum rc rc = req->violations.count ? RC_INVALID : RC_OK;
    if (rc == RC_OK && takes & TAKES_UNIT) rc = find_unit(req, in->unit_code, &b->change.to);
    if (rc == RC_OK && takes & TAKES_REASON)
        rc = find_reason(req, kinds[in->action].purpose, in->reason_code, &b->change.reason);
    return rc;
}

static const struct bulk_item *item_at(const struct body_bulk *in, size_t i) {
    return (const struct bulk_item *)in->items.items + i;
}

static enum rc no_appeal_twice(struct request *req, const struct body_bulk *in) {
    for (size_t i = 1; i < in->items.n; i++)
        for (size_t k = 0; k < i; k++)
            if (memcmp(item_at(in, i)->appeal_id, item_at(in, k)->appeal_id, 16) == 0) {
                violations_add(&req->violations, arena_printf(req->arena, "/items/%zu/appeal_id", i), V_DUPLICATE, 0);
                break;
            }
    return req->violations.count ? RC_INVALID : RC_OK;
}

/* ---- one item ---- */

static bool item_key(struct bulk *b) {
    char text[ITEM_KEY_MAX], id[UUID_TEXT + 1];
    uuid_format(b->item->appeal_id, id);
    int n = snprintf(text, sizeof text, "%.*s/%s", (int)b->req->idempotency_key.n, b->req->idempotency_key.p, id);
    return n > 0 && (size_t)n < sizeof text &&
           answer_key_make(&b->key, b->act.asker.id, "bulkAppeals.item", (struct str){text, (size_t)n}, b->req->path,
                           (struct str){0}, b->req->body);
}

static enum rc do_item(struct db *db, void *arg) {
    struct bulk *b = arg;
    struct row_appeal *a;
    (void)db;
    enum rc rc = appeal_change(&b->act, b->item->appeal_id, &b->change, &a);
    if (rc != RC_OK) return rc;
    snprintf(b->result->tag, sizeof b->result->tag, "%lld.%lld", (long long)a->version, (long long)a->events);
    return answer_keep(&b->act, &b->key, &(struct answer){200, str_of(b->result->tag)});
}

/* Was it done under this key before? */
static enum rc find_done(struct bulk *b) {
    struct answer done;
    bool found;
    enum rc rc = answer_find(&b->act, &b->key, &found, &done);
    if (rc == RC_OK && found) {
        snprintf(b->result->tag, sizeof b->result->tag, "%.*s", (int)done.text.n, done.text.p);
        b->result->rc = RC_OK;
    }
    return rc;
}

/* Anything but RC_OK ends the whole here; an appeal that somebody else is at just now doesn't. */
static enum rc handle_item(struct bulk *b, size_t i) {
    b->item = item_at(b->in, i);
    b->result = &b->results[i];
    b->act = act_for(b->req);
    b->change.version = b->item->version;
    if (!item_key(b)) return RC_INTERNAL;
    b->result->rc = db_tx(b->act.db, do_item, b);
    b->result->zh = b->act.zh;
    b->result->en = b->act.en;
    if (b->result->rc == RC_OK) return RC_OK;
    bool busy = b->result->rc == RC_UNAVAILABLE && db_lock_timed_out(b->act.db);
    enum rc rc = find_done(b); /* what an earlier run did looks stale now */
    if (rc != RC_OK || rc_info(b->result->rc)->status < 500) return rc;
    b->unfinished = b->result->rc;
    return busy ? RC_OK : b->unfinished;
}

/* ---- the answer ---- */

static void write_result(const struct request *req, struct json_out *w, const struct bulk_item *item,
                         const struct result *r) {
    const struct rc_info *info = rc_info(r->rc);
    bool good = r->rc == RC_OK;
    const char *own = req->english ? r->en : r->zh;
    int64_t version = 0;
    char etag[RESULT_TEXT + 3];
    const char *dot = strchr(r->tag, '.');
    if (good && dot) num_i64((struct str){r->tag, (size_t)(dot - r->tag)}, 1, INT64_MAX, &version);
    snprintf(etag, sizeof etag, "\"%s\"", r->tag);
    jw_begin_object(w);
    jw_key_uuid(w, "appeal_id", item->appeal_id);
    jw_key_int(w, "status", info->status);
    jw_key_z(w, "code", good ? NULL : info->code);
    jw_key_z(w, "detail", good ? NULL : own ? own : req->english ? info->detail_en : info->detail_zh);
    jw_key(w, "version");
    if (good) jw_int(w, version);
    else jw_null(w);
    jw_key_z(w, "etag", good ? etag : NULL);
    jw_end_object(w);
}

static void write_answer(const struct bulk *b, struct response *res) {
    struct json_out *w = &res->json;
    int64_t done = 0;
    jw_begin_object(w);
    jw_key(w, "results");
    jw_begin_array(w);
    for (size_t i = 0; i < b->in->items.n; i++) {
        write_result(b->req, w, item_at(b->in, i), &b->results[i]);
        done += b->results[i].rc == RC_OK;
    }
    jw_end_array(w);
    jw_key_int(w, "done", done);
    jw_key_int(w, "failed", (int64_t)b->in->items.n - done);
    jw_end_object(w);
}

/* ---- the whole under its key ---- */

static enum rc answer_again(struct bulk *b, struct response *res, bool *found) {
    struct answer answer;
    struct act act = act_for(b->req);
    enum rc rc = answer_find(&act, &b->whole, found, &answer);
    *found = *found && answer.status; /* claimed, and not answered yet */
    if (rc != RC_OK || !*found) return rc;
    res->body.n = 0;
    response_header(res, "Idempotent-Replayed", "true");
    return buf_add_str(&res->body, answer.text) ? RC_OK : RC_INTERNAL;
}

/* Claims the key for this body, or finds out that it is claimed already: by a run that was cut off, or one beside this. */
static enum rc claim(struct bulk *b, struct response *res, bool *answered) {
    struct act act = act_for(b->req);
    struct answer claimed = {0, STR("")};
    *answered = false;
    if (!answer_key_make(&b->whole, act.asker.id, b->req->route->operation, b->req->idempotency_key, b->req->path,
                         (struct str){0}, b->req->body))
        return RC_INTERNAL;
    enum rc rc = answer_again(b, res, answered);
    if (rc != RC_OK || *answered) return rc;
    rc = answer_keep(&act, &b->whole, &claimed);
    return rc == RC_CONFLICT ? answer_again(b, res, answered) : rc;
}

/* What one beside this kept first is the answer to both. */
static enum rc finish(struct bulk *b, struct response *res) {
    struct act act = act_for(b->req);
    struct answer answer = {200, buf_str(&res->body)};
    bool kept, found;
    if (res->body.failed) return RC_INTERNAL;
    enum rc rc = answer_finish(&act, &b->whole, &answer, &kept);
    return rc == RC_OK && !kept ? answer_again(b, res, &found) : rc;
}

enum rc bulk_appeals(struct request *req, struct response *res) {
    struct bulk b = {.req = req, .in = req->body_in};
    bool answered;
    enum rc rc = read_change(&b), twice = no_appeal_twice(req, b.in);
    if (rc == RC_OK) rc = twice;
    if (rc == RC_OK) rc = claim(&b, res, &answered);
    if (rc != RC_OK || answered) return rc;
    b.results = arena_array(req->arena, b.in->items.n, sizeof *b.results);
    if (!b.results) return RC_INTERNAL;
    for (size_t i = 0; rc == RC_OK && i < b.in->items.n; i++) rc = handle_item(&b, i);
    if (rc == RC_OK && b.unfinished)
        rc = fail(req, b.unfinished,
                  "有的事项此刻正有人办理，请按 Retry-After 等待后用同一幂等键重试；已办的不会重办。",
                  "Somebody is at one of the matters just now; wait as Retry-After says and repeat it with the same "
                  "Idempotency-Key: what is done isn't done again.");
    if (rc != RC_OK) return rc;
    write_answer(&b, res);
    return finish(&b, res);
}
