/* Duty and absence: set, ended, and what they mean for what somebody has. */
#ifndef MINHU_ACTS_ROTA_H
#define MINHU_ACTS_ROTA_H

#include "acts/act.h"

enum rota_kind { ROTA_DUTY = 1, ROTA_ABSENCE, ROTA__MAX };
extern const struct word rota_words[ROTA__MAX];
/* Of a unit, ahead; and how long one may be. */
enum { ROTA_AHEAD_MAX = 400, ROTA_DAYS_MAX = 366 };

struct rota_entry {
    enum rota_kind kind;
    uint8_t post_id[16], substitute_id[16]; /* the latter zero: none */
    int64_t from, until;                    /* until after now and from; from before now counts as now */
};

/* Within a transaction. Duty is set by who dispatches in the post's unit, absence by the one himself too. RC_NOT_FOUND for a post
 * the asker may not see, RC_FORBIDDEN, RC_CONFLICT with texts: away already, the substitute can't stand in, too many entries. */
enum rc rota_set(struct act *act, const struct rota_entry *e, uint8_t id[16]) MUST_USE;
/* From now on it holds for nothing. RC_CONFLICT when it is over. */
enum rc rota_end(struct act *act, const uint8_t id[16]) MUST_USE;
/* What a unit has ahead, by the end; may the asker see it? RC_NOT_FOUND if not. */
enum rc rota_of_unit(const struct act *act, const struct unit *unit, struct row_rota_entry **rows, size_t *n) MUST_USE;

#endif
