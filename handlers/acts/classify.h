/* The classifier that a program uses: a model file, read at the start and again whenever it is another, while requests go on. */
#ifndef MINHU_CLASSIFY_H
#define MINHU_CLASSIFY_H

#include "base/rc.h"
#include "rules/suggestion.h"

/* What a model takes at most. */
enum { CLASSIFIER_MEMORY = 98 << 20 };

/* A model from its file; all of it is in the arena. NULL and *out set, else what is wrong. */
const char *classify_read(const char *path, struct arena *a, const struct classifier **out);

/* Once, before processes are forked, which then share what was read. path "": there is no classifier. sure: as likely a guess is
 * taken without asking anybody. NULL, or why the file can't be used. */
const char *classify_open(const char *path, double sure);
/* Looks at the file. When it is another than last time it is read, checked and put to use, and the one before is given up as soon as
 * nobody works with it; one that is broken is told in the log, once, and changes nothing. From one thread of the process only; call
 * every few seconds. */
void classify_refresh(void);
/* What the model in use makes of a message, which is valid UTF-8; *there is false when there is none. Takes no lock. RC_INTERNAL
 * when memory is used up. */
enum rc classify_message(struct arena *a, const struct district *d, struct str title, struct str text, bool *there,
                         struct suggestion *out) MUST_USE;
/* The id of the model in use; 0 without. */
uint32_t classify_model(void);
/* In Prometheus's format, of all processes: the model in use, whether the file that is there now was refused, and how many
 * messages it was sure of or not. Nothing where there is no classifier. */
void classify_metrics(struct buf *out);

#endif
