/* What handlers share of categories' forms. */
#ifndef MINHU_FORMS_H
#define MINHU_FORMS_H

#include "resources.h"

/* RC_ELSEWHERE with where to go in the problem, and a violation at pointer. */
enum rc send_elsewhere(struct request *req, const char *pointer, const struct stopper *stop) MUST_USE;

/* The body's answers to what the submission's category asks; a violation for each that is wrong and, where complete, for each
 * required one that is missing. RC_ELSEWHERE when one of them ends the form. */
enum rc submission_answers(struct request *req, const struct object_list *in, bool complete,
                           struct submission *s) MUST_USE;

#endif
