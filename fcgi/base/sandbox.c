/* The walls around a worker: system calls by seccomp, files and TCP ports by Landlock. */
#include "base/sandbox.h"

#include "base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The leak checker of a sanitized build traces the process, and the printer of a report starts a program. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* ---- system calls ---- */

enum { DIES = 1, NOT_PERMITTED, NOT_THERE };

#define CALL(name) SCMP_SYS(name)

/* All that no worker needs. A number that this machine's kernel doesn't have is negative and passed over. */
static const struct {
    int call, fate;
    bool sanitizers_need;
} refused[] = {
    /* Another program; another process's memory or descriptors. */
    {CALL(execve), DIES, true},
    {CALL(execveat), DIES, true},
    {CALL(ptrace), DIES, true},
    {CALL(process_vm_readv), DIES, false},
    {CALL(process_vm_writev), DIES, false},
    {CALL(process_madvise), DIES, false},
    {CALL(pidfd_getfd), DIES, false},
    /* The kernel itself. */
    {CALL(bpf), DIES, false},
    {CALL(perf_event_open), DIES, false},
    {CALL(init_module), DIES, false},
    {CALL(finit_module), DIES, false},
    {CALL(delete_module), DIES, false},
    {CALL(kexec_load), DIES, false},
    {CALL(kexec_file_load), DIES, false},
    {CALL(userfaultfd), DIES, false},
    /* Another process. glibc makes threads by clone where there is no clone3, whose flags can't be seen from here. */
    {CALL(fork), NOT_PERMITTED, true},
    {CALL(vfork), NOT_PERMITTED, true},
    {CALL(clone3), NOT_THERE, false},
    /* Signals to others: the parent and the other workers have the same account. */
    {CALL(kill), NOT_PERMITTED, true},
    {CALL(tkill), NOT_PERMITTED, false},
    {CALL(rt_sigqueueinfo), NOT_PERMITTED, false},
    {CALL(rt_tgsigqueueinfo), NOT_PERMITTED, false},
    {CALL(pidfd_send_signal), NOT_PERMITTED, false},
    /* Others' share of the machine. No thread of ours asks for another than it was given. */
    {CALL(setpriority), NOT_PERMITTED, false},
    {CALL(ioprio_set), NOT_PERMITTED, false},
    {CALL(sched_setaffinity), NOT_PERMITTED, false},
    {CALL(sched_setattr), NOT_PERMITTED, false},
    {CALL(sched_setparam), NOT_PERMITTED, false},
    {CALL(sched_setscheduler), NOT_PERMITTED, false},
    {CALL(migrate_pages), NOT_PERMITTED, false},
    {CALL(move_pages), NOT_PERMITTED, false},
    {CALL(process_mrelease), NOT_PERMITTED, false},
    {CALL(kcmp), NOT_PERMITTED, false},
    /* Doors: the listener was opened by the parent, and an end to it would be one for all workers of an entry. Rings of
     * io_uring do their calls where no filter looks. */
    {CALL(bind), NOT_PERMITTED, false},
    {CALL(listen), NOT_PERMITTED, false},
    {CALL(shutdown), NOT_PERMITTED, false},
    {CALL(io_uring_setup), NOT_THERE, false},
    {CALL(io_uring_enter), NOT_THERE, false},
    {CALL(io_uring_register), NOT_THERE, false},
    /* Who may do what with a file: Landlock doesn't know these. 452 is fchmodat2, on every machine. */
    {CALL(chmod), NOT_PERMITTED, false},
    {CALL(fchmod), NOT_PERMITTED, false},
    {CALL(fchmodat), NOT_PERMITTED, false},
    {452, NOT_PERMITTED, false},
    {CALL(chown), NOT_PERMITTED, false},
    {CALL(fchown), NOT_PERMITTED, false},
    {CALL(lchown), NOT_PERMITTED, false},
    {CALL(fchownat), NOT_PERMITTED, false},
    {CALL(setxattr), NOT_PERMITTED, false},
    {CALL(lsetxattr), NOT_PERMITTED, false},
    {CALL(fsetxattr), NOT_PERMITTED, false},
    {CALL(removexattr), NOT_PERMITTED, false},
    {CALL(lremovexattr), NOT_PERMITTED, false},
    {CALL(fremovexattr), NOT_PERMITTED, false},
    /* Another view of the machine. */
    {CALL(unshare), NOT_PERMITTED, false},
    {CALL(setns), NOT_PERMITTED, false},
    {CALL(mount), NOT_PERMITTED, false},
    {CALL(umount2), NOT_PERMITTED, false},
    {CALL(move_mount), NOT_PERMITTED, false},
    {CALL(open_tree), NOT_PERMITTED, false},
    {CALL(fsopen), NOT_PERMITTED, false},
    {CALL(fsmount), NOT_PERMITTED, false},
    {CALL(mount_setattr), NOT_PERMITTED, false},
    {CALL(pivot_root), NOT_PERMITTED, false},
    {CALL(chroot), NOT_PERMITTED, false},
    {CALL(open_by_handle_at), NOT_PERMITTED, false},
    {CALL(personality), NOT_PERMITTED, false},
    /* Keys, memory and devices of others. */
    {CALL(keyctl), NOT_PERMITTED, false},
    {CALL(add_key), NOT_PERMITTED, false},
    {CALL(request_key), NOT_PERMITTED, false},
    {CALL(shmat), NOT_PERMITTED, false},
    {CALL(memfd_create), NOT_PERMITTED, false},
    {CALL(uselib), NOT_PERMITTED, false},
    {CALL(modify_ldt), NOT_PERMITTED, false},
    {CALL(mknod), NOT_PERMITTED, false},
    {CALL(mknodat), NOT_PERMITTED, false},
    {CALL(iopl), NOT_PERMITTED, false},
    {CALL(ioperm), NOT_PERMITTED, false},
    {CALL(syslog), NOT_PERMITTED, false},
    /* The machine as a whole. */
    {CALL(reboot), NOT_PERMITTED, false},
    {CALL(swapon), NOT_PERMITTED, false},
    {CALL(swapoff), NOT_PERMITTED, false},
    {CALL(acct), NOT_PERMITTED, false},
    {CALL(quotactl), NOT_PERMITTED, false},
    {CALL(settimeofday), NOT_PERMITTED, false},
    {CALL(clock_settime), NOT_PERMITTED, false},
    {CALL(clock_adjtime), NOT_PERMITTED, false},
    {CALL(adjtimex), NOT_PERMITTED, false},
    {CALL(sethostname), NOT_PERMITTED, false},
    {CALL(setdomainname), NOT_PERMITTED, false},
};

static bool refuse(scmp_filter_ctx f, int call, uint32_t action, struct scmp_arg_cmp argument) {
    return seccomp_rule_add_array(f, action, call, 1, &argument) == 0;
}

#define BITS(n, bits) SCMP_A##n(SCMP_CMP_MASKED_EQ, bits, bits)
#define IS(n, value) SCMP_A##n(SCMP_CMP_MASKED_EQ, UINT32_MAX, value) /* the kernel looks at 32 bits */

/* Calls that are needed, but not with every argument. */
static bool refuse_by_argument(scmp_filter_ctx f) {
    const struct {
        int call;
        struct scmp_arg_cmp argument;
        bool sanitizers_need;
    } rules[] = {
        {CALL(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0), true},
        {CALL(tgkill), SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0), true},
        /* Nothing becomes code any more, be it memory or a file that was written: what is to run is loaded before. */
        {CALL(mmap), BITS(2, PROT_EXEC), false},
        {CALL(mprotect), BITS(2, PROT_EXEC), false},
        {CALL(pkey_mprotect), BITS(2, PROT_EXEC), false},
        /* Bounds of another process, such as its seconds of processor: the C library asks for its own as 0. */
        {CALL(prlimit64), SCMP_A0(SCMP_CMP_NE, 0, 0), false},
        /* Signals by way of a descriptor that becomes ready. */
        {CALL(fcntl), IS(1, F_SETOWN), false},
        {CALL(fcntl), IS(1, F_SETOWN_EX), false},
        {CALL(fcntl), IS(1, F_SETSIG), false},
        {CALL(ioctl), IS(1, FIOSETOWN), false},
        {CALL(ioctl), IS(1, SIOCSPGRP), false},
        /* Its own memory by way of a file (sandbox_prepare). */
        {CALL(prctl), IS(0, PR_SET_DUMPABLE), true},
        /* Sending as a way of connecting, past the rule for ports. */
        {CALL(sendto), BITS(3, MSG_FASTOPEN), false},
        {CALL(sendmsg), BITS(2, MSG_FASTOPEN), false},
        {CALL(sendmmsg), BITS(3, MSG_FASTOPEN), false},
    };
    bool good = true;
    for (size_t i = 0; good && i < sizeof rules / sizeof *rules; i++)
        if (!(SANITIZED && rules[i].sanitizers_need))
            good = refuse(f, rules[i].call, SCMP_ACT_ERRNO(EPERM), rules[i].argument);
    return good;
}

static bool has_ports(const struct sandbox *s) {
    for (size_t i = 0; i < SANDBOX_PORTS_MAX; i++)
        if (s->ports[i] > 0) return true;
    return false;
}

static bool family_is_needed(const struct sandbox *s, unsigned family) {
    if (family == AF_UNIX) return s->local;
    return has_ports(s) && (family == AF_INET || family == AF_INET6);
}

static bool refuse_datagrams(scmp_filter_ctx f, unsigned family) {
    const struct scmp_arg_cmp both[] = {SCMP_A0(SCMP_CMP_EQ, family, 0), SCMP_A1(SCMP_CMP_MASKED_EQ, 15, SOCK_DGRAM)};
    return seccomp_rule_add_array(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), 2, both) == 0;
}

/* Sockets: Unix and, for who may connect anywhere, Internet by TCP and, for name servers, UDP, each where it is needed. All else is
 * named one by one, as a filter has no "but". */
static bool refuse_sockets(scmp_filter_ctx f, const struct sandbox *s) {
    const uint32_t no = SCMP_ACT_ERRNO(EAFNOSUPPORT);
    bool good = refuse(f, CALL(socket), no, SCMP_A0(SCMP_CMP_GT, AF_INET6, 0));
    for (unsigned i = 0; i <= AF_INET6; i++)
        if (!family_is_needed(s, i)) good = good && refuse(f, CALL(socket), no, SCMP_A0(SCMP_CMP_EQ, i, 0));
    if (!s->names) good = good && refuse_datagrams(f, AF_INET) && refuse_datagrams(f, AF_INET6);
    /* A pair of datagrams could be sent anywhere. libcurl wakes its threads by a pair of streams. */
    for (unsigned i = 0; i < 16; i++)
        if (i != SOCK_STREAM) good = good && refuse(f, CALL(socketpair), no, SCMP_A1(SCMP_CMP_MASKED_EQ, 15, i));
    for (unsigned i = 0; i < 16; i++)
        if (i != SOCK_STREAM && i != SOCK_DGRAM)
            good = good && refuse(f, CALL(socket), no, SCMP_A1(SCMP_CMP_MASKED_EQ, 15, i));
    for (unsigned i = 1; i < IPPROTO_UDP; i++)
        if (i != IPPROTO_TCP) good = good && refuse(f, CALL(socket), no, SCMP_A2(SCMP_CMP_EQ, i, 0));
    return good && refuse(f, CALL(socket), no, SCMP_A2(SCMP_CMP_GT, IPPROTO_UDP, 0));
}

static bool filter_calls(const struct sandbox *s) {
    static const uint32_t actions[] = {
        [DIES] = SCMP_ACT_KILL_PROCESS, [NOT_PERMITTED] = SCMP_ACT_ERRNO(EPERM), [NOT_THERE] = SCMP_ACT_ERRNO(ENOSYS)};
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    bool good = f && seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
    for (size_t i = 0; good && i < sizeof refused / sizeof *refused; i++)
        if (refused[i].call >= 0 && !(SANITIZED && refused[i].sanitizers_need))
            good = seccomp_rule_add_array(f, actions[refused[i].fate], refused[i].call, 0, NULL) == 0;
    good = good && refuse_by_argument(f) && refuse_sockets(f, s) && seccomp_load(f) == 0;
    if (f) seccomp_release(f);
    return good;
}

/* ---- files and ports ---- */

/* Landlock as of version 6 of its interface; older kernels take the zeros for what they don't know. */
struct ruleset {
    uint64_t files, net, scope;
};
struct port_rule {
    uint64_t allowed, port;
};
enum { RULE_PATH = 1, RULE_PORT = 2, BIND_TCP = 1, CONNECT_TCP = 2, SCOPE_ABSTRACT_SOCKETS = 1, SCOPE_SIGNALS = 2 };
enum { NET_SINCE = 4, SCOPE_SINCE = 6, NAME_SERVER = 53 };

#define FS(name) LANDLOCK_ACCESS_FS_##name
#define TRUNCATE (1u << 14)   /* since version 3 */
#define DEVICE_CTL (1u << 15) /* since version 5 */
#define READING (FS(READ_FILE) | FS(READ_DIR))
#define WRITING (READING | FS(WRITE_FILE) | FS(REMOVE_FILE) | FS(MAKE_REG) | FS(MAKE_DIR) | TRUNCATE)
#define OF_A_FILE (FS(READ_FILE) | FS(WRITE_FILE) | TRUNCATE)

/* What the C library, its name services, TLS and the client of the database read while they work. */
static const char *const system_files[] = {"/etc",
                                           "/usr",
                                           "/lib",
                                           "/lib64",
                                           "/proc/self",
                                           "/proc/sys",
                                           "/proc/cpuinfo",
                                           "/sys/devices/system/cpu",
                                           "/dev/urandom",
                                           "/dev/random",
                                           "/run/systemd/resolve",
                                           "/run/resolvconf",
                                           "/run/NetworkManager",
                                           "/run/connman"};

/* 0: none. */
static int landlock_version(void) {
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return v > 0 ? (int)v : 0;
}

static uint64_t known_rights(int version) {
    uint64_t all = (1u << 13) - 1; /* version 1 */
    /* Reports name lines of our code, and go to files. */
    if (SANITIZED) all &= ~(FS(EXECUTE) | READING | FS(WRITE_FILE) | FS(MAKE_REG) | TRUNCATE);
    if (version >= 2) all |= FS(REFER);
    if (version >= 3) all |= TRUNCATE;
    if (version >= 5) all |= DEVICE_CTL;
    return all;
}

static bool allow_path(int rules, const char *path, uint64_t rights) {
    struct stat st;
    if (!path || !*path || !rights) return true; /* the kernel takes no empty rule */
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES; /* what can't be reached needs no right */
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)) rights &= OF_A_FILE;
    const struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    bool good = syscall(SYS_landlock_add_rule, rules, RULE_PATH, &rule, 0) == 0;
    close(fd);
    return good;
}

static bool allow_port(int rules, uint16_t port) {
    const struct port_rule rule = {.allowed = CONNECT_TCP, .port = port};
    return port == 0 || syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0) == 0;
}

static bool add_rules(int rules, const struct sandbox *s, int version) {
    uint64_t known = known_rights(version);
    bool good = allow_path(rules, "/dev/null", OF_A_FILE & known);
    for (size_t i = 0; i < sizeof system_files / sizeof *system_files; i++)
        good = good && allow_path(rules, system_files[i], READING & known);
    for (size_t i = 0; i < SANDBOX_PATHS_MAX; i++)
        good = good && allow_path(rules, s->readable[i], READING & known) &&
               allow_path(rules, s->writable[i], WRITING & known);
    if (version < NET_SINCE) return good;
    if (s->names) good = good && allow_port(rules, NAME_SERVER); /* answers too long for UDP */
    for (size_t i = 0; i < SANDBOX_PORTS_MAX; i++) good = good && allow_port(rules, s->ports[i]);
    return good;
}

static bool bound_files(const struct sandbox *s) {
    int version = landlock_version();
    if (version == 0) return true;
    struct ruleset set = {.files = known_rights(version)};
    if (version >= NET_SINCE) set.net = BIND_TCP | CONNECT_TCP;
    if (version >= SCOPE_SINCE) set.scope = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    bool good = rules >= 0 && add_rules(rules, s, version) && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    if (rules >= 0) close(rules);
    return good;
}

/* ---- both ---- */

/* Name services that are libraries are loaded when the first name is looked up, and the stack's unwinder when the first thread is
 * ended: too late by then. What isn't there is nothing amiss. */
static void load_what_loads_late(void) {
    char line[512], library[64];
    dlopen("libgcc_s.so.1", RTLD_NOW);
    FILE *f = fopen("/etc/nsswitch.conf", "re");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "hosts:", 6) != 0) continue;
        char *rest;
        for (char *name = strtok_r(line + 6, " \t\n[", &rest); name; name = strtok_r(NULL, " \t\n[", &rest))
            if (snprintf(library, sizeof library, "libnss_%s.so.2", name) < (int)sizeof library)
                dlopen(library, RTLD_NOW);
    }
    if (f) fclose(f);
}

bool sandbox_prepare(void) {
    load_what_loads_late();
    /* Nobody of the account, this process neither, reads or writes its memory through /proc, whatever the kernel; nor does it ever lie
     * about as a core file, with keys in it. Children inherit it. */
    if (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return false;
    const uint32_t action = SECCOMP_RET_KILL_PROCESS;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action)) {
        log_event(LOG_ERROR, "sandbox",
                  "there is no filter for system calls here, or it may not be used (seccomp, errno %d)", errno);
        return false;
    }
    int version = landlock_version();
    if (version == 0)
        log_event(LOG_WARN, "sandbox",
                  "there is no Landlock here: files and outbound connections are bounded by the service manager only");
    else if (version < NET_SINCE)
        log_event(
            LOG_WARN, "sandbox",
            "this kernel's Landlock (version %d) has no rules for TCP: outbound connections are bounded by the service "
            "manager only",
            version);
    return true;
}

bool sandbox_enter(const struct sandbox *s) {
    bool good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && bound_files(s) && filter_calls(s);
    if (!good) log_event(LOG_ERROR, "sandbox", "can't be entered (errno %d)", errno);
    return good;
}
