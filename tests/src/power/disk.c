/* A disk that is watched, or fails: loaded before libc into a till (LD_PRELOAD). It sees every write, sync, truncation, removal
 * and renaming below KASSA_DISK_UNDER, in their true order, whoever makes them.
 *
 * KASSA_DISK_LOG=FILE      each is written there: kind, length of path, path, offset, length, bytes.
 * KASSA_DISK_FAIL=N ERRNO  from the N-th on each fails so; a full disk (ENOSPC) still syncs and removes.
 * KASSA_DISK_HIT=FILE      made when the first one fails. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static const char *below;
static int log_file = -1, fails_with;
static long fails_from = -1, seen;

__attribute__((constructor)) static void begin(void) {
    const char *log = getenv("KASSA_DISK_LOG"), *fail = getenv("KASSA_DISK_FAIL");
    below = getenv("KASSA_DISK_UNDER");
    if (log) log_file = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fail) sscanf(fail, "%ld %d", &fails_from, &fails_with);
}

/* Its path, where the file is one of the till's own; the shared memory beside a database never reaches the disk. */
static const char *ours(int fd, char path[4096]) {
    char link[64];
    if (!below) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length <= 0) return NULL;
    path[length] = 0;
    return strncmp(path, below, strlen(below)) || strstr(path, "-shm") ? NULL : path;
}

static int fails(int full_disk_too) {
    seen++;
    if (fails_from < 0 || seen < fails_from || (fails_with == ENOSPC && !full_disk_too)) return 0;
    const char *hit = getenv("KASSA_DISK_HIT");
    if (hit) {
        int fd = syscall(SYS_openat, AT_FDCWD, hit, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0) syscall(SYS_close, fd);
    }
    errno = fails_with;
    return 1;
}

static void note(char kind, const char *path, uint64_t offset, const void *bytes, uint32_t length) {
    if (log_file < 0) return;
    uint16_t path_length = strlen(path);
    size_t size = 15 + path_length + (size_t)length;
    char *record = malloc(size);
    if (!record) abort();
    record[0] = kind;
    memcpy(record + 1, &path_length, 2);
    memcpy(record + 3, path, path_length);
    memcpy(record + 3 + path_length, &offset, 8);
    memcpy(record + 11 + path_length, &length, 4);
    if (length) memcpy(record + 15 + path_length, bytes, length);
    if (syscall(SYS_write, log_file, record, size) != (long)size) abort();
    free(record);
}

static ssize_t put(int fd, const void *bytes, size_t length, off_t offset, int has_offset) {
    char path[4096];
    int before = errno;
    if (!ours(fd, path)) {
        errno = before;
        return has_offset ? syscall(SYS_pwrite64, fd, bytes, length, offset) : syscall(SYS_write, fd, bytes, length);
    }
    pthread_mutex_lock(&turn);
    ssize_t put = -1;
    if (!fails(1)) {
        if (!has_offset) {
            struct stat of;
            int append = (fcntl(fd, F_GETFL) & O_APPEND) && !fstat(fd, &of);
            offset = append ? of.st_size : lseek(fd, 0, SEEK_CUR);
        }
        put = has_offset ? syscall(SYS_pwrite64, fd, bytes, length, offset) : syscall(SYS_write, fd, bytes, length);
        if (put > 0) note('w', path, offset, bytes, put);
    }
    pthread_mutex_unlock(&turn);
    return put;
}

ssize_t write(int fd, const void *bytes, size_t length) { return put(fd, bytes, length, 0, 0); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return put(fd, bytes, length, offset, 1); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return put(fd, bytes, length, offset, 1); }

static int cut(int fd, off_t length) {
    char path[4096];
    if (!ours(fd, path)) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&turn);
    int done = -1;
    if (!fails(1) && !(done = syscall(SYS_ftruncate, fd, length))) note('t', path, length, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

static int settle(int fd, long call) {
    char path[4096];
    if (!ours(fd, path)) return syscall(call, fd);
    pthread_mutex_lock(&turn);
    int done = -1;
    if (!fails(0) && !(done = syscall(call, fd))) note('s', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int fsync(int fd) { return settle(fd, SYS_fsync); }
int fdatasync(int fd) { return settle(fd, SYS_fdatasync); }

int unlink(const char *path) {
    int mine = below && !strncmp(path, below, strlen(below)) && !strstr(path, "-shm");
    if (!mine) return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&turn);
    int done = -1;
    if (!fails(0) && !(done = syscall(SYS_unlinkat, AT_FDCWD, path, 0))) note('u', path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return done;
}

int rename(const char *from, const char *to) {
    int mine = below && !strncmp(to, below, strlen(below));
    if (!mine) return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    pthread_mutex_lock(&turn);
    int done = -1;
    if (!fails(0) && !(done = syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0))) note('r', from, 0, to, strlen(to));
    pthread_mutex_unlock(&turn);
    return done;
}
