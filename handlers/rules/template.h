/* Reply templates (答复模板): texts with fields in braces, which are filled in, and gaps in 【】, which a person fills in. Pure. */
#ifndef MINHU_TEMPLATE_H
#define MINHU_TEMPLATE_H

#include "base/arena.h"
#include "rules/district.h"

enum { PHRASE_MAX = 200 }; /* characters of a phrase, which is one of a sentence or two */

/* {number} {reporter} {title} {category} {unit} {place} {submitted} {due} {today}, and {line} for a line break. */
enum template_field {
    FIELD_NUMBER,
    FIELD_REPORTER,
    FIELD_TITLE,
    FIELD_CATEGORY,
    FIELD_UNIT,
    FIELD_PLACE,
    FIELD_SUBMITTED,
    FIELD_DUE,
    FIELD_TODAY,
    FIELD_LINE,
    FIELD__MAX
};

/* What is wrong with a template's text, in English; NULL: nothing. A field that there isn't, a brace or bracket left open, a gap that
 * doesn't say what to fill in: it begins with 请 or 填, as in 【请填写措施】, so that one left in a reply is known from a heading. */
const char *template_fault(struct str text);
/* The text with its fields filled in; its gaps stay. values[FIELD_LINE] is not looked at. p == NULL: memory is used up. */
struct str template_fill(struct arena *a, struct str text, const struct str values[FIELD__MAX]);
/* The first field or gap that somebody left in what he sends: {…}, 【】 or 【请…】; n == 0: none. */
struct str template_gap(struct str text);

/* Is it for this category (one at or below its own) and this unit (likewise)? Its rank: the nearer, the higher; 0: no. */
int template_fits(const struct template *t, const struct category *category, const struct unit *unit);
/* How somebody is spoken to by his name, his given name left out: 王女士/先生; without a name 居民朋友. */
struct str template_address(struct arena *a, struct str name);

#endif
