#ifndef PLAIN_TABLE_H
#define PLAIN_TABLE_H

#include "plain_sqlite.h"

#include <sqlite3.h>

#define PLAIN_COLUMNS_MAX 64

struct plain_table {
    sqlite3 *db;
    int columns;
    int keys;
    // The columns of the primary key, in its order.
    int key[PLAIN_COLUMNS_MAX];
    // The column `sequence`.
    int sequence;
    sqlite3_stmt *begin, *commit, *select, *upsert, *scan;
};

// A value of a column: an integer, or a part of the bytes of its rows.
typedef struct {
    int type;
    int64_t integer;
    size_t start, length;
} plain_value;

struct plain_rows {
    int columns;
    size_t count, room;
    plain_value *values;
    unsigned char *bytes;
    size_t bytes_count, bytes_room;
};

// Binds a value to a parameter; its bytes have to stay until the statement is reset.
int plain_bind(
    sqlite3_stmt *statement, int parameter, const plain_rows *rows, const plain_value *value);

#endif
