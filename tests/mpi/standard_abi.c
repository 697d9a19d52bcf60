/* A stand-in for a library with the standard ABI of MPI 5, for one rank that talks to itself: there is no real one
 * here. It has the values of the ABI by itself, and refuses others, so that the bindings are tried with small pointers as
 * handles. What it does not define, the test adds as functions that do nothing.
 *   gcc -shared -fPIC -o libmpi_abi.so.0 standard_abi.c
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef void *handle;
typedef struct { int source, tag, error, internal[5]; } status;

#define WORLD ((handle)0x101)
#define SELF ((handle)0x102)
#define DOUBLE ((handle)0x214)
#define UINT8_T ((handle)0x241)
#define SUM ((handle)0x21)
#define ERRORS_RETURN ((handle)0x143)
#define IN_PLACE ((void *)1)
enum { SUCCESS, ERR_TYPE = 3, ERR_COMM = 5, ERR_RANK = 6, ERR_OP = 10, ERR_ARG = 13, ERR_TRUNCATE = 15 };
enum { ANY_SOURCE = -1, ANY_TAG = -2, FUNNELED = 1024 };

static int known(handle comm) { return comm == WORLD || comm == SELF; }

/* Bits 3 to 5 of a datatype of fixed size hold the binary logarithm of its bytes. */
static int bytes_of(handle type) {
  const uintptr_t value = (uintptr_t)type;
  if (value >= 0x240 && value < 0x280) return 1 << ((value >> 3) & 7);
  return type == DOUBLE ? 8 : 4;
}

int MPI_Abi_get_version(int *major, int *minor) { return *major = 1, *minor = 0, SUCCESS; }
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
  return argc || argv || required != FUNNELED ? ERR_ARG : (*provided = required, SUCCESS);
}
int MPI_Initialized(int *flag) { return *flag = 0, SUCCESS; }
static int finalized;
int MPI_Finalized(int *flag) { return *flag = finalized, SUCCESS; }
int MPI_Finalize(void) { return finalized = 1, puts("finalized"), fflush(stdout), SUCCESS; }
int MPI_Get_version(int *version, int *subversion) { return *version = 5, *subversion = 0, SUCCESS; }
int MPI_Get_library_version(char *text, int *length) { return *length = sprintf(text, "a stand-in"), SUCCESS; }
int MPI_Error_class(int code, int *class) { return *class = code, SUCCESS; }
int MPI_Error_string(int code, char *text, int *length) { return *length = sprintf(text, "error %d", code), SUCCESS; }
int MPI_Comm_set_errhandler(handle comm, handle to) { return known(comm) && to == ERRORS_RETURN ? SUCCESS : ERR_COMM; }
int MPI_Comm_rank(handle comm, int *rank) { return known(comm) ? (*rank = 0, SUCCESS) : ERR_COMM; }
int MPI_Comm_size(handle comm, int *size) { return known(comm) ? (*size = 1, SUCCESS) : ERR_COMM; }
int MPI_Comm_dup(handle comm, handle *copy) { return known(comm) ? (*copy = SELF, SUCCESS) : ERR_COMM; }
int MPI_Type_size(handle type, int *size) { return *size = bytes_of(type), SUCCESS; }
int MPI_Type_get_extent(handle type, intptr_t *from, intptr_t *extent) {
  return *from = 0, *extent = bytes_of(type), SUCCESS;
}
int MPI_Type_get_true_extent(handle type, intptr_t *from, intptr_t *extent) {
  return MPI_Type_get_extent(type, from, extent);
}

static char kept[1 << 16];
static int length, tagged;

int MPI_Send(const void *data, int count, handle type, int dest, int tag, handle comm) {
  if (comm != WORLD) return ERR_COMM;
  if (dest != 0) return ERR_RANK;
  if (type != DOUBLE && type != UINT8_T) return ERR_TYPE;
  memcpy(kept, data, length = count * bytes_of(type));
  return tagged = tag, SUCCESS;
}

int MPI_Recv(void *data, int count, handle type, int source, int tag, handle comm, status *told) {
  if (comm != WORLD) return ERR_COMM;
  if (source != ANY_SOURCE && source != 0) return ERR_RANK;
  if (tag != ANY_TAG && tag != tagged) return ERR_ARG;
  if (length > count * bytes_of(type)) return ERR_TRUNCATE;
  memcpy(data, kept, length);
  if (told) *told = (status){0, tagged, SUCCESS, {length}};
  return SUCCESS;
}

int MPI_Get_count(const status *told, handle type, int *count) {
  return *count = told->internal[0] / bytes_of(type), SUCCESS;
}

int MPI_Allreduce(const void *send, void *recv, int count, handle type, handle op, handle comm) {
  if (comm != WORLD || type != DOUBLE || op != SUM) return ERR_OP;
  if (send != IN_PLACE) memcpy(recv, send, count * 8);
  return SUCCESS;
}
