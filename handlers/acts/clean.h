/* What a change says, without the numbers of people in it (design, "Personal data"): phones, ID numbers, plates and bank cards leave
 * every text before anything is done with it, and are sealed in the change's event. */
#ifndef MINHU_CLEAN_H
#define MINHU_CLEAN_H

#include "acts/change.h"

/* *out: the change with clean texts; *numbers: what stood there, one a line. Both in act->arena. RC_INTERNAL: memory is used up. */
enum rc change_clean(struct act *act, const struct change *c, struct change *out, struct str *numbers) MUST_USE;

#endif
