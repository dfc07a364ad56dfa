#include "table.h"

#include <stdlib.h>
#include <string.h>

static int grow(void **memory, size_t *room, size_t needed, size_t size) {
    if (needed <= *room) return 1;
    size_t wanted = *room ? 2 * *room : 1024;
    while (wanted < needed) wanted *= 2;
    void *grown = realloc(*memory, wanted * size);
    if (!grown) return 0;
    *memory = grown;
    *room = wanted;
    return 1;
}

static int keep_column(plain_rows *rows, sqlite3_stmt *statement, int column, plain_value *value) {
    value->type = sqlite3_column_type(statement, column);
    switch (value->type) {
    case SQLITE_NULL: return SQLITE_OK;
    case SQLITE_INTEGER:
        value->integer = sqlite3_column_int64(statement, column);
        return SQLITE_OK;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(statement, column);
        value->start = rows->bytes_count;
        value->length = (size_t)sqlite3_column_bytes(statement, column);
        if (!grow((void **)&rows->bytes, &rows->bytes_room, value->start + value->length + 1, 1))
            return SQLITE_NOMEM;
        if (value->length) memcpy(rows->bytes + value->start, bytes, value->length);
        rows->bytes_count += value->length;
        return SQLITE_OK;
    }
    // No version writes numbers with a point.
    default: return SQLITE_MISMATCH;
    }
}

static int keep_row(plain_rows *rows, sqlite3_stmt *statement) {
    size_t first = rows->count * (size_t)rows->columns;
    if (!grow(
            (void **)&rows->values, &rows->room, first + (size_t)rows->columns,
            sizeof(plain_value)))
        return SQLITE_NOMEM;
    for (int i = 0; i < rows->columns; i++) {
        int code = keep_column(rows, statement, i, &rows->values[first + (size_t)i]);
        if (code != SQLITE_OK) return code;
    }
    rows->count++;
    return SQLITE_OK;
}

int plain_read(
    plain_table *it, int64_t lane, int64_t after_sequence, int64_t through_sequence,
    int ordered_by_key, plain_rows **result) {
    plain_rows *rows = *result = calloc(1, sizeof(plain_rows));
    if (!rows) return SQLITE_NOMEM;
    rows->columns = it->columns;
    // The order of the numbers of columns: 1 is the first.
    sqlite3_str *order = sqlite3_str_new(it->db);
    if (ordered_by_key) {
        for (int i = 0; i < it->keys; i++)
            sqlite3_str_appendf(order, "%s%d", i ? ", " : "", it->key[i] + 1);
    } else {
        sqlite3_str_appendf(order, "%d", it->sequence + 1);
    }
    char *order_text = sqlite3_str_finish(order);
    char *sql = sqlite3_mprintf(
        "SELECT * FROM cell WHERE lane = %lld AND sequence > %lld AND sequence <= %lld"
        " AND writer = (SELECT max(writer) FROM cell WHERE lane = %lld) ORDER BY %s",
        (long long)lane, (long long)after_sequence, (long long)through_sequence, (long long)lane,
        order_text);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(it->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
        code = keep_row(rows, statement);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    sqlite3_free(order_text);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

size_t plain_rows_count(const plain_rows *rows) { return rows->count; }

void plain_rows_free(plain_rows *rows) {
    if (!rows) return;
    free(rows->values);
    free(rows->bytes);
    free(rows);
}

int plain_bind(
    sqlite3_stmt *statement, int parameter, const plain_rows *rows, const plain_value *value) {
    const unsigned char *bytes = rows->bytes + value->start;
    switch (value->type) {
    case SQLITE_INTEGER: return sqlite3_bind_int64(statement, parameter, value->integer);
    case SQLITE_TEXT:
        return sqlite3_bind_text(
            statement, parameter, (const char *)bytes, (int)value->length, SQLITE_STATIC);
    case SQLITE_BLOB:
        return sqlite3_bind_blob(statement, parameter, bytes, (int)value->length, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, parameter);
    }
}
