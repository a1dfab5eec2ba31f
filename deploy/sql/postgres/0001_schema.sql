-- Tables of GpuActors on PostgreSQL 15 or newer, with or without TimescaleDB.

create table gpu_assets (
    gpu_uuid           text primary key,
    model              text,
    architecture       text,
    compute_capability text,
    memory_gb          integer,
    hostname           text,
    pci_bus_id         text,
    rack_id            text,
    cluster_id         text,
    datacenter         text,
    region             text,
    purchase_date      date,
    deployment_date    date,
    warranty_expiry    date,
    expected_eol       date,
    sla_tier           text,
    priority           integer,
    tags               jsonb not null default '{}',
    notes              text,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now()
);
create index gpu_assets_tags on gpu_assets using gin (tags);
create index gpu_assets_datacenter on gpu_assets (datacenter);

create function gpu_assets_touch() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end $$;
create trigger gpu_assets_updated_at before update on gpu_assets for each row execute function gpu_assets_touch();

-- One column per metric of the catalogue, of the narrowest type that holds the metric. Null means missing.
-- A unique index is not needed: each row is stored exactly once, because rows are committed together with their offset in ingest_offsets.
create table gpu_metrics (
    time      timestamptz not null,
    gpu_uuid  text not null,
    hostname  text,
    gpu_temp                    real,
    memory_temp                 real,
    gpu_temp_slowdown           real,
    gpu_temp_shutdown           real,
    gpu_temp_max_op             real,
    memory_temp_max_op          real,
    gpu_temp_margin             real,
    power_usage                 real,
    power_limit                 real,
    energy_consumption          bigint,
    throttle_reasons            integer,
    ecc_sbe_volatile            bigint,
    ecc_dbe_volatile            bigint,
    ecc_sbe_aggregate           bigint,
    ecc_dbe_aggregate           bigint,
    xid_errors                  integer,
    gpu_utilization             smallint,
    mem_copy_utilization        smallint,
    enc_utilization             smallint,
    dec_utilization             smallint,
    sm_clock                    integer,
    mem_clock                   integer,
    fan_speed                   smallint,
    pstate                      smallint,
    power_violation             bigint,
    thermal_violation           bigint,
    pcie_replay_counter         bigint,
    pcie_link_gen               smallint,
    pcie_link_width             smallint,
    row_remap_failure           smallint,
    row_remap_pending           smallint,
    correctable_remapped_rows   bigint,
    uncorrectable_remapped_rows bigint,
    gpu_recovery_action         smallint,
    fb_used                     integer,
    fb_free                     integer,
    fb_total                    integer,
    nvlink_l0_bandwidth         bigint,
    nvlink_l1_bandwidth         bigint,
    nvlink_l2_bandwidth         bigint,
    nvlink_l3_bandwidth         bigint,
    nvlink_l4_bandwidth         bigint,
    nvlink_l5_bandwidth         bigint,
    nvlink_l6_bandwidth         bigint,
    nvlink_l7_bandwidth         bigint,
    nvlink_l8_bandwidth         bigint,
    nvlink_l9_bandwidth         bigint,
    nvlink_l10_bandwidth        bigint,
    nvlink_l11_bandwidth        bigint,
    gr_engine_active            real,
    sm_active                   real,
    sm_occupancy                real,
    tensor_active               real,
    dram_active                 real,
    fp64_active                 real,
    fp32_active                 real,
    fp16_active                 real,
    pcie_tx_bytes               bigint,
    pcie_rx_bytes               bigint,
    nvlink_tx_bytes             bigint,
    nvlink_rx_bytes             bigint
);
-- Rows arrive nearly in order of time, so a block range index supports queries by time at a hundredth of a b-tree's cost per row. A b-tree
-- on (gpu_uuid, time) would reduce the rate of COPY by two thirds. With TimescaleDB, chunks are excluded by time, and compressed chunks are
-- segmented by gpu_uuid, which supports queries by GPU.
create index gpu_metrics_time on gpu_metrics using brin (time) with (pages_per_range = 32);

create table gpu_alerts (
    alert_id    text not null,
    seq         integer not null,
    state       text not null,
    severity    text not null,
    rule        text not null,
    gpu_uuid    text not null,
    summary     text not null,
    value       double precision,
    threshold   double precision,
    opened_at   timestamptz not null,
    source_time timestamptz not null,
    ingested_at timestamptz not null,
    detected_at timestamptz not null,
    latency_ms  bigint not null,
    action      text not null,
    labels      jsonb not null default '{}',
    runbook     text not null,
    primary key (alert_id, seq)
);
create index gpu_alerts_gpu on gpu_alerts (gpu_uuid, opened_at desc);
create index gpu_alerts_opened on gpu_alerts (opened_at desc);

create table gpu_features (
    time     timestamptz not null,
    gpu_uuid text not null,
    features jsonb not null,
    primary key (gpu_uuid, time)
);

create table gpu_failure_predictions (
    prediction_time         timestamptz not null,
    gpu_uuid                text not null,
    failure_probability_7d  real not null,
    failure_probability_30d real not null,
    failure_probability_90d real not null,
    predicted_failure_type  text,
    confidence              real,
    time_to_failure_days    real,
    model_version           text not null,
    top_features            jsonb not null default '[]',
    primary key (gpu_uuid, prediction_time)
);

-- The next offset to store for each partition. It is updated in the same transaction as the rows that it covers.
create table ingest_offsets (
    topic       text not null,
    partition   integer not null,
    next_offset bigint not null,
    updated_at  timestamptz not null default now(),
    primary key (topic, partition)
);
