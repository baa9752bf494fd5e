/* What lets an appeal's clocks stand still, of two kinds and never both at once: a question to the resident (design §2,
 * ask_resident) until he answers or its time is over, and a suspension that the unit above granted for a legal or physical reason
 * until a date. Either ends at once when it is taken back, and when the matter moves or ends. */
#ifndef MINHU_PAUSE_H
#define MINHU_PAUSE_H

#include "acts/change.h"

static inline bool appeal_paused(const struct row_appeal *a) { return a->answer_by || a->suspended_until; }
/* When the pause ends by itself; 0: the clocks run. */
static inline int64_t pause_until(const struct row_appeal *a) {
    return a->answer_by ? a->answer_by : a->suspended_until;
}

/* When what is due of the matter at due_us, by its clock, is due if the pause so far ends now; what began in the pause, at since_us (0: it
 * didn't), stood still since then. The same time while the clocks run. */
int64_t pause_moves(const struct act *act, const struct row_appeal *a, int64_t due_us, int64_t since_us);

/* May a question be asked now? RC_LIMIT_REACHED after QUESTIONS_MAX in this round; RC_CONFLICT while the clocks stand still, or when
 * the step clock has run out: a question doesn't keep a matter that has to go up. */
enum rc question_may_open(const struct act *act, const struct row_appeal *a);
/* Is a question open, is it suspended? RC_CONFLICT else. */
enum rc question_is_open(const struct act *act, const struct row_appeal *a);
enum rc suspension_is_open(const struct act *act, const struct row_appeal *a);

/* Closes the holder's line and opens a pause until the time for the answer is over, with a reminder half way. */
enum rc question_open(struct act *act, struct row_appeal *a, struct str text) MUST_USE;
/* When the resident is reminded of it. */
int64_t question_half_way(const struct row_appeal *a);
/* The same for a suspension until an instant, granted by who asks; a question that is open must have ended. */
enum rc suspension_open(struct act *act, struct row_appeal *a, int64_t until_us, int64_t reason_id) MUST_USE;
/* The pause goes on under another holder: its line so far closes, the clocks, those of the parts too, are given what it stood still,
 * the next one begins. */
enum rc pause_divide(struct act *act, struct row_appeal *a) MUST_USE;
/* Closes the pause's line, at the end of its time at the latest, however late this is noticed, and moves what still runs (resolve_by,
 * step_by, due times of open parts) by what the pause took. respond_by never runs meanwhile: who asks has accepted. */
enum rc pause_end(struct act *act, struct row_appeal *a) MUST_USE;

#endif
