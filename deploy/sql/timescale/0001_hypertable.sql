-- Hypertable, continuous aggregates, compression and retention. Applied after the plain tables if the extension timescaledb is available.

create extension if not exists timescaledb;

select create_hypertable('gpu_metrics', 'time', chunk_time_interval => interval '1 day', migrate_data => true, create_default_indexes => false);

drop view gpu_metrics_1min;
drop view gpu_metrics_5min;
drop view gpu_hourly_stats;

create materialized view gpu_metrics_1min with (timescaledb.continuous) as
select time_bucket(interval '1 minute', time) as bucket, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2 with no data;
select add_continuous_aggregate_policy('gpu_metrics_1min', start_offset => interval '3 hours', end_offset => interval '1 minute', schedule_interval => interval '1 minute');

create materialized view gpu_metrics_5min with (timescaledb.continuous) as
select time_bucket(interval '5 minutes', time) as bucket, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2 with no data;
select add_continuous_aggregate_policy('gpu_metrics_5min', start_offset => interval '12 hours', end_offset => interval '5 minutes', schedule_interval => interval '5 minutes');

create materialized view gpu_hourly_stats with (timescaledb.continuous) as
select time_bucket(interval '1 hour', time) as hour, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2 with no data;
select add_continuous_aggregate_policy('gpu_hourly_stats', start_offset => interval '3 days', end_offset => interval '1 hour', schedule_interval => interval '1 hour');

alter table gpu_metrics set (timescaledb.compress, timescaledb.compress_segmentby = 'gpu_uuid', timescaledb.compress_orderby = 'time desc');
select add_compression_policy('gpu_metrics', interval '7 days');
select add_retention_policy('gpu_metrics', interval '30 days');
select add_retention_policy('gpu_hourly_stats', interval '365 days');
