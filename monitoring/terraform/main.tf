resource "datadog_dashboard_json" "calls" {
  count = var.shared ? 1 : 0

  dashboard = jsonencode(local.dashboard)

  # Its graphs of percentiles and of span-based metrics show nothing before these are there.
  depends_on = [datadog_metric_tag_configuration.percentiles, datadog_spans_metric.traced]
}

resource "datadog_monitor_json" "calls" {
  for_each = local.monitors

  monitor = jsonencode(each.value)

  # A p99 can be asked for only of a metric whose percentiles are on.
  depends_on = [datadog_metric_tag_configuration.percentiles]
}

resource "datadog_apm_retention_filter" "calls" {
  for_each = local.retention_filters

  name        = each.value.name
  enabled     = each.value.enabled
  filter_type = each.value.filter_type
  rate        = tostring(each.value.rate)

  filter {
    query = each.value.filter.query
  }
}

resource "datadog_spans_metric" "traced" {
  for_each = local.spans_metrics

  name = each.value.id

  compute {
    aggregation_type    = each.value.attributes.compute.aggregation_type
    include_percentiles = try(each.value.attributes.compute.include_percentiles, null)
    path                = try(each.value.attributes.compute.path, null)
  }

  filter {
    query = each.value.attributes.filter.query
  }

  dynamic "group_by" {
    for_each = local.spans_metric_groups[each.key]

    content {
      path     = group_by.value.path
      tag_name = group_by.value.tag_name
    }
  }
}

resource "datadog_metric_tag_configuration" "percentiles" {
  for_each = local.metric_tags

  metric_name         = each.value.id
  metric_type         = each.value.attributes.metric_type
  include_percentiles = each.value.attributes.include_percentiles
  tags                = each.value.attributes.tags
}
