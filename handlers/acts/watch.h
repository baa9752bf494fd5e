/* What the holder of a matter owes its reporter and the unit that supervises, each until a time: the first call, a word now and
 * then, a reply; and after the end a callback, where the rating was bad or none came. The clock reminds of each once. */
#ifndef MINHU_WATCH_H
#define MINHU_WATCH_H

#include "acts/change.h"
#include "rules/contact.h"

/* After a change's own work and effects: sets, moves or ends these times. from: the state before it. */
void watch_after(const struct act *act, struct row_appeal *a, const struct transition *t, int64_t from_state);

/* How long the holder has from since_us on to call the reporter first: what its clock rule says, or else the settings. What is urgent can't
 * wait so long: he is called within the time that its rule leaves to respond. */
struct duration watch_call_within(const struct act *act, const struct row_appeal *a, int64_t since_us);

/* Has the reporter said that he is content? Then nobody asks him again. */
bool watch_content(const struct row_appeal *a);

/* What was tried by an action whose details are outcomes (ACT_CONTACT, ACT_CALLBACK) since then, in order, in the act's arena; with
 * room for one more. */
enum rc watch_attempts(struct act *act, const struct row_appeal *a, enum action action, int64_t since_us,
                       struct contact_attempt **attempts, size_t *n) MUST_USE;

/* A callback: owed no more once he was reached, or can't be by the rule of three attempts. */
enum rc watch_called_back(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

/* The clock's own acts: RC_CONFLICT before their time. */
enum rc watch_callback_missed(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc watch_contact_missed(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;
enum rc watch_nudge(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
