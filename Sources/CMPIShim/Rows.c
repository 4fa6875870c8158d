#include "CMPIShim.h"

#include <mpi.h>

// Rows of a table as one element of a message, so that they go from table to table without being copied
// together first.
static int rows_type(const int *rows, int count, int row_bytes, MPI_Datatype *type) {
  MPI_Datatype row;
  int code = MPI_Type_contiguous(row_bytes, MPI_BYTE, &row);
  if (code != MPI_SUCCESS) return code;
  code = MPI_Type_create_indexed_block(count, 1, rows, row, type);
  if (code == MPI_SUCCESS) code = MPI_Type_commit(type);
  int freed = MPI_Type_free(&row);
  return code != MPI_SUCCESS ? code : freed;
}

int cmpi_isend_rows(
    const void *table, const int *rows, int count, int row_bytes, int peer, int tag,
    intptr_t *request) {
  MPI_Datatype type;
  int code = rows_type(rows, count, row_bytes, &type);
  if (code != MPI_SUCCESS) return code;
  code = MPI_Isend(table, 1, type, peer, tag, MPI_COMM_WORLD, (MPI_Request *)request);
  // The message keeps what it needs of the type.
  int freed = MPI_Type_free(&type);
  return code != MPI_SUCCESS ? code : freed;
}

int cmpi_irecv_rows(
    void *table, const int *rows, int count, int row_bytes, int peer, int tag, intptr_t *request) {
  MPI_Datatype type;
  int code = rows_type(rows, count, row_bytes, &type);
  if (code != MPI_SUCCESS) return code;
  code = MPI_Irecv(table, 1, type, peer, tag, MPI_COMM_WORLD, (MPI_Request *)request);
  int freed = MPI_Type_free(&type);
  return code != MPI_SUCCESS ? code : freed;
}
