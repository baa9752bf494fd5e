/* What a process that reads strangers' bytes may still do: a filter of system calls (libseccomp) and, where the kernel has
 * Landlock, bounds for files and TCP. With sandbox.c the only user of libseccomp.
 *
 * What no honest code of ours does, such as starting a program or reading another process's memory, ends the process: that
 * somebody else is at the wheel is certain then, and the kernel's log names the call. What a library may try by itself, such
 * as a socket of a family that we don't use, only fails. */
#ifndef MINHU_SANDBOX_H
#define MINHU_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SANDBOX_PATHS_MAX = 16, SANDBOX_PORTS_MAX = 16 };

/* Files and folders with all that is in them; NULL, "" and what isn't there are passed over. A file that is replaced by another
 * of its name needs its folder named. What the libraries need of the system may always be read. */
struct sandbox {
    const char *readable[SANDBOX_PATHS_MAX], *writable[SANDBOX_PATHS_MAX]; /* writable: to read too */
    uint16_t ports[SANDBOX_PORTS_MAX]; /* TCP ports to connect to, on any machine; all 0: no Internet sockets at all */
    bool names;                        /* some machine is given by name: name servers may be asked, by UDP */
    bool local;                        /* sockets of this machine (AF_UNIX) may be connected to */
};

/* Before the first is confined: closes the memory to the account's other processes, and loads the libraries that would be loaded later, as no code is loaded within. Logs once what this
 * kernel can't hold back. False, logged, when it has no filter for system calls: then nothing is. */
bool sandbox_prepare(void);
/* Confines the calling thread and all that it starts from now on, for good; so call it before other threads run. False when
 * that failed, which is logged: don't serve then. */
bool sandbox_enter(const struct sandbox *s);

#endif
