# The integration, its credential and its actions. An action is made from its exported file, the same that the Import
# button takes: what is imported by hand and what is applied cannot differ.

locals {
  architect = "${path.module}/.."

  # The address that the files in ../actions are exported for.
  exported_url = "https://callspan.example.com"

  exported = {
    for file in fileset("${local.architect}/actions", "*.custom.json") :
    trimsuffix(file, ".custom.json") => jsondecode(file("${local.architect}/actions/${file}"))
  }
  actions = { for name, action in local.exported : name => action if name != "report-call-event" || var.create_trigger }
  auth    = jsondecode(file("${local.architect}/actions/callspan-auth.customAuth.json"))
}

resource "genesyscloud_integration_credential" "callspan" {
  name                 = var.integration_name
  credential_type_name = "userDefinedOAuth"
  fields = {
    clientId     = var.client_id
    clientSecret = var.client_secret
  }
}

resource "genesyscloud_integration" "callspan" {
  integration_type = "custom-rest-actions"
  intended_state   = "ENABLED"

  config {
    name        = var.integration_name
    notes       = "Puts every call in its Datadog trace: ${var.base_url}"
    credentials = { basicAuth = genesyscloud_integration_credential.callspan.id }
    properties  = jsonencode({})
    advanced    = jsonencode({})
  }
}

# Genesys Cloud makes this action by itself, for the type of the credential; it is configured here, not created.
resource "genesyscloud_integration_custom_auth_action" "callspan" {
  integration_id = genesyscloud_integration.callspan.id
  name           = local.auth.name

  config_request {
    request_url_template = replace(local.auth.config.request.requestUrlTemplate, local.exported_url, var.base_url)
    request_type         = local.auth.config.request.requestType
    request_template     = local.auth.config.request.requestTemplate
    headers              = local.auth.config.request.headers
  }

  config_response {
    translation_map          = local.auth.config.response.translationMap
    translation_map_defaults = local.auth.config.response.translationMapDefaults
    success_template         = local.auth.config.response.successTemplate
  }
}

resource "genesyscloud_integration_action" "callspan" {
  for_each = local.actions

  name                   = each.value.name
  category               = var.integration_name
  integration_id         = genesyscloud_integration.callspan.id
  secure                 = each.value.secure
  config_timeout_seconds = 3
  contract_input         = jsonencode(each.value.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.contract.output.successSchema)

  config_request {
    request_url_template = replace(each.value.config.request.requestUrlTemplate, local.exported_url, var.base_url)
    request_type         = each.value.config.request.requestType
    request_template     = each.value.config.request.requestTemplate
    headers              = each.value.config.request.headers
  }

  config_response {
    translation_map          = each.value.config.response.translationMap
    translation_map_defaults = each.value.config.response.translationMapDefaults
    success_template         = each.value.config.response.successTemplate
  }

  # An action works once the integration can fetch a token.
  depends_on = [genesyscloud_integration_custom_auth_action.callspan]
}
