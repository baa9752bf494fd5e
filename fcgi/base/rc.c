/* The table behind the return codes, made from rc.def. */
#include "base/rc.h"

#include <stddef.h>

static const struct rc_info infos[] = {
#define RC(name, status, code, zh, en, zh_detail, en_detail) {status, code, zh, en, zh_detail, en_detail},
#include "base/rc.def"
#undef RC
};

_Static_assert(sizeof infos / sizeof infos[0] == RC__MAX, "one row for each code");

const struct rc_info *rc_info(enum rc rc) { return (size_t)rc < RC__MAX ? &infos[rc] : &infos[RC_INTERNAL]; }
