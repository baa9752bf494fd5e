/* The demands of an appeal in bodies and answers. */
#ifndef MINHU_HANDLERS_DEMANDS_H
#define MINHU_HANDLERS_DEMANDS_H

#include "acts/demands.h"
#include "schemas.h"
#include "view.h"

/* The answers of a result (struct demand_answer) by their demands' numbers, with a violation for each that doesn't fit. */
enum rc demands_answers(struct request *req, const struct object_list *in, struct demands *d) MUST_USE;

/* "demands": each with its answer, once there is a result, or the matter is rejected. events: the n of its events that are at hand; what
 * else is needed is read. */
enum rc view_demands(struct request *req, struct json_out *w, const struct act *act, const struct row_appeal *a,
                     const struct row_event *events, size_t n) MUST_USE;

#endif
