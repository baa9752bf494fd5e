/* The stand-ins of both host apps (tests/support) as children of a test. */
#ifndef MINHU_STANDINS_H
#define MINHU_STANDINS_H

#include "hosts/http.h"

#include <sys/types.h>

struct standin {
    pid_t pid;
    char url[128];
};

/* Whether there is a Python to run them with. */
bool standin_possible(void);
/* Starts tests/support/SCRIPT on a free port, with extra arguments (up to NULL), and waits for its line "ready URL". */
bool standin_start(const char *script, char *const *extra, struct standin *s);
/* Ends it; nothing happens when it does not run. */
void standin_stop(struct standin *s);
/* Asks it under its control address; the test fails unless it answers 200. Returns the answer's body, in the arena. */
struct str standin_tell(struct http_client *control, const struct standin *s, bool post, const char *path,
                        const char *body, struct arena *arena);

#endif
