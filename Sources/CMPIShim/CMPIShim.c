#include "CMPIShim.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(MPI_Request) == sizeof(intptr_t), "a request must fit a number");

int cmpi_init(int *rank, int *size) {
  int provided = MPI_THREAD_SINGLE;
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (code != MPI_SUCCESS) return code;
  if (provided < MPI_THREAD_FUNNELED) return MPI_ERR_UNSUPPORTED_OPERATION;
  if ((code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN))) return code;
  if ((code = MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN))) return code;
  if ((code = MPI_Comm_rank(MPI_COMM_WORLD, rank))) return code;
  return MPI_Comm_size(MPI_COMM_WORLD, size);
}

int cmpi_find_neighbors(int rank, int size, uint8_t *is_neighbor) {
  MPI_Comm machine;
  MPI_Group world, neighbors;
  int code =
      MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
  if (code != MPI_SUCCESS) return code;
  if ((code = MPI_Comm_group(MPI_COMM_WORLD, &world))) return code;
  if ((code = MPI_Comm_group(machine, &neighbors))) return code;
  for (int peer = 0; peer < size; peer++) {
    int translated = MPI_UNDEFINED;
    if ((code = MPI_Group_translate_ranks(world, 1, &peer, neighbors, &translated))) return code;
    is_neighbor[peer] = translated != MPI_UNDEFINED;
  }
  if ((code = MPI_Group_free(&neighbors))) return code;
  if ((code = MPI_Group_free(&world))) return code;
  return MPI_Comm_free(&machine);
}

int cmpi_finalize(void) { return MPI_Finalize(); }

int cmpi_abort(int exit_code) { return MPI_Abort(MPI_COMM_WORLD, exit_code); }

void cmpi_error_text(int code, char *text, int capacity) {
  int initialized = 0, length = 0;
  char buffer[MPI_MAX_ERROR_STRING];
  MPI_Initialized(&initialized);
  if (initialized && MPI_Error_string(code, buffer, &length) == MPI_SUCCESS)
    snprintf(text, (size_t)capacity, "%s", buffer);
  else
    snprintf(text, (size_t)capacity, "MPI error %d", code);
}

void cmpi_library_version(char *text, int capacity) {
  int length = 0;
  char buffer[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  MPI_Get_library_version(buffer, &length);
  snprintf(text, (size_t)capacity, "%s", buffer);
}

int cmpi_processor_name(char *text, int capacity) {
  int length = 0;
  char buffer[MPI_MAX_PROCESSOR_NAME] = "";
  int code = MPI_Get_processor_name(buffer, &length);
  snprintf(text, (size_t)capacity, "%s", buffer);
  return code;
}

int cmpi_isend(const void *bytes, int count, int peer, int tag, intptr_t *request) {
  return MPI_Isend(bytes, count, MPI_BYTE, peer, tag, MPI_COMM_WORLD, (MPI_Request *)request);
}

int cmpi_irecv(void *bytes, int count, int peer, int tag, intptr_t *request) {
  return MPI_Irecv(bytes, count, MPI_BYTE, peer, tag, MPI_COMM_WORLD, (MPI_Request *)request);
}

int cmpi_ibarrier(intptr_t *request) {
  return MPI_Ibarrier(MPI_COMM_WORLD, (MPI_Request *)request);
}

int cmpi_ibcast(void *bytes, int count, intptr_t *request) {
  return MPI_Ibcast(bytes, count, MPI_BYTE, 0, MPI_COMM_WORLD, (MPI_Request *)request);
}

int cmpi_iallreduce_int64(int64_t *values, int count, intptr_t *request) {
  return MPI_Iallreduce(
      MPI_IN_PLACE, values, count, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, (MPI_Request *)request);
}

int cmpi_iallgatherv(
    const void *bytes, int count, void *all, const int *counts, const int *offsets,
    intptr_t *request) {
  return MPI_Iallgatherv(
      bytes, count, MPI_BYTE, all, counts, offsets, MPI_BYTE, MPI_COMM_WORLD,
      (MPI_Request *)request);
}

int cmpi_test(intptr_t *request, int *done, int *count) {
  MPI_Status status;
  memset(&status, 0, sizeof status);
  int code = MPI_Test((MPI_Request *)request, done, &status);
  *count = 0;
  if (code == MPI_SUCCESS && *done) MPI_Get_count(&status, MPI_BYTE, count);
  return code;
}

int cmpi_iprobe(int tag, int *found, int *peer, int *count) {
  MPI_Status status;
  int code = MPI_Iprobe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, found, &status);
  if (code != MPI_SUCCESS || !*found) return code;
  *peer = status.MPI_SOURCE;
  return MPI_Get_count(&status, MPI_BYTE, count);
}
