// What a media child does to itself before it reads its first input byte. All of it holds for the thread that calls and
// for those that it starts: call it before there is another. Nothing of it can be taken back.
// Each returns 0, or an errno value, unless it says otherwise.
#pragma once
#include <stdbool.h>
#include <stdint.h>

/// The child dies when the thread that started it ends. Fails with ESRCH when the starter is already gone.
int csandbox_die_with_parent(int parent);

/// A crash ends the process at once: what the language's runtime has set up to tell of crashes starts another program.
int csandbox_crash_plainly(void);

/// No privilege is ever gained again: no set-user-ID program helps, every capability is dropped (root's too), no other
/// process may look into this one's memory, and none of it is dumped when it crashes.
int csandbox_renounce_privileges(void);

/// Landlock: no path can be opened, made, changed or removed, no TCP port bound or connected to, and where the kernel
/// knows how, no process outside signalled and no abstract socket reached. Open descriptors stay as they are.
/// Returns the kernel's Landlock version, which is at least 1; 0 where there is none; a negative errno value.
int csandbox_landlock(void);

/// Whether there are filters for system calls: not every kernel has them, and not every container lets them be set. Of
/// kernels before 4.14 this says no.
bool csandbox_has_seccomp(void);

/// Seccomp: what a job needs of the kernel, and nothing else. Any other call kills the process, but for those that
/// libraries try and do without. Needs `csandbox_renounce_privileges` first.
int csandbox_seccomp(void);

/// Lowers a limit of this process. A limit that is lower already stays as it is.
enum csandbox_resource {
    /// Bytes of private memory that can be written to, and twice as much of addresses.
    CSANDBOX_MEMORY,
    /// Seconds of processor time, of all threads together. SIGXCPU ends the process.
    CSANDBOX_CPU,
    /// Bytes of one file. SIGXFSZ ends the process.
    CSANDBOX_FILE_SIZE,
    /// The highest number of a descriptor, plus one.
    CSANDBOX_DESCRIPTORS,
};
int csandbox_limit(enum csandbox_resource resource, uint64_t limit);

/// Leaves half of the processes and threads that our user may have to the user's others: no thread is started here while
/// the user has more. The kernel holds root to nothing of the kind.
int csandbox_leave_threads(void);
