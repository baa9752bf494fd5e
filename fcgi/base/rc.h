/* Return codes: one table (rc.def) gives each its HTTP status, stable code and texts in both languages. */
#ifndef MINHU_RC_H
#define MINHU_RC_H

enum rc {
#define RC(name, status, code, zh, en, zh_detail, en_detail) RC_##name,
#include "base/rc.def"
#undef RC
    RC__MAX
};

struct rc_info {
    int status;
    const char *code, *title_zh, *title_en, *detail_zh, *detail_en;
};

/* Never NULL; an rc out of range is answered as RC_INTERNAL. */
const struct rc_info *rc_info(enum rc rc);

#define MUST_USE __attribute__((warn_unused_result))

#endif
