/* The model "C + OpenMP": its name, its settings and its threads. Not here: its loops (sweep.c), cores (affinity.c). */
#include "threads.h"
#include "../../plugin/kernels.h"
#include "../../sweep/tune.h"
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const char model_about[] = "ffi-omp\nC with SIMD rows, OpenMP threads";
const int32_t model_score = 50;

static const struct {
  const char *name;
  omp_sched_t kind;
} schedules[] = {{"static", omp_sched_static},
                 {"dynamic", omp_sched_dynamic},
                 {"guided", omp_sched_guided},
                 {"auto", omp_sched_auto}};

enum { MOST_THREADS = 1024 };

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

/* OMP_NUM_THREADS, else the cores that this process may use; of these as many as OMP_THREAD_LIMIT lets start. */
int32_t model_threads(const struct settings *settings) {
  const int32_t wanted = settings->threads ? settings->threads : omp_get_max_threads();
  return least(wanted, least(omp_get_thread_limit(), MOST_THREADS));
}

static int whole(const char *name, const char *value, int32_t most, int32_t *number) {
  char *end;
  const long n = strtol(value, &end, 10);
  if (end == value || *end || n < 1 || n > most)
    return fail("setting \"%s\" must be a whole number from 1 to %d: it is \"%.40s\"", name, most, value);
  *number = (int32_t)n;
  return LAPLACE_OK;
}

int model_set(struct settings *settings, const char *name, const char *value) {
  if (!strcmp(name, "block")) return tune_set(&settings->block, value);
  if (!strcmp(name, "affinity")) return affinity_set(&settings->affinity, value);
  if (!strcmp(name, "threads")) return whole(name, value, MOST_THREADS, &settings->threads);
  if (!strcmp(name, "chunk")) return whole(name, value, 65536, &settings->chunk);
  if (strcmp(name, "schedule"))
    return fail("there is no setting \"%.40s\"; known: threads, schedule, chunk, block, affinity", name);
  for (size_t k = 0; k < sizeof schedules / sizeof *schedules; k++)
    if (!strcmp(value, schedules[k].name)) return settings->schedule = schedules[k].kind, LAPLACE_OK;
  return fail("setting \"schedule\" must be static, dynamic, guided or auto: it is \"%.40s\"", value);
}

const char *model_device(void) { return cpu_isa(); }

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void *wait_at_gate(void *none) {
  pthread_mutex_lock(&gate), pthread_mutex_unlock(&gate);
  return none;
}

/* The stack of a thread as libgomp reads it: a number of KiB, or of what a letter says; 0: that of the system. */
static size_t stack_bytes(const char **name) {
  const char *text = getenv(*name = "OMP_STACKSIZE");
  if (!text) text = getenv(*name = "GOMP_STACKSIZE");
  if (!text) return 0;
  char *unit;
  const size_t number = strtoull(text, &unit, 10);
  while (*unit == ' ' || *unit == '\t') unit++;
  const char letter = (char)(*unit | 0x20);
  return number << (letter == 'b' ? 0 : letter == 'm' ? 20 : letter == 'g' ? 30 : 10);
}

/* libgomp ends the process where the system starts no more threads: so all of them are started once before, with a
 * stack as large. */
static int can_start(int32_t wanted) {
  static int32_t known = 1;
  if (wanted <= __atomic_load_n(&known, __ATOMIC_RELAXED)) return LAPLACE_OK;
  pthread_t thread[MOST_THREADS];
  pthread_attr_t attributes;
  const char *name;
  const size_t bytes = stack_bytes(&name);
  int32_t started = 1;
  pthread_attr_init(&attributes);
  if (bytes) pthread_attr_setstacksize(&attributes, bytes);
  pthread_mutex_lock(&gate);
  while (started < wanted && !pthread_create(&thread[started], &attributes, wait_at_gate, NULL)) started++;
  pthread_mutex_unlock(&gate);
  pthread_attr_destroy(&attributes);
  for (int32_t k = 1; k < started; k++) pthread_join(thread[k], NULL);
  if (started < wanted && bytes)
    return fail("the system starts no more than %d of %d threads with a stack of %s=%.40s; make it smaller", started,
                wanted, name, getenv(name));
  if (started < wanted) return fail("the system starts no more than %d of %d threads", started, wanted);
  __atomic_store_n(&known, wanted, __ATOMIC_RELAXED);
  return LAPLACE_OK;
}

int model_open(laplace_grid *grid) {
  grid->threads = model_threads(&grid->settings);
  if (!grid->settings.schedule) grid->settings.schedule = omp_sched_static;
  return can_start(grid->threads) == LAPLACE_OK ? cpu_open(grid) : LAPLACE_FAILED;
}

/* ---- its threads ---- */

int threads_of_tiling(const laplace_grid *grid, const struct tiling *tiling) {
  const int64_t tiles = tiling->across * tiling->slabs;
  return tiles < grid->threads ? (int)tiles : grid->threads;
}

int64_t threads_next_tile(const struct tiling *tiling, int32_t pass, int64_t done[]) {
  const int64_t own = omp_get_thread_num() * tiling->slabs / omp_get_num_threads(), end = (pass + 1) * tiling->across;
  for (int64_t n = 0; n < tiling->slabs; n++) {
    const int64_t slab = (own + n) % tiling->slabs;
    int64_t next = __atomic_load_n(&done[slab], __ATOMIC_RELAXED);
    while (next < end)
      if (__atomic_compare_exchange_n(&done[slab], &next, next + 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        return slab * tiling->across + next - pass * tiling->across;
  }
  return -1;
}

/* Each thread touches its share of the rows: it is the one that sweeps them. */
void model_first_touch(const laplace_grid *grid, void *field, size_t bytes) {
#pragma omp parallel num_threads(grid->threads)
  {
    affinity_enter(grid);
    const size_t threads = (size_t)omp_get_num_threads(), k = (size_t)omp_get_thread_num();
    touch_pages(field, bytes / threads * k / PAGE_BYTES * PAGE_BYTES,
                k == threads - 1 ? bytes : bytes / threads * (k + 1));
  }
  affinity_leave();
}

void model_parallel_run(const laplace_grid *grid, int32_t threads,
                        void (*work)(void *task, int32_t thread, int32_t threads), void *task) {
  if (threads < 2) return work(task, 0, 1);
#pragma omp parallel num_threads(threads)
  {
    affinity_enter(grid);
    work(task, omp_get_thread_num(), omp_get_num_threads());
  }
  affinity_leave();
}

void model_barrier(void) {
#pragma omp barrier
}
