/* The plugin interface without a grid: what the library is, its settings, and why a call failed. Not here: grids
 * (grid.c).
 */
#define _GNU_SOURCE
#include "../sweep/tune.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local char reason[256];

int fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vsnprintf(reason, sizeof reason, format, values);
  va_end(values);
  return LAPLACE_FAILED;
}

static void copy_text(char *text, int32_t size, const char *what) {
  if (text && size > 0) snprintf(text, (size_t)size, "%s", what);
}

int32_t laplace_api_version(void) { return LAPLACE_API_VERSION; }

int32_t laplace_features(void) {
  return LAPLACE_HAS_F32 | LAPLACE_HAS_F64 | LAPLACE_HAS_PLAIN | LAPLACE_HAS_WEIGHTED | LAPLACE_HAS_SOR |
         LAPLACE_BITWISE;
}

void laplace_describe(char *text, int32_t size) { copy_text(text, size, model_about); }
void laplace_error(char *text, int32_t size) { copy_text(text, size, reason); }

int32_t laplace_probe(char *text, int32_t size) {
  const char *device = model_device();
  copy_text(text, size, device ? device : reason);
  return device ? model_score : 0;
}

int settings_read(struct settings *settings, const char *text) {
  *settings = (struct settings){.block = {BLOCK_DEFAULT, 0}};
  if (!text || !*text) return LAPLACE_OK;
  char *const lines = strdup(text), *rest = lines;
  int status = lines ? LAPLACE_OK : fail("out of memory");
  for (char *line; status == LAPLACE_OK && (line = strsep(&rest, "\n"));) {
    char *value = strchr(line, '=');
    if (value) *value++ = 0, status = model_set(settings, line, value);
    else if (*line) status = fail("a setting is a line of \"name=value\": it is \"%.40s\"", line);
  }
  free(lines);
  return status;
}

int32_t laplace_threads(const char *text) {
  struct settings settings;
  return settings_read(&settings, text) == LAPLACE_OK ? model_threads(&settings) : 0;
}
