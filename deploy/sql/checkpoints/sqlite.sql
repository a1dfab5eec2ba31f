-- Checkpoints of GPU states, one per shard. A node creates these tables on first use, in the database of its journal.
-- To drop all checkpoints: delete from gpu_checkpoint.

create table if not exists gpu_checkpoint (
    shard         integer primary key,
    number        integer not null,
    epoch         integer not null,
    sample_offset integer not null,
    log_offset    integer,
    alert_offset  integer,
    written_at    integer not null default (unixepoch() * 1000)
);

-- The newest states, in chunks of a megabyte.
create table if not exists gpu_checkpoint_states (
    shard  integer not null references gpu_checkpoint on delete cascade,
    chunk  integer not null,
    number integer not null,
    bytes  blob not null,
    primary key (shard, chunk)
);

-- Closed minutes (part 1) and hours (part 2) of windows, by the checkpoint that wrote them.
create table if not exists gpu_checkpoint_windows (
    shard  integer not null references gpu_checkpoint on delete cascade,
    part   integer not null,
    number integer not null,
    chunk  integer not null,
    bytes  blob not null,
    primary key (shard, part, number, chunk)
);
