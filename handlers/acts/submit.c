/* appeal_submit: everything that must be true of an appeal from its first second on. */
#include "acts/submit.h"

#include "acts/audit.h"
#include "acts/change_private.h"
#include "acts/classify.h"
#include "acts/weigh.h"
#include "base/buf.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "base/uuid.h"
#include "rules/routing.h"
#include "rules/scrub.h"
#include "rules/whereabouts.h"
#include "rules/urgency.h"

enum { TITLE_FROM_TEXT = 30, EXCERPT = 50 }; /* code points; the second as in migration 0006 */

/* The title of a matter without one: the beginning of its text, on one line. */
static struct str title_from_text(struct arena *a, struct str text) {
    struct str head = utf8_prefix(utf8_trim(text), TITLE_FROM_TEXT);
    char *copy = arena_dup(a, head);
    if (!copy) return (struct str){0};
    for (char *p = copy; *p; p++)
        if (*p == '\n' || *p == '\t') *p = ' ';
    return (struct str){copy, head.n};
}

const struct place *submission_place(const struct act *act, const struct submission *s) {
    struct whereabouts w = {s->place, s->address, s->title, s->text, s->has_point, s->lng, s->lat, s->usual};
    return place_of(act->district, &w, act->arena);
}

/* A text without the numbers found in it (phones, ID numbers, plates, bank cards), which go to the list. */
static bool take_text(struct arena *a, struct str given, struct buf *list, struct str *clean) {
    struct scrubbed s;
    if (!given.p || !scrub_text(a, given, &s)) return false;
    if (list->n && s.removed.n) buf_add_char(list, '\n');
    buf_add_str(list, s.removed);
    *clean = s.text;
    return true;
}

/* Codes, numbers and dates hold nothing personal; what is written freely may. In the order in which the questions are asked. */
static enum rc take_answers(struct act *act, const struct form_answers *all, struct buf *list, struct str *kept) {
    struct buf b;
    if (!all || !all->n) return RC_OK;
    buf_init(&b, act->arena, FORM_BYTES);
    for (size_t at = 0; at < all->form->count; at++) {
        const struct form_question *q = all->form->questions[at];
        for (size_t i = 0; i < all->n; i++) {
            struct str value = all->given[i].value;
            if (all->checked.asked[i] != (int)at) continue;
            if ((q->kind == FORM_TEXT || q->kind == FORM_PHONE) && !take_text(act->arena, value, list, &value))
                return RC_INTERNAL;
            form_write(&b, q, all->checked.chosen[i], value);
        }
    }
    *kept = buf_str(&b);
    return b.failed ? RC_INTERNAL : RC_OK;
}

/* What was taken out of the texts becomes a sealed list (design: "Personal data"). */
static enum rc take_texts(struct act *act, const struct submission *s, struct row_appeal *a) {
    struct buf list;
    buf_init(&list, act->arena, 1500);
    if (!take_text(act->arena, s->text, &list, &a->text)) return RC_INTERNAL;
    struct str title = s->title.p && s->title.n ? s->title : title_from_text(act->arena, a->text);
    if (!take_text(act->arena, title, &list, &a->title)) return RC_INTERNAL;
    enum rc rc = take_answers(act, s->answers, &list, &a->form);
    if (rc != RC_OK || list.starved) return rc != RC_OK ? rc : RC_INTERNAL;
    if (list.failed)
        return act_fail(act, RC_TOO_LARGE, "内容中的电话、证件等号码过多，请精简后再提交。",
                        "The text holds too many phone and other numbers; shorten it.");
    if (!list.n) return RC_OK;
    return seal(act->keys, PLACE_APPEAL_NUMBERS, a->id, buf_str(&list), act->arena, &a->removed_numbers);
}

static enum rc take_reporter(struct act *act, const struct submission *s, struct row_appeal *a) {
    enum rc rc = seal(act->keys, PLACE_APPEAL_NAME, a->id, s->name, act->arena, &a->reporter_name);
    if (rc == RC_OK) rc = seal(act->keys, PLACE_APPEAL_PHONE, a->id, s->phone, act->arena, &a->reporter_phone);
    if (act->asker.kind == ACTOR_RESIDENT) memcpy(a->resident_id, act->asker.id, 16);
    if (act->asker.kind == ACTOR_CLIENT) memcpy(a->client_id, act->asker.id, 16);
    if (s->of) {
        memcpy(a->resident_id, s->of->resident_id, 16);
        memcpy(a->client_id, s->of->client_id, 16);
        memcpy(a->reporter_index, s->of->reporter_index, 16);
        return rc;
    }
    if (rc == RC_OK && act->asker.kind == ACTOR_CLIENT && s->phone.n &&
        !blind_index(act->keys, INDEX_PHONE, s->phone, a->reporter_index))
        rc = RC_INTERNAL;
    return rc;
}

enum rc appeals_adopt(struct act *act, const uint8_t resident_id[16], const uint8_t reporter_index[16],
                      size_t *adopted) {
    struct row_appeal *rows;
    enum rc rc = db_rows(act->db, ST_waiting_orders_lock, DB_VALUES(v_id(reporter_index)), act->arena, &rows, adopted);
    for (size_t i = 0; rc == RC_OK && i < *adopted; i++) {
        struct row_appeal *a = &rows[i];
        bool untouched;
        if (audit_appeal_untouched(act->keys, a, &untouched) != RC_OK) return RC_INTERNAL;
        memcpy(a->resident_id, resident_id, 16);
        memset(a->reporter_index, 0, 16);
        if (untouched && !audit_appeal_mac(act->keys, a, a->mac)) return RC_INTERNAL;
        rc = db_later(act->db, ST_appeal_adopt, DB_VALUES(v_id(resident_id), v_hash(a->mac), v_id(a->id)));
    }
    return rc == RC_OK && *adopted ? db_later(act->db, ST_waiting_orders_end, DB_VALUES(v_id(reporter_index))) : rc;
}

/* A third party's order is found by its number, and by its reporter until that is a resident: at once, if that one has signed in
 * before. RC_CONFLICT: the number is another order's. */
static enum rc enter_order(struct act *act, struct row_appeal *a) {
    struct row_id *found;
    size_t adopted;
    enum rc rc = RC_OK;
    if (a->external_id.p)
        rc = db_run(act->db, ST_client_order_insert, DB_VALUES(v_id(a->client_id), v_text(a->external_id), v_id(a->id)),
                    NULL);
    if (rc != RC_OK || uuid_is_zero(a->reporter_index)) return rc;
    rc = db_run(act->db, ST_waiting_order_insert, DB_VALUES(v_id(a->reporter_index), v_id(a->id)), NULL);
    if (rc == RC_OK) rc = db_row(act->db, ST_resident_by_phone, DB_VALUES(v_id(a->reporter_index)), act->arena, &found);
    if (rc != RC_OK || !found) return rc;
    rc = appeals_adopt(act, found->id, a->reporter_index, &adopted);
    memcpy(a->resident_id, found->id, 16);
    memset(a->reporter_index, 0, 16);
    return rc;
}

/* What the model is not sure of has no category: a dispatcher of the unit that the place leads to chooses. The words of categories
 * count where there is no model. A title that was made from the text tells nothing more. */
static enum rc find_category(const struct act *act, const struct submission *s, struct row_appeal *a,
                             const struct category **category) {
    struct suggestion guessed;
    struct buf kept;
    bool there;
    *category = s->category;
    a->classified_by = s->category ? CLASSIFIED_BY_REPORTER : CLASSIFIED_BY_NOBODY;
    if (s->category) return RC_OK;
    struct str title = s->title.p && s->title.n ? a->title : STR("");
    enum rc rc = classify_message(act->arena, act->district, title, a->text, &there, &guessed);
    if (rc != RC_OK) return rc;
    *category = there ? guessed.category : suggest_category(act->district, a->text);
    if (*category) a->classified_by = there ? CLASSIFIED_BY_MODEL : CLASSIFIED_BY_WORDS;
    if (!there) return RC_OK;
    buf_init(&kept, act->arena, SUGGESTION_BYTES);
    if (!suggestion_write(&guessed, &kept)) return RC_INTERNAL;
    a->suggestion = buf_str(&kept);
    return RC_OK;
}

static void set_route(struct act *act, const struct submission *s, const struct category *category,
                      struct row_appeal *a) {
    const struct place *place = submission_place(act, s);
    struct matter m = {category, place, s->about, s->channel, s->kind, act_day(act)};
    struct routed to = route(act->district, &m);
    const struct unit *unit = to.unit;
    /* A key's bound gives way only where it would hand a complaint to the unit complained of. */
    if (s->limit && !unit_is_below(unit, s->limit) && !(s->about && unit_is_below(s->limit, s->about))) unit = s->limit;
    enum urgency from_text = text_urgency(act->district, a->text, &act->dangers);
    act->routed_by = event_rule(to.rule);
    a->category_id = category ? category->id : 0;
    a->urgency = category && category->urgency > from_text ? category->urgency : from_text;
    if (s->answers && s->answers->checked.urgency > (enum urgency)a->urgency) a->urgency = s->answers->checked.urgency;
    a->place_id = place ? place->id : 0;
    a->about_unit_id = s->about ? s->about->id : 0;
    a->first_unit_id = a->holder_unit_id = unit->id;
    a->tier = unit->tier;
    a->submitted_at = a->updated_at = act->now_us;
    weigh_by_rules(act, a);
    appeal_start_clocks(act, a, s->of ? s->of->round_started_at : act->now_us);
}

static enum rc insert(struct act *act, struct row_appeal *a) {
    if (!audit_appeal_mac(act->keys, a, a->mac)) return RC_INTERNAL;
    return db_later(
        act->db, ST_appeal_insert,
        DB_VALUES(v_id(a->id), v_text(a->number), v_int(a->channel), v_int(a->kind), v_text(a->title), v_text(a->text),
                  v_text(utf8_prefix(a->text, EXCERPT)), v_int_or_null(a->category_id), v_int(a->urgency),
                  v_int_or_null(a->place_id), v_text(a->address), v_int_or_null(a->lng), v_int_or_null(a->lat),
                  v_int_or_null(a->about_unit_id), v_int(a->withheld), v_id_or_null(a->resident_id),
                  v_id_or_null(a->client_id), v_text_or_null(a->external_id), v_bytes_or_null(a->reporter_name),
                  v_bytes_or_null(a->reporter_phone), v_id_or_null(a->reporter_index),
                  v_bytes_or_null(a->removed_numbers), v_int(a->state), v_int(a->tier), v_int(a->first_unit_id),
                  v_int(a->holder_unit_id), v_int(a->arrival), v_time(a->submitted_at), v_time(a->respond_by),
                  v_time(a->resolve_by), v_time_or_null(a->step_by), v_time(a->held_since), v_int(a->provisional),
                  v_hash(a->chain), v_time(a->updated_at), v_time(a->round_started_at), v_text_or_null(a->respond_rule),
                  v_text_or_null(a->resolve_rule), v_text_or_null(a->step_rule), v_int(a->box), v_int(a->is_open),
                  v_int(a->classified_by), v_text_or_null(a->suggestion), v_int(a->weight), v_text_or_null(a->form),
                  v_hash(a->mac)));
}

/* Makes the photos the appeal's; digest gets what the first event covers of them. */
static enum rc bind_attachments(struct act *act, const struct submission *s, const struct row_appeal *a,
                                uint8_t digest[32]) {
    struct db_value ids[PHOTOS_MAX] = {{0}};
    struct row_attachment *photos;
    size_t n;
    int64_t matched = 0;
    memset(digest, 0, 32);
    if (!s->attachment_count) return RC_OK;
    if (s->attachment_count > PHOTOS_MAX) return RC_INTERNAL;
    for (size_t i = 0; i < s->attachment_count; i++) ids[i] = v_id(s->attachments[i]);
    enum rc rc = db_run(act->db, ST_attachments_bind,
                        DB_VALUES(v_id(a->id), ids[0], ids[1], ids[2], v_int(act->asker.kind), v_id(act->asker.id)),
                        &matched);
    if (rc == RC_OK && matched != (int64_t)s->attachment_count)
        return act_fail(act, RC_INVALID, "照片不存在、已使用或已过期，请重新上传。",
                        "A photo is not there, was used already or has expired; upload it again.");
    if (rc == RC_OK) rc = db_rows(act->db, ST_attachments_of, DB_VALUES(v_id(a->id)), act->arena, &photos, &n);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (!audit_photo_digest(&photos[i], digest)) rc = RC_INTERNAL;
    return rc;
}

enum rc appeal_submit(struct act *act, const struct submission *s, struct row_appeal **out) {
    struct row_appeal *a = ARENA_NEW(act->arena, struct row_appeal);
    const struct category *category;
    uint8_t photos[32], content[32];
    if (!a) return RC_INTERNAL;
    *a = (struct row_appeal){.number = s->number,
                             .channel = s->channel,
                             .kind = s->kind,
                             .address = s->address.p ? s->address : STR(""),
                             .lng = s->has_point ? s->lng : 0,
                             .lat = s->has_point ? s->lat : 0,
                             .withheld = s->withheld,
                             .external_id = s->external_id,
                             .state = STATE_SUBMITTED,
                             .round = 1,
                             .version = 1,
                             .arrival = ARRIVAL_ROUTED,
                             .events = 1,
                             .box = BOX_TO_ACCEPT,
                             .is_open = 1};
    if (!uuid_make(act->now_us, a->id)) return RC_INTERNAL;
    enum rc rc = take_texts(act, s, a);
    if (rc == RC_OK) rc = take_reporter(act, s, a);
    if (rc == RC_OK) rc = find_category(act, s, a, &category);
    if (rc == RC_OK) rc = bind_attachments(act, s, a, photos);
    if (rc != RC_OK) return rc;
    set_route(act, s, category, a);
    if (!audit_content_digest(a, photos, content)) return RC_INTERNAL;
    const struct transition *t = transition_of(ACT_SUBMIT);
    struct row_event *e = ARENA_NEW(act->arena, struct row_event);
    if (!e) return RC_INTERNAL;
    *e = (struct row_event){.action = ACT_SUBMIT,
                            .text = STR(""),
                            .detail = act->routed_by,
                            .public = 1,
                            .notify = s->quiet ? 0 : t->notify | (a->urgency != URGENCY_NORMAL ? N_URGENT : 0)};
    if (s->of) memcpy(e->target_id, s->of->id, 16);
    rc = appeal_write_event(act, a, e, (struct str){0}, content);
    if (rc == RC_OK) rc = insert(act, a);
    if (rc == RC_OK && (act->asker.kind == ACTOR_CLIENT || s->of)) rc = enter_order(act, a);
    act->first_event = e;
    act->photos = s->attachment_count;
    *out = a;
    return rc;
}
