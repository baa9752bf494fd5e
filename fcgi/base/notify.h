/* Word to the service manager that started this program, in systemd's way (sd_notify(3)). */
#ifndef MINHU_NOTIFY_H
#define MINHU_NOTIFY_H

/* state: "READY=1" once requests are taken, "STOPPING=1" when no more are. Does nothing when nobody waits for it, that is,
 * without NOTIFY_SOCKET in the environment; a word that can't be sent is not told, as nothing depends on it here. */
void notify(const char *state);

#endif
