-- The lives and failures of GPUs: what "gpuactors import history" writes and training reads. Both are small (a row per repair) and are kept
-- for good. Times are Unix milliseconds.

create table gpu_service (
    gpu_uuid text not null,            -- UUID of the GPU, or the serial number by which the log names it
    location text not null default '', -- Place in the words of the log; empty if unknown
    inserted integer not null,         -- Start of the service at this place
    removed  integer,                  -- End; null while the GPU is in service
    primary key (gpu_uuid, inserted, location),
    check (removed >= inserted)
);

create table gpu_failures (
    time         integer not null,          -- When the GPU failed
    gpu_uuid     text not null,             -- UUID of the GPU, or the serial number by which the log names it
    event        text not null,             -- What failed, in the words of the source
    location     text not null default '',  -- Where the GPU was, in the words of the source; empty if unknown
    failure_type text                       -- Class of the failure; null if nobody has said it
        check (failure_type in ('thermal', 'memory', 'power', 'interconnect', 'aging', 'other')),
    source       text not null,             -- Who says so: history for an imported log
    evidence     text not null default '{}', -- What the source knows besides, as a JSON object
    replaced_by  text,                      -- The next GPU at this location; null if unknown, or if the same GPU stayed
    created_at   integer not null default (unixepoch() * 1000),
    primary key (gpu_uuid, time, event, location)
);
create index gpu_failures_time on gpu_failures (time);
