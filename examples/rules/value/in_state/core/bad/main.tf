terraform {
  required_providers {
    archive  = { source = "hashicorp/archive" }
    external = { source = "hashicorp/external" }
    http     = { source = "hashicorp/http" }
    local    = { source = "hashicorp/local" }
    random   = { source = "hashicorp/random" }
  }
}

# Whatever a value passes on its way keeps it in the state.
resource "random_password" "orders_db" {
  length = 32
}

resource "local_sensitive_file" "login" {
  filename = "login"
  content  = random_password.orders_db.result
}

resource "terraform_data" "login" {
  input            = random_password.orders_db.result
  triggers_replace = { password = random_password.orders_db.result }
}

# A data source keeps its arguments, and sends them.
data "archive_file" "settings" {
  type        = "zip"
  output_path = "settings.zip"
  source {
    filename = "login"
    content  = random_password.orders_db.result
  }
}

data "http" "register" {
  url             = "https://orders.example.com/logins"
  method          = "POST"
  request_headers = { Authorization = "Bearer ${random_password.orders_db.result}" }
}

data "external" "register" {
  program = ["register"]
  query   = { password = random_password.orders_db.result }
}
