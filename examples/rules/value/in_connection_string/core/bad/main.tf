terraform {
  required_providers {
    local = { source = "hashicorp/local" }
  }
}

# A password inside an address is a password.
resource "terraform_data" "migration" {
  input = "postgres://orders:correct-horse-7-battery@db.internal:5432/orders"
}

# In a file of settings as well.
resource "local_file" "settings" {
  filename = "settings.ini"
  content  = "broker = amqp://orders:staple-9-correct-horse@mq.internal/orders"
}
