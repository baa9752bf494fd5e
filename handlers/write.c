/* write_run: look for the key, work, keep the answer, commit. */
#include "write.h"

#include "acts/answers.h"

#include <stdio.h>

enum { ANSWER_MAX = 8 << 20 }; /* what an answer may be (main.c), so that none that can be sent can't be kept */

struct writing {
    struct request *req;
    struct response *res;
    struct act act;
    write_fn *fn;
    void *arg;
    int headers; /* of the answer before the work began */
    bool keyed;
    struct answer_key key;
};

/* What is kept of an answer, in lines: ETag, Location, then the body. */
static struct str pack_answer(struct arena *a, const struct response *res) {
    struct buf b;
    buf_init(&b, a, ANSWER_MAX);
    buf_add_z(&b, res->has_etag ? res->etag : "");
    buf_add_char(&b, '\n');
    buf_add_z(&b, res->location ? res->location : "");
    buf_add_char(&b, '\n');
    buf_add_str(&b, buf_str(&res->body));
    return b.failed ? (struct str){0} : buf_str(&b);
}

static struct str take_line(struct str *rest) {
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    struct str line = {rest->p, n};
    size_t skip = end ? n + 1 : n;
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return line;
}

/* An answer that won't be given leaves nothing behind: it was made in a transaction that failed, or is given anew. */
static void empty_response(const struct writing *w) {
    struct response *res = w->res;
    res->status = 0;
    res->header_count = w->headers;
    res->body.n = 0;
    res->json.comma = false;
    res->has_etag = false;
    res->location = NULL;
    res->no_body = false;
}

static enum rc replay(struct writing *w, const struct answer *answer) {
    struct response *res = w->res;
    struct str rest = answer->text.p ? answer->text : STR("");
    empty_response(w);
    struct str etag = take_line(&rest), location = take_line(&rest);
    res->status = answer->status;
    if (etag.n) response_etag(res, arena_dup(w->req->arena, etag));
    if (location.n) response_location(res, arena_dup(w->req->arena, location));
    if (answer->status == 204) res->no_body = true;
    response_header(res, "Idempotent-Replayed", "true");
    return buf_add_str(&res->body, rest) ? RC_OK : RC_INTERNAL;
}

static enum rc find(struct writing *w, bool *found) {
    struct answer answer;
    enum rc rc = answer_find(&w->act, &w->key, found, &answer);
    return rc == RC_OK && *found ? replay(w, &answer) : rc;
}

static enum rc in_transaction(struct db *db, void *arg) {
    (void)db;
    struct writing *w = arg;
    empty_response(w);
    enum rc rc = w->fn(w->req, w->res, &w->act, w->arg);
    if (rc != RC_OK || !w->keyed) return rc;
    if (w->res->body.failed) return RC_INTERNAL;
    struct answer answer = {w->res->status ? w->res->status : 200, pack_answer(w->req->arena, w->res)};
    if (!answer.text.p) return RC_INTERNAL;
    return answer_keep(&w->act, &w->key, &answer);
}

/* The body hash covers the address and the version too: the same key on another appeal is another request. */
static bool make_key(struct writing *w) {
    char version[24];
    struct str v = {version, 0};
    if (w->req->has_version) v.n = (size_t)snprintf(version, sizeof version, "%lld", (long long)w->req->version);
    return answer_key_make(&w->key, w->act.asker.id, w->req->route->operation, w->req->idempotency_key, w->req->path, v,
                           w->req->body);
}

enum rc write_run(struct request *req, struct response *res, write_fn *fn, void *arg) {
    struct writing w = {.req = req,
                        .res = res,
                        .act = act_for(req),
                        .fn = fn,
                        .arg = arg,
                        .headers = res->header_count,
                        .keyed = req->idempotency_key.p != NULL};
    bool found = false;
    enum rc rc = RC_OK;
    if (w.keyed && !make_key(&w)) return RC_INTERNAL;
    /* A create can't fail for a state that its first run left, so it looks for the key only when it meets it. */
    bool looks_first = w.keyed && req->has_version;
    if (looks_first) rc = find(&w, &found);
    if (rc != RC_OK || found) return rc;
    rc = db_tx(w.act.db, in_transaction, &w);
    if (rc != RC_OK) empty_response(&w);
    bool waited = rc == RC_UNAVAILABLE && db_lock_timed_out(w.act.db), keeping = db_failed_at(w.act.db, ST_answer_keep);
    if (waited)
        act_fail(&w.act, rc, "此刻有人正在办理同一事项，请按 Retry-After 等待后重试。",
                 "Somebody is at the same matter just now; wait as Retry-After says and try again.");
    if (rc == RC_OK || rc == RC_UNCERTAIN || !w.keyed) return act_result(req, &w.act, rc);
    enum rc again = find(&w, &found);
    if (again != RC_OK || found) return again;
    /* Only who waited at keeping the answer waited for a twin; another lock is somebody else's, with whatever key. */
    if (keeping && (waited || rc == RC_CONFLICT)) return RC_KEY_RUNNING;
    return act_result(req, &w.act, rc);
}
