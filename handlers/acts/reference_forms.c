/* From the rows of questions and choices to each category's form: what is asked above it, then its own. */
#include "acts/reference_forms.h"

#include "base/log.h"

struct building {
    struct arena *arena;
    const struct district *d;
    struct category *categories;
    const struct row_form_question *rows; /* by category */
    size_t row_count;
    const struct form_choice *choices; /* in the order of the rows */
    const struct row_form_choice *choice_rows;
    size_t choice_count;
    struct form_question *questions; /* one a row */
};

static void leave_out(const struct row_form_question *r, const char *why) {
    log_event(LOG_ERROR, "reference", "question %lld (%.*s) is not asked: %s", (long long)r->id, (int)r->code.n,
              r->code.p, why);
}

static struct form_choice choice_of(const struct row_form_choice *r) {
    return (struct form_choice){.code = r->code,
                                .name = r->name,
                                .name_en = r->name_en,
                                .urgency = r->urgency > 0 && r->urgency < URGENCY__MAX ? (enum urgency)r->urgency
                                                                                       : URGENCY_NORMAL,
                                .ends = r->ends,
                                .where = {r->text, r->text_en, r->phone, r->link}};
}

/* Yes and no have words of their own where an import gave none. */
static bool yes_and_no(struct arena *a, struct form_question *q) {
    static const struct form_choice plain[] = {{.code = {"yes", 3}, .name = {"是", 3}, .name_en = {"Yes", 3}},
                                               {.code = {"no", 2}, .name = {"否", 3}, .name_en = {"No", 2}}};
    struct form_choice *both = arena_array(a, 2, sizeof *both);
    if (!both) return false;
    for (size_t i = 0; i < 2; i++) {
        int given = form_choice_at(q, plain[i].code);
        both[i] = given < 0 ? plain[i] : q->choices[given];
    }
    q->choices = both;
    q->choice_count = 2;
    return true;
}

/* The row as it is, without what it depends on. *next goes over its choices. */
static bool take_question(struct building *b, const struct row_form_question *r, size_t *next,
                          struct form_question *q) {
    size_t from = *next;
    while (*next < b->choice_count && b->choice_rows[*next].question_id == r->id) (*next)++;
    *q = (struct form_question){.code = r->code,
                                .label = r->label,
                                .label_en = r->label_en,
                                .help = r->help,
                                .help_en = r->help_en,
                                .unit = r->unit,
                                .unit_en = r->unit_en,
                                .kind = (enum form_kind)r->kind,
                                .required = r->required,
                                .min = r->low,
                                .max = r->high,
                                .when = -1,
                                .choices = &b->choices[from],
                                .choice_count = *next - from};
    return q->kind != FORM_YES_NO || yes_and_no(b->arena, q);
}

static int place_in(const struct form *form, struct str code) {
    for (size_t i = 0; i < form->count; i++)
        if (str_eq(form->questions[i]->code, code)) return (int)i;
    return -1;
}

static bool depend(const struct form *before, struct str shown_when, struct form_question *q) {
    struct str question, choices[FORM_CHOICES_MAX];
    size_t n;
    if (!shown_when.n) return true;
    if (!form_when_parse(shown_when, &question, choices, &n)) return false;
    q->when = place_in(before, question);
    for (size_t i = 0; q->when >= 0 && i < n; i++) {
        int at = form_choice_at(before->questions[q->when], choices[i]);
        if (at >= 0) q->when_any |= UINT32_C(1) << at;
    }
    return q->when_any != 0;
}

/* Why a row can't be the next question of a form; NULL: it can. */
static const char *why_not(const struct form *before, const struct row_form_question *r, struct form_question *q) {
    bool choose = r->kind == FORM_CHOICE || r->kind == FORM_CHOICES;
    if (r->kind < 1 || r->kind >= FORM__MAX) return "this release doesn't know its kind";
    if (before->count == FORM_QUESTIONS_MAX) return "there are too many before it";
    if (place_in(before, r->code) >= 0) return "one before it has its code";
    if (choose ? !q->choice_count || q->choice_count > FORM_CHOICES_MAX : q->kind != FORM_YES_NO && q->choice_count)
        return "its choices don't fit it";
    return depend(before, r->shown_when, q) ? NULL : "what it depends on is not asked before it";
}

/* Those above first; a category without own questions asks what the one above asks (category_form). */
static bool build(struct building *b, struct category *c, const size_t *first, const size_t *count) {
    size_t at = (size_t)(c - b->categories);
    if (c->form || !count[at]) return true;
    for (const struct category *up = c->parent; up; up = up->parent)
        if (count[up - b->categories]) {
            if (!build(b, &b->categories[up - b->categories], first, count)) return false;
            break;
        }
    const struct form *above = category_form(c->parent);
    const struct form_question **list = arena_array(b->arena, FORM_QUESTIONS_MAX, sizeof *list);
    struct form *form = ARENA_NEW(b->arena, struct form);
    if (!list || !form) return false;
    *form = (struct form){list, above ? above->count : 0};
    if (above) memcpy(list, above->questions, above->count * sizeof *list);
    for (size_t i = first[at]; i < first[at] + count[at]; i++) {
        const char *why = why_not(form, &b->rows[i], &b->questions[i]);
        if (why) leave_out(&b->rows[i], why);
        else list[form->count++] = &b->questions[i];
    }
    c->form = form;
    return true;
}

static bool build_all(struct building *b) {
    size_t n = b->d->category_count, next = 0;
    size_t *first = arena_array(b->arena, n + 1, sizeof *first), *count = arena_array(b->arena, n + 1, sizeof *count);
    b->questions = arena_array(b->arena, b->row_count + 1, sizeof *b->questions);
    if (!first || !count || !b->questions) return false;
    for (size_t i = 0; i < b->row_count; i++) {
        const struct category *c = category_by_id(b->d, b->rows[i].category_id);
        if (!take_question(b, &b->rows[i], &next, &b->questions[i])) return false;
        if (!c) continue;
        if (!count[c - b->d->categories]++) first[c - b->d->categories] = i;
    }
    for (size_t i = 0; i < n; i++)
        if (!build(b, &b->categories[i], first, count)) return false;
    return true;
}

enum rc reference_load_forms(struct db *db, struct arena *a, const struct district *d, struct category *categories) {
    struct row_form_question *rows;
    struct row_form_choice *choice_rows;
    size_t n, m;
    enum rc rc = db_rows(db, ST_form_questions, NULL, 0, a, &rows, &n);
    if (rc != RC_OK || !n) return rc;
    rc = db_rows(db, ST_form_choices, NULL, 0, a, &choice_rows, &m);
    struct form_choice *choices = rc == RC_OK ? arena_array(a, m + 1, sizeof *choices) : NULL;
    if (rc != RC_OK || !choices) return rc == RC_OK ? RC_INTERNAL : rc;
    for (size_t i = 0; i < m; i++) choices[i] = choice_of(&choice_rows[i]);
    struct building b = {a, d, categories, rows, n, choices, choice_rows, m, NULL};
    return build_all(&b) ? RC_OK : RC_INTERNAL;
}
