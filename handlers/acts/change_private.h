/* What change.c and the files of single actions share. */
#ifndef MINHU_CHANGE_PRIVATE_H
#define MINHU_CHANGE_PRIVATE_H

#include "acts/change.h"

/* actions.c: is the action within its limits that are not the state's? Nothing is ever offered as possible that would then be
 * refused. Else RC_LIMIT_REACHED, RC_CONFLICT …; action_refuse keeps what to tell the caller of that, and returns it. */
enum rc action_within_limits(const struct act *act, const struct row_appeal *a, enum action action);
enum rc action_refuse(struct act *act, enum action action, enum rc rc);
/* Within a transaction: is this who may be given something in this unit now: a post of it that lives, handles, and is not away? The
 * post stays locked. RC_CONFLICT with texts when not. */
enum rc action_find_assignee(struct act *act, const uint8_t post_id[16], int64_t unit_id) MUST_USE;
/* What the action does to the appeal before the table's effects. */
enum rc action_run(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* moves.c: the rule as an event's detail names it; 0: none, or a number that its column can't hold. */
int64_t event_rule(const struct route_rule *rule);
/* The Beijing date of the act. */
int32_t act_day(const struct act *act);

/* A clock beside those of the round: its due time (0: it does not run), and what it began with, so that a calendar which comes later
 * moves it. In what began before these were kept they are nothing, and the due time stays. */
struct side_clock {
    int64_t *by_us, *since_us;
    struct str *rule;
};
#define SIDE_CLOCK(a, name) ((struct side_clock){&(a)->name##_by, &(a)->name##_since, &(a)->name##_rule})
/* clocks.c: begins now, by the district's calendar; stops, told or no longer owed. */
void change_start_clock(const struct act *act, struct side_clock clock, struct duration d);
void change_stop_clock(struct side_clock clock);

/* clocks.c: a fresh step clock for the holder; round n+1 with clocks of its own, in the unit's box. */
void change_start_step(const struct act *act, struct row_appeal *a);
void change_start_round(const struct act *act, struct row_appeal *a);

/* The clocks that run take the rules of now: those of the whole as for the unit that the round began with. */
void change_take_rules(const struct act *act, struct row_appeal *a);

/* What turns out to be more urgent than it was (else nothing happens) has the clocks of that from now on, as far as they end earlier
 * than those that run: what it has taken so far is nobody's delay. Of what follows another matter the clocks stay. */
void change_more_urgent(const struct act *act, struct row_appeal *a, enum urgency urgency);

/* The clocks that run get the due times of a calendar that knows more; what has run out for good stays so. */
enum rc change_reclock(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* Closes the open line, the holder's or a pause's, at this instant's second; the next one starts there. The event that this change
 * writes covers it (act->closed_line). ran_out: it ends with the holder's step clock. RC_INTERNAL, or the database's. */
enum rc change_close_line(struct act *act, struct row_appeal *a, int64_t end_us, bool ran_out) MUST_USE;

#endif
