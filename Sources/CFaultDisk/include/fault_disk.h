#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include <stdint.h>

// A file system for SQLite that keeps whole disks in memory and fails on demand.
//
// Every file has what a running process sees and what would be there after a power cut: writes
// since the last sync of the file are pending. Disks are told apart by the first component of a
// path, as in file:/7/replica.sqlite?vfs=fault. One connection at a time per disk.

// Registers the file system under the name "fault"; harmless when called again.
int fault_disk_register(void);

// An empty disk, of a number not in use. Never fails but for want of memory (then -1).
int fault_disk_make(void);
// A disk with the same files, all of them durable, and no plans for faults.
int fault_disk_copy(int disk);
// Puts the files of one disk in the place of those of another, all of them durable. Whoever has a
// file of that one open from before gets errors.
void fault_disk_assign(int to, int from);
void fault_disk_free(int disk);

// What a disk does wrong, and when. Points are counted from 1; 0 means never.
typedef struct {
    // The write, truncation, deletion or sync before which the power fails.
    int64_t cut_at;
    // The operation, reads included, before which the power fails.
    int64_t off_at;
    // The operation, reads included, that fails with an input or output error.
    int64_t fail_at;
    // The write that finds the disk full.
    int64_t full_at;
    // Whether everything after fail_at or full_at fails alike.
    int persists;
    // Whether a sync says that it was done and does nothing.
    int syncs_lie;
} fault_plan;
void fault_disk_plan(int disk, fault_plan plan);

// What a disk has done since it was made, copied or planned for.
typedef struct {
    int64_t changes;   // writes, truncations, deletions and syncs
    int64_t accesses;  // the same and reads
    int64_t writes;
    int64_t syncs;
    int is_off;        // whether the power has failed
} fault_count;
fault_count fault_disk_count(int disk);

// What becomes of writes that were not synced when the power failed.
enum { FAULT_LOSE_ALL = 0, FAULT_KEEP_ALL = 1, FAULT_KEEP_SOME = 2 };
// Cuts the power if it is still on, decides what was kept, and switches it on again. Whoever has a
// file open from before gets errors. With FAULT_KEEP_SOME each pending write is kept or not, by the
// seed, and the last one kept may be torn at a multiple of 512 bytes.
void fault_disk_recover(int disk, int mode, uint64_t seed);

// Flips one bit of a file, durably; does nothing beyond its end. Returns its size, or -1.
int64_t fault_disk_flip(int disk, const char *name, int64_t offset, int bit);

#endif
