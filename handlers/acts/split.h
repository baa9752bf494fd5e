/* A message that holds several matters becomes several appeals, each with its own life. */
#ifndef MINHU_SPLIT_H
#define MINHU_SPLIT_H

#include "acts/change.h"
#include "acts/submit.h"

/* The action SPLIT: c->part (title, text, category, place, number) becomes an appeal of its own. Its reporter, kind, channel, and the
 * unit complained of are this one's; its clocks began with this one's, for its reporter waits since then. The event names it. */
enum rc split_off(struct act *act, struct row_appeal *a, const struct change *c) MUST_USE;

#endif
