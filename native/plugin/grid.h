/* The grid that every library of this folder works on, and what a programming model must supply to grid.c.
 * Rows and columns are those stored, ghost layer included; element (i, j) of a field is field[i * stride + j].
 */
#ifndef GRID_H
#define GRID_H
#include "../include/laplace_plugin.h"
#include "iterate.h"
#include <stddef.h>

enum { TUNE_CANDIDATES = 6 }; /* for block=auto; see tune.c */

/* Temporal blocking: at most so many sweeps in a pass over memory, in tiles of at most so many columns. */
struct time_block {
  int32_t sweeps; /* 0: not at all */
  int32_t width;
};

/* Which cores threads run on. */
enum { MOST_CORES = 1024 };
struct affinity {
  enum { ANYWHERE, CLOSE, SPREAD, LISTED } kind;
  int32_t count;
  int16_t core[MOST_CORES]; /* LISTED: thread k runs on core[k % count] */
};

/* What laplace_create was told; 0 or ANYWHERE: nothing. */
struct settings {
  int32_t threads, schedule, chunk;
  struct time_block block;
  struct affinity affinity;
};

/* An array of the grid's shape; the rows of weights may lie anywhere in it: weights.h. */
struct field {
  void *data;         /* NULL: the layout has none */
  const int32_t *row; /* row i of the grid is row[i] here; NULL: i */
  struct weights_rows *shared;
};

struct laplace_grid {
  int32_t dtype, layout, rows, cols;
  int32_t row0, row1, col0, col1; /* the points that count in norms */
  double cx, cy;
  int64_t stride; /* elements from one row to the next */
  void *u, *v;    /* the iterate, and the other array of the ping-pong */
  struct field an, as, aw, ae, g, d;
  const struct kernels *kernels;      /* kernels.h; NULL in Fortran */
  const struct level_kernels *levels; /* multigrid/blackbox/level.h, likewise */
  int32_t stream;                     /* larger than the caches: non-temporal stores to v */
  struct settings settings;
  int32_t threads;
  struct time_block block;         /* the setting, or the fastest that was measured */
  int32_t trial;                   /* of block=auto: measurements so far; -1 where they are over */
  double fastest[TUNE_CANDIDATES]; /* seconds of a sweep with each candidate, so far */
  void **scratch;                  /* of each thread, for a tile */
  int32_t ghosts_stale;            /* u was written: its periodic ghosts and the ghost layer of v must be filled */
  int32_t next_sweep_ready;        /* v already holds the next sweep, */
  double next_change;              /* and this is its change */
  void *memory, *weights;

  /* multigrid/ */
  const struct multigrid_path *path; /* NULL: not coarsened so far */
  struct iterate iterate;            /* where the current iterate lives */
  int32_t references;                /* its owner, until laplace_free, and iterates IN_COARSE of others */
  void *multigrid;                   /* what its path keeps of a finest grid */

  /* cg/ */
  struct cg_vectors *vectors; /* NULL: none so far */
  struct laplace_grid *of;    /* this is the correction of that grid: all but u and v is shared */
};

/* Numbers of `size` bytes from a row of so many to the next: whole cache lines, and no multiple of a page: the rows
 * that a sweep reads at once would compete for the same sets of the L1. */
int64_t grid_pitch(int32_t cols, int32_t size);

/* Asks for large pages, where a block is large: fewer page faults and address translations. The system may refuse. */
void grid_large_pages(void *memory, size_t bytes);

enum { CACHE_LINE = 64, PAGE_BYTES = 4096, HUGE_PAGE_BYTES = 2 << 20 };

/* Makes the system provide the pages of bytes [from, end) of a field. */
static inline void touch_pages(void *field, size_t from, size_t end) {
  for (size_t at = from; at < end; at += PAGE_BYTES) __atomic_fetch_or((char *)field + at, 0, __ATOMIC_RELAXED);
}

/* Notes why a call fails. Returns LAPLACE_FAILED. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed arrays of so many of a grid's rows in one block, each at a different offset within its page: they would
 * compete for the same sets of the L1. The system provides their pages when they are first touched. The caller frees
 * *memory. */
int grid_allocate(const laplace_grid *grid, int64_t rows, void **fields[], int count, void **memory);

/* Row i of a field. */
static inline void *grid_row(const laplace_grid *grid, const struct field *field, int64_t i) {
  return (char *)field->data + (field->row ? field->row[i] : i) * grid->stride * grid->dtype;
}

/* A grid with the weights, settings and shape of another, in the same memory, an iterate of its own, which is zero, and
 * the constant term g. NULL if it fails. */
laplace_grid *grid_share(laplace_grid *grid, void *g);

/* After u was written: fills its periodic ghosts, and copies the ghost layer to v. */
void grid_fill_ghosts(laplace_grid *grid);

/* The other array of the ping-pong becomes the iterate. */
void grid_swap(laplace_grid *grid);

/* Reads lines of "name=value"; others have their defaults. LAPLACE_FAILED, with the reason noted, if it cannot. */
int settings_read(struct settings *settings, const char *text);

/* What every CPU of this kind runs, in words. */
#if defined(__x86_64__)
#define BASELINE_DEVICE "x86-64 SSE2"
#elif defined(__aarch64__)
#define BASELINE_DEVICE "aarch64 NEON"
#else
#define BASELINE_DEVICE "CPU"
#endif

/* The larger norm; NaN if either is: the usual `a > b ? a : b` and fmax hide it. */
static inline double larger(double a, double b) { return b > a || b != b ? b : a; }

/* ---- what a model supplies, in its folder ---- */

extern const char model_about[];  /* "name\nsummary" */
extern const int32_t model_score; /* see laplace_probe */

/* The device in words. NULL, with the reason noted, if there is none. */
const char *model_device(void);

/* One setting of those. LAPLACE_FAILED, with the reason noted, if it is unknown or has no such value. */
int model_set(struct settings *settings, const char *name, const char *value);

/* The threads that sweep a grid with these settings. */
int32_t model_threads(const struct settings *settings);

/* Fills in what the model keeps in a grid, given its settings: row kernels, threads, block. */
int model_open(laplace_grid *grid);

/* `count` sweeps from u to v, v to u, and so on: the result is in v if count is odd. Returns the last one's change. */
double model_sweep(const laplace_grid *grid, void *u, void *v, int32_t count);

/* `count` sweeps blocked in time, as grid->block says: the result is in v if the number of passes, which it returns, is
 * odd. norms[0] = the last sweep's change; if `residual`, norms[1] = the change of the sweep that would follow. */
int32_t model_advance(const laplace_grid *grid, void *u, void *v, int32_t count, int residual, double norms[2]);

/* Writes into each page of a field's `bytes`, which stay as they are: the system gives a page to the memory of the core
 * that touches it first, here and not in the middle of a sweep. */
void model_first_touch(const laplace_grid *grid, void *field, size_t bytes);

/* `count` half-sweeps of u in place. Returns the change of the last two, or of the only one. */
double model_relax(const laplace_grid *grid, void *u, double omega, int32_t colour, int32_t count);

/* A model in C: runs `work` on so many threads, 1 being the caller's own, and lets these wait for each other. */
void model_parallel_run(const laplace_grid *grid, int32_t threads,
                        void (*work)(void *task, int32_t thread, int32_t threads), void *task);
void model_barrier(void);

/* Where share k of `count` rows begins, which are dealt out to threads in so many shares: share k - 1 ends there. */
static inline int32_t share_begin(int64_t count, int32_t k, int32_t shares) { return (int32_t)(count * k / shares); }
#endif
