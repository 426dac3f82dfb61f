# The flows of ../flows. Architect finds actions, the module and the queue by name when a flow is published, and the
# published flow keeps their ids: so a flow is published again when its file, its substitutions, an action or the module
# changes.

locals {
  module_file   = "ensure-call-trace.module"
  workflow_file = "conversation-ended.workflow"

  flow_files = {
    for name in setunion(var.flows, [local.module_file, local.workflow_file]) :
    name => "${local.architect}/flows/${name}.yaml"
  }
  flow_names = { for name, path in local.flow_files : name => one(values(yamldecode(file(path)))).name }

  substitutions = {
    for name, path in local.flow_files : name => {
      for key, value in {
        callspan_integration = var.integration_name
        datadog_url          = var.datadog_url
        queue_name           = var.queue_name
      } : key => value if strcontains(file(path), "{{${key}}}")
    }
  }

  action_ids = { for name, action in genesyscloud_integration_action.callspan : name => action.id }

  flow_hashes = {
    for name, path in local.flow_files :
    name => sha256(jsonencode([filesha256(path), local.substitutions[name], local.action_ids]))
  }
}

resource "genesyscloud_flow" "module" {
  count = length(setintersection(var.flows, [local.module_file, "inbound-call-with-module"])) > 0 ? 1 : 0

  filepath            = local.flow_files[local.module_file]
  substitutions       = local.substitutions[local.module_file]
  update_trigger_hash = local.flow_hashes[local.module_file]
}

resource "genesyscloud_flow" "callspan" {
  for_each = setsubtract(var.flows, [local.module_file])

  filepath      = local.flow_files[each.key]
  substitutions = local.substitutions[each.key]
  update_trigger_hash = sha256(jsonencode([
    local.flow_hashes[each.key],
    genesyscloud_flow.module[*].update_trigger_hash,
  ]))

  depends_on = [genesyscloud_flow.module]
}

resource "genesyscloud_flow" "workflow" {
  count = var.create_trigger ? 1 : 0

  filepath            = local.flow_files[local.workflow_file]
  substitutions       = local.substitutions[local.workflow_file]
  update_trigger_hash = local.flow_hashes[local.workflow_file]
}
