/* Makes one allocation of a process's handling threads fail, when it is told to: for LD_PRELOAD, with MINHU_FAILALLOC naming a file that holds
 * the order (struct order below; tests/faults/allocations writes it). Everything that they ask memory for counts, the
 * product's as the libraries'. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The C library's own, under their second names: dlsym would allocate. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

struct order {
    _Atomic int64_t process; /* whose allocations count, but for its first thread's; 0: nobody's */
    _Atomic int64_t fail;    /* the number of the one that fails, from 1; 0: none */
    _Atomic int64_t counted; /* since the order was given */
    _Atomic int64_t other; /* one more thread that does not count */
    char where[200];       /* who asked for the one that failed */
};

static struct order *order;
__attribute__((constructor)) static void take_order(void) {
    const char *path = getenv("MINHU_FAILALLOC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *p = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p != MAP_FAILED) order = p;
}

static void say_where(const void *caller) {
    Dl_info at = {0};
    if (!dladdr(caller, &at)) return;
    const char *file = at.dli_fname ? strrchr(at.dli_fname, '/') : NULL;
    uintptr_t offset = (uintptr_t)caller - (uintptr_t)at.dli_fbase;
    snprintf(order->where, sizeof order->where, "%s %s +0x%jx", file ? file + 1 : "?",
             at.dli_sname ? at.dli_sname : "?", (uintmax_t)offset);
}

/* True when this allocation is the one. */
static bool fails(const void *caller) {
    if (!order) return false;
    int64_t whose = atomic_load_explicit(&order->process, memory_order_relaxed);
    if (whose == 0 || whose != getpid() || whose == gettid() || atomic_load(&order->other) == gettid()) return false;
    if (atomic_fetch_add(&order->counted, 1) + 1 != atomic_load(&order->fail)) return false;
    say_where(caller);
    errno = ENOMEM;
    return true;
}

#define FAILS fails(__builtin_return_address(0))

void *malloc(size_t n) { return FAILS ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return FAILS ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return FAILS ? NULL : __libc_realloc(p, n); }
void *memalign(size_t alignment, size_t n) { return FAILS ? NULL : __libc_memalign(alignment, n); }
void *aligned_alloc(size_t alignment, size_t n) { return FAILS ? NULL : __libc_memalign(alignment, n); }

int posix_memalign(void **p, size_t alignment, size_t n) {
    void *got = FAILS ? NULL : __libc_memalign(alignment, n);
    if (!got) return ENOMEM;
    *p = got;
    return 0;
}
