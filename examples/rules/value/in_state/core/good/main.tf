terraform {
  required_providers {
    archive  = { source = "hashicorp/archive" }
    external = { source = "hashicorp/external" }
    http     = { source = "hashicorp/http" }
    local    = { source = "hashicorp/local" }
    random   = { source = "hashicorp/random" }
  }
}

# What is needed later is a name; the program reads the value where it runs.
ephemeral "random_password" "orders_db" {
  length = 32
}

resource "local_file" "settings" {
  filename = "settings.env"
  content  = "DB_PASSWORD_FILE=/run/secrets/orders-db"
}

resource "terraform_data" "login" {
  input            = "prod/orders/db"
  triggers_replace = { revision = 1 }
}

data "archive_file" "settings" {
  type        = "zip"
  output_path = "settings.zip"
  source {
    filename = "settings.env"
    content  = local_file.settings.content
  }
}

data "http" "health" {
  url             = "https://orders.example.com/health"
  request_headers = { Accept = "application/json" }
}

data "external" "login" {
  program = ["register", "--from-store"]
  query   = { secret_name = "prod/orders/db" }
}
