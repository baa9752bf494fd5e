/* Reading what host apps answer: their texts are strangers' input, kept short and plain. */
#ifndef MINHU_HOSTS_ANSWER_H
#define MINHU_HOSTS_ANSWER_H

#include "base/arena.h"
#include "base/json_read.h"
#include "base/rc.h"

/* The answer as a tree; NULL when it is not a JSON object. */
const struct json_value *answer_parse(struct str text, struct arena *a);
/* A member that is a non-empty plain text of at most max bytes; absent otherwise. Numbers count as text. */
struct str answer_text(const struct json_value *object, const char *name, size_t max);
/* A person's name, cut to 60 characters; absent when it is not plain text. */
struct str answer_name(const struct json_value *object, const char *name);
/* A flag given as true or "true". */
bool answer_is_true(const struct json_value *v);
/* Absent or null. */
bool answer_is_absent(const struct json_value *v);
/* A code for the log: cut, and with '?' for all that is no letter, digit, '-', '_' or '.'. */
struct code_text {
    char z[65];
};
struct code_text answer_code(struct str code);

#endif
