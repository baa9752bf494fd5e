/* What a confined process can't do any more, each tried in a process of its own; and what it still can. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/sandbox.h"

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true /* the sanitizers' own needs are let through */
#else
#define SANITIZED false
#endif

static char own[] = "/tmp/minhu-sandbox-XXXXXX", other[] = "/tmp/minhu-outside-XXXXXX";
static struct sockaddr_in allowed, foreign;
static int listener;
static const char late_library[] = "libBrokenLocale.so.1"; /* comes with the C library, is of no use here */

/* A name in a folder of this test. */
static const char *in(const char *folder, const char *name) {
    static char path[80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* ---- attempts: 0, or the errno of the refusal ---- */

#define OUTCOME(call) ((call) < 0 ? errno : 0)

static int run_program(void) {
    char *const argv[] = {(char[]){"true"}, NULL};
    return OUTCOME(execv("/bin/true", argv));
}
static int run_program_by_descriptor(void) {
    char *const argv[] = {(char[]){"true"}, NULL};
    return OUTCOME(fexecve(open("/bin/true", O_RDONLY | O_CLOEXEC), argv, argv + 1));
}
static int trace_parent(void) { return OUTCOME(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static int read_parent(void) {
    char bytes[8];
    struct iovec here = {bytes, sizeof bytes}, there = {own, sizeof bytes};
    return OUTCOME(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}
static int program_the_kernel(void) { return OUTCOME(syscall(SYS_bpf, 0, NULL, 0)); }
static int make_process(void) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return OUTCOME(pid);
}
static int make_process_by_clone(void) {
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) _exit(0);
    return OUTCOME(pid);
}
static int make_process_by_clone3(void) {
    char arguments[64] = {0};
    long pid = syscall(SYS_clone3, arguments, sizeof arguments);
    if (pid == 0) _exit(0);
    return OUTCOME(pid);
}
static int stop_parent(void) { return OUTCOME(kill(getppid(), 0)); }
static int stop_parent_by_thread(void) { return OUTCOME(syscall(SYS_tgkill, getppid(), getppid(), 0)); }
static int leave_namespace(void) { return OUTCOME(syscall(SYS_unshare, 0x20000000 /* CLONE_NEWNET */)); }
static int use_rings(void) { return OUTCOME(syscall(SYS_io_uring_setup, 1, NULL)); }
static int read_keys(void) { return OUTCOME(syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }
static int packet_socket(void) { return OUTCOME(socket(AF_PACKET, SOCK_RAW, 0)); }
static int netlink_socket(void) { return OUTCOME(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int raw_socket(void) { return OUTCOME(socket(AF_INET, SOCK_RAW, IPPROTO_TCP)); }
static int many_paths_socket(void) { return OUTCOME(socket(AF_INET, SOCK_STREAM, 262 /* IPPROTO_MPTCP */)); }
static int family_with_high_bits(void) {
    return OUTCOME(syscall(SYS_socket, UINT64_C(0x100000000) | AF_NETLINK, SOCK_RAW, 0));
}
static int open_door(void) { return OUTCOME(listen(socket(AF_INET, SOCK_STREAM, 0), 1)); }
static int take_port(void) {
    struct sockaddr_in any = {.sin_family = AF_INET};
    return OUTCOME(bind(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr *)&any, sizeof any));
}
static int written_code(void) {
    return mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}
static int memory_to_code(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return OUTCOME(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}
/* What was written to a file of the worker's own, or to memory that looks like one. */
static int run_what(int fd) {
    const char code[] = {(char)0xc3}; /* ret */
    if (fd < 0 || write(fd, code, 1) != 1) return errno;
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
}
static int written_file_to_code(void) {
    int fd = open(in(own, "code"), O_RDWR | O_CREAT, 0700);
    unlink(in(own, "code"));
    return run_what(fd);
}
static int memory_file_to_code(void) { return run_what((int)syscall(SYS_memfd_create, "code", 0)); }
static int library_to_code(void) { return dlopen(late_library, RTLD_NOW) ? 0 : EPERM; }
static int bound_parent(void) {
    struct rlimit limit;
    return OUTCOME(prlimit(getppid(), RLIMIT_CPU, NULL, &limit));
}
static int slow_parent(void) { return OUTCOME(setpriority(PRIO_PROCESS, (id_t)getppid(), 19)); }
static int move_parent(void) {
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    return OUTCOME(sched_setaffinity(getppid(), sizeof all, &all));
}
static int signal_by_descriptor(int command, int argument) {
    int two[2];
    return pipe(two) ? errno : OUTCOME(fcntl(two[0], command, argument));
}
static int own_descriptor(void) { return signal_by_descriptor(F_SETOWN, getppid()); }
static int choose_signal(void) { return signal_by_descriptor(F_SETSIG, SIGKILL); }
static int own_socket(void) {
    int parent = getppid();
    return OUTCOME(ioctl(socket(AF_UNIX, SOCK_STREAM, 0), FIOSETOWN, &parent));
}
/* The kernel looks at the lower half of a command only. */
static int own_descriptor_with_high_bits(void) {
    int two[2];
    return pipe(two) ? errno : OUTCOME(syscall(SYS_fcntl, two[0], UINT64_C(0x100000000) | F_SETOWN, getppid()));
}
static int pair_of_datagrams(void) {
    int two[2];
    return OUTCOME(socketpair(AF_UNIX, SOCK_DGRAM, 0, two));
}
static int end_listener(void) { return OUTCOME(shutdown(listener, SHUT_RDWR)); }
static int end_half_of_listener(void) { return OUTCOME(shutdown(listener, SHUT_WR)); }
static int change_mode(void) { return OUTCOME(chmod(in(other, "there"), 0644)); }
static int change_mode_of_open(void) { return OUTCOME(fchmod(open("/etc/passwd", O_RDONLY), 0644)); }
static int write_own_memory(void) { return OUTCOME(open("/proc/self/mem", O_RDWR)); }
static int open_memory_to_others(void) { return OUTCOME(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
static int connect_by_sending(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return OUTCOME(sendto(fd, "x", 1, MSG_FASTOPEN, (const struct sockaddr *)&foreign, sizeof foreign));
}

static int connect_to(const struct sockaddr_in *a) {
    return OUTCOME(connect(socket(AF_INET, SOCK_STREAM, 0), (const struct sockaddr *)a, sizeof *a));
}
static int connect_elsewhere(void) { return connect_to(&foreign); }
static int write_outside(void) { return OUTCOME(open(in(other, "new"), O_WRONLY | O_CREAT, 0600)); }
static int overwrite_outside(void) { return OUTCOME(open(in(other, "there"), O_WRONLY)); }
static int empty_outside(void) { return OUTCOME(truncate(in(other, "there"), 0)); }
static int read_outside(void) { return OUTCOME(open(in(other, "there"), O_RDONLY)); }
static int remove_outside(void) { return OUTCOME(unlink(in(other, "there"))); }
static int make_link(void) { return OUTCOME(symlink("/etc/passwd", in(own, "link"))); }

static void *say_yes(void *arg) {
    *(bool *)arg = true;
    return NULL;
}
static int make_thread(void) {
    pthread_t t;
    bool ran = false;
    int error = pthread_create(&t, NULL, say_yes, &ran);
    if (!error) pthread_join(t, NULL);
    return error ? error : ran ? 0 : ESRCH;
}
static int connect_where_allowed(void) { return connect_to(&allowed); }
static int keep_file(void) {
    struct stat st;
    char from[80];
    if (mkdir(in(own, "ab"), 0700)) return errno;
    snprintf(from, sizeof from, "%s", in(own, "ab/new"));
    int fd = open(from, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0 || write(fd, "abc", 3) != 3 || ftruncate(fd, 1) || fsync(fd)) return errno;
    if (rename(from, in(own, "ab/kept")) || stat(in(own, "ab/kept"), &st)) return errno;
    return OUTCOME(unlink(in(own, "ab/kept")));
}
static int read_system(void) { return OUTCOME(open("/etc/passwd", O_RDONLY)); }
static int resolve(void) {
    struct addrinfo *found, want = {.ai_socktype = SOCK_STREAM};
    return getaddrinfo("localhost", "443", &want, &found) == 0 ? 0 : EHOSTUNREACH;
}
static int unix_pair(void) {
    int two[2];
    return OUTCOME(socketpair(AF_UNIX, SOCK_STREAM, 0, two));
}
static int datagrams(void) { return OUTCOME(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP)); }
static int signal_itself(void) { return OUTCOME(raise(0)); }
static int own_bounds(void) {
    struct rlimit limit;
    return OUTCOME(getrlimit(RLIMIT_NOFILE, &limit)) || OUTCOME(setrlimit(RLIMIT_NOFILE, &limit));
}
static int load_unwinder(void) { return dlopen("libgcc_s.so.1", RTLD_NOW) ? 0 : ENOENT; }

/* ---- the table ---- */

enum { DIES = -SIGSYS };
enum wall { CALLS, FILES = 1, TRUNCATING = 3, PORTS = 4, SCOPES = 6 }; /* from which version of Landlock on */

static const struct attempt {
    const char *name;
    int (*make)(void);
    int want; /* errno, 0 for success, or DIES */
    enum wall wall;
    bool sanitizers_need;
} attempts[] = {
    {"exec", run_program, DIES, CALLS, true},
    {"exec by descriptor", run_program_by_descriptor, DIES, CALLS, true},
    {"ptrace", trace_parent, DIES, CALLS, true},
    {"another's memory", read_parent, DIES, CALLS, false},
    {"bpf", program_the_kernel, DIES, CALLS, false},
    {"fork", make_process, EPERM, CALLS, true},
    {"clone", make_process_by_clone, EPERM, CALLS, true},
    {"clone3", make_process_by_clone3, ENOSYS, CALLS, false},
    {"kill", stop_parent, EPERM, CALLS, true},
    {"tgkill of another", stop_parent_by_thread, EPERM, CALLS, true},
    {"unshare", leave_namespace, EPERM, CALLS, false},
    {"io_uring", use_rings, ENOSYS, CALLS, false},
    {"keyctl", read_keys, EPERM, CALLS, false},
    {"packet socket", packet_socket, EAFNOSUPPORT, CALLS, false},
    {"netlink socket", netlink_socket, EAFNOSUPPORT, CALLS, false},
    {"raw socket", raw_socket, EAFNOSUPPORT, CALLS, false},
    {"multipath socket", many_paths_socket, EAFNOSUPPORT, CALLS, false},
    {"family with high bits", family_with_high_bits, EAFNOSUPPORT, CALLS, false},
    {"listen", open_door, EPERM, CALLS, false},
    {"bind", take_port, EPERM, CALLS, false},
    {"memory to write and run", written_code, EPERM, CALLS, false},
    {"written memory to run", memory_to_code, EPERM, CALLS, false},
    {"written file to run", written_file_to_code, EPERM, CALLS, false},
    {"file in memory to run", memory_file_to_code, EPERM, CALLS, false},
    {"another library", library_to_code, EPERM, CALLS, false},
    {"bounds of another", bound_parent, EPERM, CALLS, false},
    {"priority of another", slow_parent, EPERM, CALLS, false},
    {"processors of another", move_parent, EPERM, CALLS, false},
    {"owner of a descriptor", own_descriptor, EPERM, CALLS, false},
    {"signal of a descriptor", choose_signal, EPERM, CALLS, false},
    {"owner of a socket", own_socket, EPERM, CALLS, false},
    {"owner of a descriptor, with high bits", own_descriptor_with_high_bits, EPERM, CALLS, false},
    {"pair of datagrams", pair_of_datagrams, EAFNOSUPPORT, CALLS, false},
    {"end of a listener", end_listener, EPERM, CALLS, false},
    {"half of a listener's end", end_half_of_listener, EPERM, CALLS, false},
    {"mode of a file", change_mode, EPERM, CALLS, false},
    {"mode of an open file", change_mode_of_open, EPERM, CALLS, false},
    {"memory open to others", open_memory_to_others, EPERM, CALLS, true},
    {"own memory as a file", write_own_memory, EACCES, FILES, true},
    {"connect by sending", connect_by_sending, EPERM, CALLS, false},
    {"connect to a foreign port", connect_elsewhere, EACCES, PORTS, false},
    {"make a file outside", write_outside, EACCES, FILES, true},
    {"write a file outside", overwrite_outside, EACCES, FILES, true},
    {"empty a file outside", empty_outside, EACCES, TRUNCATING, true},
    {"read a file outside", read_outside, EACCES, FILES, true},
    {"remove a file outside", remove_outside, EACCES, FILES, false},
    {"make a link", make_link, EACCES, FILES, false},

    {"thread", make_thread, 0, CALLS, false},
    {"connect to an allowed port", connect_where_allowed, 0, CALLS, false},
    {"keep a file", keep_file, 0, CALLS, false},
    {"read the system's files", read_system, 0, CALLS, false},
    {"resolve a name", resolve, 0, CALLS, false},
    {"pair of sockets", unix_pair, 0, CALLS, false},
    {"datagrams", datagrams, 0, CALLS, false},
    {"signal to itself", signal_itself, 0, CALLS, false},
    {"its own bounds", own_bounds, 0, CALLS, false},
    {"the unwinder", load_unwinder, 0, CALLS, false},
};

static int version(void) {
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return v > 0 ? (int)v : 0;
}

/* What became of the attempt in a confined process (or in a free one). */
static int outcome_of(const struct attempt *a, bool confined) {
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        struct sandbox box = {
            .writable = {own, "", "/nowhere"}, .ports = {ntohs(allowed.sin_port)}, .names = true, .local = true};
        if (confined && !sandbox_enter(&box)) _exit(255);
        _exit(a->make());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_attempts(void **state) {
    (void)state;
    int wrong = 0, passed_over = 0;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        const struct attempt *a = &attempts[i];
        if ((a->sanitizers_need && SANITIZED) || (int)a->wall > version()) {
            printf("passed over: %s\n", a->name);
            passed_over++;
            continue;
        }
        int got = outcome_of(a, true);
        if (got != a->want) printf("%s: %d, should be %d\n", a->name, got, a->want);
        wrong += got != a->want;
    }
    assert_int_equal(wrong, 0);
    assert_true(passed_over < 20);
}

/* The refusals are the sandbox's: without it these succeed. */
static void test_free_process(void **state) {
    (void)state;
    const char *const free_ones[] = {"exec",
                                     "fork",
                                     "clone",
                                     "kill",
                                     "connect to a foreign port",
                                     "read a file outside",
                                     "bind",
                                     "written file to run",
                                     "file in memory to run",
                                     "another library",
                                     "bounds of another",
                                     "priority of another",
                                     "processors of another",
                                     "owner of a descriptor",
                                     "signal of a descriptor",
                                     "owner of a socket",
                                     "owner of a descriptor, with high bits",
                                     "pair of datagrams",
                                     "mode of a file",
                                     "own memory as a file"};
    int wrong = 0;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        for (size_t k = 0; k < sizeof free_ones / sizeof *free_ones; k++) {
            if (strcmp(attempts[i].name, free_ones[k]) != 0) continue;
            int got = outcome_of(&attempts[i], false);
            if (got) printf("%s: %d, should be 0\n", attempts[i].name, got);
            wrong += got != 0;
        }
    assert_int_equal(wrong, 0);
}

/* Who has no port to connect to has no Internet, whatever the kernel. */
static int no_internet(void) {
    const struct sandbox box = {.writable = {own}, .local = true};
    if (!sandbox_enter(&box)) return 255;
    const int families[] = {AF_INET, AF_INET6}, kinds[] = {SOCK_STREAM, SOCK_DGRAM};
    for (int i = 0; i < 4; i++)
        if (socket(families[i / 2], kinds[i % 2], 0) >= 0 || errno != EAFNOSUPPORT) return i + 1;
    return OUTCOME(socket(AF_UNIX, SOCK_STREAM, 0));
}

/* Who knows the addresses of all whom he talks to has TCP alone. */
static int addresses_only(void) {
    const struct sandbox box = {.writable = {own}, .ports = {ntohs(allowed.sin_port)}};
    struct addrinfo *found, want = {.ai_socktype = SOCK_STREAM};
    int two[2];
    if (!sandbox_enter(&box)) return 255;
    const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_UNIX},
              kinds[] = {SOCK_DGRAM, SOCK_DGRAM, SOCK_DGRAM, SOCK_STREAM};
    for (int i = 0; i < 4; i++)
        if (socket(families[i], kinds[i] | SOCK_CLOEXEC, 0) >= 0 || errno != EAFNOSUPPORT) return i + 1;
    if (connect_where_allowed()) return 5;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, two)) return 6;
    const struct sockaddr_in name_server = {
        .sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (version() >= PORTS && connect_to(&name_server) != EACCES) return 8;
    return getaddrinfo("127.0.0.1", "443", &want, &found) ? 7 : 0;
}

static void outcome_is_good(int (*confined)(void)) {
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) _exit(confined());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_without_ports(void **state) {
    (void)state;
    outcome_is_good(no_internet);
}

static void test_addresses_only(void **state) {
    (void)state;
    outcome_is_good(addresses_only);
}

static void test_prepare(void **state) {
    (void)state;
    assert_true(sandbox_prepare());
    if (!SANITIZED) assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

static int listen_somewhere(struct sockaddr_in *a) {
    socklen_t n = sizeof *a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *a = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return fd >= 0 && bind(fd, (const struct sockaddr *)a, n) == 0 && listen(fd, 64) == 0 &&
                   getsockname(fd, (struct sockaddr *)a, &n) == 0
               ? fd
               : -1;
}

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(own) || !mkdtemp(other) || (listener = listen_somewhere(&allowed)) < 0 ||
        listen_somewhere(&foreign) < 0)
        return -1;
    int fd = open(in(other, "there"), O_WRONLY | O_CREAT, 0600);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
    (void)state;
    rmdir(in(own, "ab"));
    rmdir(own);
    unlink(in(other, "there"));
    return rmdir(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prepare),        cmocka_unit_test(test_attempts),
        cmocka_unit_test(test_free_process),   cmocka_unit_test(test_without_ports),
        cmocka_unit_test(test_addresses_only),
    };
    log_open("/dev/null", LOG_ERROR);
    return cmocka_run_group_tests_name("sandbox", tests, set_up, tear_down);
}
