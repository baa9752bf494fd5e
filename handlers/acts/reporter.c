/* Matters by whom they are from. Whether the asker may see the reporter of each is asked as for the matter alone, of its row. */
#include "acts/reporter.h"

#include "acts/audit.h"
#include "acts/pause.h"
#include "base/utf8.h"
#include "base/uuid.h"

enum { AT_ONCE = 25, LOOKED_MAX = 500, EXCERPT = 50 /* characters, as in migration 0006 */ };

void reporter_of(const struct row_appeal *a, struct reporter *out) {
    *out = (struct reporter){.n = !uuid_is_zero(a->resident_id)};
    memcpy(out->residents[0], a->resident_id, 16);
    memcpy(out->index, a->reporter_index, 16);
}

enum rc reporter_by_phone(struct act *act, struct str phone, const struct reason *purpose, struct reporter *out) {
    struct row_id *rows;
    *out = (struct reporter){.n = 0};
    if (!(role_abilities(act->asker.role, act->asker.unit->tier) & ABLE_UNMASK)) return RC_FORBIDDEN;
    if (!blind_index(act->keys, INDEX_PHONE, phone, out->index)) return RC_INTERNAL;
    enum rc rc = db_rows(act->db, ST_residents_by_phone, DB_VALUES(v_id(out->index), v_int(REPORTERS_MAX)), act->arena,
                         &rows, &out->n);
    if (rc != RC_OK) return rc;
    for (size_t i = 0; i < out->n; i++) memcpy(out->residents[i], rows[i].id, 16);
    const char *text = arena_dup(act->arena, purpose->code);
    return text ? audit_write(act, AUDIT_REPORTER_SEARCH, out->index, text) : RC_INTERNAL;
}

static struct row_appeal_item *item_of(struct arena *arena, const struct row_appeal *a) {
    struct row_appeal_item *item = ARENA_NEW(arena, struct row_appeal_item);
    if (!item) return NULL;
    *item = (struct row_appeal_item){.number = a->number,
                                     .title = a->title,
                                     .state = a->state,
                                     .version = a->version,
                                     .resolve_by = a->resolve_by,
                                     .overdue = a->overdue,
                                     .kind = a->kind,
                                     .category_id = a->category_id,
                                     .place_id = a->place_id,
                                     .holder_unit_id = a->holder_unit_id,
                                     .submitted_at = a->submitted_at,
                                     .updated_at = a->updated_at,
                                     .stars = a->stars,
                                     .excerpt = utf8_prefix(a->text, EXCERPT),
                                     .urgency = a->urgency,
                                     .address = a->address,
                                     .arrival = a->arrival,
                                     .respond_by = a->respond_by,
                                     .step_by = a->step_by,
                                     .followers = a->followers,
                                     .weight = a->weight,
                                     .paused = appeal_paused(a)};
    memcpy(item->id, a->id, 16);
    memcpy(item->assignee_id, a->assignee_id, 16);
    return item;
}

static enum rc read_some(struct act *act, const struct reporter *r, const uint8_t before[16], struct row_appeal **rows,
                         size_t *n) {
    struct db_value ids[REPORTERS_MAX];
    *n = 0;
    if (!r->n && uuid_is_zero(r->index)) return RC_OK;
    if (!r->n)
        return db_rows(act->db, ST_orders_of_reporter,
                       DB_VALUES(v_id(r->index), v_id(before), STAFF_SIGHT(&act->asker), v_int(AT_ONCE)), act->arena,
                       rows, n);
    for (size_t i = 0; i < REPORTERS_MAX; i++) ids[i] = v_id(r->residents[i < r->n ? i : 0]);
    return db_rows(
        act->db, ST_appeals_of_reporter,
        DB_VALUES(ids[0], ids[1], ids[2], ids[3], ids[4], v_id(before), STAFF_SIGHT(&act->asker), v_int(AT_ONCE)),
        act->arena, rows, n);
}

/* One more than the page holds is only noted. */
static enum rc take(struct act *act, const struct row_appeal *a, size_t limit, struct reporter_found *out) {
    if (!may_see_reporter(appeal_relations(act, a), a->withheld)) return RC_OK;
    out->more = out->n == limit;
    if (out->more) return RC_OK;
    out->items[out->n] = item_of(act->arena, a);
    return out->items[out->n++] ? RC_OK : RC_INTERNAL;
}

enum rc reporter_appeals(struct act *act, const struct reporter *r, const uint8_t before[16], const uint8_t *except,
                         size_t limit, struct reporter_found *out) {
    enum rc rc = RC_OK;
    size_t n = AT_ONCE;
    *out = (struct reporter_found){.items = arena_array(act->arena, limit + 1, sizeof *out->items)};
    if (!out->items) return RC_INTERNAL;
    memcpy(out->last, before, 16);
    for (size_t looked = 0; rc == RC_OK && n == AT_ONCE && !out->more; looked += n) {
        struct row_appeal *rows;
        out->more = looked >= LOOKED_MAX;
        if (out->more) break;
        rc = read_some(act, r, out->last, &rows, &n);
        for (size_t i = 0; rc == RC_OK && i < n && !out->more; i++) {
            if (!except || memcmp(except, rows[i].id, 16) != 0) rc = take(act, &rows[i], limit, out);
            if (!out->more) memcpy(out->last, rows[i].id, 16);
        }
    }
    return rc;
}
