-- Checkpoints of GPU states, one per shard. A node creates these tables on first use, in the database of its journal.
-- To drop all checkpoints: delete from gpu_checkpoint.

create table if not exists gpu_checkpoint (
    shard         integer primary key,
    number        bigint not null,
    epoch         bigint not null,
    sample_offset bigint not null,
    log_offset    bigint,
    alert_offset  bigint,
    written_at    timestamptz not null default now()
);

-- The newest states, in chunks of a megabyte.
create table if not exists gpu_checkpoint_states (
    shard  integer not null references gpu_checkpoint on delete cascade,
    chunk  integer not null,
    number bigint not null,
    bytes  bytea not null,
    primary key (shard, chunk)
);

-- Closed minutes (part 1) and hours (part 2) of windows, by the checkpoint that wrote them.
create table if not exists gpu_checkpoint_windows (
    shard  integer not null references gpu_checkpoint on delete cascade,
    part   smallint not null,
    number bigint not null,
    chunk  integer not null,
    bytes  bytea not null,
    primary key (shard, part, number, chunk)
);

-- The bytes are dense: compressing them again costs time and saves little.
alter table gpu_checkpoint_states alter column bytes set storage external;
alter table gpu_checkpoint_windows alter column bytes set storage external;
