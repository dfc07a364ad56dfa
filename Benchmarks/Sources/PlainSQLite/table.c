#include "table.h"

#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// The statements are made of what the table says about itself, so that they fit every schema.

static int prepare(plain_table *it, sqlite3_str *sql, sqlite3_stmt **statement) {
    char *text = sqlite3_str_finish(sql);
    if (!text) return SQLITE_NOMEM;
    int code = sqlite3_prepare_v3(it->db, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    sqlite3_free(text);
    return code;
}

static int prepare_text(plain_table *it, const char *text, sqlite3_stmt **statement) {
    sqlite3_str *sql = sqlite3_str_new(it->db);
    sqlite3_str_appendall(sql, text);
    return prepare(it, sql, statement);
}

static int prepare_select(plain_table *it, const char names[][64]) {
    sqlite3_str *sql = sqlite3_str_new(it->db);
    sqlite3_str_appendall(sql, "SELECT * FROM cell WHERE ");
    for (int i = 0; i < it->keys; i++)
        sqlite3_str_appendf(sql, "%s\"%w\" = ?", i ? " AND " : "", names[it->key[i]]);
    return prepare(it, sql, &it->select);
}

static int prepare_upsert(plain_table *it, const char names[][64]) {
    sqlite3_str *sql = sqlite3_str_new(it->db);
    sqlite3_str_appendall(sql, "INSERT INTO cell VALUES (");
    for (int i = 0; i < it->columns; i++) sqlite3_str_appendall(sql, i ? ", ?" : "?");
    sqlite3_str_appendall(sql, ") ON CONFLICT (");
    int is_key[PLAIN_COLUMNS_MAX] = {0};
    for (int i = 0; i < it->keys; i++) {
        is_key[it->key[i]] = 1;
        sqlite3_str_appendf(sql, "%s\"%w\"", i ? ", " : "", names[it->key[i]]);
    }
    sqlite3_str_appendall(sql, ") DO UPDATE SET ");
    for (int i = 0, first = 1; i < it->columns; i++) {
        if (is_key[i]) continue;
        const char *name = names[i];
        sqlite3_str_appendf(sql, "%s\"%w\" = excluded.\"%w\"", first ? "" : ", ", name, name);
        first = 0;
    }
    return prepare(it, sql, &it->upsert);
}

static int describe(plain_table *it) {
    static const char *sql = "SELECT cid, name, pk FROM pragma_table_info('cell') ORDER BY cid";
    char names[PLAIN_COLUMNS_MAX][64] = {{0}};
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(it->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        code = SQLITE_OK;
        int column = sqlite3_column_int(statement, 0), key = sqlite3_column_int(statement, 2);
        if (column >= PLAIN_COLUMNS_MAX || key > PLAIN_COLUMNS_MAX) {
            code = SQLITE_TOOBIG;
            break;
        }
        sqlite3_snprintf(64, names[column], "%s", sqlite3_column_text(statement, 1));
        if (!strcmp(names[column], "sequence")) it->sequence = column;
        if (key) it->key[key - 1] = column;
        if (key > it->keys) it->keys = key;
        it->columns = column + 1;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) return code;
    if (!it->keys) return SQLITE_ERROR;
    code = prepare_select(it, names);
    return code == SQLITE_OK ? prepare_upsert(it, names) : code;
}

int plain_open(const char *path, const char *settings, plain_table **table) {
    plain_table *it = *table = calloc(1, sizeof(plain_table));
    if (!it) return SQLITE_NOMEM;
    int code = sqlite3_open_v2(path, &it->db, SQLITE_OPEN_READWRITE, NULL);
    if (code == SQLITE_OK) code = sqlite3_exec(it->db, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK) code = describe(it);
    if (code == SQLITE_OK) code = prepare_text(it, "BEGIN IMMEDIATE", &it->begin);
    if (code == SQLITE_OK) code = prepare_text(it, "COMMIT", &it->commit);
    if (code == SQLITE_OK)
        code = prepare_text(
            it,
            "SELECT * FROM cell WHERE lane = ? AND writer = ? AND sequence > ? ORDER BY sequence",
            &it->scan);
    return code;
}

void plain_close(plain_table *it) {
    if (!it) return;
    sqlite3_stmt *statements[] = {it->begin, it->commit, it->select, it->upsert, it->scan};
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(it->db);
    free(it);
}

const char *plain_message(const plain_table *it) {
    return it ? sqlite3_errmsg(it->db) : "out of memory";
}

void plain_release_memory(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
