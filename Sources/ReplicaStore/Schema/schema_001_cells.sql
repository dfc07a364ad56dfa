-- The replica's own facts: one row. Integers that are unsigned elsewhere are stored by bit pattern.
CREATE TABLE replica (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    fleet       BLOB    NOT NULL CHECK (length(fleet) = 16),
    device      BLOB    NOT NULL CHECK (length(device) = 16),
    nonce       INTEGER,            -- of the current writer; null before the first write
    written     INTEGER NOT NULL,   -- writes under that nonce, in all lanes
    clock_epoch INTEGER NOT NULL,
    clock_ticks INTEGER NOT NULL
);

-- Short local names for writers. They are never sent; 0 means "no owner" in a cell.
CREATE TABLE writer (
    id     INTEGER PRIMARY KEY CHECK (id > 0),
    writer BLOB    NOT NULL UNIQUE CHECK (length(writer) = 16)
);

-- What has been seen of each lane: no gaps, see VersionVector.
CREATE TABLE vector (
    lane     INTEGER NOT NULL,
    writer   INTEGER NOT NULL REFERENCES writer (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    PRIMARY KEY (lane, writer)
) WITHOUT ROWID;

-- The sum over the cells of a lane, see Digest.
CREATE TABLE digest (
    lane  INTEGER PRIMARY KEY,
    value INTEGER NOT NULL
);

-- The latest state of every cell.
CREATE TABLE cell (
    lane          INTEGER NOT NULL,
    collection    INTEGER NOT NULL,
    row           BLOB    NOT NULL,
    field         INTEGER NOT NULL,
    owner         INTEGER NOT NULL,
    kind          INTEGER NOT NULL,
    writer        INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    ticks         INTEGER NOT NULL,
    causal_length INTEGER NOT NULL,
    value         BLOB    NOT NULL,
    PRIMARY KEY (lane, collection, row, field, owner)
) WITHOUT ROWID;

-- What a peer lacks is one range of this index per writer. Unique: no two cells share a dot.
CREATE UNIQUE INDEX cell_by_dot ON cell (lane, writer, sequence);

-- Values that another device's write displaced here, for people to see and restore. Local, bounded.
CREATE TABLE lost (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    reason        TEXT    NOT NULL,
    lane          INTEGER NOT NULL,
    collection    INTEGER NOT NULL,
    row           BLOB    NOT NULL,
    field         INTEGER NOT NULL,
    writer        INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    ticks         INTEGER NOT NULL,
    causal_length INTEGER NOT NULL,
    value         BLOB    NOT NULL
);
