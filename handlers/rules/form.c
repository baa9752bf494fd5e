/* Answers against a form: a question at a time, in the order in which they are asked. */
#include "rules/form.h"

#include "base/num.h"
#include "base/timefmt.h"
#include "base/utf8.h"
#include "rules/scrub.h"

const struct word form_kind_words[FORM__MAX] = {
    {"", "", ""},
    {"yes_no", "是非", "Yes or no"},
    {"choice", "单选", "One of several"},
    {"choices", "多选", "Some of several"},
    {"number", "数字", "Number"},
    {"date", "日期", "Date"},
    {"time", "时间", "Time of day"},
    {"text", "文字", "Text"},
    {"phone", "手机号", "Mobile number"},
};

/* Up to the mark, which is skipped; all of it without one. */
static struct str cut(struct str *rest, char mark) {
    const char *end = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    struct str first = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t skip = first.n + (end ? 1 : 0);
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return first;
}

bool form_when_parse(struct str text, struct str *question, struct str choices[FORM_CHOICES_MAX], size_t *n) {
    *question = cut(&text, '=');
    *n = 0;
    if (!question->n) return false;
    do {
        if (*n == FORM_CHOICES_MAX) return false;
        bool last = !memchr(text.p, ',', text.n);
        choices[*n] = cut(&text, ',');
        if (!choices[(*n)++].n || (!last && !text.n)) return false;
    } while (text.n);
    return true;
}

int form_choice_at(const struct form_question *q, struct str code) {
    for (size_t i = 0; i < q->choice_count; i++)
        if (str_eq(q->choices[i].code, code)) return (int)i;
    return -1;
}

/* ---- one value ---- */

static bool is_time(struct str s) {
    int64_t hour, minute;
    return s.n == 5 && s.p[2] == ':' && s.p[0] >= '0' && s.p[0] <= '2' && s.p[3] >= '0' && s.p[3] <= '5' &&
           num_i64((struct str){s.p + (s.p[0] == '0'), s.p[0] == '0' ? 1 : 2}, 0, 23, &hour) &&
           num_i64((struct str){s.p + 3 + (s.p[3] == '0'), s.p[3] == '0' ? 1 : 2}, 0, 59, &minute);
}

static bool is_length(const struct form_question *q, struct str s) {
    return (int64_t)utf8_count(utf8_trim(s)) >= q->min && (int64_t)utf8_count(s) <= q->max;
}

/* What a choice should be is looked up by the caller. */
static enum form_wrong wrong_value(const struct form_question *q, struct str s) {
    int64_t number;
    int32_t day;
    switch (q->kind) {
    case FORM_NUMBER: return num_i64(s, q->min, q->max, &number) ? FORM_FINE : FORM_NO_NUMBER;
    case FORM_DATE: return date_parse(s, &day) ? FORM_FINE : FORM_NO_DATE;
    case FORM_TIME: return is_time(s) ? FORM_FINE : FORM_NO_TIME;
    case FORM_PHONE: return is_mobile(s) ? FORM_FINE : FORM_NO_PHONE;
    case FORM_TEXT: return is_length(q, s) ? FORM_FINE : FORM_LENGTH;
    case FORM_YES_NO:
    case FORM_CHOICE:
    case FORM_CHOICES:
    case FORM__MAX: break;
    }
    return FORM_NO_CHOICE;
}

/* ---- all of them ---- */

/* Of each question, by its place: is it asked, how many answers were given and how many are good, which choices. */
struct asking {
    bool asked[FORM_QUESTIONS_MAX];
    int64_t given[FORM_QUESTIONS_MAX], good[FORM_QUESTIONS_MAX];
    uint32_t chosen[FORM_QUESTIONS_MAX];
    enum form_wrong wrong[FORM_ANSWERS_MAX];
};

static int place_of(const struct form *form, struct str code) {
    for (size_t i = 0; form && i < form->count; i++)
        if (str_eq(form->questions[i]->code, code)) return (int)i;
    return -1;
}

static enum form_wrong take_answer(const struct form_question *q, size_t at, struct str value, struct asking *k,
                                   const struct form_choice **chosen) {
    if (!k->asked[at]) return FORM_NOT_ASKED;
    if (k->given[at]++ && q->kind != FORM_CHOICES) return FORM_TWICE;
    int choice = q->choice_count ? form_choice_at(q, value) : -1;
    if (choice < 0) return wrong_value(q, value);
    if (k->chosen[at] & UINT32_C(1) << choice) return FORM_TWICE;
    k->chosen[at] |= UINT32_C(1) << choice;
    *chosen = &q->choices[choice];
    return FORM_FINE;
}

static void take_answers(const struct form *form, size_t at, const struct form_answer *answers, size_t n,
                         struct asking *k, struct form_checked *out) {
    const struct form_question *q = form->questions[at];
    k->asked[at] = q->when < 0 || (k->asked[q->when] && k->chosen[q->when] & q->when_any);
    for (size_t i = 0; i < n; i++) {
        if (out->asked[i] != (int)at) continue;
        k->wrong[i] = take_answer(q, at, answers[i].value, k, &out->chosen[i]);
        if (!k->wrong[i]) k->good[at]++;
    }
}

static void blame(struct form_checked *out, enum form_wrong wrong, int answer, const struct form_question *q) {
    out->faults[out->fault_count++] = (struct form_fault){wrong, answer, q};
}

/* What a question as a whole lacks. Where one of its answers is wrong, that is told already. */
static enum form_wrong wrong_count(const struct form_question *q, const struct asking *k, size_t at, bool complete) {
    if (!k->asked[at]) return FORM_FINE;
    if (!k->given[at]) return q->required && complete ? FORM_MISSING : FORM_FINE;
    bool counts = q->kind == FORM_CHOICES && k->good[at] == k->given[at];
    return counts && (k->good[at] < q->min || k->good[at] > q->max) ? FORM_HOW_MANY : FORM_FINE;
}

static void heed(const struct form_choice *c, size_t answer, struct form_checked *out) {
    if (!c) return;
    if (c->urgency > out->urgency) out->urgency = c->urgency;
    if (!c->ends || out->stop) return;
    out->stop = &c->where;
    out->stop_answer = answer;
}

void form_check(const struct form *form, const struct form_answer *answers, size_t n, bool complete,
                struct form_checked *out) {
    struct asking k = {.asked = {false}};
    *out = (struct form_checked){.urgency = URGENCY_NORMAL};
    for (size_t i = 0; i < n; i++) out->asked[i] = place_of(form, answers[i].question);
    for (size_t at = 0; form && at < form->count; at++) take_answers(form, at, answers, n, &k, out);
    for (size_t i = 0; i < n; i++) {
        bool known = out->asked[i] >= 0;
        if (!known || k.wrong[i])
            blame(out, known ? k.wrong[i] : FORM_UNKNOWN, (int)i, known ? form->questions[out->asked[i]] : NULL);
        heed(out->chosen[i], i, out);
    }
    for (size_t at = 0; form && at < form->count; at++) {
        enum form_wrong wrong = wrong_count(form->questions[at], &k, at, complete);
        if (wrong) blame(out, wrong, -1, form->questions[at]);
    }
}

/* ---- as text ---- */

/* What a resident wrote may hold what parts cells and lines here. */
static void add_value(struct buf *b, struct str value) {
    for (size_t i = 0; i < value.n; i++) buf_add_char(b, (unsigned char)value.p[i] < ' ' ? ' ' : value.p[i]);
}

static void add_cell(struct buf *b, struct str text) {
    buf_add_char(b, '\t');
    buf_add_str(b, text);
}

static void add_amount(struct buf *b, struct str value, struct str unit) {
    buf_add_char(b, '\t');
    if (!unit.n) return;
    add_value(b, value);
    buf_add_char(b, ' ');
    buf_add_str(b, unit);
}

bool form_write(struct buf *b, const struct form_question *q, const struct form_choice *chosen, struct str value) {
    buf_add_str(b, q->code);
    buf_add_char(b, '\t');
    add_value(b, value);
    add_cell(b, q->label);
    add_cell(b, q->label_en);
    if (chosen) {
        add_cell(b, chosen->name);
        add_cell(b, chosen->name_en);
    } else {
        add_amount(b, value, q->unit);
        add_amount(b, value, q->unit_en);
    }
    buf_add_char(b, '\n');
    return !b->failed;
}

bool form_next(struct str *rest, struct form_line *out) {
    struct str line = cut(rest, '\n');
    out->question = cut(&line, '\t');
    out->value = cut(&line, '\t');
    out->label = cut(&line, '\t');
    out->label_en = cut(&line, '\t');
    out->text = cut(&line, '\t');
    out->text_en = line;
    return out->question.n > 0;
}
