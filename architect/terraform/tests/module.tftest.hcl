# `terraform init && terraform test` tries the module against a mock of the provider: no organisation is needed.

mock_provider "genesyscloud" {}

variables {
  base_url      = "https://trace.example.net"
  client_id     = "genesys"
  client_secret = "not-a-secret"
  queue_name    = "Sales"
}

run "actions" {
  command = plan

  assert {
    condition = {
      for name, action in genesyscloud_integration_action.callspan :
      name => action.config_request[0].request_url_template
      } == {
      start-call-trace      = "https://trace.example.net/v1/actions/start-call-trace"
      record-call-milestone = "https://trace.example.net/v1/actions/record-milestone"
      end-call-trace        = "https://trace.example.net/v1/actions/end-call-trace"
    }
    error_message = "The actions post to base_url."
  }

  assert {
    condition = alltrue([
      for action in genesyscloud_integration_action.callspan :
      action.category == "Callspan"
      && action.config_timeout_seconds == 3
      && action.config_request[0].request_type == "POST"
    ])
    error_message = "Actions are found by the integration's name, and give up after 3 seconds."
  }

  assert {
    condition = strcontains(
      genesyscloud_integration_action.callspan["start-call-trace"].config_request[0].request_template,
      "\"conversationId\": \"$esc.jsonEncode(\"$!{input.conversationId}\")\"",
    )
    error_message = "Inputs are escaped, and may be left out."
  }

  assert {
    condition = (
      genesyscloud_integration_action.callspan["start-call-trace"].config_request[0].headers["Authorization"]
      == "Bearer $${authResponse.access_token}"
    )
    error_message = "Actions sign in with the token of the auth action."
  }

  assert {
    condition = (
      jsondecode(genesyscloud_integration_action.callspan["start-call-trace"].contract_input).required
      == ["conversationId"]
    )
    error_message = "The conversation's id is required."
  }

  assert {
    condition = (
      genesyscloud_integration_custom_auth_action.callspan.config_request[0].request_url_template
      == "https://trace.example.net/oauth/token"
    )
    error_message = "Tokens come from base_url."
  }

  assert {
    condition     = genesyscloud_integration.callspan.intended_state == "ENABLED"
    error_message = "The integration is enabled."
  }
}

run "ids" {
  command = apply

  assert {
    condition = (
      genesyscloud_integration.callspan.config[0].credentials["basicAuth"]
      == genesyscloud_integration_credential.callspan.id
    )
    error_message = "The integration has the credential."
  }

  assert {
    condition = alltrue([
      for action in genesyscloud_integration_action.callspan : action.integration_id == output.integration_id
    ])
    error_message = "The actions are the integration's."
  }

  assert {
    condition     = keys(output.action_ids) == ["End Call Trace", "Record Call Milestone", "Start Call Trace"]
    error_message = "Ids of actions are told by name."
  }

  assert {
    condition     = keys(output.flow_ids) == ["Callspan ensure call trace", "Callspan inbound call with module"]
    error_message = "Ids of flows are told by name."
  }

  assert {
    condition     = output.trigger_id == null && output.eventbridge_integration_id == null
    error_message = "Events are not sent unless asked for."
  }
}

run "flows_of_your_own" {
  command = plan

  variables {
    flows      = []
    queue_name = null
  }

  assert {
    condition     = length(output.flow_ids) == 0
    error_message = "No flow is published."
  }
}

run "trigger" {
  command = apply

  variables {
    create_trigger = true
  }

  assert {
    condition = (
      one(genesyscloud_processautomation_trigger.conversation_ended[0].target).id == genesyscloud_flow.workflow[0].id
    )
    error_message = "The trigger runs the workflow."
  }

  assert {
    condition     = contains(keys(output.action_ids), "Report Call Event")
    error_message = "The workflow's action is there."
  }
}

run "eventbridge" {
  command = plan

  variables {
    eventbridge = {
      aws_account_id     = "123456789012"
      aws_account_region = "eu-central-1"
    }
  }

  assert {
    condition = contains(
      jsondecode(genesyscloud_integration.eventbridge[0].config[0].properties).eventFilter,
      "v2.detail.events.conversation.{id}.customer.end",
    )
    error_message = "Topics are named with {id}."
  }
}

run "http_is_refused" {
  command = plan

  variables {
    base_url = "http://trace.example.net"
  }

  expect_failures = [var.base_url]
}

run "a_flow_needs_a_queue" {
  command = plan

  variables {
    queue_name = null
  }

  expect_failures = [var.queue_name]
}
