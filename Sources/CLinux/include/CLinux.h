// Linux calls that Swift cannot say: macros over control messages, and system calls that Glibc does not wrap.
// Each returns what the system call returns: -1 with errno on failure.
#pragma once
#include <stddef.h>
#include <sys/types.h>

#define CLINUX_MAX_DESCRIPTORS 8

/// The C library gives each busy thread a heap of its own, whose free memory the others cannot use: one is enough for a
/// daemon that waits most of the time. To be called before there are threads.
void clinux_one_heap(void);

/// Names the calling thread, for whoever looks at the process: 15 bytes at most.
void clinux_name_thread(const char *name);

/// Sends one record on a SOCK_SEQPACKET socket with up to CLINUX_MAX_DESCRIPTORS descriptors attached. The
/// descriptors stay the caller's. Never raises SIGPIPE.
ssize_t clinux_send(int socket, const void *bytes, size_t length, const int *descriptors, size_t count);

/// Receives one record. Descriptors arrive close-on-exec and are the caller's; surplus ones are closed.
/// 0 is the end of the connection. A record longer than `capacity` is EMSGSIZE.
ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptors, size_t room, size_t *count);

/// Opens `path` beneath `directory` with openat2: no symbolic link on the way, no step above the directory,
/// no other magic. Falls back to nothing: ENOSYS is the caller's to judge.
int clinux_open_beneath(int directory, const char *path, int flags, unsigned int mode);

/// A descriptor that becomes readable when the process ends.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal through a process descriptor: never to a later process with the same number.
int clinux_pidfd_send_signal(int pidfd, int signal);

/// Renames without replacing: EEXIST where `to` is there.
int clinux_rename_new(int from_directory, const char *from, int to_directory, const char *to);

/// Begins to write the file out to the disk, so that a later fsync finds less to wait for. Promises nothing, and takes no
/// error from that fsync, as another fsync would. May wait for the disk's queue.
void clinux_begin_writing_out(int descriptor);

/// A file without a name in the folder, readable and writable.
int clinux_open_nameless(int directory, unsigned int mode);

/// A pipe, reading end first; both ends are close-on-exec and never block.
int clinux_pipe(int ends[2]);

/// Takes a connection; close-on-exec, and never blocking.
int clinux_accept(int socket);

/// Copies within the kernel, from and to explicit positions, sharing blocks where the file system can.
ssize_t clinux_copy_range(int from, long long *from_offset, int to, long long *to_offset, size_t length);

/// Lowers the limits of a child of ours, soft and hard; one that is lower already stays as it is. Memory in bytes that can be
/// written to (and twice as much of addresses), processor time in seconds, of one file bytes. The same numbers mean the same
/// to csandbox_limit. Tries all of them; 0, or the first errno value.
int clinux_lower_limits(pid_t pid, unsigned long long memory, unsigned long long processor, unsigned long long file);

/// This process leaves no picture of its memory anywhere, and shows it to nobody but root; nor do the programs that it starts
/// leave one.
void clinux_forbid_dumps(void);

/// Starts `path` as a child in a process group of its own. `descriptors[i]` becomes descriptor i of the child, every
/// other one is closed; signals are at their defaults and unblocked. A child dies with the thread that started it
/// only if it asks for that itself. Returns 0 or an errno value, like posix_spawn.
int clinux_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                 const int *descriptors, size_t count);
