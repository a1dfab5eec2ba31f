-- The lives and failures of GPUs: what "gpuactors import history" writes and training reads. Both are small (a row per repair) and are kept
-- for good.

create table gpu_service (
    gpu_uuid text not null,
    location text not null default '',
    inserted timestamptz not null,
    removed  timestamptz,
    primary key (gpu_uuid, inserted, location),
    check (removed >= inserted)
);
comment on table gpu_service is 'Where a GPU was in service, and from when to when';
comment on column gpu_service.gpu_uuid is 'UUID of the GPU, or the serial number by which the log names it';
comment on column gpu_service.location is 'Place in the words of the log; empty if unknown';
comment on column gpu_service.inserted is 'Start of the service at this place';
comment on column gpu_service.removed is 'End; null while the GPU is in service';

create table gpu_failures (
    time         timestamptz not null,
    gpu_uuid     text not null,
    event        text not null,
    location     text not null default '',
    failure_type text check (failure_type in ('thermal', 'memory', 'power', 'interconnect', 'aging', 'other')),
    source       text not null,
    evidence     jsonb not null default '{}',
    replaced_by  text,
    created_at   timestamptz not null default now(),
    primary key (gpu_uuid, time, event, location)
);
create index gpu_failures_time on gpu_failures (time);
comment on table gpu_failures is 'Failures that happened: the labels of training';
comment on column gpu_failures.time is 'When the GPU failed';
comment on column gpu_failures.gpu_uuid is 'UUID of the GPU, or the serial number by which the log names it';
comment on column gpu_failures.event is 'What failed, in the words of the source';
comment on column gpu_failures.location is 'Where the GPU was, in the words of the source; empty if unknown';
comment on column gpu_failures.failure_type is 'Class of the failure; null if nobody has said it';
comment on column gpu_failures.source is 'Who says so: history for an imported log';
comment on column gpu_failures.evidence is 'What the source knows besides, as an object';
comment on column gpu_failures.replaced_by is 'The next GPU at this location; null if unknown, or if the same GPU stayed';
