/* Answers to a form, and what is kept of them. The input is lines "question TAB value"; a first line that begins with "!" is what a
 * question depends on. Whatever they say, each answer is good or has one fault; what is kept reads back the same. */
#include "base/utf8.h"
#include "fuzz.h"
#include "rules/form.h"

#include <string.h>

enum { MEMORY = 8 << 20 };

#define S(literal) \
    { literal, sizeof(literal) - 1 }
static const struct form_choice yes_no[] =
    {{.code = S("yes"), .name = S("有"), .name_en = S("Yes"), .ends = true, .where = {S("去"), S("Go"), S(""), S("")}},
     {.code = S("no"), .name = S("没有"), .name_en = S("No")}},
                                some[] = {
                                    {.code = S("a"), .name = S("甲"), .name_en = S("A"), .urgency = URGENCY_URGENT},
                                    {.code = S("b"), .name = S("乙"), .name_en = S("B")},
                                    {.code = S("c"), .name = S("丙"), .name_en = S("C")}};
static const struct form_question questions[] = {
    {.code = S("y"),
     .label = S("是吗"),
     .label_en = S("Is it"),
     .kind = FORM_YES_NO,
     .required = true,
     .when = -1,
     .choices = yes_no,
     .choice_count = 2},
    {.code = S("o"),
     .label = S("哪个"),
     .label_en = S("Which"),
     .kind = FORM_CHOICE,
     .when = 0,
     .when_any = 2,
     .choices = some,
     .choice_count = 3},
    {.code = S("s"),
     .label = S("哪些"),
     .label_en = S("Which ones"),
     .kind = FORM_CHOICES,
     .required = true,
     .min = 1,
     .max = 2,
     .when = 1,
     .when_any = 5,
     .choices = some,
     .choice_count = 3},
    {.code = S("n"),
     .label = S("几个"),
     .label_en = S("How many"),
     .unit = S("个"),
     .unit_en = S("pieces"),
     .kind = FORM_NUMBER,
     .min = -5,
     .max = 99,
     .when = -1},
    {.code = S("d"), .label = S("哪天"), .label_en = S("Day"), .kind = FORM_DATE, .when = 2, .when_any = 1},
    {.code = S("t"), .label = S("几点"), .label_en = S("Time"), .kind = FORM_TIME, .when = -1},
    {.code = S("x"), .label = S("什么"), .label_en = S("What"), .kind = FORM_TEXT, .min = 2, .max = 30, .when = -1},
    {.code = S("p"), .label = S("手机"), .label_en = S("Mobile"), .kind = FORM_PHONE, .when = -1}};
enum { COUNT = sizeof questions / sizeof *questions };

static struct str cut(struct str *rest, char mark) {
    const char *end = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    struct str first = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    size_t skip = first.n + (end ? 1 : 0);
    *rest = (struct str){rest->p + skip, rest->n - skip};
    return first;
}

/* What it says, put together again, is what was said. */
static void check_when(struct str text) {
    struct str question, choices[FORM_CHOICES_MAX];
    size_t n;
    if (!form_when_parse(text, &question, choices, &n)) return;
    CHECK(n >= 1 && n <= FORM_CHOICES_MAX && question.n && question.p == text.p && text.p[question.n] == '=');
    const char *at = text.p + question.n + 1;
    for (size_t i = 0; i < n; i++, at++) {
        CHECK(choices[i].n && choices[i].p == at && !memchr(choices[i].p, ',', choices[i].n));
        at += choices[i].n;
    }
    CHECK(at - 1 == text.p + text.n);
}

static void check_faults(const struct form_checked *k, size_t n, bool complete) {
    int before = -1;
    bool rest = false;
    CHECK(k->fault_count <= FORM_ANSWERS_MAX + FORM_QUESTIONS_MAX);
    for (size_t i = 0; i < k->fault_count; i++) {
        const struct form_fault *f = &k->faults[i];
        CHECK(f->wrong > FORM_FINE && f->wrong < FORM_WRONG__MAX && f->answer < (int)n);
        CHECK(f->answer < 0 ? f->wrong >= FORM_MISSING : !rest && f->answer > before && f->wrong < FORM_MISSING);
        CHECK(!f->question == (f->wrong == FORM_UNKNOWN) && (complete || f->wrong != FORM_MISSING));
        if (f->answer < 0) rest = true;
        else before = f->answer;
    }
}

static bool is_faulty(const struct form_checked *k, size_t answer) {
    for (size_t i = 0; i < k->fault_count; i++)
        if (k->faults[i].answer == (int)answer) return true;
    return false;
}

/* Control characters, which part cells and lines, are blanks afterwards. */
static void check_line(const struct form_line *line, const struct form_question *q, const struct form_choice *c,
                       struct str value) {
    CHECK(str_eq(line->question, q->code) && str_eq(line->label, q->label) && str_eq(line->label_en, q->label_en));
    CHECK(line->value.n == value.n);
    for (size_t i = 0; i < value.n; i++)
        CHECK(line->value.p[i] == ((unsigned char)value.p[i] < ' ' ? ' ' : value.p[i]));
    CHECK(c ? str_eq(line->text, c->name) && str_eq(line->text_en, c->name_en) : !line->text.n == !q->unit.n);
}

static void keep(struct arena *a, const struct form_checked *k, const struct form_answer *answers, size_t n) {
    struct buf b;
    struct form_line line;
    buf_init(&b, a, FORM_BYTES);
    for (size_t i = 0; i < n; i++)
        if (!is_faulty(k, i)) CHECK(form_write(&b, &questions[k->asked[i]], k->chosen[i], answers[i].value));
    struct str rest = buf_str(&b);
    for (size_t i = 0; i < n; i++) {
        if (is_faulty(k, i)) continue;
        CHECK(form_next(&rest, &line));
        check_line(&line, &questions[k->asked[i]], k->chosen[i], answers[i].value);
    }
    CHECK(!form_next(&rest, &line));
}

static void check_answers(struct arena *a, struct str text) {
    static const struct form_question *list[COUNT];
    const struct form form = {list, COUNT};
    struct form_answer answers[FORM_ANSWERS_MAX];
    struct form_checked k, partly;
    size_t n = 0;
    for (size_t i = 0; i < COUNT; i++) list[i] = &questions[i];
    while (text.n && n < FORM_ANSWERS_MAX) {
        struct str line = cut(&text, '\n');
        answers[n].question = cut(&line, '\t');
        answers[n++].value = utf8_prefix(line, FORM_TEXT_MAX);
    }
    form_check(&form, answers, n, true, &k);
    form_check(&form, answers, n, false, &partly);
    check_faults(&k, n, true);
    check_faults(&partly, n, false);
    CHECK(k.stop == partly.stop && k.urgency == partly.urgency);
    CHECK(!k.stop || (k.stop_answer < n && k.chosen[k.stop_answer] && !is_faulty(&k, k.stop_answer)));
    keep(a, &k, answers, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena a;
    struct str s = {(const char *)data, size}, rest = s;
    struct form_line line;
    size_t lines = 0;
    arena_init(&a, MEMORY);
    /* What is in the database may be anything, too. */
    while (form_next(&rest, &line)) {
        CHECK(line.question.n && ++lines <= size);
        CHECK(line.text_en.n <= size && (!line.text_en.n || line.text_en.p + line.text_en.n <= s.p + s.n));
    }
    if (size && utf8_valid(s)) {
        if (s.p[0] == '!') {
            s = (struct str){s.p + 1, s.n - 1};
            check_when(cut(&s, '\n'));
        }
        check_answers(&a, s);
    }
    arena_free(&a);
    return 0;
}
