#define _GNU_SOURCE
// Runs a program as on a machine that lacks a layer of the sandbox, or in a container that refuses it.
//
//     kernel-without seccomp|landlock|guards ENOSYS|EPERM|EINVAL PROGRAM [ARGUMENT ...]
//
// “guards” are those of memory, since Linux 6.13 (MADV_GUARD_INSTALL).
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int refuse(const char *layer, int code) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL) return ENOMEM;
    int failure;
    if (strcmp(layer, "landlock") == 0) {
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), SCMP_SYS(landlock_create_ruleset), 0);
    } else if (strcmp(layer, "guards") == 0) {
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), SCMP_SYS(madvise), 1, SCMP_A2(SCMP_CMP_EQ, 102));
    } else {
        failure = seccomp_rule_add(filter, SCMP_ACT_ERRNO(code), SCMP_SYS(seccomp), 0);
        // The older way in.
        if (failure == 0)
            failure = seccomp_rule_add(
                filter, SCMP_ACT_ERRNO(code), SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
    }
    if (failure == 0) failure = seccomp_load(filter);
    seccomp_release(filter);
    return -failure;
}

static int error_named(const char *name) {
    static const int codes[] = {ENOSYS, EPERM, EINVAL};
    for (size_t index = 0; index < sizeof codes / sizeof *codes; index++)
        if (strcmp(strerrorname_np(codes[index]), name) == 0) return codes[index];
    return 0;
}

int main(int count, char **words) {
    int code = count < 4 ? 0 : error_named(words[2]);
    if (code == 0 || (strcmp(words[1], "seccomp") != 0 && strcmp(words[1], "landlock") != 0 && strcmp(words[1], "guards") != 0)) {
        fprintf(stderr, "usage: kernel-without seccomp|landlock|guards ENOSYS|EPERM|EINVAL PROGRAM [ARGUMENT ...]\n");
        return 2;
    }
    int failure = refuse(words[1], code);
    if (failure != 0) {
        fprintf(stderr, "refuse %s: %s\n", words[1], strerror(failure));
        return 70;
    }
    execv(words[3], words + 3);
    perror(words[3]);
    return 70;
}
