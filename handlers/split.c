/* Staff: one message with several matters becomes several appeals. */
#include "acts/split.h"

#include "acts/numbers.h"
#include "resources.h"
#include "view.h"
#include "write.h"

struct splitting {
    const uint8_t *id;
    struct submission *parts;
    size_t n;
};

static enum rc read_part(struct request *req, const struct split_part *in, size_t i, struct submission *s) {
    const struct district *d = app_district();
    struct violations *v = &req->violations;
    *s = (struct submission){.title = in->title, .text = in->text};
    s->category = in->category_code.p ? category_by_code(d, in->category_code) : NULL;
    s->place = in->place_code.p ? place_by_code(d, in->place_code) : NULL;
    if (in->category_code.p && !s->category)
        violations_add_text(v, arena_printf(req->arena, "/parts/%zu/category_code", i),
                            "没有这个分类，请从分类列表中选择。", "There is no such category; choose from the list.");
    if (in->place_code.p && !s->place)
        violations_add_text(v, arena_printf(req->arena, "/parts/%zu/place_code", i),
                            "没有这个地点，请从地点列表中选择。", "There is no such place; choose from the list.");
    return v->count ? RC_INVALID : RC_OK;
}

static enum rc read_parts(struct request *req, const struct body_split *in, struct splitting *sp) {
    enum rc rc = RC_OK;
    sp->n = in->parts.n;
    sp->parts = arena_array(req->arena, sp->n, sizeof *sp->parts);
    if (!sp->parts) return RC_INTERNAL;
    for (size_t i = 0; i < sp->n; i++) {
        enum rc one = read_part(req, (const struct split_part *)in->parts.items + i, i, &sp->parts[i]);
        if (rc == RC_OK) rc = one;
    }
    for (size_t i = 0; rc == RC_OK && i < sp->n; i++) {
        char *number = arena_alloc(req->arena, NUMBER_TEXT);
        rc = number ? number_take(thread_of(req)->db, req->arena, req->now_us, number) : RC_INTERNAL;
        if (rc == RC_OK) sp->parts[i].number = str_of(number);
    }
    return rc;
}

/* Part by part, each from the version that the one before left. */
static enum rc split_in_tx(struct request *req, struct response *res, struct act *act, void *arg) {
    const struct splitting *sp = arg;
    struct change c = {.action = ACT_SPLIT, .has_version = req->has_version, .version = req->version};
    struct row_appeal *a = NULL;
    enum rc rc = RC_OK;
    for (size_t i = 0; rc == RC_OK && i < sp->n; i++) {
        c.part = &sp->parts[i];
        rc = appeal_change(act, sp->id, &c, &a);
        if (rc == RC_OK) c.version = a->version;
    }
    return rc == RC_OK ? answer_appeal(req, res, act, a, false) : rc;
}

enum rc split_appeal(struct request *req, struct response *res) {
    struct splitting sp = {.id = ((const struct path_id *)req->path_in)->id};
    enum rc rc = read_parts(req, req->body_in, &sp);
    return rc == RC_OK ? write_run(req, res, split_in_tx, &sp) : rc;
}
