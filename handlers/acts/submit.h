/* Taking on an appeal: category, urgency, routing, clocks, sealing, first event. */
#ifndef MINHU_SUBMIT_H
#define MINHU_SUBMIT_H

#include "acts/act.h"

/* Answers to what the category asks, and what the check said of them: nothing is wrong. */
struct form_answers {
    const struct form *form;
    size_t n;
    struct form_answer given[FORM_ANSWERS_MAX];
    struct form_checked checked;
};

/* What the reporter gave; texts are already validated for length. */
struct submission {
    enum channel channel;
    enum kind kind;
    struct str title, text, address; /* title and address may be absent */
    const struct category *category; /* NULL: found from the text, if it can be */
    const struct place *place;       /* NULL: found from what else is known (rules/whereabouts.h), if it can be */
    const struct place *usual;       /* the profile's, where nothing tells */
    bool has_point;
    int64_t lng, lat;
    const struct form_answers *answers; /* NULL: none */
    const struct unit *about;           /* the unit complained of */
    bool withheld;
    struct str name, phone;   /* the reporter's, plain; sealed here; may be absent */
    struct str external_id;   /* third parties */
    const struct unit *limit; /* third parties bound to a unit: nothing is routed outside … NULL: no bound */
    const uint8_t (*attachments)[16];
    size_t attachment_count;
    struct str number;           /* from number_take */
    const struct row_appeal *of; /* whose part it is: its reporter's and its clock's, too; NULL: nobody's */
    bool quiet;                  /* tells nobody: it is about to follow another matter */
};

/* Where it is (rules/whereabouts.h); NULL when that isn't known. */
const struct place *submission_place(const struct act *act, const struct submission *s);

/* Within a transaction. *out is the new appeal. RC_CONFLICT: the third party's number is taken; RC_INVALID with texts: an
 * attachment is not the caller's, was used, or has expired. */
enum rc appeal_submit(struct act *act, const struct submission *s, struct row_appeal **out) MUST_USE;

/* Within a transaction: the orders that third parties posted with this phone become the resident's own. */
enum rc appeals_adopt(struct act *act, const uint8_t resident_id[16], const uint8_t reporter_index[16],
                      size_t *adopted) MUST_USE;

#endif
