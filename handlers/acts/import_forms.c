/* Forms in an import: what categories ask (forms.tsv) and what may be chosen (form-choices.tsv). Checked without I/O, then saved. */
#include "acts/import.h"

#include "rules/form.h"

enum {
    DEPTH_MAX = 64,
    TEXT_LENGTH = 200
}; /* a circle of categories is told elsewhere, and ends here; a text's max where none is given */

struct forms {
    struct import_form_question *questions;
    struct import_form_choice *choices;
    size_t question_count, choice_count;
    struct import_problems *problems;
    struct arena *arena;
    struct import_index own;    /* category and code → question */
    struct import_index counts; /* category → how many it asks itself, an int64_t */
};

#define SHOWN(s) (int)(s).n, (s).p
#define BAD_QUESTION(f, q, ...) import_complain((f)->problems, IMPORT_FORMS, (q)->line, __VA_ARGS__)
#define BAD_CHOICE(f, c, ...) import_complain((f)->problems, IMPORT_FORM_CHOICES, (c)->line, __VA_ARGS__)

void import_check_where(struct import_problems *p, enum import_file file, int64_t line, struct str phone,
                        struct str link) {
    static const struct str safe = {"https://", 8};
    bool plain = true;
    for (size_t i = 0; i < phone.n; i++) plain &= (phone.p[i] >= '0' && phone.p[i] <= '9') || phone.p[i] == '-';
    if (!plain) import_complain(p, file, line, "phone", "holds more than digits and \"-\"");
    if (link.n && (link.n <= safe.n || memcmp(link.p, safe.p, safe.n) != 0))
        import_complain(p, file, line, "link", "doesn't begin with https://");
}

static struct str category_key(const struct import_entry *const *category) {
    return (struct str){(const char *)category, sizeof *category};
}

/* Without memory the import fails; until then the key is one that nobody has. */
static struct str question_key(struct forms *f, const struct import_entry *category, struct str code) {
    char *key = arena_printf(f->arena, "%p\t%.*s", (const void *)category, SHOWN(code));
    if (!key) f->problems->failed = true;
    return str_of(key ? key : "");
}

static struct import_form_question *own_question(struct forms *f, const struct import_entry *category,
                                                 struct str code) {
    return import_index_get(&f->own, question_key(f, category, code));
}

/* Of a category above. */
static struct import_form_question *question_above(struct forms *f, const struct import_entry *category,
                                                   struct str code) {
    const struct import_entry *up = category->parent;
    for (int depth = 0; up && depth < DEPTH_MAX; depth++, up = up->parent) {
        struct import_form_question *q = own_question(f, up, code);
        if (q) return q;
    }
    return NULL;
}

static bool chooses(const struct import_form_question *q) {
    return q->kind == FORM_YES_NO || q->kind == FORM_CHOICE || q->kind == FORM_CHOICES;
}

static bool is_yes_or_no(struct str code) { return str_is(code, "yes") || str_is(code, "no"); }

static const struct import_form_choice *choice_of(const struct import_form_question *q, struct str code) {
    for (const struct import_form_choice *c = q->choices; c; c = c->next)
        if (str_eq(c->code, code)) return c;
    return NULL;
}

/* ---- choices ---- */

static void check_choice(struct forms *f, struct import_form_choice *c) {
    import_check_where(f->problems, IMPORT_FORM_CHOICES, c->line, c->phone, c->link);
    if (!c->text.n != !c->text_en.n)
        BAD_CHOICE(f, c, c->text.n ? "text_en" : "text", "is empty, but the other language is not");
    if (!c->text.n && (c->ends || c->phone.n || c->link.n))
        BAD_CHOICE(f, c, "text", "is empty: say what to do%s", c->ends ? " instead, as this ends the form" : "");
    if (!c->category || !c->question_code.n) return;
    struct import_form_question *q = own_question(f, c->category, c->question_code);
    if (!q) {
        BAD_CHOICE(f, c, "question_code", "forms.tsv has no question \"%.*s\" of this category",
                   SHOWN(c->question_code));
        return;
    }
    const struct import_form_choice *first = choice_of(q, c->code);
    if (first && c->code.n) BAD_CHOICE(f, c, "code", "is the same as in line %lld", (long long)first->line);
    if (q->kind && !chooses(q)) BAD_CHOICE(f, c, "question_code", "nothing is chosen in a question of this kind");
    if (q->kind == FORM_YES_NO && c->code.n && !is_yes_or_no(c->code))
        BAD_CHOICE(f, c, "code", "is neither yes nor no, which such a question has");
    if (q->choice_count == FORM_CHOICES_MAX)
        BAD_CHOICE(f, c, NULL, "a question has at most %d choices", FORM_CHOICES_MAX);
    if (!q->last) q->last = &q->choices;
    *q->last = c;
    q->last = &c->next;
    q->choice_count++;
}

/* ---- questions ---- */

static bool enter_question(struct forms *f, struct import_form_question *q) {
    if (!q->category) return true;
    int64_t *one = ARENA_NEW(f->arena, int64_t);
    if (!one) return false;
    *one = 1;
    int64_t *count = import_index_put(&f->counts, category_key(&q->category), one);
    if (count) (*count)++;
    if (!q->code.n) return true;
    const struct import_form_question *first = import_index_put(&f->own, question_key(f, q->category, q->code), q);
    if (first) BAD_QUESTION(f, q, "code", "is the same as in line %lld", (long long)first->line);
    return true;
}

static void check_place(struct forms *f, const struct import_form_question *q) {
    const struct import_form_question *above = q->code.n ? question_above(f, q->category, q->code) : NULL;
    if (above)
        BAD_QUESTION(f, q, "code", "a category above asks this in line %lld, and so this one does",
                     (long long)above->line);
    int64_t total = 0;
    const struct import_entry *c = q->category;
    for (int depth = 0; c && depth < DEPTH_MAX; depth++, c = c->parent) {
        const int64_t *count = import_index_get(&f->counts, category_key(&c));
        total += count ? *count : 0;
    }
    if (total > FORM_QUESTIONS_MAX)
        BAD_QUESTION(f, q, NULL, "its category asks %lld questions, with those above it; at most %d are possible",
                     (long long)total, FORM_QUESTIONS_MAX);
}

/* What min and max may be, and what they are where nothing is said; without bounds both are 0. */
static void check_bounds(struct forms *f, struct import_form_question *q) {
    const int64_t choices = (int64_t)q->choice_count;
    const struct {
        int64_t low, high, min, max;
    } bounds[FORM__MAX] = {[FORM_NUMBER] = {-FORM_NUMBER_MAX, FORM_NUMBER_MAX, 0, FORM_NUMBER_MAX},
                           [FORM_TEXT] = {1, FORM_TEXT_MAX, 1, TEXT_LENGTH},
                           [FORM_CHOICES] = {1, choices, 1, choices}},
      *b = &bounds[q->kind];
    bool given = q->min != IMPORT_NO_NUMBER || q->max != IMPORT_NO_NUMBER;
    if (q->min == IMPORT_NO_NUMBER) q->min = b->min;
    if (q->max == IMPORT_NO_NUMBER) q->max = b->max;
    const char *column = q->min < b->low || q->min > b->high   ? "min"
                         : q->max < b->low || q->max > b->high ? "max"
                                                               : NULL;
    if (given && b->low == b->high && !b->low)
        BAD_QUESTION(f, q, "min", "only numbers, texts and choices have min and max");
    else if (column && q->kind == FORM_CHOICES)
        BAD_QUESTION(f, q, column, "is not from 1 to its %lld choices", (long long)choices);
    else if (column) BAD_QUESTION(f, q, column, "is not from %lld to %lld", (long long)b->low, (long long)b->high);
    else if (q->min > q->max) BAD_QUESTION(f, q, "max", "is less than min");
}

static void check_words(struct forms *f, const struct import_form_question *q) {
    if (!q->help.n != !q->help_en.n)
        BAD_QUESTION(f, q, q->help.n ? "help_en" : "help", "is empty, but the other language is not");
    if (!q->unit.n != !q->unit_en.n)
        BAD_QUESTION(f, q, q->unit.n ? "unit_en" : "unit", "is empty, but the other language is not");
    if (q->unit.n && q->kind != FORM_NUMBER) BAD_QUESTION(f, q, "unit", "only numbers have one");
}

/* Only on what is asked before: so no question waits for itself. */
static void check_when(struct forms *f, const struct import_form_question *q) {
    struct str code, choices[FORM_CHOICES_MAX];
    size_t n;
    if (!q->shown_when.n) return;
    if (!form_when_parse(q->shown_when, &code, choices, &n)) {
        BAD_QUESTION(f, q, "shown_when", "is not like \"question=choice\" or \"question=choice,choice\"");
        return;
    }
    const struct import_form_question *on = own_question(f, q->category, code);
    if (on && on->line >= q->line) {
        BAD_QUESTION(f, q, "shown_when", "\"%.*s\" is not asked before this question", SHOWN(code));
        return;
    }
    if (!on) on = question_above(f, q->category, code);
    if (!on) BAD_QUESTION(f, q, "shown_when", "neither this category nor one above asks \"%.*s\"", SHOWN(code));
    else if (on->kind && !chooses(on)) BAD_QUESTION(f, q, "shown_when", "nothing is chosen in \"%.*s\"", SHOWN(code));
    for (size_t i = 0; on && chooses(on) && i < n; i++)
        if (on->kind == FORM_YES_NO ? !is_yes_or_no(choices[i]) : !choice_of(on, choices[i]))
            BAD_QUESTION(f, q, "shown_when", "\"%.*s\" has no choice \"%.*s\"", SHOWN(code), SHOWN(choices[i]));
}

static void check_question(struct forms *f, struct import_form_question *q) {
    if (q->category) {
        check_place(f, q);
        check_when(f, q);
    }
    if (!q->kind) return;
    check_words(f, q);
    if ((q->kind == FORM_CHOICE || q->kind == FORM_CHOICES) && q->choice_count < 2)
        BAD_QUESTION(f, q, "kind", "needs two choices or more in form-choices.tsv, and has %zu", q->choice_count);
    else check_bounds(f, q);
}

bool import_check_forms(struct import_data *data, struct import_problems *p, struct arena *a) {
    const struct import_table *questions = &data->tables[IMPORT_FORMS], *choices = &data->tables[IMPORT_FORM_CHOICES];
    struct forms f = {questions->rows, choices->rows, questions->n, choices->n, p, a, {0}, {0}};
    if (questions->broken || choices->broken) return true;
    if (choices->present && !questions->present)
        import_complain(p, IMPORT_FORM_CHOICES, 1, NULL,
                        "comes with forms.tsv: the two replace all questions together");
    if (!questions->present) return true;
    if (!import_index_init(&f.own, a, f.question_count) || !import_index_init(&f.counts, a, f.question_count))
        return false;
    for (size_t i = 0; i < f.question_count; i++)
        if (!enter_question(&f, &f.questions[i])) return false;
    for (size_t i = 0; i < f.choice_count; i++) check_choice(&f, &f.choices[i]);
    for (size_t i = 0; i < f.question_count; i++) check_question(&f, &f.questions[i]);
    return true;
}

/* ---- saving ---- */

static enum rc save_choices(struct act *act, int64_t question, const struct import_form_choice *c) {
    enum rc rc = RC_OK;
    for (int64_t n = 1; rc == RC_OK && c; c = c->next, n++)
        rc = db_run(act->db, ST_form_choice_put,
                    DB_VALUES(v_int(question), v_int(n), v_text(c->code), v_text(c->name), v_text(c->name_en),
                              v_int(c->urgency), v_int(c->ends), v_text(c->text), v_text(c->text_en), v_text(c->phone),
                              v_text(c->link)),
                    NULL);
    return rc;
}

enum rc import_save_forms(struct act *act, const struct import_data *data) {
    const struct import_table *t = &data->tables[IMPORT_FORMS];
    const struct import_form_question *q = t->rows;
    if (!t->present) return RC_OK;
    enum rc rc = db_run(act->db, ST_form_questions_clear, NULL, 0, NULL);
    if (rc == RC_OK) rc = db_run(act->db, ST_form_choices_clear, NULL, 0, NULL);
    for (size_t i = 0; rc == RC_OK && i < t->n; i++) {
        rc = db_run(act->db, ST_form_question_put,
                    DB_VALUES(v_int((int64_t)i + 1), v_int(q[i].category->id), v_text(q[i].code), v_int(q[i].kind),
                              v_int(q[i].required), v_text(q[i].label), v_text(q[i].label_en), v_text(q[i].help),
                              v_text(q[i].help_en), v_int(q[i].min), v_int(q[i].max), v_text(q[i].unit),
                              v_text(q[i].unit_en), v_text(q[i].shown_when)),
                    NULL);
        if (rc == RC_OK) rc = save_choices(act, (int64_t)i + 1, q[i].choices);
    }
    return rc;
}
