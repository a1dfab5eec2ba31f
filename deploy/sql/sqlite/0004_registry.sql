-- Training runs and registered models ("gpuactors runs", "gpuactors model"). All rows are kept. A content is stored once, whoever refers to
-- it: the model of a run is that of the version that is registered from it. Times are Unix milliseconds.

create table registry_blobs (
    sha256  text primary key check (length(sha256) = 64), -- SHA-256 of the content, as lower-case hexadecimal digits
    size    integer not null,                             -- Length of the content in bytes
    content blob not null
);

create table training_runs (
    run_id           text primary key,
    experiment       text not null,    -- Group of runs that are compared with each other
    name             text not null,
    status           text not null check (status in ('Finished', 'Failed')),
    started          integer not null,
    ended            integer not null,
    code_version     text not null,    -- Version of the executable that has trained
    data_source      text not null,    -- What it was trained from, in words
    data_fingerprint text,             -- SHA-256 of the data; null if it has none
    mirror_uri       text,             -- MLflow server to which the run was written as well; null if none was configured
    mirror_run_id    text,             -- Id of the run on that server; null if it was not created
    mirror_problem   text              -- Why the run is not on that server, or not as a whole; null if it is
);
create index training_runs_started on training_runs (experiment, started desc);

create table training_run_parameters (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  text not null,
    primary key (run_id, key)
);

create table training_run_metrics (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  real, -- Null if the figure could not be computed
    primary key (run_id, key)
);

create table training_run_tags (
    run_id text not null references training_runs on delete cascade,
    key    text not null,
    value  text not null,
    primary key (run_id, key)
);

create table training_run_artifacts (
    run_id     text not null references training_runs on delete cascade,
    path       text not null,
    media_type text not null,
    sha256     text not null references registry_blobs,
    primary key (run_id, path)
);

create table registered_models (
    name    text primary key,
    created integer not null
);

create table model_versions (
    model          text not null references registered_models,
    version        integer not null check (version > 0),
    stage          text not null check (stage in ('None', 'Staging', 'Production', 'Archived')),
    created        integer not null,
    run_id         text references training_runs, -- The run that has trained it; null if it came from a file
    description    text not null,
    sha256         text not null references registry_blobs,
    mirror_version text,                          -- Its number on the MLflow server; null if it is not there
    primary key (model, version)
);
create unique index model_versions_production on model_versions (model) where stage = 'Production';

-- Names that lead to a version and can be moved.
create table model_aliases (
    model   text not null,
    alias   text not null,
    version integer not null,
    primary key (model, alias),
    foreign key (model, version) references model_versions
);

-- Changes of stage: what a rollback goes back to.
create table model_transitions (
    id         integer primary key,
    model      text not null,
    version    integer not null,
    from_stage text not null,
    to_stage   text not null,
    cause      text not null check (cause in ('Requested', 'Rollback', 'Replaced')),
    at         integer not null,
    note       text not null,
    foreign key (model, version) references model_versions
);
create index model_transitions_model on model_transitions (model, id);
