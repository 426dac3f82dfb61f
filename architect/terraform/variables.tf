variable "base_url" {
  description = "Where Genesys Cloud reaches Callspan: an https address, without a slash at the end."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$", var.base_url))
    error_message = "base_url must be an https address without a slash at the end: https://callspan.example.com, say."
  }
}

variable "client_id" {
  description = "The client id that `callspan client new` printed."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = var.client_id != ""
    error_message = "client_id must not be empty; `callspan client new` prints it."
  }
}

variable "client_secret" {
  description = "The client secret that `callspan client new` printed. It ends up in the Terraform state."
  type        = string
  nullable    = false
  sensitive   = true

  validation {
    condition     = var.client_secret != ""
    error_message = "client_secret must not be empty; `callspan client new` prints it."
  }
}

variable "integration_name" {
  description = "The integration's name, which flows find the data actions by."
  type        = string
  default     = "Callspan"
  nullable    = false

  validation {
    condition     = can(regex("^[^\"\\\\\\s]([^\"\\\\\\n]{0,254}[^\"\\\\\\s])?$", var.integration_name))
    error_message = "integration_name must have 1 to 256 characters, no \" or \\, and no space at its ends."
  }
}

variable "datadog_url" {
  description = "Where people open Datadog; a flow makes links from it when the service cannot be reached."
  type        = string
  default     = "https://app.datadoghq.com"
  nullable    = false

  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+$", var.datadog_url))
    error_message = "datadog_url must be an https address without a path, such as https://app.datadoghq.eu."
  }
}

variable "flows" {
  description = "The flows of ../flows to publish, by file name without .yaml. The common module comes with the flow that uses it."
  type        = set(string)
  default     = ["ensure-call-trace.module", "inbound-call-with-module"]
  nullable    = false

  validation {
    condition = length(setsubtract(var.flows, [
      "ensure-call-trace.module", "in-queue-call", "inbound-call", "inbound-call-with-module", "inbound-message",
    ])) == 0
    error_message = "flows takes ensure-call-trace.module, in-queue-call, inbound-call, inbound-call-with-module, inbound-message."
  }
}

variable "queue_name" {
  description = "The queue that the flows transfer to; it has to exist. All flows but ensure-call-trace.module need it."
  type        = string
  default     = null

  validation {
    condition     = var.queue_name != null || length(setsubtract(var.flows, ["ensure-call-trace.module"])) == 0
    error_message = "queue_name is required by flows other than ensure-call-trace.module: name a queue that exists."
  }

  validation {
    condition     = var.queue_name == null || can(regex("^[^\"\\\\\\n]+$", var.queue_name))
    error_message = "queue_name must not be empty, and must have no \" or \\ in it."
  }
}

variable "create_trigger" {
  description = "Whether a trigger's workflow reports the end of conversations. The client then needs the scope events too."
  type        = bool
  default     = false
  nullable    = false
}

variable "eventbridge" {
  description = "The AWS account and region that an Amazon EventBridge Source integration sends events to; null for none."
  type = object({
    aws_account_id      = string
    aws_account_region  = string
    event_source_suffix = optional(string, "callspan")
    name                = optional(string, "Callspan events")
  })
  default = null

  validation {
    condition     = var.eventbridge == null || can(regex("^[0-9]{12}$", var.eventbridge.aws_account_id))
    error_message = "eventbridge.aws_account_id must be 12 digits, as a text."
  }

  validation {
    condition     = var.eventbridge == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.eventbridge.aws_account_region))
    error_message = "eventbridge.aws_account_region must be the name of an AWS region, such as eu-central-1."
  }

  validation {
    condition     = var.eventbridge == null || can(regex("^[A-Za-z0-9._/-]{1,64}$", var.eventbridge.event_source_suffix))
    error_message = "eventbridge.event_source_suffix must be 1 to 64 letters, digits or . _ / -."
  }
}
