#define _GNU_SOURCE
#include "CKernelClock.h"

#include <string.h>
#include <time.h>

static _Thread_local int64_t spent[kernel_clock_kinds];
static _Thread_local int64_t started;
static _Thread_local bool is_running;
static _Thread_local void (*hook)(void *);
static _Thread_local void *hook_context;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

bool kernel_clock_begin(void) {
  if (is_running) return false;
  is_running = true;
  started = now();
  return true;
}

void kernel_clock_end(int32_t kind) {
  spent[kind] += now() - started;
  is_running = false;
  void (*const call)(void *) = hook;
  if (!call) return;
  hook = NULL;
  call(hook_context);
  hook = call;
}

void kernel_hook_set(void (*function)(void *), void *context) {
  hook = function;
  hook_context = context;
}

void kernel_clock_take(int64_t nanoseconds[kernel_clock_kinds]) {
  memcpy(nanoseconds, spent, sizeof spent);
  memset(spent, 0, sizeof spent);
}
