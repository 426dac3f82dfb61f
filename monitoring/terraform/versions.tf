terraform {
  # Validations that look at more than their own variable came with 1.9.
  required_version = ">= 1.9"

  required_providers {
    datadog = {
      source  = "DataDog/datadog"
      version = ">= 3.50"
    }
  }
}
