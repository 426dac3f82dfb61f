"""What Datadog is given so that it watches Callspan: a dashboard, monitors, retention filters, span-based metrics.

The JSON files are bodies for Datadog's API as they are, for `env:production`. `monitoring.bodies` and the Terraform
module in `terraform/` change the same few things in them; a test holds the two equal.
"""
