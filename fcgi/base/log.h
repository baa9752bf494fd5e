/* One JSON line an event, to stderr or a file that is reopened on demand. Values are escaped; nothing personal goes in.
 */
#ifndef MINHU_LOG_H
#define MINHU_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* path NULL or "" means stderr. False when the file can't be opened (the old one stays). */
bool log_open(const char *path, enum log_level level);
void log_set_level(enum log_level level);
/* Opens the same path again, after it was moved away. */
bool log_reopen(void);
void log_set_program(const char *program); /* kept by pointer */
bool log_enabled(enum log_level level);
/* {"time":…,"level":…,"program":…,"pid":…,"event":event,"text":…}; the text is printf-formatted and escaped. */
void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A line made by the caller: members without braces, already JSON ("\"status\":200"). One write(2), one line, unless lines
 * are gathered. */
void log_members(enum log_level level, const char *event, struct str members);
/* From now on lines of log_members wait in memory until they fill a block, log_event has something to say, or log_flush is
 * called: a request's line costs no system call. A process that is killed takes those of its last moment with it. */
void log_gather(void);
void log_flush(void);

#endif
