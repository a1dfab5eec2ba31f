-- Training runs and registered models ("gpuactors runs", "gpuactors model"). All rows are kept. A content is stored once, whoever refers to
-- it: the model of a run is that of the version that is registered from it.

create table registry_blobs (
    sha256  text primary key check (length(sha256) = 64),
    size    bigint not null,
    content bytea not null
);
-- Models are compressed badly and read as a whole.
alter table registry_blobs alter column content set storage external;
comment on table registry_blobs is 'Contents of models and of files of training runs';
comment on column registry_blobs.sha256 is 'SHA-256 of the content, as lower-case hexadecimal digits';
comment on column registry_blobs.size is 'Length of the content in bytes';

create table training_runs (
    run_id           text primary key,
    experiment       text not null,
    name             text not null,
    status           text not null check (status in ('Finished', 'Failed')),
    started          timestamptz not null,
    ended            timestamptz not null,
    code_version     text not null,
    data_source      text not null,
    data_fingerprint text,
    mirror_uri       text,
    mirror_run_id    text,
    mirror_problem   text
);
create index training_runs_started on training_runs (experiment, started desc);
comment on table training_runs is 'Trainings: what went in and what came out';
comment on column training_runs.experiment is 'Group of runs that are compared with each other';
comment on column training_runs.code_version is 'Version of the executable that has trained';
comment on column training_runs.data_source is 'What it was trained from, in words';
comment on column training_runs.data_fingerprint is 'SHA-256 of the data; null if it has none';
comment on column training_runs.mirror_uri is 'MLflow server to which the run was written as well; null if none was configured';
comment on column training_runs.mirror_run_id is 'Id of the run on that server; null if it was not created';
comment on column training_runs.mirror_problem is 'Why the run is not on that server, or not as a whole; null if it is';

create table training_run_parameters (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  text not null,
    primary key (run_id, key)
);
comment on table training_run_parameters is 'Settings of a training';

create table training_run_metrics (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  double precision,
    primary key (run_id, key)
);
comment on table training_run_metrics is 'Results of a training';
comment on column training_run_metrics.value is 'Null if the figure could not be computed';

create table training_run_tags (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  text not null,
    primary key (run_id, key)
);
comment on table training_run_tags is 'What else a run is to be found by';

create table training_run_artifacts (
    run_id     text not null references training_runs on delete cascade,
    path       text not null,
    media_type text not null,
    sha256     text not null references registry_blobs,
    primary key (run_id, path)
);
comment on table training_run_artifacts is 'Files that a training has left';

create table registered_models (
    name    text primary key,
    created timestamptz not null
);
comment on table registered_models is 'Models by name';

create table model_versions (
    model          text not null references registered_models,
    version        integer not null check (version > 0),
    stage          text not null check (stage in ('None', 'Staging', 'Production', 'Archived')),
    created        timestamptz not null,
    run_id         text references training_runs,
    description    text not null,
    sha256         text not null references registry_blobs,
    mirror_version text,
    primary key (model, version)
);
create unique index model_versions_production on model_versions (model) where stage = 'Production';
comment on table model_versions is 'Versions of models; their content never changes';
comment on column model_versions.run_id is 'The run that has trained it; null if it came from a file';
comment on column model_versions.mirror_version is 'Its number on the MLflow server; null if it is not there';

create table model_aliases (
    model   text not null,
    alias   text not null,
    version integer not null,
    primary key (model, alias),
    foreign key (model, version) references model_versions
);
comment on table model_aliases is 'Names that lead to a version and can be moved';

create table model_transitions (
    id         bigint generated always as identity primary key,
    model      text not null,
    version    integer not null,
    from_stage text not null,
    to_stage   text not null,
    cause      text not null check (cause in ('Requested', 'Rollback', 'Replaced')),
    at         timestamptz not null,
    note       text not null,
    foreign key (model, version) references model_versions
);
create index model_transitions_model on model_transitions (model, id);
comment on table model_transitions is 'Changes of stage: what a rollback goes back to';
