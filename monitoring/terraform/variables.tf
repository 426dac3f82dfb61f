variable "env" {
  description = "DD_ENV of the service to watch."
  type        = string
  default     = "production"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_./-]*$", var.env))
    error_message = "It must be the value of DD_ENV, in lower case, such as production."
  }
}

variable "metric_tags" {
  description = "The keys in the service's CALLSPAN_METRIC_TAGS: each becomes a template variable and a graph."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for tag in var.metric_tags : can(regex("^[a-z][a-z0-9_./-]*$", tag)) && !contains(["env", "flow"], tag)
    ])
    error_message = "Each must be a key that CALLSPAN_METRIC_TAGS may name, such as priority."
  }

  validation {
    condition = (
      length(distinct([for tag in var.metric_tags : replace(tag, "/[^a-z0-9_]/", "_")])) == length(var.metric_tags)
    )
    error_message = "They must differ, and in more than the marks . / - and _."
  }
}

variable "notify" {
  description = "Whom the monitors tell: handles such as @slack-calls, @pagerduty-calls or @you@example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for handle in var.notify : can(regex("^@\\S+$", handle))])
    error_message = "Each must be a handle such as @slack-calls or @you@example.com."
  }
}

variable "thresholds" {
  description = "Critical thresholds in place of those in the JSON files, by the name of a monitor."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.thresholds), keys(local.monitor_texts))) == 0
    error_message = "The names must be those of monitors: ${join(", ", keys(local.monitor_texts))}."
  }

  validation {
    condition     = alltrue([for critical in values(var.thresholds) : critical >= 0 && critical < 1000000000])
    error_message = "Each must be a number from 0 to 999999999."
  }
}

variable "no_calls_minutes" {
  description = "After how many minutes without a new call the monitor no-calls fires."
  type        = number
  default     = 15

  validation {
    condition     = var.no_calls_minutes >= 5 && var.no_calls_minutes <= 1440 && floor(var.no_calls_minutes) == var.no_calls_minutes
    error_message = "It must be a whole number from 5 to 1440."
  }
}

variable "shared" {
  description = "Whether to make what an organisation needs once: the dashboard, the span-based metrics and the metric tag configurations. Set it to false for every environment but one."
  type        = bool
  default     = true
}
