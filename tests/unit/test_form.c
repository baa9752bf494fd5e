/* Answers against a form: each rule by an example, and all of them together against a model that is slow and plain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "rules/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define S(literal) \
    { literal, sizeof(literal) - 1 }

static const struct form_choice yes_no[] = {{.code = S("yes"),
                                             .name = S("有"),
                                             .name_en = S("Yes"),
                                             .ends = true,
                                             .where = {S("请拨 119"), S("Call 119"), S("119"), S("")}},
                                            {.code = S("no"), .name = S("没有"), .name_en = S("No")}};
static const struct form_choice colours[] = {
    {.code = S("red"), .name = S("红"), .name_en = S("Red"), .urgency = URGENCY_URGENT},
    {.code = S("green"), .name = S("绿"), .name_en = S("Green")},
    {.code = S("blue"), .name = S("蓝"), .name_en = S("Blue"), .urgency = URGENCY_EMERGENCY}};
enum { Q_TRAPPED, Q_ONE, Q_SOME, Q_NUMBER, Q_DATE, Q_TIME, Q_TEXT, Q_PHONE, Q_COUNT };
static const struct form_question questions[Q_COUNT] = {
    [Q_TRAPPED] = {.code = S("trapped"),
                   .label = S("有人被困吗"),
                   .label_en = S("Is somebody trapped"),
                   .kind = FORM_YES_NO,
                   .required = true,
                   .when = -1,
                   .choices = yes_no,
                   .choice_count = 2},
    [Q_ONE] = {.code = S("one"),
               .label = S("颜色"),
               .label_en = S("Colour"),
               .kind = FORM_CHOICE,
               .when = -1,
               .choices = colours,
               .choice_count = 3},
    [Q_SOME] = {.code = S("some"),
                .label = S("哪些"),
                .label_en = S("Which"),
                .kind = FORM_CHOICES,
                .required = true,
                .min = 1,
                .max = 2,
                .when = Q_ONE,
                .when_any = 5,
                .choices = colours,
                .choice_count = 3},
    [Q_NUMBER] = {.code = S("number"),
                  .label = S("几层"),
                  .label_en = S("Floors"),
                  .unit = S("层"),
                  .unit_en = S("floors"),
                  .kind = FORM_NUMBER,
                  .min = -2,
                  .max = 99,
                  .when = -1},
    [Q_DATE] =
        {.code = S("date"), .label = S("哪天"), .label_en = S("Day"), .kind = FORM_DATE, .when = Q_SOME, .when_any = 2},
    [Q_TIME] = {.code = S("time"), .label = S("几点"), .label_en = S("Time"), .kind = FORM_TIME, .when = -1},
    [Q_TEXT] = {.code = S("text"),
                .label = S("名称"),
                .label_en = S("Name"),
                .kind = FORM_TEXT,
                .min = 2,
                .max = 4,
                .when = -1},
    [Q_PHONE] = {.code = S("phone"), .label = S("手机"), .label_en = S("Mobile"), .kind = FORM_PHONE, .when = -1}};
static const struct form_question *const list[Q_COUNT] = {&questions[0], &questions[1], &questions[2], &questions[3],
                                                          &questions[4], &questions[5], &questions[6], &questions[7]};
static const struct form form = {list, Q_COUNT};

static struct form_checked got;

static struct str str_z(const char *z) { return (struct str){z, strlen(z)}; }

/* "question=value question=value", checked; the values have no blanks. */
static void check(const char *text, bool complete) {
    static char copy[1000];
    static struct form_answer answers[FORM_ANSWERS_MAX];
    size_t n = 0;
    snprintf(copy, sizeof copy, "%s", text);
    char *rest = copy;
    for (char *word; (word = strsep(&rest, " ")) && *word;) {
        char *value = strchr(word, '=');
        assert_true(value && n < FORM_ANSWERS_MAX);
        *value++ = 0;
        answers[n++] = (struct form_answer){str_z(word), str_z(value)};
    }
    form_check(&form, answers, n, complete, &got);
}

static void expect(size_t i, enum form_wrong wrong, int answer) {
    if (i >= got.fault_count || got.faults[i].wrong != wrong || got.faults[i].answer != answer)
        fail_msg("fault %zu of %zu is %d at %d", i, got.fault_count, i < got.fault_count ? (int)got.faults[i].wrong : 0,
                 i < got.fault_count ? got.faults[i].answer : 0);
}

static void one(const char *text, enum form_wrong wrong, int answer) {
    check(text, true);
    if (got.fault_count != (wrong ? 1 : 0)) fail_msg("\"%s\" has %zu faults", text, got.fault_count);
    if (wrong) expect(0, wrong, answer);
}

static void values(void **state) {
    (void)state;
    one("trapped=no", FORM_FINE, 0);
    one("trapped=No", FORM_NO_CHOICE, 0);
    one("trapped=no what=1", FORM_UNKNOWN, 1);
    one("trapped=no number=99", FORM_FINE, 0);
    one("trapped=no number=-2", FORM_FINE, 0);
    one("trapped=no number=100", FORM_NO_NUMBER, 1);
    one("trapped=no number=-3", FORM_NO_NUMBER, 1);
    one("trapped=no number=07", FORM_NO_NUMBER, 1);
    one("trapped=no number=1e1", FORM_NO_NUMBER, 1);
    one("trapped=no number=99999999999999999999", FORM_NO_NUMBER, 1);
    one("trapped=no time=00:00", FORM_FINE, 0);
    one("trapped=no time=23:59", FORM_FINE, 0);
    one("trapped=no time=24:00", FORM_NO_TIME, 1);
    one("trapped=no time=09:60", FORM_NO_TIME, 1);
    one("trapped=no time=9:30", FORM_NO_TIME, 1);
    one("trapped=no time=-1:30", FORM_NO_TIME, 1);
    one("trapped=no time=0x:30", FORM_NO_TIME, 1);
    one("trapped=no time=09:30Z", FORM_NO_TIME, 1);
    one("trapped=no text=四个汉字", FORM_FINE, 0);
    one("trapped=no text=五个汉字呀", FORM_LENGTH, 1);
    one("trapped=no text=一　", FORM_LENGTH, 1); /* what is blank doesn't count for the least */
    one("trapped=no phone=13800001111", FORM_FINE, 0);
    one("trapped=no phone=057188888888", FORM_NO_PHONE, 1);
}

static void branches(void **state) {
    (void)state;
    one("", FORM_MISSING, -1);
    one("trapped=no one=green", FORM_FINE, 0);
    one("trapped=no one=green some=red", FORM_NOT_ASKED, 2);
    one("trapped=no one=red", FORM_MISSING, -1);
    assert_ptr_equal(got.faults[0].question, &questions[Q_SOME]);
    one("some=red trapped=no one=red", FORM_FINE, 0); /* answers come in any order */
    one("trapped=no one=red some=red some=blue some=green", FORM_HOW_MANY, -1);
    one("trapped=no one=red some=red some=red", FORM_TWICE, 3);
    one("trapped=no one=red one=blue some=red", FORM_TWICE, 2);
    one("trapped=no one=red some=red some=green date=2026-11-24", FORM_FINE, 0);
    one("trapped=no one=red some=red some=green date=2026-02-30", FORM_NO_DATE, 4);
    one("trapped=no one=red some=red date=2026-11-24", FORM_NOT_ASKED, 3);
    /* What is wrong is no answer to depend on; what isn't asked is none either. */
    check("trapped=no one=purple some=green date=2026-11-24", true);
    assert_int_equal(got.fault_count, 3);
    expect(0, FORM_NO_CHOICE, 1);
    expect(1, FORM_NOT_ASKED, 2);
    expect(2, FORM_NOT_ASKED, 3);
    check("one=red", false);
    assert_int_equal(got.fault_count, 0);
}

static void consequences(void **state) {
    (void)state;
    check("trapped=no one=green", true);
    assert_true(!got.stop && got.urgency == URGENCY_NORMAL);
    check("trapped=no one=red some=blue", true);
    assert_int_equal(got.urgency, URGENCY_EMERGENCY);
    check("number=1000 trapped=yes", false);
    assert_true(got.stop == &yes_no[0].where && got.stop_answer == 1);
    check("trapped=no one=green some=blue", true); /* not asked: it says nothing */
    assert_int_equal(got.urgency, URGENCY_NORMAL);
}

static void without_questions(void **state) {
    (void)state;
    form_check(NULL, NULL, 0, true, &got);
    assert_int_equal(got.fault_count, 0);
    form_check(NULL, &(struct form_answer){S("a"), S("b")}, 1, true, &got);
    expect(0, FORM_UNKNOWN, 0);
}

static void conditions(void **state) {
    (void)state;
    struct str question, choices[FORM_CHOICES_MAX];
    size_t n;
    assert_true(form_when_parse(str_z("a=b,c"), &question, choices, &n) && n == 2 && str_is(question, "a") &&
                str_is(choices[0], "b") && str_is(choices[1], "c"));
    assert_true(form_when_parse(str_z("a=b"), &question, choices, &n) && n == 1);
    static const char *const bad[] = {
        "", "a", "a=", "=b", "a=b,", "a=,b", "a=b,,c", "a=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (form_when_parse(str_z(bad[i]), &question, choices, &n)) fail_msg("\"%s\" is taken", bad[i]);
}

static void kept(void **state) {
    (void)state;
    struct arena a;
    struct buf b;
    struct form_line line;
    arena_init(&a, 1 << 20);
    buf_init(&b, &a, FORM_BYTES);
    assert_true(form_write(&b, &questions[Q_TRAPPED], &yes_no[1], str_z("no")));
    assert_true(form_write(&b, &questions[Q_NUMBER], NULL, str_z("18")));
    assert_true(form_write(&b, &questions[Q_TEXT], NULL, str_z("a\tb\nc")));
    struct str rest = buf_str(&b);
    assert_true(form_next(&rest, &line) && str_is(line.question, "trapped") && str_is(line.label, "有人被困吗") &&
                str_is(line.label_en, "Is somebody trapped") && str_is(line.value, "no") && str_is(line.text, "没有") &&
                str_is(line.text_en, "No"));
    assert_true(form_next(&rest, &line) && str_is(line.text, "18 层") && str_is(line.text_en, "18 floors"));
    assert_true(form_next(&rest, &line) && str_is(line.value, "a b c") && !line.text.n && !line.text_en.n);
    assert_false(form_next(&rest, &line));
    rest = STR("");
    assert_false(form_next(&rest, &line));
    rest = (struct str){0};
    assert_false(form_next(&rest, &line));
    arena_free(&a);
}

/* ---- the model: of yes-no, choice and choices only, each rule said by itself and worked out anew for every answer ---- */

enum { MODEL_QUESTIONS = 6, MODEL_CHOICES = 3, MODEL_ANSWERS = 8, ROUNDS = 20000 };
static const char *const codes[] = {"a", "b", "c", "d", "e", "f", "nobody"}, *const picks[] = {"x", "y", "z",
                                                                                               "nothing"};
static struct form_choice choice_pool[MODEL_QUESTIONS][MODEL_CHOICES];
static struct form_question made[MODEL_QUESTIONS];
static struct form_answer tried[MODEL_ANSWERS];
static size_t tried_count;

static bool is_good(size_t i);

static int question_of(size_t i) {
    for (int q = 0; q < MODEL_QUESTIONS; q++)
        if (str_eq(made[q].code, tried[i].question)) return q;
    return -1;
}

static int pick_of(size_t i) {
    for (int c = 0; c < MODEL_CHOICES; c++)
        if (str_is(tried[i].value, picks[c])) return c;
    return -1;
}

static bool is_asked(int q) {
    if (made[q].when < 0) return true;
    for (size_t i = 0; i < tried_count; i++)
        if (question_of(i) == made[q].when && is_good(i) && (made[q].when_any >> pick_of(i) & 1)) return true;
    return false;
}

static enum form_wrong wrong_with(size_t i) {
    int q = question_of(i);
    if (q < 0) return FORM_UNKNOWN;
    if (!is_asked(q)) return FORM_NOT_ASKED;
    bool many = made[q].kind == FORM_CHOICES;
    for (size_t k = 0; k < i; k++)
        if (question_of(k) == q && !many) return FORM_TWICE;
    if (pick_of(i) < 0) return FORM_NO_CHOICE;
    for (size_t k = 0; k < i; k++)
        if (question_of(k) == q && str_eq(tried[k].value, tried[i].value)) return FORM_TWICE;
    return FORM_FINE;
}

static bool is_good(size_t i) { return wrong_with(i) == FORM_FINE; }

static enum form_wrong lacks(int q, bool complete) {
    int64_t given = 0, good = 0;
    for (size_t i = 0; i < tried_count; i++) {
        given += question_of(i) == q;
        good += question_of(i) == q && is_good(i);
    }
    if (!is_asked(q)) return FORM_FINE;
    if (!given) return made[q].required && complete ? FORM_MISSING : FORM_FINE;
    if (made[q].kind != FORM_CHOICES || good < given) return FORM_FINE;
    return good < made[q].min || good > made[q].max ? FORM_HOW_MANY : FORM_FINE;
}

static uint64_t seed = 1;
static int below(int n) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)n);
}

static void make_up(void) {
    for (int q = 0; q < MODEL_QUESTIONS; q++) {
        for (int c = 0; c < MODEL_CHOICES; c++)
            choice_pool[q][c] = (struct form_choice){.code = str_z(picks[c]),
                                                     .urgency = (enum urgency)below(URGENCY__MAX),
                                                     .ends = below(12) == 0,
                                                     .where = {S("去别处"), S("Elsewhere"), S(""), S("")}};
        int64_t min = 1 + below(2);
        made[q] = (struct form_question){.code = str_z(codes[q]),
                                         .kind = below(2) ? FORM_CHOICE : FORM_CHOICES,
                                         .required = below(2),
                                         .min = min,
                                         .max = min + below(2),
                                         .when = q && below(3) ? below(q) : -1,
                                         .when_any = 1 + (uint32_t)below(7),
                                         .choices = choice_pool[q],
                                         .choice_count = MODEL_CHOICES};
    }
    tried_count = (size_t)below(MODEL_ANSWERS + 1);
    for (size_t i = 0; i < tried_count; i++)
        tried[i] = (struct form_answer){str_z(codes[below(20) ? below(MODEL_QUESTIONS) : MODEL_QUESTIONS]),
                                        str_z(picks[below(12) ? below(MODEL_CHOICES) : MODEL_CHOICES])};
}

static void agrees(bool complete) {
    size_t n = 0;
    enum urgency urgency = URGENCY_NORMAL;
    const struct stopper *stop = NULL;
    for (size_t i = 0; i < tried_count; i++) {
        const struct form_choice *c = is_good(i) ? &choice_pool[question_of(i)][pick_of(i)] : NULL;
        if (!c) expect(n++, wrong_with(i), (int)i);
        if (c && c->urgency > urgency) urgency = c->urgency;
        if (c && c->ends && !stop) stop = &c->where;
    }
    for (int q = 0; q < MODEL_QUESTIONS; q++) {
        if (!lacks(q, complete)) continue;
        expect(n, lacks(q, complete), -1);
        assert_ptr_equal(got.faults[n++].question, &made[q]);
    }
    assert_int_equal(got.fault_count, n);
    assert_int_equal(got.urgency, urgency);
    assert_ptr_equal(got.stop, stop);
}

static void as_the_model(void **state) {
    (void)state;
    const struct form_question *made_list[MODEL_QUESTIONS];
    const struct form f = {made_list, MODEL_QUESTIONS};
    size_t fine = 0, stopped = 0;
    for (int q = 0; q < MODEL_QUESTIONS; q++) made_list[q] = &made[q];
    for (int round = 0; round < ROUNDS; round++) {
        make_up();
        form_check(&f, tried, tried_count, round & 1, &got);
        agrees(round & 1);
        fine += !got.fault_count && tried_count;
        stopped += got.stop != NULL;
    }
    assert_true(fine > ROUNDS / 50 && stopped > ROUNDS / 50); /* not all of it was rubbish */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),      cmocka_unit_test(branches),          cmocka_unit_test(consequences),
        cmocka_unit_test(conditions),  cmocka_unit_test(without_questions), cmocka_unit_test(kept),
        cmocka_unit_test(as_the_model)};
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
