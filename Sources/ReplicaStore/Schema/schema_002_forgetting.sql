-- Cells get a place for several things in one field, for what their author had seen, and values
-- that any SQLite tool can read. Their contents are brought over by Migrations+002.swift.
ALTER TABLE cell RENAME TO cell_001;
DROP INDEX cell_by_dot;

-- The digest of each lane stands where every transaction writes anyway.
DROP TABLE digest;
ALTER TABLE replica ADD COLUMN digest_0 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replica ADD COLUMN digest_1 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE replica ADD COLUMN digest_2 INTEGER NOT NULL DEFAULT 0;

-- The latest state of every cell. WITHOUT ROWID: the key is the table.
CREATE TABLE cell (
    lane          INTEGER NOT NULL,
    collection    INTEGER NOT NULL,
    row           BLOB    NOT NULL,
    field         INTEGER NOT NULL,
    item          BLOB    NOT NULL,   -- of several in the field; empty otherwise
    owner         INTEGER NOT NULL,   -- the only writer, or 0
    kind          INTEGER NOT NULL,
    writer        INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    epoch         INTEGER NOT NULL,
    ticks         INTEGER NOT NULL,
    causal_length INTEGER NOT NULL,
    context       BLOB    NOT NULL,   -- pairs of local writer and sequence, as varints
    live          INTEGER NOT NULL,   -- 1 if the cell counts for the digest
    type          INTEGER NOT NULL,   -- how value stands for the author's bytes, see StoredValue
    value,                            -- integer, text or blob
    digest        INTEGER,            -- of the lane after this write, see StateTables
    PRIMARY KEY (lane, collection, row, field, item, owner)
) WITHOUT ROWID;

-- What a peer lacks is one range of this index per writer. Unique: no two cells share a dot.
CREATE UNIQUE INDEX cell_by_dot ON cell (lane, writer, sequence);

-- What every member is known to have seen of each lane, and was forgotten up to; never goes back.
CREATE TABLE frontier (
    lane     INTEGER NOT NULL,
    writer   INTEGER NOT NULL REFERENCES writer (id),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    PRIMARY KEY (lane, writer)
) WITHOUT ROWID;

-- What somebody should look at: signs that a copy of a replica is in use. Local, bounded.
CREATE TABLE alarm (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    code     TEXT    NOT NULL,
    at       INTEGER NOT NULL,        -- milliseconds since 1970, the device's own clock
    lane     INTEGER NOT NULL,
    writer   INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    detail   TEXT    NOT NULL
);

-- Lost values may be items of a field, and of another kind than registers, which is 1.
ALTER TABLE lost ADD COLUMN item BLOB NOT NULL DEFAULT x'';
ALTER TABLE lost ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;

-- Parts of segments that arrived before a cut, one chunk each; none of it is visible.
CREATE TABLE staged (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    lane  INTEGER NOT NULL,
    chunk BLOB    NOT NULL            -- claim, cells and a hash, see StagedCells
);

-- States at which this replica and a peer were at the same time: what greetings refer to.
CREATE TABLE common (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    peer  BLOB    NOT NULL CHECK (length(peer) = 16),
    state BLOB    NOT NULL            -- a summary, see CommonStates
);
