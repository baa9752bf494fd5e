/* Hints while typing: which open matters near are alike to a draft, and what is known to go on there. */
#include "acts/alike.h"
#include "acts/situation.h"
#include "resources.h"
#include "view.h"

enum { TROUBLES_SHOWN = 5 };

/* Of others' matters only what reference data say: their titles and texts were written for the unit, and may name people. */
static void write_item(struct request *req, struct json_out *w, const struct row_alike_shown *m) {
    const struct district *d = app_district();
    jw_begin_object(w);
    jw_key_uuid(w, "id", m->id);
    view_word(req, w, "kind", kind_words, m->kind);
    view_category(req, w, "category", category_by_id(d, m->category_id));
    view_place(req, w, "place", place_by_id(d, m->place_id));
    view_word(req, w, "state", state_words, m->state);
    view_time(w, "submitted_at", m->submitted_at);
    jw_key_int(w, "followers", m->followers);
    jw_key_bool(w, "own", memcmp(m->resident_id, principal_of(req)->asker.id, 16) == 0);
    jw_end_object(w);
}

/* What goes on there is known already; mostly there is none, and then nobody looks where that is. */
static void write_troubles(struct request *req, struct json_out *w, const struct act *act,
                           const struct submission *draft) {
    const struct row_trouble *found[TROUBLES_SHOWN];
    size_t n = 0;
    if (situation_in_use()->trouble_count)
        n = troubles_near(act, submission_place(act, draft), draft->category, found, TROUBLES_SHOWN);
    jw_key(w, "troubles");
    jw_begin_array(w);
    for (size_t i = 0; i < n; i++) {
        jw_begin_object(w);
        view_trouble(req, w, found[i]);
        jw_end_object(w);
    }
    jw_end_array(w);
}

enum rc alike_appeals(struct request *req, struct response *res) {
    const struct body_alike *in = req->body_in;
    const struct row_resident_caller *r = principal_of(req)->resident;
    struct submission draft = {.title = in->title, .text = in->text, .lng = in->lng, .lat = in->lat};
    struct alike_found found;
    if (r->level < 2) return RC_LOW_LEVEL;
    enum rc rc = submission_codes(req, in->category_code, in->place_code, FIELD_SEEN(in, ALIKE_LNG),
                                  FIELD_SEEN(in, ALIKE_LAT), in->coordinate_system, &draft);
    if (rc != RC_OK) return rc;
    draft.usual = place_by_id(app_district(), r->place_id);
    struct act act = act_for(req);
    rc = appeals_alike(&act, &draft, &found);
    if (rc != RC_OK) return act_result(req, &act, rc);
    list_begin(res);
    for (size_t i = 0; i < found.n; i++) write_item(req, &res->json, found.items[i]);
    jw_end_array(&res->json);
    jw_key_int(&res->json, "total", (int64_t)found.total);
    write_troubles(req, &res->json, &act, &draft);
    jw_end_object(&res->json);
    return RC_OK;
}
