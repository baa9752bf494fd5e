/* What a category asks of who reports: questions of several kinds, some only after certain answers, and answers that make the matter
 * urgent, bring advice, or end the form because somebody else deals with it. */
#ifndef MINHU_FORM_H
#define MINHU_FORM_H

#include "base/buf.h"
#include "rules/model.h"

/* Whom to call instead, or besides. */
struct stopper {
    struct str text, text_en, phone, link; /* the last two may be empty */
};

enum form_kind {
    FORM_YES_NO = 1,
    FORM_CHOICE,  /* one of several */
    FORM_CHOICES, /* some of several */
    FORM_NUMBER,  /* whole */
    FORM_DATE,    /* 2026-11-24 */
    FORM_TIME,    /* 21:30 */
    FORM_TEXT,
    FORM_PHONE, /* a mobile */
    FORM__MAX
};
extern const struct word form_kind_words[FORM__MAX];

enum {
    FORM_QUESTIONS_MAX = 20, /* of a category with those above it */
    FORM_CHOICES_MAX = 20,
    FORM_ANSWERS_MAX = 40,
    FORM_TEXT_MAX = 500,
    FORM_NUMBER_MAX = 1000000000,
    FORM_BYTES = 65000 /* of what form_write makes */
};

struct form_choice {
    struct str code, name, name_en;
    enum urgency urgency; /* what the matter is at least, when this is the answer */
    bool ends;            /* where ends the form; else it is advice */
    struct stopper where; /* text.n == 0: nothing is said */
};

struct form_question {
    struct str code, label, label_en, help, help_en, unit, unit_en; /* from help on they may be empty */
    enum form_kind kind;
    bool required;                     /* must be answered where it is asked */
    int64_t min, max;                  /* of a number; characters of a text; how many choices */
    int when;                          /* the place of an earlier question; -1: always asked */
    uint32_t when_any;                 /* bits of that one's choices: asked after any of these */
    const struct form_choice *choices; /* of FORM_YES_NO: "yes", "no" */
    size_t choice_count;
};

/* In the order in which they are asked: those of the categories above first. */
struct form {
    const struct form_question *const *questions;
    size_t count; /* at most FORM_QUESTIONS_MAX */
};

/* "trapped=yes,perhaps": the question and its choices, whose number is *n, at most FORM_CHOICES_MAX. False when it is something
 * else. */
bool form_when_parse(struct str text, struct str *question, struct str choices[FORM_CHOICES_MAX], size_t *n);
/* -1: none. */
int form_choice_at(const struct form_question *q, struct str code);

/* ---- answers ---- */

/* As given: a code of a choice, or what the kind says in text. Several choices are as many answers. */
struct form_answer {
    struct str question, value;
};

enum form_wrong {
    FORM_FINE,
    FORM_UNKNOWN,   /* no such question */
    FORM_NOT_ASKED, /* not after these answers */
    FORM_TWICE,     /* one answer too many, or the same choice again */
    FORM_NO_CHOICE, /* none of the choices */
    FORM_NO_NUMBER, /* no whole number from min to max */
    FORM_NO_DATE,
    FORM_NO_TIME,
    FORM_NO_PHONE,
    FORM_LENGTH,   /* fewer characters than min, or more than max */
    FORM_MISSING,  /* required */
    FORM_HOW_MANY, /* fewer choices than min, or more than max */
    FORM_WRONG__MAX
};
struct form_fault {
    enum form_wrong wrong;
    int answer;                           /* -1: of none that was given */
    const struct form_question *question; /* NULL with FORM_UNKNOWN */
};

struct form_checked {
    size_t fault_count;
    struct form_fault faults[FORM_ANSWERS_MAX + FORM_QUESTIONS_MAX];
    int asked[FORM_ANSWERS_MAX];                        /* of each answer: its question's place; -1: unknown */
    const struct form_choice *chosen[FORM_ANSWERS_MAX]; /* NULL: it is no choice */
    const struct stopper *stop; /* what the first answer that ends the form says; NULL: none does */
    size_t stop_answer;
    enum urgency urgency;
};

/* Checks answers, at most FORM_ANSWERS_MAX, against the form (NULL: one without questions). A question is asked when the one that it
 * depends on is itself asked and has one of the answers; what is wrong is no answer to depend on. complete: required questions count.
 * Faults of answers come in their order, then the others in the form's. */
void form_check(const struct form *form, const struct form_answer *answers, size_t n, bool complete,
                struct form_checked *out);

/* One answer as it is kept, with the words of that day: a line "question TAB value TAB label TAB label_en TAB text TAB text_en". text is
 * what a person reads: the choice's name, the number with its unit; empty where it is the value. value may be another than was given,
 * as without personal numbers. */
bool form_write(struct buf *b, const struct form_question *q, const struct form_choice *chosen, struct str value);
struct form_line {
    struct str question, value, label, label_en, text, text_en;
};
/* Takes the next line off what form_write made; false when nothing is left, or it is something else. Slices of it. */
bool form_next(struct str *rest, struct form_line *out);

#endif
