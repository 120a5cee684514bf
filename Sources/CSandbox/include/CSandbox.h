// The sandbox of a media child, set up before it reads its first input byte. Everything applies to the calling thread and
// to threads that it starts: call it while there is only one. None of it can be undone.
// Each function returns 0, or an errno value, unless documented otherwise.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The child dies when the thread that started it ends. Fails with ESRCH if that thread has already ended.
int csandbox_die_with_parent(int parent);

/// A crash ends the process at once: the Swift runtime's crash handler would start another program.
int csandbox_crash_plainly(void);

/// Drops all privileges for good: no set-user-ID program works, every capability is dropped (root's too), no other
/// process may read this one's memory, and a crash dumps none of it.
int csandbox_renounce_privileges(void);

/// Landlock: no path can be opened, created, changed or removed, no TCP port bound or connected to, and if the kernel
/// supports it, no outside process signalled and no abstract socket reached. Open descriptors keep working.
/// Returns the kernel's Landlock version, which is at least 1; 0 if unsupported; or a negative errno value.
int csandbox_landlock(void);

/// Whether system call filters are supported: not every kernel has them, and not every container allows them. For
/// kernels before 4.14 this returns false.
bool csandbox_has_seccomp(void);

/// Seccomp: only the system calls that a job needs. Any other call kills the process, except for those that
/// libraries can do without. Needs `csandbox_renounce_privileges` first.
int csandbox_seccomp(void);

/// Lowers a limit of this process. A limit that is already lower stays.
enum csandbox_resource {
    /// Bytes of private writable memory, and twice as much address space.
    CSANDBOX_MEMORY,
    /// Processor seconds of all threads together. SIGXCPU ends the process.
    CSANDBOX_CPU,
    /// Bytes of one file. SIGXFSZ ends the process.
    CSANDBOX_FILE_SIZE,
    /// The highest number of a descriptor, plus one.
    CSANDBOX_DESCRIPTORS,
};
int csandbox_limit(enum csandbox_resource resource, uint64_t limit);

/// Leaves half of the user's allowed processes and threads to its other processes: no thread starts here while
/// the user has more. The kernel does not limit root.
int csandbox_leave_threads(void);
