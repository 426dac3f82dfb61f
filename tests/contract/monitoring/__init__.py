"""What Datadog is given to watch Callspan, held against Datadog's own client, the service's metrics, and Terraform."""

from monitoring.bodies import Choices

AS_SHIPPED = Choices()
CHOSEN = Choices("eu/staging", ("priority", "line-of-business"), ("@slack-calls", "@a@b.example"), {"no-calls": 3}, 60)
