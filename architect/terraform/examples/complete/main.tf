# Everything: the integration, its actions, the flows with the common module, the trigger, and EventBridge.

terraform {
  required_version = ">= 1.9"

  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = "~> 1.84"
    }
  }
}

# Its OAuth client comes from GENESYSCLOUD_OAUTHCLIENT_ID and GENESYSCLOUD_OAUTHCLIENT_SECRET.
provider "genesyscloud" {
  aws_region = var.genesys_region
}

# From elsewhere: source = "git::https://YOUR-GIT-HOST/callspan.git//architect/terraform?ref=v1.0.0"
module "callspan" {
  source = "../.."

  base_url      = var.base_url
  client_id     = var.client_id
  client_secret = var.client_secret
  datadog_url   = "https://app.datadoghq.eu"

  flows      = ["ensure-call-trace.module", "inbound-call-with-module", "in-queue-call", "inbound-message"]
  queue_name = var.queue_name

  create_trigger = true

  eventbridge = {
    aws_account_id     = var.aws_account_id
    aws_account_region = "eu-central-1"
  }
}

output "callspan" {
  description = "The names and ids of what was made."
  value       = module.callspan
}
