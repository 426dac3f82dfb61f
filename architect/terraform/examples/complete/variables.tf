variable "genesys_region" {
  description = "The AWS name of the organisation's region."
  type        = string
}

variable "base_url" {
  description = "Where Genesys Cloud reaches Callspan."
  type        = string
}

variable "client_id" {
  description = "As `callspan client new genesys --scope actions --scope events` printed it: TF_VAR_client_id."
  type        = string
  sensitive   = true
}

variable "client_secret" {
  description = "The same: TF_VAR_client_secret."
  type        = string
  sensitive   = true
}

variable "queue_name" {
  description = "A queue that exists."
  type        = string
}

variable "aws_account_id" {
  description = "The AWS account that receives the events."
  type        = string
}
