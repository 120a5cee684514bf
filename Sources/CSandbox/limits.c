#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <sys/resource.h>

/// Seconds between SIGXCPU, which shows the reason, and SIGKILL, which cannot be ignored.
enum { LAST_SECONDS = 5 };

/// Bytes of the main thread's stack, which no other limit counts. The usual default.
enum { STACK = 8 << 20 };

/// If the user has no limit: far more than a host needs, far fewer than a kernel supports.
enum { MANY_THREADS = 16384 };

static int lower(int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return errno;
    if (limit.rlim_max > hard) limit.rlim_max = hard;
    if (limit.rlim_cur > soft) limit.rlim_cur = soft;
    return setrlimit(resource, &limit) == 0 ? 0 : errno;
}

int csandbox_limit(enum csandbox_resource resource, uint64_t limit) {
    switch (resource) {
    case CSANDBOX_MEMORY: {
        // Counts private writable memory, not libraries, or reserved addresses.
        int code = lower(RLIMIT_DATA, limit, limit);
        if (code == 0) code = lower(RLIMIT_STACK, STACK, STACK);
        return code != 0 ? code : lower(RLIMIT_AS, 2 * limit, 2 * limit);
    }
    case CSANDBOX_CPU: return lower(RLIMIT_CPU, limit, limit + LAST_SECONDS);
    case CSANDBOX_FILE_SIZE: return lower(RLIMIT_FSIZE, limit, limit);
    case CSANDBOX_DESCRIPTORS: return lower(RLIMIT_NOFILE, limit, limit);
    }
    return EINVAL;
}

int csandbox_leave_threads(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NPROC, &limit) != 0) return errno;
    rlim_t share = limit.rlim_cur < MANY_THREADS ? limit.rlim_cur / 2 : MANY_THREADS / 2;
    return lower(RLIMIT_NPROC, share, share);
}
