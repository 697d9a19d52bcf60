/* Runs a kernel on the host: blocks one after the other, and the threads of a block too, or as fibres where they have
 * barriers. Backwards on request: results must not depend on an order. A kernel that reaches beyond its memory, or
 * whose threads do not all reach the same barrier, is an error, as on a device. */
#define _GNU_SOURCE
#include "fake.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { MOST = 1024, STACK = 64 << 10, ILLEGAL_ADDRESS = 700, LAUNCH_FAILED = 719 };

struct place here;

/* Made once by makecontext, switched by _longjmp, which saves a system call for the mask of signals each time. */
static struct {
  jmp_buf at;
  bool made, waiting;
} fibres[MOST];
static jmp_buf scheduler;
static ucontext_t maker;
static unsigned current;
static const struct kernel *running;
static void **values;
static sigjmp_buf crashed;

static void on_crash(int signal) {
  (void)signal;
  siglongjmp(crashed, 1);
}

/* A fibre runs one thread of a block after the other, each time that it is resumed. */
static void run_threads(void) {
  for (;;) {
    running->run(values);
    fibres[current].waiting = false;
    if (!_setjmp(fibres[current].at)) _longjmp(scheduler, 1);
  }
}

void wait_for_block(void) {
  fibres[current].waiting = true;
  if (!_setjmp(fibres[current].at)) _longjmp(scheduler, 1);
}

static void resume(unsigned k) {
  static char *stacks;
  if (!stacks) {
    stacks =
        mmap(NULL, (size_t)MOST * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  current = k;
  if (_setjmp(scheduler)) return;
  if (fibres[k].made) _longjmp(fibres[k].at, 1);
  fibres[k].made = true;
  static ucontext_t fresh;
  getcontext(&fresh);
  fresh.uc_stack.ss_sp = stacks + (size_t)k * STACK;
  fresh.uc_stack.ss_size = STACK;
  fresh.uc_link = NULL;
  makecontext(&fresh, run_threads, 0);
  swapcontext(&maker, &fresh);
}

static void set_thread(unsigned k) {
  here.thread[0] = k % here.threads[0];
  here.thread[1] = k / here.threads[0] % here.threads[1];
  here.thread[2] = k / here.threads[0] / here.threads[1];
}

/* @return whether all threads reached the same barriers. */
static bool run_block(unsigned threads, bool backwards) {
  for (unsigned waiting = threads; waiting > 0;) {
    waiting = 0;
    for (unsigned n = 0; n < threads; n++) {
      unsigned k = backwards ? threads - 1 - n : n;
      set_thread(k);
      if (running->waits) {
        resume(k);
        waiting += fibres[k].waiting;
      } else {
        running->run(values);
      }
    }
    if (waiting != 0 && waiting != threads) return false;
  }
  return true;
}

static void reset_fibres(void) {
  for (unsigned k = 0; k < MOST; k++) fibres[k].made = fibres[k].waiting = false;
}

int run_kernel(const struct kernel *kernel, void **arguments, const unsigned blocks[3], const unsigned threads[3],
               bool backwards) {
  struct sigaction ours = {.sa_handler = on_crash, .sa_flags = SA_NODEFER}, segv, bus;
  volatile int code = 0;
  running = kernel;
  values = arguments;
  for (int axis = 0; axis < 3; axis++) here.blocks[axis] = blocks[axis], here.threads[axis] = threads[axis];
  sigaction(SIGSEGV, &ours, &segv);
  sigaction(SIGBUS, &ours, &bus);
  if (sigsetjmp(crashed, 1)) {
    code = ILLEGAL_ADDRESS;
    reset_fibres();
  } else {
    unsigned all = blocks[0] * blocks[1] * blocks[2];
    for (unsigned n = 0; n < all && code == 0; n++) {
      unsigned k = backwards ? all - 1 - n : n;
      here.block[0] = k % blocks[0];
      here.block[1] = k / blocks[0] % blocks[1];
      here.block[2] = k / blocks[0] / blocks[1];
      if (!run_block(threads[0] * threads[1] * threads[2], backwards)) code = LAUNCH_FAILED;
    }
    if (code != 0) reset_fibres();
  }
  sigaction(SIGSEGV, &segv, NULL);
  sigaction(SIGBUS, &bus, NULL);
  return code;
}
