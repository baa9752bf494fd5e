/* How appeals, their events and reference data look in answers; by the reader's relation, in his language. */
#ifndef MINHU_VIEW_H
#define MINHU_VIEW_H

#include "app.h"

/* {"code":…,"name":…}, in the reader's language; null for none and for a number that this release does not know. words: the
 * whole list of model.h. */
#define view_word(req, w, key, words, value) view_word_of(req, w, key, words, sizeof(words) / sizeof(words)[0], value)
void view_word_of(struct request *req, struct json_out *w, const char *key, const struct word *words, size_t count,
                  int64_t value);
void view_unit(struct request *req, struct json_out *w, const char *key, const struct unit *unit);
void view_category(struct request *req, struct json_out *w, const char *key, const struct category *category);
void view_place(struct request *req, struct json_out *w, const char *key, const struct place *place);
/* Where to go instead, or whom to call besides; null for none. */
void view_stop(struct json_out *w, const char *key, const struct stopper *s);
void view_reason(struct request *req, struct json_out *w, const char *key, const struct reason *reason);
/* Seconds are enough: RFC 3339, or null for 0. */
void view_time(struct json_out *w, const char *key, int64_t us);
/* A date ("2026-12-31") from days since 1970, or null for 0; "days", a number of them, or null for 0. */
void view_date(struct json_out *w, const char *key, int64_t days);
void view_days(struct json_out *w, int64_t days);
/* What mask leaves of a value, or null for none. Without memory for it the answer fails: null says that there is none. */
void view_masked(struct json_out *w, const char *key, struct str value, struct str (*mask)(struct arena *, struct str),
                 struct arena *a);

/* The elements of lists; brief: what a small screen shows, also the answer to Prefer: return=minimal. */
void view_appeal_item(struct request *req, struct json_out *w, const struct row_appeal_item *a, bool brief);
void view_event(struct request *req, struct json_out *w, const struct row_event *e);
/* A part of joint handling (parts.c). */
void view_part(struct request *req, struct json_out *w, const struct row_part *p);
/* Its members due_by, late, paused: while the matter rests a part isn't getting late. */
void view_part_time(const struct request *req, struct json_out *w, const struct row_part *p);
/* The members of a trouble that everybody may know (troubles.c), within an object that is open. */
void view_trouble(struct request *req, struct json_out *w, const struct row_trouble *t);
void view_notice(struct request *req, struct json_out *w, const struct row_notice *n);

/* One whole appeal into res, with ETag; reads timeline, ledger and photos. The asker's relation decides what is in it. */
enum rc view_appeal(struct request *req, struct response *res, struct act *act, const struct row_appeal *a) MUST_USE;

/* The version, and what makes its text another one: the last event, the language. */
void appeal_etag(struct request *req, struct response *res, const struct row_appeal *a);

/* Reference data change with an import or a release only: the tag names both. */
void reference_etag(struct response *res, const struct district *d);

enum { TIMELINE_IN_APPEAL = 100 };

#endif
