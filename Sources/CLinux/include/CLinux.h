// Linux calls that Swift cannot express: macros over control messages, and system calls that Glibc does not wrap.
// Each returns what the system call returns: -1 with errno on failure.
#pragma once
#include <stddef.h>
#include <sys/types.h>

#define CLINUX_MAX_DESCRIPTORS 8

/// glibc gives each busy thread its own heap, whose free memory the others cannot use: one is enough for a
/// mostly idle daemon. To be called before there are threads.
void clinux_one_heap(void);

/// Names the calling thread in process lists: at most 15 bytes.
void clinux_name_thread(const char *name);

/// Sends one record on a SOCK_SEQPACKET socket with up to CLINUX_MAX_DESCRIPTORS descriptors attached; the
/// caller keeps them. Never raises SIGPIPE.
ssize_t clinux_send(int socket, const void *bytes, size_t length, const int *descriptors, size_t count);

/// Receives one record. Descriptors arrive close-on-exec, and the caller must close them; surplus ones are closed.
/// 0 is the end of the connection. A record longer than `capacity` is EMSGSIZE.
ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptors, size_t room, size_t *count);

/// Opens `path` below `directory` with openat2: no symbolic link in the path, no step above the directory,
/// no magic links. No fallback: the caller handles ENOSYS.
int clinux_open_beneath(int directory, const char *path, int flags, unsigned int mode);

/// A descriptor that becomes readable when the process ends.
int clinux_pidfd_open(pid_t pid);

/// Sends a signal through a pidfd: never to a later process with the same PID.
int clinux_pidfd_send_signal(int pidfd, int signal);

/// Renames without replacing: EEXIST if `to` exists.
int clinux_rename_new(int from_directory, const char *from, int to_directory, const char *to);

/// Starts writing the file to the disk, so that a later fsync has less to do. Guarantees nothing, and consumes no
/// error of that fsync, as another fsync would. May wait for the disk's queue.
void clinux_begin_writing_out(int descriptor);

/// An anonymous file in the folder, readable and writable.
int clinux_open_nameless(int directory, unsigned int mode);

/// From now on the calling thread accesses files as this user, without root's privileges; other threads do not change. For root only.
int clinux_access_files_as(uid_t user, gid_t group, const gid_t *groups, size_t count);

/// A pipe, reading end first; both ends are close-on-exec and non-blocking.
int clinux_pipe(int ends[2]);

/// Accepts a connection; close-on-exec, and non-blocking.
int clinux_accept(int socket);

/// Copies within the kernel, from and to explicit positions, sharing blocks if the file system can.
ssize_t clinux_copy_range(int from, long long *from_offset, int to, long long *to_offset, size_t length);

/// Lowers the soft and hard limits of a child; one that is already lower stays. Memory in writable bytes
/// (and twice as much address space), processor time in seconds, file size in bytes. The numbers mean the same as
/// in csandbox_limit. Tries all of them; returns 0, or the first errno value.
int clinux_lower_limits(pid_t pid, unsigned long long memory, unsigned long long processor, unsigned long long file);

/// This process writes no core dump, and only root may read its memory; the programs that it starts
/// write none either.
void clinux_forbid_dumps(void);

/// Starts `path` as a child in its own process group. `descriptors[i]` becomes descriptor i of the child, every
/// other one is closed; signals are at their defaults and unblocked. A child dies with the thread that started it
/// only if it requests that itself. Returns 0 or an errno value, like posix_spawn.
int clinux_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                 const int *descriptors, size_t count);
