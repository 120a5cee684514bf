#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

// Newer than the headers of older releases; the same numbers on every architecture.
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

// Calls that are allowed with any arguments: none of these widens what they can do.
static const int allowed[] = {
    // The open files and the socket.
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(ftruncate), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
    SCMP_SYS(sync_file_range), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg),
    // Memory.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    // Threads.
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid), SCMP_SYS(getpid), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(getcpu),
    // Signals to oneself.
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    // Clocks, random numbers, resource usage.
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(restart_syscall), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo),
    SCMP_SYS(uname), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
};

/// Calls that libraries try, and can do without.
static const struct {
    int call, code;
} refused[] = {
    // The C library falls back to `clone`, `openat` and `fstat`.
    {SCMP_SYS(clone3), ENOSYS}, {SCMP_SYS(openat2), ENOSYS}, {SCMP_SYS(statx), ENOSYS}, {SCMP_SYS(membarrier), ENOSYS},
    // No file can be found anywhere.
    {SCMP_SYS(access), ENOENT}, {SCMP_SYS(faccessat), ENOENT}, {SCMP_SYS(faccessat2), ENOENT}, {SCMP_SYS(stat), ENOENT},
    {SCMP_SYS(lstat), ENOENT}, {SCMP_SYS(readlink), ENOENT}, {SCMP_SYS(readlinkat), ENOENT}, {SCMP_SYS(statfs), ENOENT},
    // No descriptor of ours is a terminal.
    {SCMP_SYS(ioctl), ENOTTY},
    // The parent decides the priority.
    {SCMP_SYS(sched_setscheduler), EPERM}, {SCMP_SYS(sched_setparam), EPERM}, {SCMP_SYS(sched_setaffinity), EPERM},
    {SCMP_SYS(setpriority), EPERM},
};

enum { WRITES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

/// What tells a plain mapping of private memory from one that grows by itself (a stack, which the limit on memory does not
/// count), is held in memory, or is taken from the machine's store of huge pages.
enum { KIND_OF_MAPPING = MAP_TYPE | MAP_GROWSDOWN | MAP_LOCKED | MAP_HUGETLB };

/// Exactly what the C library asks for when it starts a thread.
enum {
    THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
             CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID
};

/// The guard below a thread's stack is a page, or on arm64 the size of its largest page.
enum { LARGEST_GUARD = 64 * 1024 };

/// Whether the C library takes the guard of a thread's stack out of memory that it can write to: glibc from 2.42 on, where the kernel
/// (before 6.13) has no guards of its own. Others reserve the stack first, and open all but the guard.
static bool protects_guards(void) {
#ifdef __GLIBC__
    int major = 0, minor = 0;
    if (sscanf(gnu_get_libc_version(), "%d.%d", &major, &minor) != 2) return false;
    if (major < 2 || (major == 2 && minor < 42)) return false;
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return false;
    bool lacks_guards = madvise(page, size, MADV_GUARD_INSTALL) != 0 && errno == EINVAL;
    munmap(page, size);
    return lacks_guards;
#else
    return false;
#endif
}

/// Adds a rule; a call that this machine's architecture does not have needs none.
#define RULE(action, call, count, ...)                                                        \
    do {                                                                                      \
        int rule_code = seccomp_rule_add(filter, (action), SCMP_SYS(call), count, ##__VA_ARGS__); \
        if (rule_code != 0 && rule_code != -EDOM) return -rule_code;                          \
    } while (0)

static int add_rules(scmp_filter_ctx filter) {
    for (size_t index = 0; index < sizeof allowed / sizeof *allowed; index++) {
        int code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[index], 0);
        if (code != 0 && code != -EDOM) return -code;
    }
    for (size_t index = 0; index < sizeof refused / sizeof *refused; index++) {
        int code = seccomp_rule_add(filter, SCMP_ACT_ERRNO(refused[index].code), refused[index].call, 0);
        if (code != 0 && code != -EDOM) return -code;
    }
    // Opening a file for reading finds none; opening one for writing is no accident.
    RULE(SCMP_ACT_ERRNO(ENOENT), openat, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY));
    RULE(SCMP_ACT_ERRNO(ENOENT), open, 1, SCMP_A1(SCMP_CMP_MASKED_EQ, WRITES, O_RDONLY));
    // By descriptor only: newer C libraries implement `fstat` like this.
    RULE(SCMP_ACT_ALLOW, newfstatat, 1, SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
    RULE(SCMP_ACT_ERRNO(ENOENT), newfstatat, 1, SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0));
    // No executable memory, and none that the memory limit does not count: shared memory, a stack, and memory that was
    // made read-only. Memory may only become writable.
    RULE(SCMP_ACT_ALLOW, mmap, 2, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
         SCMP_A3(SCMP_CMP_MASKED_EQ, KIND_OF_MAPPING, MAP_PRIVATE));
    RULE(SCMP_ACT_ALLOW, mprotect, 1, SCMP_A2(SCMP_CMP_EQ, PROT_READ | PROT_WRITE));
    // glibc 2.41 keeps the state of its random numbers in memory that the kernel may drop, which no limit counts. Without such
    // memory it asks the kernel for each number.
    RULE(SCMP_ACT_ERRNO(ENOMEM), mmap, 1, SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_TYPE, MAP_DROPPABLE));
    // Hides memory from the limit that counts it; the limit on addresses remains. So only where no thread starts without it.
    if (protects_guards())
        RULE(SCMP_ACT_ALLOW, mprotect, 2, SCMP_A1(SCMP_CMP_LE, LARGEST_GUARD), SCMP_A2(SCMP_CMP_EQ, PROT_NONE));
    // Threads, but neither processes nor namespaces. musl adds a flag that the kernel has long ignored.
    RULE(SCMP_ACT_ALLOW, clone, 1, SCMP_A0(SCMP_CMP_EQ, THREAD));
    RULE(SCMP_ACT_ALLOW, clone, 1, SCMP_A0(SCMP_CMP_EQ, THREAD | CLONE_DETACHED));
    // SIGKILL means killed from outside: a child must not fake that.
    RULE(SCMP_ACT_ALLOW, tgkill, 2, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()), SCMP_A2(SCMP_CMP_NE, SIGKILL));
    RULE(SCMP_ACT_ALLOW, prctl, 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    // Our own limits, which can only be lowered.
    RULE(SCMP_ACT_ALLOW, prlimit64, 1, SCMP_A0(SCMP_CMP_EQ, 0));
    RULE(SCMP_ACT_ALLOW, getrlimit, 0);
    RULE(SCMP_ACT_ALLOW, setrlimit, 0);
    // Get flags, and duplicate descriptors, which the descriptor limit bounds.
    RULE(SCMP_ACT_ALLOW, fcntl, 1, SCMP_A1(SCMP_CMP_EQ, F_GETFD));
    RULE(SCMP_ACT_ALLOW, fcntl, 1, SCMP_A1(SCMP_CMP_EQ, F_GETFL));
    RULE(SCMP_ACT_ALLOW, fcntl, 1, SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC));
    return 0;
}

bool csandbox_has_seccomp(void) {
    uint32_t kill = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &kill) == 0;
}

int csandbox_seccomp(void) {
    // System calls of another architecture are killed, too: the library's default.
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL) return ENOMEM;
    int code = add_rules(filter);
    // Privileges were already dropped, for every layer.
    if (code == 0) code = -seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    // Return the kernel's error, not the library's ECANCELED.
    if (code == 0) code = -seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
    // A tree instead of a list: frequent calls need few comparisons.
    if (code == 0) code = -seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (code == 0) code = -seccomp_load(filter);
    seccomp_release(filter);
    return code;
}
