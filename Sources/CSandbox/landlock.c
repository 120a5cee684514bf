#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The installed kernel headers may be older than the kernel: the needed definitions are here.
// https://docs.kernel.org/userspace-api/landlock.html

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

struct ruleset {
    uint64_t file_system;
    uint64_t network;
    uint64_t scope;
};

enum { VERSION_FLAG = 1 };

/// Every right of a version is handled, and no rule grants any.
static struct ruleset everything(int version) {
    // 13 rights in version 1, then: link and rename (2), truncate (3), ioctl on devices (5).
    int rights = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    return (struct ruleset){
        .file_system = (UINT64_C(1) << rights) - 1,
        .network = version >= 4 ? 3 : 0, // Bind and connect TCP.
        .scope = version >= 6 ? 3 : 0,   // Abstract sockets, signals.
    };
}

int csandbox_landlock(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
    // Not built in, not enabled, or blocked by a container, which may return EPERM.
    if (version < 0) return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -errno;
    struct ruleset ruleset = everything((int)version);
    size_t size = version >= 6 ? sizeof ruleset : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int descriptor = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    if (descriptor < 0) return -errno;
    int code = syscall(SYS_landlock_restrict_self, descriptor, 0) == 0 ? 0 : errno;
    close(descriptor);
    return code == 0 ? (int)version : -code;
}
