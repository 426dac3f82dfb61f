# The JSON files beside this module, changed as monitoring/bodies.py changes them.
locals {
  folder = "${path.module}/.."

  tag_variables = { for tag in var.metric_tags : tag => replace(tag, "/[^a-z0-9_]/", "_") }

  # The metrics that carry the user's tags are filtered by them too. In a replacement $$ stands for $.
  dashboard_file = jsondecode(replace(
    file("${local.folder}/dashboard.json"),
    "/(callspan\\.(?:calls\\.[a-z]+|milestones)\\{[^}]*)\\}/",
    "$${1}${join("", [for tag in var.metric_tags : format(",$$%s", local.tag_variables[tag])])}}",
  ))
  calls_group = local.dashboard_file.widgets[0]
  by_flow     = one([for w in local.calls_group.definition.widgets : w if w.definition.title == "Calls started by flow"])
  by_tag      = [for tag in var.metric_tags : jsondecode(replace(jsonencode(local.by_flow), "/by (\\{?)flow/", "by $${1}${tag}"))]
  dashboard = merge(local.dashboard_file, {
    template_variables = concat(local.dashboard_file.template_variables, [
      for tag in var.metric_tags : { name = local.tag_variables[tag], prefix = tag, available_values = [], defaults = ["*"] }
    ])
    widgets = concat(
      [merge(local.calls_group, {
        definition = merge(local.calls_group.definition, { widgets = concat(local.calls_group.definition.widgets, local.by_tag) })
      })],
      slice(local.dashboard_file.widgets, 1, length(local.dashboard_file.widgets)),
    )
  })

  monitor_texts = {
    for file in fileset(local.folder, "monitors/*.json") :
    trimsuffix(basename(file), ".json") => replace(file("${local.folder}/${file}"), "env:production", "env:${var.env}")
  }
  monitor_files = {
    for name, text in local.monitor_texts : name => jsondecode(name != "no-calls" ? text : replace(
      replace(text, "last_15m", "last_${var.no_calls_minutes}m"),
      "15 minutes", "${var.no_calls_minutes} minutes",
    ))
  }
  criticals = {
    for name, body in local.monitor_files : name => lookup(var.thresholds, name, body.options.thresholds.critical)
  }
  monitors = {
    for name, body in local.monitor_files : name => merge(body, {
      query   = replace(body.query, "/[0-9.]+$/", local.criticals[name])
      message = join("\n\n", compact([body.message, join(" ", var.notify)]))
      options = merge(body.options, { thresholds = { critical = local.criticals[name] } })
    })
  }

  retention_filters = {
    for file in fileset(local.folder, "retention-filters/*.json") : trimsuffix(basename(file), ".json") => jsondecode(
      replace(file("${local.folder}/${file}"), "env:production", "env:${var.env}")
    ).data.attributes
  }

  spans_metrics = {
    for file in fileset(local.folder, "spans-metrics/*.json") :
    trimsuffix(basename(file), ".json") => jsondecode(file("${local.folder}/${file}")).data if var.shared
  }
  # Of the spans that make metrics, the entry of a call is the one that carries the user's tags.
  spans_metric_groups = {
    for name, data in local.spans_metrics : name => concat(
      data.attributes.group_by,
      [for tag in var.metric_tags : { path = "@call.${tag}", tag_name = tag } if name == "calls"],
    )
  }

  metric_tags = {
    for file in fileset(local.folder, "metric-tags/*.json") :
    trimsuffix(basename(file), ".json") => jsondecode(file("${local.folder}/${file}")).data if var.shared
  }
}
