# Reads DD_API_KEY, DD_APP_KEY and DD_HOST (such as https://api.datadoghq.eu/) from the environment.
provider "datadog" {}

terraform {
  required_providers {
    datadog = {
      source = "DataDog/datadog"
    }
  }
}

module "production" {
  source = "../.."

  env         = "production"
  metric_tags = ["priority", "line"]
  notify      = ["@slack-calls", "@pagerduty-calls"]
  thresholds  = { fallback-share = 2 }
}

module "staging" {
  source = "../.."

  env              = "staging"
  shared           = false
  notify           = ["@slack-calls-staging"]
  no_calls_minutes = 720
}

output "dashboard" {
  value = module.production.dashboard_url
}
