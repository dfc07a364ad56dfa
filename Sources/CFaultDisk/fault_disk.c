#include "fault_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// MARK: Disks

typedef struct {
    uint8_t *bytes;
    int64_t size, room;
} image;

// A write, a truncation (to `size`) or a deletion that was not synced, and what undoes it: how long
// the file was, and what stood there. While a file is put back in time it is what redoes it.
typedef struct {
    enum { WRITE, TRUNCATION, DELETION } kind;
    int64_t offset, size;
    int64_t size_before, kept;
    uint8_t *bytes;
} change;

// What is seen, and how to come back to what is durable: a sync costs nothing then, and most of
// what is written is written once.
typedef struct {
    char name[256];
    int exists, survives;
    image seen;
    change *pending;
    int64_t pending_count, pending_room;
    void *shm[32];
    int shm_size[32];
} file;

typedef struct {
    int in_use, generation;
    file *files[16];
    int file_count;
    fault_plan plan;
    fault_count count;
} disk;

#define DISKS 4096
static disk *disks[DISKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int image_set_size(image *it, int64_t size) {
    if (size < 0) size = 0;
    if (size > it->room || !it->bytes) {
        // Logs grow by a page at a time.
        int64_t room = size + size / 2 + 4096;
        uint8_t *bytes = realloc(it->bytes, room);
        if (!bytes) return 0;
        it->bytes = bytes;
        it->room = room;
    }
    if (size > it->size) memset(it->bytes + it->size, 0, size - it->size);
    it->size = size;
    return 1;
}

static int image_write(image *it, const uint8_t *bytes, int64_t offset, int64_t size) {
    if (offset + size > it->size && !image_set_size(it, offset + size)) return 0;
    memcpy(it->bytes + offset, bytes, size);
    return 1;
}

static void image_assign(image *to, const image *from) {
    if (image_set_size(to, from->size) && from->size) memcpy(to->bytes, from->bytes, from->size);
}

static void forget_pending(file *f) {
    for (int64_t i = 0; i < f->pending_count; i++) free(f->pending[i].bytes);
    f->pending_count = 0;
}

// Notes a change that is about to be made, and what it will displace.
static int remember(file *f, int kind, int64_t offset, int64_t size) {
    if (f->pending_count == f->pending_room) {
        int64_t room = f->pending_room ? 2 * f->pending_room : 16;
        change *grown = realloc(f->pending, room * sizeof(change));
        if (!grown) return 0;
        f->pending = grown;
        f->pending_room = room;
    }
    int64_t from = kind == WRITE ? offset : kind == TRUNCATION ? size : 0;
    int64_t end = kind == WRITE && offset + size < f->seen.size ? offset + size : f->seen.size;
    change it = {kind, offset, size, f->seen.size, end > from ? end - from : 0, NULL};
    if (it.kept) {
        it.bytes = malloc(it.kept);
        if (!it.bytes) return 0;
        memcpy(it.bytes, f->seen.bytes + from, it.kept);
    }
    f->pending[f->pending_count++] = it;
    return 1;
}

// Takes a change back; afterwards it holds what it wrote.
static void undo(file *f, change *it) {
    uint8_t *written = NULL;
    if (it->kind == WRITE) {
        written = malloc(it->size ? it->size : 1);
        if (written) memcpy(written, f->seen.bytes + it->offset, it->size);
    }
    int64_t from = it->kind == WRITE ? it->offset : it->kind == TRUNCATION ? it->size : 0;
    if (image_set_size(&f->seen, it->size_before) && it->kept)
        memcpy(f->seen.bytes + from, it->bytes, it->kept);
    free(it->bytes);
    it->bytes = written;
}

// Makes a change that was taken back again; of a write no more than `limit` bytes.
static void redo(file *f, const change *it, int64_t limit) {
    f->survives = it->kind != DELETION;
    if (it->kind == WRITE) {
        if (it->bytes)
            image_write(&f->seen, it->bytes, it->offset, it->size < limit ? it->size : limit);
    } else {
        image_set_size(&f->seen, it->kind == DELETION ? 0 : it->size);
    }
}

static void free_shm(file *f) {
    for (int i = 0; i < 32; i++) {
        free(f->shm[i]);
        f->shm[i] = NULL;
    }
}

static file *find(disk *d, const char *name, int make) {
    for (int i = 0; i < d->file_count; i++)
        if (!strcmp(d->files[i]->name, name)) return d->files[i];
    if (!make || d->file_count == 16) return NULL;
    file *f = calloc(1, sizeof(file));
    if (!f) return NULL;
    snprintf(f->name, sizeof f->name, "%s", name);
    d->files[d->file_count++] = f;
    return f;
}

static disk *at(int number) {
    return number >= 0 && number < DISKS && disks[number] && disks[number]->in_use
        ? disks[number] : NULL;
}

int fault_disk_make(void) {
    pthread_mutex_lock(&lock);
    int number = 0;
    while (number < DISKS && disks[number] && disks[number]->in_use) number++;
    if (number < DISKS && !disks[number]) disks[number] = calloc(1, sizeof(disk));
    if (number == DISKS || !disks[number]) number = -1;
    else disks[number]->in_use = 1;
    pthread_mutex_unlock(&lock);
    return number;
}

static void assign(disk *target, disk *source) {
    for (int i = 0; i < source->file_count; i++) {
        file *f = source->files[i];
        if (!f->exists) continue;
        file *copy = find(target, f->name, 1);
        if (!copy) continue;
        copy->exists = copy->survives = 1;
        image_assign(&copy->seen, &f->seen);
    }
}

int fault_disk_copy(int from) {
    int to = fault_disk_make();
    pthread_mutex_lock(&lock);
    disk *source = at(from), *target = at(to);
    if (source && target) assign(target, source);
    pthread_mutex_unlock(&lock);
    return to;
}

void fault_disk_assign(int to, int from) {
    pthread_mutex_lock(&lock);
    disk *source = at(from), *target = at(to);
    if (source && target && source != target) {
        for (int i = 0; i < target->file_count; i++) {
            file *f = target->files[i];
            forget_pending(f);
            free_shm(f);
            f->exists = f->survives = 0;
            image_set_size(&f->seen, 0);
        }
        assign(target, source);
        target->generation++;
        memset(&target->plan, 0, sizeof target->plan);
        memset(&target->count, 0, sizeof target->count);
    }
    pthread_mutex_unlock(&lock);
}

void fault_disk_free(int number) {
    pthread_mutex_lock(&lock);
    disk *d = at(number);
    if (d) {
        for (int i = 0; i < d->file_count; i++) {
            file *f = d->files[i];
            forget_pending(f);
            free_shm(f);
            free(f->pending);
            free(f->seen.bytes);
            free(f);
        }
        int generation = d->generation + 1;
        memset(d, 0, sizeof *d);
        d->generation = generation;
    }
    pthread_mutex_unlock(&lock);
}

void fault_disk_plan(int number, fault_plan plan) {
    pthread_mutex_lock(&lock);
    disk *d = at(number);
    if (d) {
        d->plan = plan;
        memset(&d->count, 0, sizeof d->count);
    }
    pthread_mutex_unlock(&lock);
}

fault_count fault_disk_count(int number) {
    fault_count none = {0};
    pthread_mutex_lock(&lock);
    disk *d = at(number);
    fault_count count = d ? d->count : none;
    pthread_mutex_unlock(&lock);
    return count;
}

static uint64_t draw(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

void fault_disk_recover(int number, int mode, uint64_t seed) {
    pthread_mutex_lock(&lock);
    disk *d = at(number);
    for (int i = 0; d && i < d->file_count; i++) {
        file *f = d->files[i];
        if (mode == FAULT_KEEP_ALL) {
            // All of it is there; what the last change was decides whether the file is.
            if (f->pending_count)
                f->survives = f->pending[f->pending_count - 1].kind != DELETION;
        } else {
            for (int64_t c = f->pending_count; c-- > 0;) undo(f, &f->pending[c]);
        }
        for (int64_t c = 0; mode == FAULT_KEEP_SOME && c < f->pending_count; c++) {
            uint64_t drawn = draw(&seed);
            if (drawn & 1) continue;
            int is_torn = (drawn >> 1) % 4 == 0;
            redo(f, &f->pending[c], is_torn ? (int64_t)((drawn >> 8) % 9) * 512 : INT64_MAX);
        }
        forget_pending(f);
        free_shm(f);
        f->exists = f->survives;
        if (!f->exists) image_set_size(&f->seen, 0);
    }
    if (d) {
        d->generation++;
        memset(&d->plan, 0, sizeof d->plan);
        memset(&d->count, 0, sizeof d->count);
    }
    pthread_mutex_unlock(&lock);
}

int64_t fault_disk_flip(int number, const char *name, int64_t offset, int bit) {
    pthread_mutex_lock(&lock);
    disk *d = at(number);
    file *f = d ? find(d, name, 0) : NULL;
    int64_t size = f && f->exists ? f->seen.size : -1;
    if (offset >= 0 && offset < size) {
        f->seen.bytes[offset] ^= 1 << (bit & 7);
    }
    pthread_mutex_unlock(&lock);
    return size;
}

// MARK: The file system

typedef struct {
    sqlite3_file base;
    disk *disk;
    file *file;
    int generation, is_temporary;
} handle;

// Whether an operation may go on, given what the disk does wrong; otherwise the error.
static int pass(handle *h, int is_change, int is_write) {
    disk *d = h->disk;
    if (h->is_temporary) return SQLITE_OK;
    if (h->generation != d->generation || d->count.is_off) return SQLITE_IOERR;
    fault_count *count = &d->count;
    count->accesses++;
    if (is_change) count->changes++;
    if (is_write) count->writes++;
    fault_plan *plan = &d->plan;
    if ((is_change && plan->cut_at && count->changes >= plan->cut_at)
        || (plan->off_at && count->accesses >= plan->off_at)) {
        count->is_off = 1;
        return SQLITE_IOERR;
    }
    if (plan->fail_at
        && (count->accesses == plan->fail_at
            || (plan->persists && count->accesses > plan->fail_at)))
        return SQLITE_IOERR;
    if (is_write && plan->full_at
        && (count->writes == plan->full_at
            || (plan->persists && count->writes > plan->full_at)))
        return SQLITE_FULL;
    return SQLITE_OK;
}

#define ENTER(is_change, is_write)                        \
    handle *h = (handle *)base;                           \
    pthread_mutex_lock(&lock);                            \
    int code = pass(h, is_change, is_write);
#define LEAVE                                             \
    pthread_mutex_unlock(&lock);                          \
    return code;

static int fault_close(sqlite3_file *base) {
    handle *h = (handle *)base;
    pthread_mutex_lock(&lock);
    if (h->is_temporary) {
        forget_pending(h->file);
        free(h->file->pending);
        free(h->file->seen.bytes);
        free(h->file);
        free(h->disk);
    }
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int fault_read(sqlite3_file *base, void *bytes, int size, sqlite3_int64 offset) {
    ENTER(0, 0)
    if (code == SQLITE_OK) {
        image *it = &h->file->seen;
        int64_t there = offset < it->size ? it->size - offset : 0;
        if (there > size) there = size;
        if (there) memcpy(bytes, it->bytes + offset, there);
        if (there < size) {
            memset((uint8_t *)bytes + there, 0, size - there);
            code = SQLITE_IOERR_SHORT_READ;
        }
    }
    LEAVE
}

static int fault_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset) {
    ENTER(1, 1)
    if (code == SQLITE_OK
        && ((!h->is_temporary && !remember(h->file, WRITE, offset, size))
            || !image_write(&h->file->seen, bytes, offset, size)))
        code = SQLITE_NOMEM;
    LEAVE
}

static int fault_truncate(sqlite3_file *base, sqlite3_int64 size) {
    ENTER(1, 0)
    if (code == SQLITE_OK
        && ((!h->is_temporary && !remember(h->file, TRUNCATION, 0, size))
            || !image_set_size(&h->file->seen, size)))
        code = SQLITE_NOMEM;
    LEAVE
}

static int fault_sync(sqlite3_file *base, int flags) {
    ENTER(1, 0)
    if (code == SQLITE_OK && !h->disk->plan.syncs_lie) {
        h->disk->count.syncs++;
        h->file->survives = 1;
        forget_pending(h->file);
    }
    LEAVE
}

static int fault_size(sqlite3_file *base, sqlite3_int64 *size) {
    ENTER(0, 0)
    *size = code == SQLITE_OK ? h->file->seen.size : 0;
    LEAVE
}

static int fault_lock(sqlite3_file *base, int level) { return SQLITE_OK; }
static int fault_reserved(sqlite3_file *base, int *result) {
    *result = 0;
    return SQLITE_OK;
}
static int fault_control(sqlite3_file *base, int operation, void *argument) {
    return SQLITE_NOTFOUND;
}
static int fault_sector(sqlite3_file *base) { return 512; }
static int fault_characteristics(sqlite3_file *base) { return 0; }

static int fault_shm_map(
    sqlite3_file *base, int region, int size, int extend, void volatile **result) {
    handle *h = (handle *)base;
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    *result = NULL;
    if (region >= 32 || h->generation != h->disk->generation) {
        code = SQLITE_IOERR_SHMMAP;
    } else {
        if (!h->file->shm[region] && extend) h->file->shm[region] = calloc(1, size);
        *result = h->file->shm[region];
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    return SQLITE_OK;
}
static void fault_shm_barrier(sqlite3_file *base) { __sync_synchronize(); }
static int fault_shm_unmap(sqlite3_file *base, int delete) {
    handle *h = (handle *)base;
    pthread_mutex_lock(&lock);
    if (delete && h->generation == h->disk->generation) free_shm(h->file);
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    2, fault_close, fault_read, fault_write, fault_truncate, fault_sync, fault_size, fault_lock,
    fault_lock, fault_reserved, fault_control, fault_sector, fault_characteristics,
    fault_shm_map, fault_shm_lock, fault_shm_barrier, fault_shm_unmap, NULL, NULL,
};

// The disk of a path, and the name on it.
static disk *locate(const char *path, const char **name) {
    char *end;
    if (!path || path[0] != '/') return NULL;
    long number = strtol(path + 1, &end, 10);
    if (end == path + 1 || *end != '/' || strlen(end + 1) > 255) return NULL;
    *name = end + 1;
    return at((int)number);
}

static int fault_open(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out) {
    handle *h = (handle *)base;
    memset(h, 0, sizeof *h);
    pthread_mutex_lock(&lock);
    int code = SQLITE_CANTOPEN;
    if (!path) {
        h->disk = calloc(1, sizeof(disk));
        h->file = calloc(1, sizeof(file));
        h->is_temporary = 1;
        if (h->disk && h->file) code = SQLITE_OK;
    } else {
        const char *name = NULL;
        h->disk = locate(path, &name);
        if (h->disk && !h->disk->count.is_off) {
            h->generation = h->disk->generation;
            h->file = find(h->disk, name, flags & SQLITE_OPEN_CREATE);
            if (h->file && (h->file->exists || flags & SQLITE_OPEN_CREATE)) {
                if (!h->file->exists) image_set_size(&h->file->seen, 0);
                h->file->exists = 1;
                code = SQLITE_OK;
            }
        }
    }
    if (code == SQLITE_OK) {
        h->base.pMethods = &methods;
        if (out) *out = flags;
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    pthread_mutex_lock(&lock);
    const char *name = NULL;
    disk *d = locate(path, &name);
    file *f = d ? find(d, name, 0) : NULL;
    int code = SQLITE_IOERR_DELETE_NOENT;
    if (f && f->exists) {
        handle h = {.disk = d, .file = f, .generation = d->generation};
        code = pass(&h, 1, 0);
        if (code == SQLITE_OK) {
            if (!remember(f, DELETION, 0, 0)) code = SQLITE_NOMEM;
            f->exists = 0;
            image_set_size(&f->seen, 0);
            if (sync) {
                f->survives = 0;
                forget_pending(f);
            }
        }
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int fault_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    pthread_mutex_lock(&lock);
    const char *name = NULL;
    disk *d = locate(path, &name);
    file *f = d ? find(d, name, 0) : NULL;
    *result = f && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->seen.size > 0);
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}

static int fault_path(sqlite3_vfs *vfs, const char *path, int size, char *out) {
    return snprintf(out, size, "%s", path) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int fault_randomness(sqlite3_vfs *vfs, int size, char *out) {
    // The same on every run: SQLite salts its log with it.
    memset(out, 42, size);
    return size;
}
static int fault_sleep(sqlite3_vfs *vfs, int microseconds) { return microseconds; }
static int fault_time(sqlite3_vfs *vfs, double *days) {
    *days = 2460000.5;
    return SQLITE_OK;
}
static int fault_last_error(sqlite3_vfs *vfs, int size, char *out) { return 0; }

static sqlite3_vfs fault_vfs = {
    .iVersion = 1,
    .szOsFile = sizeof(handle),
    .mxPathname = 512,
    .zName = "fault",
    .xOpen = fault_open,
    .xDelete = fault_delete,
    .xAccess = fault_access,
    .xFullPathname = fault_path,
    .xRandomness = fault_randomness,
    .xSleep = fault_sleep,
    .xCurrentTime = fault_time,
    .xGetLastError = fault_last_error,
};

int fault_disk_register(void) {
#ifdef __GLIBC__
    // Logs come and go by the thousand: asking the system for each would take longer than using it.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
    return sqlite3_vfs_register(&fault_vfs, 0);
}
