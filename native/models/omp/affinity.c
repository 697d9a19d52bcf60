/* Which core each thread runs on. Threads of OpenMP outlive a call, so each remembers its core. OMP_PROC_BIND cannot do
 * this: it is read once for a process, and would bind the program's own thread for good. */
#define _GNU_SOURCE
#include "affinity.h"
#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sched.h>

static cpu_set_t allowed; /* to the process, before we bound anything */
static int count = 0;     /* of these cores */
static _Thread_local int bound = -1;

static void ask(void) {
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) count = CPU_COUNT(&allowed);
}

/* The k-th core that is allowed. */
static int core(int k) {
  int cpu = 0;
  while (!CPU_ISSET(cpu, &allowed) || k--) cpu++;
  return cpu;
}

/* Reads "0,2,4-7" into a list. */
static int read_cores(struct affinity *affinity, const char *text) {
  affinity->count = 0;
  while (*text) {
    char *end;
    const long from = strtol(text, &end, 10);
    long to = from;
    if (end == text) return 0;
    if (*end == '-') {
      text = end + 1, to = strtol(text, &end, 10);
      if (end == text || to < from) return 0;
    }
    for (long cpu = from; cpu <= to; cpu++) {
      if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &allowed) || affinity->count == MOST_CORES) return 0;
      affinity->core[affinity->count++] = (int16_t)cpu;
    }
    if (*end == ',' && end[1]) end++;
    else if (*end) return 0;
    text = end;
  }
  return affinity->count > 0;
}

int affinity_set(struct affinity *affinity, const char *value) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ask);
  if (!strcmp(value, "none")) return affinity->kind = ANYWHERE, LAPLACE_OK;
  if (!count) return fail("this system does not tell which cores there are");
  if (!strcmp(value, "close")) return affinity->kind = CLOSE, LAPLACE_OK;
  if (!strcmp(value, "spread")) return affinity->kind = SPREAD, LAPLACE_OK;
  if (read_cores(affinity, value)) return affinity->kind = LISTED, LAPLACE_OK;
  return fail(
      "setting \"affinity\" must be none, close, spread or some of this process's %d cores, such as 0,2,4-7: it is "
      "\"%.40s\"",
      count, value);
}

void affinity_enter(const laplace_grid *grid) {
  const struct affinity *wish = &grid->settings.affinity;
  if (wish->kind == ANYWHERE) return affinity_leave();
  const int k = omp_get_thread_num(), threads = grid->threads;
  const int cpu = wish->kind == LISTED  ? wish->core[k % wish->count]
                  : wish->kind == CLOSE ? core(k % count)
                                        : core((int)((int64_t)k * count / threads) % count);
  if (cpu == bound) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  if (sched_setaffinity(0, sizeof one, &one) == 0) bound = cpu;
}

void affinity_leave(void) {
  if (bound >= 0 && sched_setaffinity(0, sizeof allowed, &allowed) == 0) bound = -1;
}
#else
int affinity_set(struct affinity *affinity, const char *value) {
  affinity->kind = ANYWHERE;
  return strcmp(value, "none") ? fail("setting \"affinity\" needs Linux: only none is possible here") : LAPLACE_OK;
}
void affinity_enter(const laplace_grid *grid) { (void)grid; }
void affinity_leave(void) {}
#endif
