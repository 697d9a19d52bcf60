/* Ends the process at a second signal, whatever it computes. A runtime tells its program of a signal between two turns
 * of an event loop, which code that computes never reaches: so the first signal is passed on to the runtime's handler,
 * and the second ends the process here. No part of the plugin interface: a library of its own.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { COUNT = 3, INTERRUPTED = 130 };
static const int numbers[COUNT] = {SIGHUP, SIGINT, SIGTERM};

/* Signals that are closer are one: who starts a program often passes on what the terminal has sent to both. */
static const int64_t ONE_SIGNAL = 200 * 1000 * 1000; /* ns */

static struct sigaction found[COUNT], passed_to[COUNT];
static int64_t last_time; /* of a signal, in ns */
static int is_second;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static void handle(int number, siginfo_t *info, void *context) {
  const int64_t time = now();
  const int64_t before = __atomic_load_n(&last_time, __ATOMIC_SEQ_CST);
  if (before != 0 && time - before < ONE_SIGNAL) return;
  __atomic_store_n(&last_time, time, __ATOMIC_SEQ_CST);
  if (__atomic_exchange_n(&is_second, 1, __ATOMIC_SEQ_CST)) _exit(INTERRUPTED);
  for (int k = 0; k < COUNT; k++) {
    if (numbers[k] != number) continue;
    if (passed_to[k].sa_flags & SA_SIGINFO) passed_to[k].sa_sigaction(number, info, context);
    else passed_to[k].sa_handler(number);
  }
}

#pragma GCC visibility push(default)

/* Notes what signals did before the runtime listened to them. */
void laplace_signals_find(void) {
  for (int k = 0; k < COUNT; k++) sigaction(numbers[k], NULL, &found[k]);
}

static void install(int k) {
  if (passed_to[k].sa_handler == SIG_DFL || passed_to[k].sa_handler == SIG_IGN) return;
  struct sigaction ours = passed_to[k];
  ours.sa_flags |= SA_SIGINFO;
  ours.sa_sigaction = handle;
  sigaction(numbers[k], &ours, NULL);
}

/* Stands before the handlers that the runtime has set since. A hang-up stays ignored if it was, as nohup asks. */
void laplace_signals_watch(void) {
  for (int k = 0; k < COUNT; k++) {
    if (numbers[k] == SIGHUP && found[k].sa_handler == SIG_IGN) {
      sigaction(SIGHUP, &found[k], NULL);
      continue;
    }
    sigaction(numbers[k], NULL, &passed_to[k]);
    install(k);
  }
}

/* The next signal counts as the first. Libraries that were loaded meanwhile, such as those of MPICH, may have set
 * handlers of their own.
 */
void laplace_signals_restart(void) {
  __atomic_store_n(&is_second, 0, __ATOMIC_SEQ_CST);
  for (int k = 0; k < COUNT; k++) install(k);
}

#pragma GCC visibility pop
