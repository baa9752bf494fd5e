/* A question to the resident (design §2, ask_resident): the clocks stand still until he answers, the question is taken back, the
 * matter moves or ends, or the time for the answer is over. */
#ifndef MINHU_QUESTION_H
#define MINHU_QUESTION_H

#include "acts/change.h"

/* May one be asked now? RC_LIMIT_REACHED after QUESTIONS_MAX in this round; RC_CONFLICT while one is open, or when the step clock
 * has run out: a question doesn't keep a matter that has to go up. */
enum rc question_may_open(const struct act *act, const struct row_appeal *a);
/* Is one open? RC_CONFLICT else. */
enum rc question_is_open(const struct act *act, const struct row_appeal *a);

/* Closes the holder's line and opens a pause until act->answer_within is over, with a reminder half way. */
enum rc question_open(struct act *act, struct row_appeal *a, struct str text) MUST_USE;
/* Closes the pause's line, at the end of the time for an answer at the latest, however late this is noticed, and moves what still
 * runs (resolve_by, step_by) by what the pause took. respond_by never runs meanwhile: who asks has accepted. */
enum rc question_end(struct act *act, struct row_appeal *a) MUST_USE;

#endif
