#ifndef PLAIN_SQLITE_H
#define PLAIN_SQLITE_H

#include <stddef.h>
#include <stdint.h>

// What a C programmer would do with the cell table of a replica: statements that are prepared once,
// bound and stepped, and nothing else. No cells are decoded, no rules applied, no vectors kept.
//
// The table is opened in a copy of a replica's database, so that the table, its index, the page
// size and everything else that a file carries are the replica's own.
//
// Functions that return int return a result code of SQLite; plain_message says more.

typedef struct plain_table plain_table;

// Opens the table `cell` of a database; `settings` are statements to run first, PRAGMAs above all.
// Where it fails there may be a table all the same, for plain_message; close it.
int plain_open(const char *path, const char *settings, plain_table **table);
void plain_close(plain_table *table);
const char *plain_message(const plain_table *table);

// Rows of the table in memory, to be written to another.
typedef struct plain_rows plain_rows;

// Reads the rows of a lane that its newest writer wrote after a sequence and up to another: all
// columns, ordered by the primary key if `ordered_by_key`, otherwise by sequence.
int plain_read(
    plain_table *table, int64_t lane, int64_t after_sequence, int64_t through_sequence,
    int ordered_by_key, plain_rows **rows);
size_t plain_rows_count(const plain_rows *rows);
void plain_rows_free(plain_rows *rows);

// Upserts the first row, `times` times, each in a transaction of its own and with a sequence of its
// own from `first_sequence` on.
int plain_upsert_one(
    plain_table *table, plain_rows *rows, int64_t first_sequence, int times);

// For each row in order: selects it by its primary key, reads what is there, and upserts it. All in
// one transaction. `found` is how many were there before.
int plain_read_and_upsert(plain_table *table, const plain_rows *rows, size_t *found);

// Reads all columns of the rows of one writer after a sequence, in the order of the index.
// `count` is how many there are, `bytes` how much their texts and blobs hold.
int plain_scan(
    plain_table *table, int64_t lane, int64_t writer, int64_t after_sequence, size_t *count,
    size_t *bytes);

// Gives memory that was freed back to the system, where its library for C can; Swift does not reach
// that function.
void plain_release_memory(void);

#endif
