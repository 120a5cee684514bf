#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

void clinux_one_heap(void) { mallopt(M_ARENA_MAX, 1); }

void clinux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void clinux_begin_writing_out(int descriptor) { sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

ssize_t clinux_send(int socket, const void *bytes, size_t length, const int *descriptors, size_t count) {
    if (count > CLINUX_MAX_DESCRIPTORS) {
        errno = EINVAL;
        return -1;
    }
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union {
        char bytes[CMSG_SPACE(CLINUX_MAX_DESCRIPTORS * sizeof(int))];
        struct cmsghdr alignment;
    } control = {0};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent;
}

ssize_t clinux_receive(int socket, void *bytes, size_t capacity, int *descriptors, size_t room, size_t *count) {
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union {
        char bytes[CMSG_SPACE(CLINUX_MAX_DESCRIPTORS * sizeof(int))];
        struct cmsghdr alignment;
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *count = 0;
    ssize_t received;
    do {
        received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0) return received;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t attached = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t index = 0; index < attached; index++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + index * sizeof(int), sizeof(int));
            if (*count < room) {
                descriptors[(*count)++] = descriptor;
            } else {
                close(descriptor);
            }
        }
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        while (*count > 0) close(descriptors[--*count]);
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}

int clinux_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    struct open_how how = {
        .flags = (uint64_t)flags | O_CLOEXEC,
        .mode = mode,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int descriptor;
    do {
        descriptor = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    } while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
    return descriptor;
}

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_rename_new(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_open_nameless(int directory, unsigned int mode) {
    return openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

int clinux_access_files_as(uid_t user, gid_t group, const gid_t *groups, size_t count) {
    // The system calls, not their wrappers, which change all threads.
    if (syscall(SYS_setgroups, count, groups) != 0) return -1;
    syscall(SYS_setfsgid, group);
    syscall(SYS_setfsuid, user);
    // Neither tells whether it worked; a number that is none only asks.
    if ((gid_t)syscall(SYS_setfsgid, (gid_t)-1) == group && (uid_t)syscall(SYS_setfsuid, (uid_t)-1) == user) return 0;
    errno = EPERM;
    return -1;
}

int clinux_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

ssize_t clinux_copy_range(int from, long long *from_offset, int to, long long *to_offset, size_t length) {
    off64_t from_position = *from_offset, to_position = *to_offset;
    ssize_t copied = copy_file_range(from, &from_position, to, &to_position, length, 0);
    *from_offset = from_position;
    *to_offset = to_position;
    return copied;
}

/// Seconds between SIGXCPU and SIGKILL, and bytes of the main thread's stack: the same as in csandbox_limit.
enum { LAST_SECONDS = 5, STACK = 8 << 20 };

static int lower(pid_t pid, int resource, rlim_t soft, rlim_t hard) {
    struct rlimit limit;
    if (prlimit(pid, resource, NULL, &limit) != 0) return errno;
    if (limit.rlim_cur <= soft && limit.rlim_max <= hard) return 0;
    if (limit.rlim_max > hard) limit.rlim_max = hard;
    if (limit.rlim_cur > soft) limit.rlim_cur = soft;
    return prlimit(pid, resource, &limit, NULL) == 0 ? 0 : errno;
}

int clinux_lower_limits(pid_t pid, unsigned long long memory, unsigned long long processor, unsigned long long file) {
    const struct {
        int resource;
        rlim_t soft, hard;
    } limits[] = {
        {RLIMIT_DATA, memory, memory},
        {RLIMIT_STACK, STACK, STACK},
        {RLIMIT_AS, 2 * memory, 2 * memory},
        {RLIMIT_CPU, processor, processor + LAST_SECONDS},
        {RLIMIT_FSIZE, file, file},
        {RLIMIT_CORE, 0, 0},
    };
    int failure = 0;
    for (size_t index = 0; index < sizeof limits / sizeof *limits; index++) {
        int code = lower(pid, limits[index].resource, limits[index].soft, limits[index].hard);
        if (failure == 0) failure = code;
    }
    return failure;
}

void clinux_forbid_dumps(void) {
    lower(0, RLIMIT_CORE, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int clinux_spawn(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                 const int *descriptors, size_t count) {
    // Duplicate them above the targets first, so that no dup2 overwrites a descriptor still to be passed.
    int lifted[CLINUX_MAX_DESCRIPTORS];
    if (count > CLINUX_MAX_DESCRIPTORS) return EINVAL;
    size_t ready = 0;
    int failure = 0;
    for (; ready < count && !failure; ready++) {
        lifted[ready] = fcntl(descriptors[ready], F_DUPFD_CLOEXEC, (int)CLINUX_MAX_DESCRIPTORS);
        if (lifted[ready] < 0) {
            failure = errno;
            break;
        }
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (size_t index = 0; index < count && !failure; index++)
        failure = posix_spawn_file_actions_adddup2(&actions, lifted[index], (int)index);
    if (!failure) failure = posix_spawn_file_actions_addclosefrom_np(&actions, (int)count);
    if (!failure) {
        sigset_t every, none;
        sigfillset(&every);
        sigemptyset(&none);
        posix_spawnattr_setsigdefault(&attributes, &every);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
        failure = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    while (ready > 0) close(lifted[--ready]);
    return failure;
}
