// Makes system calls of a program fail, or ends it at one: loaded in front of it by LD_PRELOAD.
//
// FAULTS holds rules, separated by commas, each of four parts separated by "|":
//
//   call     open, read, write, fsync, rename, map, or pages: memory taken in pages
//   path     a part of the file's path; every path where it is empty
//   from     the number, from 1, of the call that meets the fault; or a part of a path: the first call
//            after one of any kind whose path has that part
//   fault    a number of errno: this call and all later ones fail; or what is done once before the
//            call: kill, interrupt, stop: the process sends itself SIGKILL, SIGINT or SIGSTOP;
//            alter: the marker (see `is_marker`) is altered wherever it is in memory;
//            shorten: the file becomes empty
//
// With FAULT_TIMER=n a timer of this library sends SIGALRM every n microseconds to the process, as a profiler's
// does, and a handler counts them; at the end the number goes to standard error.
//
// With FAULT_CLOCK=1 the time of day jumps by years, forward and back, whenever it is asked for.
//
// The system is called directly, so that nothing has to be looked up while a program starts.

#if __linux__
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  char call[8], path[128], after[128], fault[16];
  int from;
  atomic_int met, has_begun;
} Rule;

static volatile sig_atomic_t ticks;

static void tick(int number) {
  (void)number;
  ticks++;
}

static void say_ticks(void) {
  char text[64];
  int length = snprintf(text, sizeof text, "timer: %d ticks\n", (int)ticks);
  syscall(SYS_write, STDERR_FILENO, text, (size_t)length);
}

__attribute__((constructor)) static void start_timer(void) {
  const char *interval = getenv("FAULT_TIMER");
  if (!interval) return;
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct timeval period = {0, atoi(interval)};
  struct itimerval timer = {period, period};
  setitimer(ITIMER_REAL, &timer, NULL);
  atexit(say_ticks);
}

static Rule rules[8];
static int rule_count;
static int clock_jumps;

__attribute__((constructor)) static void read_rules(void) {
  const char *text = getenv("FAULTS");
  clock_jumps = getenv("FAULT_CLOCK") != NULL;
  while (text && *text && rule_count < 8) {
    Rule *rule = &rules[rule_count];
    const char *slot = strchr(text, '|');
    const char *number = slot ? strchr(slot + 1, '|') : NULL;
    const char *fault = number ? strchr(number + 1, '|') : NULL;
    if (!fault) abort();
    snprintf(rule->call, sizeof rule->call, "%.*s", (int)(slot - text), text);
    snprintf(rule->path, sizeof rule->path, "%.*s", (int)(number - slot - 1), slot + 1);
    rule->from = atoi(number + 1);
    if (!rule->from) {
      snprintf(rule->after, sizeof rule->after, "%.*s", (int)(fault - number - 1), number + 1);
      rule->from = 1;
    }
    snprintf(rule->fault, sizeof rule->fault, "%.*s", (int)strcspn(fault + 1, ","), fault + 1);
    rule_count++;
    text = strchr(fault, ',');
    if (text) text++;
  }
}

// The marker: eight floats 3001, 3002, … 3008 in a row.
static int is_marker(const float *values) {
  for (int i = 0; i < 8; i++)
    if (values[i] != 3001 + i) return 0;
  return 1;
}

// Bits flip in memory: the last one of the first float of every marker in private memory.
static void alter_marker(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps && fgets(line, sizeof line, maps)) {
    uintptr_t start, end;
    char rights[5];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) != 3 || strcmp(rights, "rw-p")) continue;
    if (strstr(line, "[stack]") || end - start > (uintptr_t)1 << 30) continue;
    for (float *place = (float *)start; (uintptr_t)(place + 8) <= end; place++)
      if (is_marker(place)) ((uint32_t *)place)[0] ^= 1;
  }
  if (maps) fclose(maps);
}

// Whether a call must fail; errno then says why.
static int fails(const char *call, const char *path) {
  for (int i = 0; i < rule_count; i++) {
    Rule *rule = &rules[i];
    if (*rule->after && !rule->has_begun) {
      rule->has_begun = strstr(path, rule->after) != NULL;
      continue;
    }
    if (strcmp(rule->call, call) || !strstr(path, rule->path)) continue;
    int met = atomic_fetch_add(&rule->met, 1) + 1;
    if (met < rule->from) continue;
    int code = atoi(rule->fault);
    if (code) {
      errno = code;
      return 1;
    }
    if (met > rule->from) continue;
    if (!strcmp(rule->fault, "kill")) raise(SIGKILL);
    if (!strcmp(rule->fault, "interrupt")) kill(getpid(), SIGINT);
    if (!strcmp(rule->fault, "stop")) kill(getpid(), SIGSTOP);
    if (!strcmp(rule->fault, "alter")) alter_marker();
    if (!strcmp(rule->fault, "shorten")) syscall(SYS_truncate, path, 0);
  }
  return 0;
}

static int fails_at(const char *call, int descriptor) {
  if (!rule_count) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return fails(call, path);
}

static int open_file(const char *path, int flags, mode_t mode) {
  return fails("open", path) ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_file(path, flags, mode);
}

ssize_t read(int descriptor, void *bytes, size_t count) {
  return fails_at("read", descriptor) ? -1 : syscall(SYS_read, descriptor, bytes, count);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  return fails_at("write", descriptor) ? -1 : syscall(SYS_write, descriptor, bytes, count);
}

int fsync(int descriptor) {
  return fails_at("fsync", descriptor) ? -1 : (int)syscall(SYS_fsync, descriptor);
}

int rename(const char *path, const char *target) {
  return fails("rename", target)
             ? -1
             : (int)syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, target, 0);
}

static void *map(void *address, size_t size, int rights, int flags, int file, off_t offset) {
  if (flags & MAP_NORESERVE && flags & MAP_ANONYMOUS && fails("pages", "")) return MAP_FAILED;
  if (file >= 0 && fails_at("map", file)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, address, size, rights, flags, file, offset);
}

void *mmap(void *address, size_t size, int rights, int flags, int file, off_t offset) {
  return map(address, size, rights, flags, file, offset);
}

void *mmap64(void *address, size_t size, int rights, int flags, int file, off_t offset) {
  return map(address, size, rights, flags, file, offset);
}

// Years forward and back in turn.
static time_t jumped(time_t seconds) {
  static atomic_int calls;
  const time_t year = 365 * 86400;
  return clock_jumps ? seconds + (atomic_fetch_add(&calls, 1) % 2 ? -20 : 10) * year : seconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (!result && clock == CLOCK_REALTIME) time->tv_sec = jumped(time->tv_sec);
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  int result = clock_gettime(CLOCK_REALTIME, &now);
  if (!result) *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return result;
}

time_t time(time_t *place) {
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
#endif
