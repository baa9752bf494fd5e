/* RFC 9457 problem documents. */
#ifndef MINHU_PROBLEM_H
#define MINHU_PROBLEM_H

#include "dispatch.h"

enum { PROBLEM_MAX = 64 * 1024 };

/* What is wrong with a field, in words: into text, in the request's language. */
void problem_violation_text(const struct violation *v, bool english, char *text, size_t size);

#endif
