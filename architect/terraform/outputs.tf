output "integration_id" {
  description = "The id of the Web Services Data Actions integration."
  value       = genesyscloud_integration.callspan.id
}

output "integration_name" {
  description = "Its name, by which flows find the data actions."
  value       = var.integration_name
}

output "auth_action_id" {
  description = "The id of the action that fetches tokens."
  value       = genesyscloud_integration_custom_auth_action.callspan.id
}

output "action_ids" {
  description = "The ids of the data actions, by their names."
  value       = { for action in genesyscloud_integration_action.callspan : action.name => action.id }
}

output "flow_ids" {
  description = "The ids of the published flows, by their names; the common module and the workflow among them."
  value = merge(
    { for flow in genesyscloud_flow.module : local.flow_names[local.module_file] => flow.id },
    { for file, flow in genesyscloud_flow.callspan : local.flow_names[file] => flow.id },
    { for flow in genesyscloud_flow.workflow : local.flow_names[local.workflow_file] => flow.id },
  )
}

output "trigger_id" {
  description = "The id of the trigger on customer.end; null without one."
  value       = one(genesyscloud_processautomation_trigger.conversation_ended[*].id)
}

output "eventbridge_integration_id" {
  description = "The id of the Amazon EventBridge Source integration; null without one."
  value       = one(genesyscloud_integration.eventbridge[*].id)
}
