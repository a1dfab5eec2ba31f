-- Statistics as plain views, for use without TimescaleDB. With TimescaleDB they are replaced by continuous aggregates, which are faster.

create view gpu_metrics_1min as
select date_trunc('minute', time) as bucket, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2;

create view gpu_metrics_5min as
select date_bin('5 minutes', time, timestamptz '2000-01-01 00:00:00+00') as bucket, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2;

create view gpu_hourly_stats as
select date_trunc('hour', time) as hour, gpu_uuid, count(*) as samples,
       avg(gpu_temp) as avg_temp, max(gpu_temp) as max_temp, avg(power_usage) as avg_power, max(power_usage) as max_power,
       avg(gpu_utilization) as avg_utilization
from gpu_metrics group by 1, 2;
