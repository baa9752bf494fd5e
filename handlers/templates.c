/* Staff: texts to begin a reply with, filled in for one appeal. */
#include "rules/template.h"

#include "base/timefmt.h"
#include "resources.h"
#include "schemas.h"
#include "view.h"

#include <stdlib.h>

enum { TEMPLATES_SHOWN = 50 };

struct fitting {
    const struct template *template;
    int rank;
};

/* The nearest first; those alike in the order of the file. */
static int by_rank(const void *x, const void *y) {
    const struct fitting *a = x, *b = y;
    if (a->rank != b->rank) return a->rank < b->rank ? 1 : -1;
    return (a->template > b->template) - (a->template <b->template);
}

static struct str day_of(struct arena *a, int64_t us) {
    char text[TIME_TEXT_MAX];
    if (!us) return STR("");
    time_format_beijing(us, 0, text);
    return arena_str(a, (struct str){text, sizeof "2026-01-01" - 1});
}

static struct str name_of_unit(const struct unit *unit) { return unit ? unit->name : STR(""); }

/* Of the reporter no more than his family name, and that only for who may see him. */
static enum rc read_values(const struct act *act, const struct row_appeal *a, struct str values[FIELD__MAX]) {
    const struct category *category = category_by_id(act->district, a->category_id);
    const struct place *place = place_by_id(act->district, a->place_id);
    struct str name = {0};
    enum rc rc = RC_OK;
    if (may_see_reporter(appeal_relations(act, a), a->withheld))
        rc = unseal(act->keys, PLACE_APPEAL_NAME, a->id, a->reporter_name, act->arena, &name);
    values[FIELD_NUMBER] = a->number;
    values[FIELD_REPORTER] = template_address(act->arena, name);
    values[FIELD_TITLE] = a->title;
    values[FIELD_CATEGORY] = category ? category->name : STR("");
    values[FIELD_UNIT] = name_of_unit(act->asker.unit);
    values[FIELD_PLACE] = place ? place->name : a->address.n ? a->address : STR("");
    values[FIELD_SUBMITTED] = day_of(act->arena, a->submitted_at);
    values[FIELD_DUE] = day_of(act->arena, a->resolve_by);
    values[FIELD_TODAY] = day_of(act->arena, act->now_us);
    return rc;
}

static enum rc write_templates(struct request *req, struct response *res, const struct fitting *list, size_t n,
                               const struct str values[FIELD__MAX]) {
    struct json_out *w = &res->json;
    jw_begin_object(w);
    jw_key(w, "items");
    jw_begin_array(w);
    for (size_t i = 0; i < n && i < TEMPLATES_SHOWN; i++) {
        const struct template *t = list[i].template;
        struct str text = template_fill(req->arena, t->text, values);
        if (!text.p) return RC_INTERNAL;
        jw_begin_object(w);
        view_word(req, w, "kind", template_words, t->kind);
        jw_key_str(w, "name", t->name);
        jw_key_str(w, "text", text);
        jw_end_object(w);
    }
    jw_end_array(w);
    jw_end_object(w);
    return RC_OK;
}

enum rc list_templates(struct request *req, struct response *res) {
    const struct query_templates *q = req->query_in;
    const struct district *d = app_district();
    struct act act = act_for(req);
    struct str values[FIELD__MAX] = {{0}};
    struct row_appeal *a;
    size_t n = 0;
    enum rc rc = staff_find_appeal(&act, ((const struct path_id *)req->path_in)->id, &a);
    if (rc == RC_OK) rc = read_values(&act, a, values);
    struct fitting *fitting = arena_array(req->arena, d->template_count + 1, sizeof *fitting);
    if (rc != RC_OK || !fitting) return rc == RC_OK ? RC_INTERNAL : rc;
    for (size_t i = 0; i < d->template_count; i++) {
        const struct template *t = &d->templates[i];
        int rank = template_fits(t, category_by_id(d, a->category_id), act.asker.unit);
        if (rank && (!FIELD_SEEN(q, 0) || t->kind == (enum template_kind)(q->kind + 1)))
            fitting[n++] = (struct fitting){t, rank};
    }
    if (n) qsort(fitting, n, sizeof *fitting, by_rank);
    return write_templates(req, res, fitting, n, values);
}

enum rc refuse_gaps(struct request *req, const char *pointer, struct str text) {
    struct str gap = template_gap(text.p ? text : STR(""));
    if (!gap.n) return RC_OK;
    const char *zh = arena_printf(req->arena, "“%.*s”还没有填写，请填好或删去。", (int)gap.n, gap.p),
               *en = arena_printf(req->arena, "\"%.*s\" is not filled in; fill it in or leave it out.", (int)gap.n,
                                  gap.p);
    return zh && en ? fail_field(req, pointer, zh, en) : RC_INTERNAL;
}
