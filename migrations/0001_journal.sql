-- The journal: what is committed together with the rows that it speaks of, and facts about
-- the database itself. Words that the runner replaces are listed in crates/store/src/migrate.rs.

-- Facts about the database: environment, epoch, store_id.
CREATE TABLE store_meta (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
) CLUSTERED;

-- Sealed audit entries, packed; one row for each commit batch. Positions are dense from 1.
CREATE TABLE audit_batches (
    first_position BIGINT NOT NULL PRIMARY KEY,
    last_position BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    batch BYTES NOT NULL
);
CREATE INDEX audit_batches_at ON audit_batches (last_at, first_at);

-- Durable entries without a position yet. Always empty where one writer commits everything.
CREATE TABLE audit_pending (
    id BIGINT NOT NULL PRIMARY KEY,
    batch BYTES NOT NULL
);

-- Ranges of positions that the postings cover, from 1 without gaps.
CREATE TABLE audit_segments (
    first_position BIGINT NOT NULL PRIMARY KEY,
    last_position BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- For each segment: where entries of a clinic (empty: of all) with this value stand.
CREATE TABLE audit_postings (
    clinic_id BYTES NOT NULL,
    kind BIGINT NOT NULL,
    value BYTES NOT NULL,
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    positions BYTES NOT NULL,
    PRIMARY KEY (clinic_id, kind, value, first_position)
) CLUSTERED;

-- The last entry of each clinic (empty: of none) that a segment covers.
CREATE TABLE audit_heads (
    clinic_id BYTES NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    position BIGINT NOT NULL
) CLUSTERED;

-- Events. `arrival` orders those that have no position yet.
CREATE TABLE outbox (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    position BIGINT UNIQUE,
    arrival BIGINT,
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    clinic_id TEXT COLLATE "C",
    record_id TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX outbox_unplaced ON outbox (arrival) WHERE position IS NULL;

-- Results of requests that must happen once.
CREATE TABLE idempotency (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    fingerprint BYTES NOT NULL,
    result BYTES NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
) CLUSTERED;
CREATE INDEX idempotency_at ON idempotency (at);

-- Changes to who may do what, numbered from 1 without gaps.
CREATE TABLE security_changes (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    clinic_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL
);
