#include "CMPIShim.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Written once, before a signal can come; read by a signal handler, which may neither allocate nor lock.
static volatile sig_atomic_t peer_count;
static int *peer_processes;
static char **peer_notices;

static void forget(int number) {
  (void)number;
  peer_count = 0;
}

int cmpi_watch_peers(int count, const int *processes, const char *const *notices) {
  int *numbers = malloc((size_t)count * sizeof *numbers);
  char **texts = calloc((size_t)count, sizeof *texts);
  if (!numbers || !texts) return ENOMEM;
  for (int i = 0; i < count; i++) {
    numbers[i] = processes[i];
    if (!(texts[i] = strdup(notices[i]))) return ENOMEM;
  }
  peer_processes = numbers;
  peer_notices = texts;
  peer_count = count;
  // Where both signals wait for a process that had no core for a while, the notice of the abort comes
  // first: SIGUSR2 is the lower number, and its handler cannot be interrupted by the other's.
  struct sigaction action = {.sa_handler = forget, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGTERM);
  return sigaction(SIGUSR2, &action, NULL) == 0 ? 0 : errno;
}

void cmpi_forget_peers(void) { peer_count = 0; }

void cmpi_announce_abort(void) {
  for (int i = 0; i < peer_count; i++)
    if (peer_processes[i] != getpid()) kill(peer_processes[i], SIGUSR2);
  peer_count = 0;
}

static int is_alive(int process) { return kill(process, 0) == 0 || errno != ESRCH; }

void cmpi_report_dead_peers(void) {
  int saved = errno;
  int first = 0;
  while (first < peer_count && !is_alive(peer_processes[first])) first++;
  if (first < peer_count && peer_processes[first] == getpid())
    for (int i = 0; i < peer_count; i++)
      if (!is_alive(peer_processes[i])) {
        ssize_t written = write(STDERR_FILENO, peer_notices[i], strlen(peer_notices[i]));
        (void)written;
      }
  errno = saved;
}
