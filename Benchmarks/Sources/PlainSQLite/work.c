#include "table.h"

// Runs a statement that returns no rows.
static int run(sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return code == SQLITE_DONE ? SQLITE_OK : reset != SQLITE_OK ? reset : code;
}

// Reads every column of the present row; returns how many bytes its texts and blobs hold.
static size_t read_columns(sqlite3_stmt *statement, int columns) {
    size_t bytes = 0;
    for (int i = 0; i < columns; i++) {
        int type = sqlite3_column_type(statement, i);
        if (type == SQLITE_INTEGER) {
            (void)sqlite3_column_int64(statement, i);
        } else if (type != SQLITE_NULL && sqlite3_column_blob(statement, i)) {
            bytes += (size_t)sqlite3_column_bytes(statement, i);
        }
    }
    return bytes;
}

static int upsert(plain_table *it, const plain_rows *rows, size_t row) {
    const plain_value *values = rows->values + row * (size_t)rows->columns;
    for (int i = 0; i < rows->columns; i++) {
        int code = plain_bind(it->upsert, i + 1, rows, &values[i]);
        if (code != SQLITE_OK) return code;
    }
    return run(it->upsert);
}

static int select_row(plain_table *it, const plain_rows *rows, size_t row, size_t *found) {
    const plain_value *values = rows->values + row * (size_t)rows->columns;
    for (int i = 0; i < it->keys; i++) {
        int code = plain_bind(it->select, i + 1, rows, &values[it->key[i]]);
        if (code != SQLITE_OK) return code;
    }
    int code = sqlite3_step(it->select);
    if (code == SQLITE_ROW) {
        (void)read_columns(it->select, it->columns);
        *found += 1;
    }
    int reset = sqlite3_reset(it->select);
    return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : reset;
}

// Ends a transaction: commits if all went well, and undoes it otherwise.
static int end(plain_table *it, int code) {
    if (code == SQLITE_OK) code = run(it->commit);
    if (code != SQLITE_OK) sqlite3_exec(it->db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

int plain_upsert_one(
    plain_table *it, plain_rows *rows, int64_t first_sequence, int times) {
    if (!rows->count) return SQLITE_EMPTY;
    for (int64_t i = 0; i < times; i++) {
        rows->values[it->sequence].integer = first_sequence + i;
        int code = run(it->begin);
        if (code == SQLITE_OK) code = end(it, upsert(it, rows, 0));
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int plain_read_and_upsert(plain_table *it, const plain_rows *rows, size_t *found) {
    *found = 0;
    int code = run(it->begin);
    if (code != SQLITE_OK) return code;
    for (size_t i = 0; i < rows->count && code == SQLITE_OK; i++) {
        code = select_row(it, rows, i, found);
        if (code == SQLITE_OK) code = upsert(it, rows, i);
    }
    return end(it, code);
}

int plain_scan(
    plain_table *it, int64_t lane, int64_t writer, int64_t after_sequence, size_t *count,
    size_t *bytes) {
    *count = *bytes = 0;
    sqlite3_bind_int64(it->scan, 1, lane);
    sqlite3_bind_int64(it->scan, 2, writer);
    sqlite3_bind_int64(it->scan, 3, after_sequence);
    int code;
    while ((code = sqlite3_step(it->scan)) == SQLITE_ROW) {
        *bytes += read_columns(it->scan, it->columns);
        *count += 1;
    }
    sqlite3_reset(it->scan);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}
