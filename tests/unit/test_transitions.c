/* The appeal's life: every state × action × relation against the reviewed table in tests/golden/transitions.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/transitions.h"

#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { UNSET = -1, WRONG_STATE = -2, NOT_YOURS = -3, SAME = -4 };

static const struct {
    const char *code;
    uint32_t bits;
} relations[] = {
    {"reporter", REL_REPORTER}, {"client", REL_CLIENT},         {"handler", REL_HANDLER},
    {"assignee", REL_ASSIGNEE}, {"dispatcher", REL_DISPATCHER}, {"first", REL_FIRST},
    {"above", REL_ABOVE},       {"system", REL_SYSTEM},         {"about+handler", REL_ABOUT | REL_HANDLER},
    {"counit", REL_COUNIT},     {"contact", REL_CONTACT},       {"about+counit", REL_ABOUT | REL_COUNIT},
};
enum { RELATIONS = sizeof relations / sizeof relations[0] };

/* What the table says: a state, WRONG_STATE, NOT_YOURS. */
static int wanted[STATE__MAX][ACT__MAX][RELATIONS];

static const char *state_code(int state) { return state == STATE_NONE ? "none" : state_words[state].code; }

static const char *verdict_code(int verdict) {
    return verdict == WRONG_STATE ? "-" : verdict == NOT_YOURS ? "no" : verdict < 0 ? "nothing" : state_code(verdict);
}

static int find_state(struct str code) {
    for (int i = 0; i < STATE__MAX; i++)
        if (str_is(code, state_code(i))) return i;
    return -1;
}

static int find_action(struct str code) {
    int at = code.n ? word_find(action_words, ACT__MAX, code) : 0;
    return at ? at : -1;
}

static int find_relation(struct str code) {
    for (int i = 0; i < RELATIONS; i++)
        if (str_is(code, relations[i].code)) return i;
    return -1;
}

/* Which of a vocabulary's numbers a line means. */
struct chosen {
    bool has[ACT__MAX], any;
};
_Static_assert((int)ACT__MAX > (int)STATE__MAX && (int)ACT__MAX > (int)RELATIONS, "room for each");

/* A comma list, or * for all of first to last; none when a word isn't known. */
static struct chosen read_list(struct str s, int (*find)(struct str), int first, int last) {
    struct chosen c = {.any = true};
    if (str_is(s, "*")) {
        for (int i = first; i <= last; i++) c.has[i] = true;
        return c;
    }
    for (size_t from = 0; from <= s.n;) {
        const char *comma = from < s.n ? memchr(s.p + from, ',', s.n - from) : NULL;
        size_t to = comma ? (size_t)(comma - s.p) : s.n;
        int at = find((struct str){s.p + from, to - from});
        if (at < 0) return (struct chosen){.any = false};
        c.has[at] = true;
        from = to + 1;
    }
    return c;
}

static int read_verdict(struct str s) {
    if (str_is(s, "-")) return WRONG_STATE;
    if (str_is(s, "no")) return NOT_YOURS;
    return str_is(s, "=") ? SAME : find_state(s);
}

/* The words of a line without its comment; how many there are (at most 5). */
static int split(const char *line, struct str words[5]) {
    int n = 0;
    size_t end = strcspn(line, "#\n");
    for (size_t at = 0; at < end && n < 5; n++) {
        at += strspn(line + at, " ");
        size_t length = strcspn(line + at, " #\n");
        if (!length) break;
        words[n] = (struct str){line + at, length};
        at += length;
    }
    return n;
}

static void fill(const struct chosen *states, const struct chosen *actions, const struct chosen *rels, int verdict) {
    for (int s = 0; s < STATE__MAX; s++)
        for (int a = 1; a < ACT__MAX; a++)
            for (int r = 0; r < RELATIONS; r++)
                if (states->has[s] && actions->has[a] && rels->has[r]) wanted[s][a][r] = verdict == SAME ? s : verdict;
}

/* Reads one line; false when it can't be understood. */
static bool read_line(const char *line) {
    struct str words[5] = {{NULL, 0}};
    int n = split(line, words);
    if (n == 0) return true;
    if (n != 4) return false;
    struct chosen states = read_list(words[0], find_state, 0, STATE__MAX - 1);
    struct chosen actions = read_list(words[1], find_action, 1, ACT__MAX - 1);
    struct chosen rels = read_list(words[2], find_relation, 0, RELATIONS - 1);
    int verdict = read_verdict(words[3]);
    if (!states.any || !actions.any || !rels.any || verdict == UNSET) return false;
    fill(&states, &actions, &rels, verdict);
    return true;
}

/* From the build's srcdir or the working folder. */
static FILE *open_table(void) {
    const char *const folder[] = {getenv("srcdir"), "."};
    for (size_t i = 0; i < sizeof folder / sizeof folder[0]; i++) {
        char path[4096];
        int n = folder[i] ? snprintf(path, sizeof path, "%s/tests/golden/transitions.txt", folder[i]) : 0;
        FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "r") : NULL;
        if (f) return f;
    }
    return NULL;
}

static int setup(void **state) {
    (void)state;
    char line[512];
    int number = 0, bad = 0;
    for (int s = 0; s < STATE__MAX; s++)
        for (int a = 0; a < ACT__MAX; a++)
            for (int r = 0; r < RELATIONS; r++) wanted[s][a][r] = UNSET;
    FILE *f = open_table();
    if (!f) {
        print_error("tests/golden/transitions.txt can't be opened (srcdir is the folder it is sought from)\n");
        return -1;
    }
    while (fgets(line, sizeof line, f)) {
        number++;
        if (strchr(line, '\n') && read_line(line)) continue;
        print_error("tests/golden/transitions.txt:%d: not understood: %s\n", number, line);
        bad++;
    }
    return fclose(f) || bad ? -1 : 0;
}

/* What the product says, in the table's words. */
static int got(int state, int action, uint32_t bits) {
    const struct transition *t = transition_of((enum action)action);
    switch (transition_check((enum action)action, (enum state)state, bits)) {
    case VERDICT_YES: return t->to == STATE_NONE ? state : (int)t->to;
    case VERDICT_WRONG_STATE: return WRONG_STATE;
    case VERDICT_NOT_YOURS: return NOT_YOURS;
    }
    return UNSET;
}

static void every_cell_is_as_reviewed(void **state) {
    (void)state;
    int differences = 0;
    for (int a = 1; a < ACT__MAX; a++)
        for (int s = 0; s < STATE__MAX; s++)
            for (int r = 0; r < RELATIONS; r++) {
                int g = got(s, a, relations[r].bits), w = wanted[s][a][r];
                if (g == w) continue;
                print_error("%s %s %s: the table says %s, the product %s\n", state_code(s), action_words[a].code,
                            relations[r].code, verdict_code(w), verdict_code(g));
                differences++;
            }
    assert_int_equal(differences, 0);
}

static void every_action_has_one_row(void **state) {
    (void)state;
    for (int a = 1; a < ACT__MAX; a++) {
        const struct transition *t = transition_of((enum action)a);
        assert_non_null(t);
        assert_int_equal(t->action, a);
        assert_true(t->from != 0 && t->relations != 0);
        assert_true(t->to < STATE__MAX);
    }
    assert_null(transition_of((enum action)0));
    assert_null(transition_of(ACT__MAX));
}

static void strangers_and_the_accused_alone_may_nothing(void **state) {
    (void)state;
    for (int a = 1; a < ACT__MAX; a++)
        for (int s = 0; s < STATE__MAX; s++) {
            assert_int_equal(transition_check((enum action)a, (enum state)s, 0), VERDICT_NOT_YOURS);
            assert_int_equal(transition_check((enum action)a, (enum state)s, REL_ABOUT), VERDICT_NOT_YOURS);
        }
}

/* Being complained of only ever takes away, and takes the reporter's contact from every relation. */
static void the_accused_gain_nothing(void **state) {
    (void)state;
    for (int a = 1; a < ACT__MAX; a++)
        for (int s = 0; s < STATE__MAX; s++)
            for (uint32_t bits = 1; bits < 1u << REL_COUNT; bits++) {
                enum verdict without = transition_check((enum action)a, (enum state)s, bits);
                enum verdict with = transition_check((enum action)a, (enum state)s, bits | REL_ABOUT);
                assert_true(with == without || with == VERDICT_NOT_YOURS);
                if (a == ACT_UNMASK || a == ACT_CONTACT) assert_int_equal(with, VERDICT_NOT_YOURS);
            }
}

/* Several relations together may what any of them may. */
static void relations_add_up(void **state) {
    (void)state;
    for (int a = 1; a < ACT__MAX; a++)
        for (int s = 0; s < STATE__MAX; s++)
            for (uint32_t bits = 1; bits < 1u << REL_COUNT; bits++) {
                bool any = false;
                if (bits & REL_ABOUT) continue;
                for (uint32_t one = 1; one < 1u << REL_COUNT; one <<= 1)
                    if (bits & one) any |= transition_check((enum action)a, (enum state)s, one) == VERDICT_YES;
                assert_int_equal(transition_check((enum action)a, (enum state)s, bits) == VERDICT_YES, any);
            }
}

/* What moves state or holder raises the version; what is only a line in the dossier does not. */
static void moves_raise_the_version(void **state) {
    (void)state;
    for (int a = 1; a < ACT__MAX; a++) {
        const struct transition *t = transition_of((enum action)a);
        bool moves = t->to != STATE_NONE || (t->effects & FX_MOVES);
        if (moves && a != ACT_SUBMIT) assert_true(t->effects & FX_VERSION);
    }
    static const enum action lines[] = {
        ACT_SUPPLEMENT,   ACT_URGE,       ACT_NOTE,        ACT_PROGRESS,       ACT_CONTACT,  ACT_UNMASK,
        ACT_ASK_RESIDENT, ACT_ANSWER,     ACT_REMIND,      ACT_RESUME,         ACT_COHANDLE, ACT_PART_DONE,
        ACT_PART_REFUSE,  ACT_PART_WAIVE, ACT_PART_ASSIGN, ACT_EXTEND,         ACT_SUSPEND,  ACT_CONTINUE,
        ACT_REFUSE,       ACT_LAPSE,      ACT_REPLY,       ACT_REPLY_LATE,     ACT_NUDGE,    ACT_CONTACT_MISSED,
        ACT_CALLBACK,     ACT_PROPOSE,    ACT_PART_LATE,   ACT_CALLBACK_MISSED};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_int_equal(transition_of(lines[i])->to, STATE_NONE);
        assert_false(transition_of(lines[i])->effects & FX_VERSION);
    }
}

static void what_the_resident_may_not_see(void **state) {
    (void)state;
    static const enum action internal[] = {ACT_NOTE,      ACT_UNMASK,         ACT_ASSIGN,     ACT_TAKE_BACK,
                                           ACT_RELEASE,   ACT_CONTACT,        ACT_RECLOCK,    ACT_COHANDLE,
                                           ACT_PART_DONE, ACT_PART_REFUSE,    ACT_PART_WAIVE, ACT_PART_ASSIGN,
                                           ACT_PART_LATE, ACT_CALLBACK_MISSED};
    for (size_t i = 0; i < sizeof internal / sizeof internal[0]; i++) {
        assert_false(transition_of(internal[i])->effects & FX_PUBLIC);
        assert_false(transition_of(internal[i])->notify & N_REPORTER);
    }
    for (int a = 1; a < ACT__MAX; a++) { /* nobody is told of what he can't see */
        const struct transition *t = transition_of((enum action)a);
        if (t->notify & N_REPORTER) assert_true(t->effects & FX_PUBLIC);
    }
}

static void reasons_and_texts_the_design_asks_for(void **state) {
    (void)state;
    assert_true(transition_of(ACT_REJECT)->effects & FX_REASON);
    assert_true(transition_of(ACT_RETURN)->effects & FX_REASON);
    assert_true(transition_of(ACT_ESCALATE)->effects & FX_REASON);
    assert_true(transition_of(ACT_UNMASK)->effects & FX_REASON);
    assert_true(transition_of(ACT_RESOLVE)->effects & FX_TEXT);
}

/* The resident, a callback, and the day of a plan. */
static bool begins_a_round(int action) { return action == ACT_REOPEN || action == ACT_REDO || action == ACT_FOLLOW_UP; }

static void clocks_by_the_design(void **state) {
    (void)state;
    static const enum action moves[] = {ACT_TRANSFER, ACT_DELEGATE, ACT_RETURN, ACT_ESCALATE, ACT_STEP_OUT};
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        assert_true(transition_of(moves[i])->effects & FX_MOVES);
    for (int a = 1; a < ACT__MAX; a++) {
        uint32_t fx = transition_of((enum action)a)->effects;
        assert_int_equal((fx & FX_ROUND) != 0, begins_a_round(a));
        assert_int_equal((fx & FX_OVERDUE) != 0, a == ACT_OVERDUE);
        assert_int_equal((fx & FX_RESOLVED) != 0, a == ACT_RESOLVE || a == ACT_PLAN);
        assert_int_equal((fx & FX_FOLLOWS) != 0, a == ACT_MERGE);
        assert_int_equal((fx & FX_LEAVES) != 0, a == ACT_UNMERGE);
        if (a == ACT_OVERDUE) assert_false(fx & FX_MOVES);
        if (a == ACT_SUPERVISE) assert_false(fx & FX_MOVES);
    }
    assert_true(transition_of(ACT_ACCEPT)->effects & FX_RESPONDED);
    assert_true(transition_of(ACT_MERGE)->effects & FX_RESPONDED);
    assert_true(transition_of(ACT_STEP_OUT)->notify & N_FROM);
    assert_true(transition_of(ACT_STEP_OUT)->notify & N_HOLDER);
}

static void boxes(void **state) {
    (void)state;
    static const enum box want[STATE__MAX] = {
        [STATE_SUBMITTED] = BOX_TO_ACCEPT,
        [STATE_ACCEPTED] = BOX_IN_HAND,
        [STATE_PROCESSING] = BOX_IN_HAND,
        [STATE_RESOLVED] = BOX_UNRATED,
    };
    static const bool runs[STATE__MAX] = {
        [STATE_SUBMITTED] = true, [STATE_ACCEPTED] = true, [STATE_PROCESSING] = true, [STATE_MERGED] = true};
    for (int s = 0; s <= STATE__MAX; s++)
        assert_int_equal(state_box((enum state)s), s < STATE__MAX ? want[s] : BOX_NONE);
    for (int s = 0; s < STATE__MAX; s++) assert_int_equal(state_runs((enum state)s), runs[s]);
}

/* From submission every open state can reach an end, and an ended one nothing but what the resident asks for again. */
static void every_state_comes_to_an_end(void **state) {
    (void)state;
    uint32_t reached = 1u << STATE_NONE;
    for (int round = 0; round < STATE__MAX; round++)
        for (int a = 1; a < ACT__MAX; a++) {
            const struct transition *t = transition_of((enum action)a);
            if (t->to != STATE_NONE && t->from & reached) reached |= 1u << t->to;
        }
    for (int s = STATE_SUBMITTED; s <= STATE_MERGED; s++) assert_true(reached & 1u << s);
    for (int a = 1; a < ACT__MAX; a++) {
        const struct transition *t = transition_of((enum action)a);
        uint32_t ended = (1u << STATE_WITHDRAWN) | (1u << STATE_REJECTED);
        if (t->to != STATE_NONE) assert_int_equal(t->from & ended, 0);
        if (t->to != STATE_NONE && t->from & (1u << STATE_CLOSED)) assert_true(begins_a_round(a));
        if (t->to != STATE_NONE && t->from & (1u << STATE_MERGED)) assert_true(a == ACT_RESOLVE || a == ACT_WITHDRAW);
    }
}

/* The reader itself: what it must not let pass. */
static void the_table_is_read_strictly(void **state) {
    (void)state;
    static const char *const bad[] = {
        "submitted accept handler\n",    "submitted accept handler accepted more\n",
        "gone accept handler -\n",       "submitted fly handler -\n",
        "submitted accept nobody -\n",   "submitted accept handler gone\n",
        "submitted, accept handler -\n", "submitted accept handler,,first -\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(read_line(bad[i]));
    assert_true(read_line("# only a comment\n"));
    assert_true(read_line("\n"));
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_action_has_one_row),
        cmocka_unit_test(strangers_and_the_accused_alone_may_nothing),
        cmocka_unit_test(the_accused_gain_nothing),
        cmocka_unit_test(relations_add_up),
        cmocka_unit_test(moves_raise_the_version),
        cmocka_unit_test(what_the_resident_may_not_see),
        cmocka_unit_test(reasons_and_texts_the_design_asks_for),
        cmocka_unit_test(clocks_by_the_design),
        cmocka_unit_test(boxes),
        cmocka_unit_test(every_state_comes_to_an_end),
        cmocka_unit_test(the_table_is_read_strictly),
        cmocka_unit_test(every_cell_is_as_reviewed),
    };
    return cmocka_run_group_tests_name("transitions", tests, setup, NULL);
}
