terraform {
  required_providers {
    local = { source = "hashicorp/local" }
  }
}

# The address without the login, which the program reads from its store.
resource "terraform_data" "migration" {
  input = "postgres://db.internal:5432/orders"
}

resource "local_file" "settings" {
  filename = "settings.ini"
  content  = "broker = amqp://mq.internal/orders"
}
