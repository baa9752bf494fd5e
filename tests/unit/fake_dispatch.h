/* The HTTP side's stand-in for tests of the process side: it does what the parameter MODE says. */
#ifndef MINHU_TEST_FAKE_DISPATCH_H
#define MINHU_TEST_FAKE_DISPATCH_H

#include "http.h"

#include <stdbool.h>

/* Modes: "echo" (default): reads the body, answers all parameters and the body's result; "unread": answers without
 * reading the body; "slow": sleeps MS milliseconds; "lend": lends its place and does the same; "crash": the process ends; "big": N bytes; "empty": writes nothing;
 * "full": more than the buffer takes; "count": how many requests with MARK=forged this process has answered.
 * Every answer starts with "mark=<MARK>\npid=<pid>\n". */
/* Entry "test", one route; ready unless the file $FAKE_NOT_READY exists; the check hangs while $FAKE_HANG does. */
extern struct server_app fake_app;

#endif
