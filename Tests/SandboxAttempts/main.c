// What a decoder in a stranger's hands would try. Each attempt is made by a child of this program, behind the layers that
// are named, and its outcome is told in one line: "did", "refused ENAME", or "killed SIGNAME".
//
//     sandbox-attempts ATTEMPT [--user ID] [--layers privileges,limits,landlock,seccomp]
//     sandbox-attempts version      the kernel's Landlock version
//     sandbox-attempts threads N    has so many threads, behind no wall, until it is killed
#define _GNU_SOURCE
#include "CSandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/// What the parent has made ready before the child is locked in.
static struct {
    char file[64];
    int file_descriptor;
    struct sockaddr_in address;
    struct sockaddr_un abstract;
    socklen_t abstract_length;
    char secret[8];
} stage;

static volatile sig_atomic_t signals;
static void count_signal(int number) {
    (void)number;
    signals++;
}

/// 0 when the attempt came through, else an errno value.
#define TRY(call) ((call) < 0 ? errno : 0)

static int read_file(void) { return TRY(open("/etc/passwd", O_RDONLY)); }
static int create_file(void) {
    char path[80];
    snprintf(path, sizeof path, "%s.new", stage.file);
    int code = TRY(open(path, O_WRONLY | O_CREAT, 0600));
    unlink(path);
    return code;
}
static int overwrite_file(void) { return TRY(open(stage.file, O_WRONLY | O_TRUNC)); }
static int delete_file(void) { return TRY(unlink(stage.file)); }
static int connect_loopback(void) {
    return TRY(connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&stage.address, sizeof stage.address));
}
static int send_datagram(void) {
    return TRY(sendto(socket(AF_INET, SOCK_DGRAM, 0), "x", 1, 0, (void *)&stage.address, sizeof stage.address));
}
static int connect_abstract(void) {
    return TRY(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&stage.abstract, stage.abstract_length));
}
static int fork_process(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    if (child > 0) waitpid(child, NULL, 0);
    return TRY(child);
}
static int run_program(void) {
    char *arguments[] = {"true", NULL};
    return TRY(execve("/bin/true", arguments, environ));
}
static int trace_parent(void) { return TRY(ptrace(PTRACE_SEIZE, getppid(), 0, 0)); }
static int read_parents_memory(void) {
    char copy[sizeof stage.secret];
    struct iovec mine = {copy, sizeof copy}, theirs = {stage.secret, sizeof copy};
    return TRY(process_vm_readv(getppid(), &mine, 1, &theirs, 1, 0));
}
static int signal_parent(void) { return TRY(kill(getppid(), SIGUSR1)); }
static int limit_parent(void) {
    struct rlimit limit = {100000, 100000};
    return TRY(prlimit(getppid(), RLIMIT_CPU, &limit, NULL));
}
static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }
static int run_memory(void) {
    void *memory = mmap(NULL, page_size(), PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : 0;
}
static int share_memory(void) {
    void *memory = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : 0;
}
enum { PART = 4 << 20, PARTS = 24 };
/// Writes to more memory than is allowed, in parts that are each got by one kind of mapping.
static int take(int parts, int protection, int flags, int (*then)(char *part)) {
    for (int index = 0; index < parts; index++) {
        char *part = mmap(NULL, PART, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
        if (part == MAP_FAILED || (then != NULL && then(part) != 0)) return errno;
        if (then == NULL) memset(part, 1, PART);
    }
    return 0;
}
/// Memory like a stack, of which the kernel keeps another account.
static int grow_memory(void) { return take(PARTS, PROT_READ | PROT_WRITE, MAP_GROWSDOWN, NULL); }
static int write_and_protect(char *part) {
    memset(part, 1, PART);
    return mprotect(part, PART, PROT_READ);
}
/// Memory that counts no more once it cannot be written to, and is there all the same.
static int protect_memory(void) { return take(PARTS, PROT_READ | PROT_WRITE, 0, write_and_protect); }
static int write_and_hide(char *part) {
    memset(part, 1, PART);
    return mprotect(part, PART, PROT_NONE);
}
static int hide_memory(void) { return take(PARTS, PROT_READ | PROT_WRITE, 0, write_and_hide); }
/// More, in pieces as small as the guard of a thread's stack.
static int write_and_hide_piecewise(char *part) {
    memset(part, 1, PART);
    for (size_t place = 0; place < PART; place += page_size())
        if (mprotect(part + place, page_size(), PROT_NONE) != 0) return -1;
    return 0;
}
static int guard_memory(void) { return take(2 * PARTS, PROT_READ | PROT_WRITE, 0, write_and_hide_piecewise); }
/// Memory that the kernel may drop, and does not count (Linux 6.11): MAP_DROPPABLE.
static int drop_memory(void) {
    void *memory = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, 0x08 | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? errno : 0;
}
static int open_and_write(char *part) {
    if (mprotect(part, PART, PROT_READ | PROT_WRITE) != 0) return -1;
    memset(part, 1, PART);
    return 0;
}
static int reserve_memory(void) { return take(PARTS, PROT_NONE, 0, open_and_write); }
static int stretch_memory(void) {
    char *part = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (part == MAP_FAILED) return errno;
    part = mremap(part, page_size(), (size_t)PART * PARTS, MREMAP_MAYMOVE);
    if (part == MAP_FAILED) return errno;
    memset(part, 1, (size_t)PART * PARTS);
    return 0;
}
static int new_namespace(void) { return TRY(unshare(CLONE_NEWUSER)); }
static int change_owner(void) { return TRY(fchown(stage.file_descriptor, 1, 1)); }
static int exceed_memory(void) {
    for (int index = 0; index < 64; index++) {
        char *part = malloc(8 << 20);
        if (part == NULL) return errno;
        memset(part, 1, 8 << 20);
    }
    return 0;
}
static int exceed_processor(void) {
    struct rusage usage;
    do getrusage(RUSAGE_SELF, &usage);
    while (usage.ru_utime.tv_sec * 10 + usage.ru_utime.tv_usec / 100000 < 13);
    return 0;
}
static int exceed_output(void) {
    static char block[1 << 16];
    for (int index = 0; index < 64; index++)
        if (write(stage.file_descriptor, block, sizeof block) < 0) return errno;
    return 0;
}
static int exceed_descriptors(void) {
    for (int index = 0; index < 64; index++)
        if (fcntl(stage.file_descriptor, F_DUPFD_CLOEXEC, 0) < 0) return errno;
    return 0;
}
/// 0 where any of them was raised.
static int raise_limits(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    int code = 0;
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        if (resource != RLIMIT_DATA && resource != RLIMIT_AS && resource != RLIMIT_STACK && resource != RLIMIT_NPROC)
            continue;
        if (setrlimit(resource, &limit) == 0) return 0;
        code = errno;
    }
    return code;
}
static void *nothing(void *argument) { return argument; }
static void *wait_for_ever(void *argument) {
    while (1) poll(NULL, 0, -1);
    return argument;
}
static int have_threads(int count) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
    for (int index = 0; index < count; index++) {
        pthread_t thread;
        int code = pthread_create(&thread, &attributes, wait_for_ever, NULL);
        if (code != 0) return code;
    }
    return 0;
}
static int exceed_threads(void) { return have_threads(600); }
static int odd(void *argument) { return argument != NULL; }
/// A thread, but none that the C library starts: it has a System V account of its own.
static int odd_thread(void) {
    static char stack[1 << 16] __attribute__((aligned(16)));
    return TRY(clone(odd, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL));
}
/// What every honest job does: it must come through all the layers.
static int honest_work(void) {
    pthread_t thread;
    char *memory = malloc(1 << 20);
    int code = memory == NULL ? ENOMEM : pthread_create(&thread, NULL, nothing, NULL);
    if (code == 0) code = pthread_join(thread, NULL);
    if (code == 0) code = TRY(pwrite(stage.file_descriptor, "film", 4, 0));
    if (code == 0) code = TRY(pread(stage.file_descriptor, memory, 4, 0));
    if (code == 0) code = TRY(fsync(stage.file_descriptor));
    if (code == 0) code = TRY(ftruncate(stage.file_descriptor, 2));
    free(memory);
    return code;
}

static const struct {
    const char *name;
    int (*attempt)(void);
} attempts[] = {
    {"honest-work", honest_work},
    {"read-file", read_file},
    {"create-file", create_file},
    {"overwrite-file", overwrite_file},
    {"delete-file", delete_file},
    {"connect-loopback", connect_loopback},
    {"send-datagram", send_datagram},
    {"connect-abstract", connect_abstract},
    {"fork", fork_process},
    {"run-program", run_program},
    {"trace-parent", trace_parent},
    {"read-parents-memory", read_parents_memory},
    {"signal-parent", signal_parent},
    {"limit-parent", limit_parent},
    {"run-memory", run_memory},
    {"share-memory", share_memory},
    {"grow-memory", grow_memory},
    {"protect-memory", protect_memory},
    {"hide-memory", hide_memory},
    {"guard-memory", guard_memory},
    {"drop-memory", drop_memory},
    {"reserve-memory", reserve_memory},
    {"stretch-memory", stretch_memory},
    {"new-namespace", new_namespace},
    {"odd-thread", odd_thread},
    {"change-owner", change_owner},
    {"exceed-memory", exceed_memory},
    {"exceed-processor", exceed_processor},
    {"exceed-output", exceed_output},
    {"exceed-descriptors", exceed_descriptors},
    {"exceed-threads", exceed_threads},
    {"raise-limits", raise_limits},
};

static void fail(const char *step) {
    perror(step);
    exit(70);
}

static void set_stage(void) {
    memcpy(stage.secret, "secret", 7);
    strcpy(stage.file, "/tmp/sandbox-attempts-XXXXXX");
    stage.file_descriptor = mkostemp(stage.file, O_CLOEXEC);
    if (stage.file_descriptor < 0 || fchmod(stage.file_descriptor, 0666) != 0) fail("mkostemp");

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stage.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof stage.address;
    if (bind(listener, (void *)&stage.address, length) != 0 || listen(listener, 4) != 0 ||
        getsockname(listener, (void *)&stage.address, &length) != 0)
        fail("listen on loopback");

    int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    stage.abstract.sun_family = AF_UNIX;
    int name = snprintf(stage.abstract.sun_path + 1, 64, "sandbox-attempts-%d", getpid());
    stage.abstract_length = offsetof(struct sockaddr_un, sun_path) + 1 + name;
    if (bind(local, (void *)&stage.abstract, stage.abstract_length) != 0 || listen(local, 4) != 0)
        fail("listen on an abstract socket");
    signal(SIGUSR1, count_signal);
}

static void lock_in(const char *layers) {
    int code = csandbox_die_with_parent(getppid());
    if (code == 0 && strstr(layers, "limits")) {
        code = csandbox_limit(CSANDBOX_MEMORY, 64 << 20);
        if (code == 0) code = csandbox_limit(CSANDBOX_CPU, 1);
        if (code == 0) code = csandbox_limit(CSANDBOX_FILE_SIZE, 1 << 20);
        if (code == 0) code = csandbox_limit(CSANDBOX_DESCRIPTORS, 16);
        if (code == 0) code = csandbox_leave_threads();
    }
    if (code == 0 && strstr(layers, "privileges")) code = csandbox_renounce_privileges();
    if (code == 0 && strstr(layers, "landlock")) {
        int version = csandbox_landlock();
        code = version > 0 ? 0 : version == 0 ? ENOSYS : -version;
    }
    if (code == 0 && strstr(layers, "seccomp")) code = csandbox_seccomp();
    if (code != 0) {
        fprintf(stderr, "lock in: %s\n", strerror(code));
        _exit(70);
    }
}

int main(int count, char **words) {
    const char *layers = "";
    long user = -1;
    if (count == 2 && strcmp(words[1], "version") == 0) {
        printf("%d\n", csandbox_landlock());
        return 0;
    }
    if (count == 3 && strcmp(words[1], "threads") == 0) {
        int code = have_threads(atoi(words[2]) - 1);
        if (code == 0) wait_for_ever(NULL);
        fprintf(stderr, "threads: %s\n", strerror(code));
        return 70;
    }
    for (int index = 2; index + 1 < count; index += 2) {
        if (strcmp(words[index], "--layers") == 0) layers = words[index + 1];
        if (strcmp(words[index], "--user") == 0) user = atol(words[index + 1]);
    }
    int (*attempt)(void) = NULL;
    for (size_t index = 0; count > 1 && index < sizeof attempts / sizeof *attempts; index++)
        if (strcmp(attempts[index].name, words[1]) == 0) attempt = attempts[index].attempt;
    if (attempt == NULL) {
        fprintf(stderr, "usage: sandbox-attempts ATTEMPT [--user ID] [--layers LIST]\n");
        return 2;
    }
    // The parent is whoever the child would attack: the same user, as the daemon is.
    if (user >= 0 && (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0))
        fail("change user");
    // A change of user closes a process to its own kind; the daemon's is open.
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    set_stage();
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        lock_in(layers);
        _exit(attempt());
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    unlink(stage.file);
    if (WIFSIGNALED(status)) {
        printf("killed SIG%s\n", sigabbrev_np(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) == 70) {
        return 70;
    } else if (WEXITSTATUS(status) != 0) {
        printf("refused %s\n", strerrorname_np(WEXITSTATUS(status)));
    } else {
        printf("did\n");
    }
    return 0;
}
