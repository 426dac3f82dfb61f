# The two ways in which Genesys Cloud reports conversation events: a trigger's workflow, and Amazon EventBridge.

resource "genesyscloud_processautomation_trigger" "conversation_ended" {
  count = var.create_trigger ? 1 : 0

  name        = "${var.integration_name}: conversation ended"
  description = "Reports the end of a conversation to Callspan."
  topic_name  = "v2.detail.events.conversation.{id}.customer.end"
  enabled     = true

  target {
    id   = genesyscloud_flow.workflow[0].id
    type = "Workflow"

    workflow_target_settings {
      data_format = "TopLevelPrimitives"
    }
  }
}

resource "genesyscloud_integration" "eventbridge" {
  count = var.eventbridge == null ? 0 : 1

  integration_type = "amazon-eventbridge-source"
  intended_state   = "ENABLED"

  config {
    name  = var.eventbridge.name
    notes = "Conversation events for Callspan."
    properties = jsonencode({
      awsAccountId      = var.eventbridge.aws_account_id
      awsAccountRegion  = var.eventbridge.aws_account_region
      eventSourceSuffix = var.eventbridge.event_source_suffix
      eventFilter = [
        for event in ["customer.end", "flow.end", "flow.outcome", "acd.end", "user.end", "acw", "attributes"] :
        "v2.detail.events.conversation.{id}.${event}"
      ]
    })
    advanced = jsonencode({})
  }
}
