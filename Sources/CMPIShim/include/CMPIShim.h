// MPI's constants and handles are macros, which Swift does not import. These functions hide them.
// Each returns MPI's code, 0 for success. A request is MPI's handle, seen as a number. All of them
// work on MPI_COMM_WORLD and must be called from the thread that called cmpi_init.

#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <stdint.h>

/// Starts MPI for one calling thread; from then on failures are returned instead of ending the
/// program. Gives the rank and the number of ranks.
int cmpi_init(int *rank, int *size);
/// Sets for each of the `size` ranks whether it runs on this rank's machine, as this one does itself.
/// Collective.
int cmpi_find_neighbors(int rank, int size, uint8_t *is_neighbor);
int cmpi_finalize(void);
int cmpi_abort(int exit_code);

/// Write a text, ended by a zero, of at most `capacity` bytes. Callable before cmpi_init, too.
void cmpi_error_text(int code, char *text, int capacity);
void cmpi_library_version(char *text, int capacity);
int cmpi_processor_name(char *text, int capacity);

int cmpi_isend(const void *bytes, int count, int peer, int tag, intptr_t *request);
int cmpi_irecv(void *bytes, int count, int peer, int tag, intptr_t *request);
/// The same for `count` rows of `row_bytes` bytes each of a table, which go from place to place. Both
/// sides name their rows, by numbers that need not live on; a message holds the rows in that order.
int cmpi_isend_rows(
    const void *table, const int *rows, int count, int row_bytes, int peer, int tag,
    intptr_t *request);
int cmpi_irecv_rows(
    void *table, const int *rows, int count, int row_bytes, int peer, int tag, intptr_t *request);
int cmpi_ibarrier(intptr_t *request);
int cmpi_ibcast(void *bytes, int count, intptr_t *request);
int cmpi_iallreduce_int64(int64_t *values, int count, intptr_t *request);
/// `counts` and `offsets` hold one number of bytes a rank and must live until the request is done.
int cmpi_iallgatherv(
    const void *bytes, int count, void *all, const int *counts, const int *offsets,
    intptr_t *request);

/// Sets `done` to whether the request has ended and, for a receive, `count` to its bytes.
int cmpi_test(intptr_t *request, int *done, int *count);

/// Sets `found` to whether a message with that tag has come from any rank, and then its sender and
/// its bytes.
int cmpi_iprobe(int tag, int *found, int *peer, int *count);

#endif
