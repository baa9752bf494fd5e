/* Standing groups of units: which there are, and calling one in. */
#include "resources.h"

#include "acts/parts.h"
#include "view.h"
#include "write.h"

static void write_group(struct request *req, struct json_out *w, const struct unit_group *g) {
    jw_begin_object(w);
    jw_key_str(w, "code", g->code);
    view_word(req, w, "kind", group_words, g->kind);
    jw_key_str(w, "name", req->english && g->name_en.n ? g->name_en : g->name);
    view_unit(req, w, "lead", g->lead);
    view_unit(req, w, "area", g->area);
    jw_key(w, "members");
    jw_begin_array(w);
    for (size_t i = 0; i < g->member_count; i++) {
        jw_begin_object(w);
        view_unit(req, w, "unit", g->members[i]);
        jw_key_str(w, "organisation", (struct str){0});
        jw_end_object(w);
    }
    for (size_t i = 0; i < g->organisation_count; i++) {
        jw_begin_object(w);
        view_unit(req, w, "unit", NULL);
        jw_key_str(w, "organisation", g->organisations[i]);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
}

/* Those that the caller's unit may call in: attached to it or to one above. */
enum rc list_groups(struct request *req, struct response *res) {
    const struct district *d = app_district();
    const struct unit *own = principal_of(req)->asker.unit;
    list_begin(res);
    for (size_t i = 0; i < d->group_count; i++)
        if (unit_is_below(own, d->groups[i].area)) write_group(req, &res->json, &d->groups[i]);
    jw_end_array(&res->json);
    jw_end_object(&res->json);
    return RC_OK;
}

static enum rc call_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct body_group *in = req->body_in;
    const uint8_t *id = ((const struct path_id *)req->path_in)->id;
    struct change c = {.text = in->text, .has_version = req->has_version, .version = req->version};
    struct row_appeal *a;
    enum rc rc = parts_call_group(act, id, arg, &c, in->due_by, in->make_lead, &a);
    res->status = 201;
    return rc == RC_OK ? answer_parts(req, res, act, id) : rc;
}

enum rc call_group(struct request *req, struct response *res) {
    const struct body_group *in = req->body_in;
    const struct unit_group *g = group_by_code(app_district(), in->group_code, principal_of(req)->asker.unit);
    if (!g)
        return fail_field(req, "/group_code", "没有这个组团，请从组团列表中选择。",
                          "There is no such group; choose from the list.");
    return write_run(req, res, call_in_tx, (void *)(uintptr_t)g);
}
