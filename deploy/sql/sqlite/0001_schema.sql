-- Tables of GpuActors on the embedded SQLite: times are Unix milliseconds, structured values are JSON text.

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
    purchase_date      text,
    deployment_date    text,
    warranty_expiry    text,
    expected_eol       text,
    sla_tier           text,
    priority           integer,
    tags               text not null default '{}',
    notes              text,
    created_at         integer not null default (unixepoch() * 1000),
    updated_at         integer not null default (unixepoch() * 1000)
);
create trigger gpu_assets_updated_at after update on gpu_assets for each row when new.updated_at = old.updated_at
begin
    update gpu_assets set updated_at = unixepoch() * 1000 where gpu_uuid = new.gpu_uuid;
end;

create table gpu_metrics (
    time      integer not null,
    gpu_uuid  text not null,
    hostname  text,
    gpu_temp                    REAL,
    memory_temp                 REAL,
    gpu_temp_slowdown           REAL,
    gpu_temp_shutdown           REAL,
    gpu_temp_max_op             REAL,
    memory_temp_max_op          REAL,
    gpu_temp_margin             REAL,
    power_usage                 REAL,
    power_limit                 REAL,
    energy_consumption          INTEGER,
    throttle_reasons            INTEGER,
    ecc_sbe_volatile            INTEGER,
    ecc_dbe_volatile            INTEGER,
    ecc_sbe_aggregate           INTEGER,
    ecc_dbe_aggregate           INTEGER,
    xid_errors                  INTEGER,
    gpu_utilization             INTEGER,
    mem_copy_utilization        INTEGER,
    enc_utilization             INTEGER,
    dec_utilization             INTEGER,
    sm_clock                    INTEGER,
    mem_clock                   INTEGER,
    fan_speed                   INTEGER,
    pstate                      INTEGER,
    power_violation             INTEGER,
    thermal_violation           INTEGER,
    pcie_replay_counter         INTEGER,
    pcie_link_gen               INTEGER,
    pcie_link_width             INTEGER,
    row_remap_failure           INTEGER,
    row_remap_pending           INTEGER,
    correctable_remapped_rows   INTEGER,
    uncorrectable_remapped_rows INTEGER,
    gpu_recovery_action         INTEGER,
    fb_used                     INTEGER,
    fb_free                     INTEGER,
    fb_total                    INTEGER,
    nvlink_l0_bandwidth         INTEGER,
    nvlink_l1_bandwidth         INTEGER,
    nvlink_l2_bandwidth         INTEGER,
    nvlink_l3_bandwidth         INTEGER,
    nvlink_l4_bandwidth         INTEGER,
    nvlink_l5_bandwidth         INTEGER,
    nvlink_l6_bandwidth         INTEGER,
    nvlink_l7_bandwidth         INTEGER,
    nvlink_l8_bandwidth         INTEGER,
    nvlink_l9_bandwidth         INTEGER,
    nvlink_l10_bandwidth        INTEGER,
    nvlink_l11_bandwidth        INTEGER,
    gr_engine_active            REAL,
    sm_active                   REAL,
    sm_occupancy                REAL,
    tensor_active               REAL,
    dram_active                 REAL,
    fp64_active                 REAL,
    fp32_active                 REAL,
    fp16_active                 REAL,
    pcie_tx_bytes               INTEGER,
    pcie_rx_bytes               INTEGER,
    nvlink_tx_bytes             INTEGER,
    nvlink_rx_bytes             INTEGER
);
create index gpu_metrics_gpu_time on gpu_metrics (gpu_uuid, time);

create table gpu_alerts (
    alert_id    text not null,
    seq         integer not null,
    state       text not null,
    severity    text not null,
    rule        text not null,
    gpu_uuid    text not null,
    summary     text not null,
    value       real,
    threshold   real,
    opened_at   integer not null,
    source_time integer not null,
    ingested_at integer not null,
    detected_at integer not null,
    latency_ms  integer not null,
    action      text not null,
    labels      text not null default '{}',
    runbook     text not null,
    primary key (alert_id, seq)
);

create table gpu_features (
    time     integer not null,
    gpu_uuid text not null,
    features text not null,
    primary key (gpu_uuid, time)
);

create table gpu_failure_predictions (
    prediction_time         integer not null,
    gpu_uuid                text not null,
    failure_probability_7d  real not null,
    failure_probability_30d real not null,
    failure_probability_90d real not null,
    predicted_failure_type  text,
    confidence              real,
    time_to_failure_days    real,
    model_version           text not null,
    top_features            text not null default '[]',
    primary key (gpu_uuid, prediction_time)
);

create table ingest_offsets (
    topic       text not null,
    partition   integer not null,
    next_offset integer not null,
    updated_at  integer not null default (unixepoch() * 1000),
    primary key (topic, partition)
);

create view gpu_hourly_stats as
select time / 3600000 * 3600000 as hour, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2;
