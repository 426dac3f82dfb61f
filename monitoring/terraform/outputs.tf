output "dashboard_url" {
  description = "The path of the dashboard below your Datadog address; null where shared is false."
  value       = one(datadog_dashboard_json.calls[*].url)
}

output "monitor_ids" {
  description = "The ids of the monitors by their names."
  value       = { for name, monitor in datadog_monitor_json.calls : name => monitor.id }
}

output "retention_filter_ids" {
  description = "The ids of the retention filters by their names, for datadog_apm_retention_filter_order."
  value       = { for name, filter in datadog_apm_retention_filter.calls : name => filter.id }
}

output "metrics" {
  description = "The names of the span-based metrics."
  value       = [for metric in datadog_spans_metric.traced : metric.name]
}
