/* How many people a text says a matter concerns: "我们小区两百多户", "三十余名业主联名". Pure. */
#ifndef MINHU_PEOPLE_H
#define MINHU_PEOPLE_H

#include "base/str.h"

#include <stdint.h>

enum { PEOPLE_NAMED_MAX = 1000000 };

/* The largest number of people, households or shops named, a household being one; 0 when there is none. Of what is vague the least: two
 * for "几", so twenty for "几十". What isn't people is left aside: rooms (2单元302户), sizes of homes (95户型), ranks, roads (万家丽路);
 * as is what exceeds PEOPLE_NAMED_MAX. text is valid UTF-8. */
int64_t people_named(struct str text);

#endif
