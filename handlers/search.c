/* Staff: matters by number, words, address and what else they have in common. */
#include "acts/reporter.h"
#include "acts/search.h"
#include "filters.h"
#include "resources.h"

#include "base/crypto.h"
#include "base/timefmt.h"
#include "rules/scrub.h"
#include "view.h"

/* ---- the answer ---- */

/* What a cursor is bound to: a digest of all that is asked for. */
static const char *digest(struct request *req, const struct search *s) {
    int64_t edges[] = {s->days, s->from_us, s->until_us, s->has_box, s->west, s->south, s->east, s->north};
    struct str parts[TERM_GROUPS_MAX + 2];
    uint8_t hash[32];
    size_t n = 0;
    for (size_t i = 0; i < s->terms.n; i++)
        parts[n++] = (struct str){(const char *)s->terms.groups[i].any, s->terms.groups[i].n * sizeof(int64_t)};
    parts[n++] = (struct str){(const char *)edges, sizeof edges};
    if (s->except) parts[n++] = (struct str){(const char *)s->except, 16};
    if (!hmac_sha256_parts(STR("minhu search"), parts, n, hash)) return NULL;
    return arena_printf(req->arena, "%02x%02x%02x%02x%02x%02x%02x%02x", hash[0], hash[1], hash[2], hash[3], hash[4],
                        hash[5], hash[6], hash[7]);
}

static enum rc answer_search(struct request *req, struct response *res, const struct list_query *list,
                             struct search *s) {
    const char *filter = digest(req, s);
    struct cursor start = {0}, at, next = {0};
    struct search_found found;
    struct act act = act_for(req);
    enum rc rc = filter ? cursor_read(req, list, filter, &start, &at) : RC_INTERNAL;
    if (rc != RC_OK) return rc;
    s->after_doc = at.key;
    memcpy(s->after, at.id, 16);
    s->limit = (size_t)list_limit(list);
    rc = search_appeals(&act, s, &found);
    if (rc != RC_OK) return act_result(req, &act, rc);
    jw_begin_object(&res->json);
    jw_key_bool(&res->json, "partial", found.partial);
    jw_key(&res->json, "items");
    jw_begin_array(&res->json);
    for (size_t i = 0; i < found.n; i++) view_appeal_item(req, &res->json, found.items[i], false);
    next.key = found.next_doc;
    if (!found.next_doc && found.n) memcpy(next.id, found.items[found.n - 1]->id, 16);
    return list_end(req, res, filter, found.more ? &next : NULL);
}

enum rc search_matters(struct request *req, struct response *res) {
    const struct query_search *q = req->query_in;
    struct search s;
    enum rc rc = filters_search(req, "?", &q->filters, q->list.seen >> SEARCH_FILTERS, &s);
    return rc == RC_OK ? answer_search(req, res, &q->list, &s) : rc;
}

/* ---- beside an appeal ---- */

/* Half a kilometre each way, at this district's latitude. */
enum { NEARBY_LNG = 5200, NEARBY_LAT = 4500 };

enum rc list_nearby(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    struct act act = act_for(req);
    struct row_appeal *a;
    struct search s = {0};
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc != RC_OK) return rc;
    const struct place *place = place_by_id(app_district(), a->place_id);
    int64_t lng = a->lng ? a->lng : place ? place->lng : 0, lat = a->lng ? a->lat : place ? place->lat : 0;
    s = (struct search){.has_box = true,
                        .west = lng - NEARBY_LNG,
                        .east = lng + NEARBY_LNG,
                        .south = lat - NEARBY_LAT,
                        .north = lat + NEARBY_LAT,
                        .except = a->id};
    /* Nothing is near a matter that lies nowhere. */
    if (!lng && !term_need(&s.terms, TERM_CELL, 0)) return RC_INTERNAL;
    if (lng && !term_need_box(&s.terms, s.west, s.south, s.east, s.north)) return RC_INTERNAL;
    return answer_search(req, res, &q->list, &s);
}

static void write_found(struct request *req, struct response *res, const struct reporter_found *found) {
    list_begin(res);
    for (size_t i = 0; i < found->n; i++) view_appeal_item(req, &res->json, found->items[i], false);
}

enum rc list_same_reporter(struct request *req, struct response *res) {
    const struct query_list *q = req->query_in;
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    struct act act = act_for(req);
    struct row_appeal *a;
    struct reporter who;
    struct reporter_found found;
    struct cursor start, at, next = {0};
    const char *filter = arena_dup(req->arena, req->path);
    memset(&start, 0xff, sizeof start);
    enum rc rc = filter ? cursor_read(req, &q->list, filter, &start, &at) : RC_INTERNAL;
    if (rc == RC_OK) rc = staff_find_appeal(&act, id, &a);
    if (rc != RC_OK) return rc;
    if (!may_see_reporter(appeal_relations(&act, a), a->withheld))
        return act_result(req, &act,
                          act_fail(&act, RC_FORBIDDEN, "您不能查看报事人，也就不能查看其其他事项。",
                                   "You may not see the reporter, nor so what else is from him."));
    reporter_of(a, &who);
    rc = reporter_appeals(&act, &who, at.id, id, (size_t)list_limit(&q->list), &found);
    if (rc != RC_OK) return act_result(req, &act, rc);
    write_found(req, res, &found);
    memcpy(next.id, found.last, 16);
    return list_end(req, res, filter, found.more ? &next : NULL);
}

/* ---- by the reporter's phone ---- */

struct by_phone {
    struct act *act;
    struct str phone;
    const struct reason *purpose;
    struct reporter who;
};

static enum rc find_reporter(struct db *db, void *arg) {
    struct by_phone *p = arg;
    (void)db;
    return reporter_by_phone(p->act, p->phone, p->purpose, &p->who);
}

enum rc search_reporter(struct request *req, struct response *res) {
    const struct body_reporter *in = req->body_in;
    struct act act = act_for(req);
    struct by_phone p = {.act = &act, .phone = in->phone};
    struct reporter_found found;
    uint8_t newest[16];
    memset(newest, 0xff, sizeof newest);
    if (!is_mobile(in->phone))
        return fail_field(req, "/phone", "请填写 11 位手机号。", "Give a mobile number of 11 digits.");
    enum rc rc = find_reason(req, PURPOSE_UNMASK, in->reason_code, &p.purpose);
    if (rc == RC_OK) rc = db_tx(act.db, find_reporter, &p);
    if (rc == RC_OK) rc = reporter_appeals(&act, &p.who, newest, NULL, LIMIT_MAX, &found);
    if (rc != RC_OK) return act_result(req, &act, rc);
    write_found(req, res, &found);
    jw_end_array(&res->json);
    jw_key_bool(&res->json, "more", found.more);
    jw_end_object(&res->json);
    return RC_OK;
}
