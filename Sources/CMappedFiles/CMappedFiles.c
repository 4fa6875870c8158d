#define _GNU_SOURCE
#include "CMappedFiles.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const char *base;
  size_t byte_count;
  char *path;
} MappedFile;

/// More files than these at a time are not watched.
enum { capacity = 1024 };

static MappedFile files[capacity];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int status;
static const char *prefix;

void mapped_file_watch(const void *base, size_t byte_count, const char *path) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < capacity; i++) {
    if (files[i].base) continue;
    files[i].path = strdup(path);
    files[i].byte_count = byte_count;
    if (files[i].path) files[i].base = base;
    break;
  }
  pthread_mutex_unlock(&lock);
}

void mapped_file_forget(const void *base) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < capacity; i++) {
    if (files[i].base != base) continue;
    files[i].base = NULL;
    free(files[i].path);
    break;
  }
  pthread_mutex_unlock(&lock);
}

static void say(const char *text) {
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

/// Only calls that a handler may make. A SIGBUS of any other cause ends the program as it always did:
/// the handler is gone and the instruction is tried again.
static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  const char *place = info->si_addr;
  for (int i = 0; i < capacity; i++) {
    const MappedFile *file = &files[i];
    if (!file->base || place < file->base || place >= file->base + file->byte_count) continue;
    say(prefix);
    say(file->path);
    say(": the file became shorter while it was read, or its disk failed; leave it as it is while the "
        "program runs, and start again\n");
    _exit(status);
  }
  signal(number, SIG_DFL);
}

void mapped_files_end_with(int wanted, const char *text) {
  status = wanted;
  prefix = text;
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, NULL);
}
