/* Residents: submit an appeal, see one's own, act on it. */
#include "acts/change.h"
#include "acts/numbers.h"
#include "acts/submit.h"
#include "acts/tags.h"
#include "forms.h"
#include "resources.h"
#include "rules/coordinates.h"
#include "rules/scrub.h"
#include "schemas.h"
#include "view.h"
#include "write.h"

/* ---- submitting ---- */

enum rc submission_codes(struct request *req, struct str category, struct str place, bool lng, bool lat, int system,
                         struct submission *s) {
    const struct district *d = app_district();
    struct violations *v = &req->violations;
    s->has_point = lng && lat;
    if (s->has_point && system == COORDINATES_WGS84) gcj02_from_wgs84(&s->lng, &s->lat);
    s->category = category.p ? category_by_code(d, category) : NULL;
    s->place = place.p ? place_by_code(d, place) : NULL;
    if (lng != lat)
        violations_add_text(v, lng ? "/lat" : "/lng", "经度和纬度请一并填写。",
                            "Give longitude and latitude together.");
    if (category.p && !s->category)
        violations_add_text(v, "/category_code", "没有这个分类，请从分类列表中选择。",
                            "There is no such category; choose from the list.");
    if (place.p && !s->place)
        violations_add_text(v, "/place_code", "没有这个地点，请从地点列表中选择。",
                            "There is no such place; choose from the list.");
    return v->count ? RC_INVALID : RC_OK;
}

/* What the scanned thing tells fills in what was left open. */
static void fill_from_tag(struct request *req, struct str scanned, struct submission *s) {
    if (!scanned.p) return;
    const struct tag *tag = tag_scanned(app_of(req)->keys, app_district(), scanned);
    if (!tag) {
        violations_add_text(&req->violations, "/qr_code", "这不是本系统的二维码，请重新扫描或选择地点。",
                            "This is no code of ours; scan it again, or choose a place.");
        return;
    }
    if (!s->place && tag->place->active) s->place = tag->place;
    if (!s->category && tag->category && tag->category->active) s->category = tag->category;
    if (!s->address.p && tag->address.n) s->address = tag->address;
}

/* Whoever is sent elsewhere needn't mend the rest first, nor fill in the form of what isn't taken. Nobody is judged by a category that
 * there isn't: he may have meant one that is taken. */
static enum rc keep_out(struct request *req, const struct body_submit *in, const struct submission *s, bool unknown) {
    enum rc rc = unknown ? RC_OK : disaster_lets_in(req, s);
    const struct stopper *stop = rc == RC_OK ? category_stop(s->category) : NULL;
    return stop ? send_elsewhere(req, in->category_code.p ? "/category_code" : "/qr_code", stop) : rc;
}

/* Codes to rows, with a violation for each that isn't there; both entries use it. A third party can't always ask what a category's form
 * does. */
enum rc submission_from_body(struct request *req, const struct body_submit *in, struct submission *s) {
    const struct district *d = app_district();
    bool third_party = req->principal && principal_of(req)->client;
    s->kind = (enum kind)(in->kind + 1);
    s->title = in->title;
    s->text = in->text;
    s->address = in->address;
    s->withheld = in->withhold_name;
    s->lng = in->lng;
    s->lat = in->lat;
    enum rc rc = submission_codes(req, in->category_code, in->place_code, FIELD_SEEN(in, SUBMIT_LNG),
                                  FIELD_SEEN(in, SUBMIT_LAT), in->coordinate_system, s);
    s->about = in->about_unit_code.p ? unit_by_code(d, in->about_unit_code) : NULL;
    struct violations *v = &req->violations;
    if (in->about_unit_code.p && !s->about)
        violations_add_text(v, "/about_unit_code", "没有这个单位。", "There is no such unit.");
    if (in->contact_phone.p && !is_mobile(in->contact_phone))
        violations_add_text(v, third_party ? "/reporter_phone" : "/contact_phone", "请填写 11 位手机号。",
                            "Give a mobile number of 11 digits.");
    const bool unknown = in->category_code.p && !s->category;
    fill_from_tag(req, in->qr_code, s);
    enum rc taken = keep_out(req, in, s, unknown);
    if (taken == RC_OK) taken = submission_answers(req, &in->answers, !third_party, s);
    if (taken != RC_OK) return taken;
    return v->count ? RC_INVALID : rc;
}

enum rc submission_reporter(const struct request *req, struct str contact_phone, struct submission *s) {
    const struct row_resident_caller *r = principal_of(req)->resident;
    enum rc rc = unseal(app_of(req)->keys, PLACE_RESIDENT_NAME, r->id, r->name_sealed, req->arena, &s->name);
    s->phone = contact_phone;
    if (rc == RC_OK && !s->phone.p)
        rc = unseal(app_of(req)->keys, PLACE_RESIDENT_PHONE, r->id, r->phone_sealed, req->arena, &s->phone);
    return rc;
}

enum rc answer_appeal(struct request *req, struct response *res, struct act *act, const struct row_appeal *a,
                      bool created) {
    if (created) {
        char id[UUID_TEXT + 1];
        uuid_format(a->id, id);
        res->status = 201;
        response_location(res, arena_printf(req->arena, "/%s/v1/appeals/%s", entry_names[app_of(req)->entry], id));
    }
    /* Who is in danger is told whom to call, whatever he preferred. */
    if (!req->minimal || (created && act->dangers)) return view_appeal(req, res, act, a);
    response_header(res, "Preference-Applied", "return=minimal");
    appeal_etag(req, res, a);
    struct row_appeal_item item = {.number = a->number,
                                   .title = a->title,
                                   .state = a->state,
                                   .version = a->version,
                                   .resolve_by = a->resolve_by,
                                   .overdue = a->overdue};
    memcpy(item.id, a->id, 16);
    view_appeal_item(req, &res->json, &item, true);
    return RC_OK;
}

static enum rc submit_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct row_appeal *a;
    enum rc rc = appeal_submit(act, arg, &a);
    return rc == RC_OK ? answer_appeal(req, res, act, a, true) : rc;
}

enum rc submit_appeal(struct request *req, struct response *res) {
    const struct body_submit *in = req->body_in;
    const struct row_resident_caller *r = principal_of(req)->resident;
    struct submission s = {
        .channel = CHANNEL_ZLB, .attachments = in->attachment_ids.ids, .attachment_count = in->attachment_ids.n};
    char number[NUMBER_TEXT];
    if (r->level < 2) return RC_LOW_LEVEL;
    enum rc rc = submission_from_body(req, in, &s);
    if (rc == RC_OK) rc = submission_reporter(req, in->contact_phone, &s);
    s.usual = place_by_id(app_district(), r->place_id);
    if (rc == RC_OK) rc = number_take(thread_of(req)->db, req->arena, req->now_us, number);
    if (rc != RC_OK) return rc;
    s.number = str_of(number);
    rc = write_run(req, res, submit_in_tx, &s);
    /* What the act finds invalid are the photos: nothing else is left to be. */
    return rc == RC_INVALID ? fail_field(req, "/attachment_ids", req->detail_zh, req->detail_en) : rc;
}

/* ---- reading ---- */

enum rc list_appeals(struct request *req, struct response *res) {
    const struct query_appeals *q = req->query_in;
    bool by_state = FIELD_SEEN(&q->list, 2);
    const char *filter = by_state ? state_names[q->state] : "";
    struct cursor start = {.key = 0}, at;
    memset(start.id, 0xff, 16);
    enum rc rc = cursor_read(req, &q->list, filter, &start, &at);
    if (rc != RC_OK) return rc;
    static const struct page_statements all = PAGES(resident_appeals), in_state = PAGES(resident_appeals_state);
    struct row_appeal_item *items;
    size_t n, limit = (size_t)list_limit(&q->list);
    const uint8_t *me = principal_of(req)->asker.id;
    bool brief = q->view == VIEW_BRIEF;
    struct page page = {.statements = by_state ? &in_state : &all,
                        .brief = brief,
                        .next = q->list.cursor.p != NULL,
                        .limit = (int64_t)limit + 1};
    if (by_state)
        rc = page_read(req, &page, DB_VALUES(v_id(me), v_int(q->state + 1)), DB_VALUES(v_id(at.id)), &items, &n);
    else rc = page_read(req, &page, DB_VALUES(v_id(me)), DB_VALUES(v_id(at.id)), &items, &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_appeal_item(req, &res->json, &items[i], brief);
    struct cursor next = {0};
    if (n > limit) memcpy(next.id, items[limit - 1].id, 16);
    return list_end(req, res, filter, n > limit ? &next : NULL);
}

static enum rc find_own(struct request *req, const struct act *act, struct row_appeal **a) {
    const struct path_id *path = req->path_in;
    enum rc rc = db_row(act->db, ST_appeal_of_resident, DB_VALUES(v_id(path->id), v_id(act->asker.id)), act->arena, a);
    return rc == RC_OK && !*a ? RC_NOT_FOUND : rc;
}

enum rc get_appeal(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = find_own(req, &act, &a);
    return rc == RC_OK ? view_appeal(req, res, &act, a) : rc;
}

enum rc list_timeline(struct request *req, struct response *res) {
    struct act act = act_for(req);
    struct row_appeal *a;
    enum rc rc = find_own(req, &act, &a);
    return rc == RC_OK ? answer_timeline(req, res, &act, a, ST_events_public) : rc;
}

enum rc answer_timeline(struct request *req, struct response *res, struct act *act, const struct row_appeal *a,
                        enum statement st) {
    const struct query_list *q = req->query_in;
    char filter[UUID_TEXT + 1];
    uuid_format(a->id, filter);
    struct cursor start = {0}, at;
    enum rc rc = cursor_read(req, &q->list, filter, &start, &at);
    if (rc != RC_OK) return rc;
    struct row_event *events;
    size_t n, limit = (size_t)list_limit(&q->list);
    rc = db_rows(act->db, st, DB_VALUES(v_id(a->id), v_int(at.key), v_int((int64_t)limit + 1)), act->arena, &events,
                 &n);
    if (rc != RC_OK) return rc;
    list_begin(res);
    for (size_t i = 0; i < n && i < limit; i++) view_event(req, &res->json, &events[i]);
    struct cursor next = {.key = n > limit ? events[limit - 1].n : 0};
    return list_end(req, res, filter, n > limit ? &next : NULL);
}

/* ---- acting ---- */

struct doing {
    struct change change;
    const uint8_t *id;
};

static enum rc change_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    struct doing *d = arg;
    struct row_appeal *a;
    enum rc rc = appeal_change(act, d->id, &d->change, &a);
    return rc == RC_OK ? answer_appeal(req, res, act, a, false) : rc;
}

enum rc do_change(struct request *req, struct response *res, struct change change) {
    struct doing d = {.change = change, .id = ((const struct path_id *)req->path_in)->id};
    d.change.has_version = req->has_version;
    d.change.version = req->version;
    return write_run(req, res, change_in_tx, &d);
}

static enum rc with_text(struct request *req, struct response *res, enum action action) {
    const struct body_text *in = req->body_in;
    return do_change(req, res, (struct change){.action = action, .text = in->text});
}

enum rc supplement_appeal(struct request *req, struct response *res) { return with_text(req, res, ACT_SUPPLEMENT); }

enum rc answer_question(struct request *req, struct response *res) { return with_text(req, res, ACT_ANSWER); }

enum rc urge_appeal(struct request *req, struct response *res) {
    return do_change(req, res, (struct change){.action = ACT_URGE});
}

enum rc withdraw_appeal(struct request *req, struct response *res) { return with_text(req, res, ACT_WITHDRAW); }

enum rc rate_appeal(struct request *req, struct response *res) {
    const struct body_rate *in = req->body_in;
    return do_change(
        req, res, (struct change){.action = ACT_RATE, .detail = in->stars, .solved = in->solved, .text = in->comment});
}

enum rc reopen_appeal(struct request *req, struct response *res) { return with_text(req, res, ACT_REOPEN); }
