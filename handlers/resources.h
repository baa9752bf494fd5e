/* Every operation's handler, by resource file, and what these files share. */
#ifndef MINHU_RESOURCES_H
#define MINHU_RESOURCES_H

#include "acts/change.h"
#include "acts/submit.h"
#include "app.h"
#include "base/uuid.h"

#include "schemas.h"

#define HANDLER(name) enum rc name(struct request *req, struct response *res);
#include "resources.def"
#undef HANDLER

/* Opens {"items":[ … ; list_end (cursor.h) closes it. */
void list_begin(struct response *res);

/* appeals.c, for alike.c: category, place and whether there is a point, which becomes GCJ-02 if its system
 * (enum coordinate_system) is another, with a violation for each code that isn't there. */
enum rc submission_codes(struct request *req, struct str category, struct str place, bool lng, bool lat, int system,
                         struct submission *s) MUST_USE;
/* parts.c, for links.c: a part that the caller may see, RC_NOT_FOUND else; the part as it is now. */
enum rc find_part(struct act *act, const uint8_t id[16], struct row_part **p) MUST_USE;
enum rc answer_part_row(struct request *req, struct response *res, struct act *act, const uint8_t appeal[16],
                        int64_t n) MUST_USE;
/* parts.c, for groups.c: {"items":[…]} of all parts of an appeal. */
enum rc answer_parts(struct request *req, struct response *res, struct act *act, const uint8_t appeal[16]) MUST_USE;
/* staff_appeals.c, for parts.c: the unit of a body's unit_code, a violation else. */
enum rc find_unit(struct request *req, struct str code, const struct unit **unit) MUST_USE;
/* appeals.c, for staff_appeals.c and orders.c */
enum rc submission_from_body(struct request *req, const struct body_submit *in, struct submission *s) MUST_USE;
/* appeals.c, for follow.c: the resident's own name, and his phone where he gave no other. */
enum rc submission_reporter(const struct request *req, struct str contact_phone, struct submission *s) MUST_USE;
enum rc answer_appeal(struct request *req, struct response *res, struct act *act, const struct row_appeal *a,
                      bool created) MUST_USE;
enum rc answer_timeline(struct request *req, struct response *res, struct act *act, const struct row_appeal *a,
                        enum statement st) MUST_USE;
/* staff_appeals.c, for bulk.c: what a code of the body names, or a violation. */
enum rc find_reason(struct request *req, enum reason_purpose purpose, struct str code,
                    const struct reason **reason) MUST_USE;
enum rc find_unit(struct request *req, struct str code, const struct unit **unit) MUST_USE;
/* staff_appeals.c, for follow.c and why.c: RC_NOT_FOUND for what the caller may not see. */
enum rc staff_find_appeal(struct act *act, const uint8_t id[16], struct row_appeal **a) MUST_USE;
/* views.c, for what no dossier has: a violation where a text that is kept as it is holds what may be somebody's number. */
enum rc refuse_numbers(struct request *req, const char *pointer, struct str text) MUST_USE;
/* staff_troubles.c, for disaster.c: violations where what is announced doesn't begin within thirty days (from before now is now), last thirty
 * at most, and end after now. */
void check_announced(struct request *req, int64_t from, int64_t until);
/* disaster.c, for appeals.c: RC_DISASTER where disaster mode keeps what a resident submits out; with what to do. */
enum rc disaster_lets_in(struct request *req, const struct submission *s) MUST_USE;
/* disaster.c, for meta.c: the member disaster_mode, null without one. */
void write_disaster_mode(struct json_out *w, int64_t now_us);
/* disaster.c, for lists.c and forms.c: the mode that cuts the form of who asks (NULL: none does; only residents' is ever cut), what ends
 * the form of a category that it doesn't take, as a stopper does (NULL: nothing), and the tag of what it changes. */
const struct row_disaster *disaster_for(const struct request *req);
const struct stopper *disaster_stop(const struct row_disaster *d, const struct category *category,
                                    struct stopper *store);
void disaster_etag(struct response *res, const struct district *d, const struct row_disaster *disaster);
/* requests.c: a date of the body as days since 1970, or a violation. An event has room for days until 2149: what lies outside becomes
 * the first or the last of them, which no action takes. */
enum { DAYS_MAX = 65535 };
/* A text to the resident in which a field or gap of a template was left is refused: a violation at pointer. */
enum rc refuse_gaps(struct request *req, const char *pointer, struct str text) MUST_USE;
enum rc find_day(struct request *req, const char *pointer, struct str text, int64_t *day) MUST_USE;
/* Runs a change of the appeal in the path, with the request's version and Idempotency-Key, and answers the appeal. */
enum rc do_change(struct request *req, struct response *res, struct change change) MUST_USE;

#endif
