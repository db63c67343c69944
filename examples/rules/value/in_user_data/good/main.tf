terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# The machine fetches the value with its own role when it starts; the script names only where from.
resource "aws_instance" "orders" {
  ami                  = "ami-0123456789abcdef0"
  instance_type        = "t4g.small"
  iam_instance_profile = "orders"
  user_data            = <<-EOT
    #!/bin/sh
    export DB_HOST=db.internal
    export DB_PASSWORD="$(aws secretsmanager get-secret-value --secret-id prod/orders/db --query SecretString --output text)"
    exec /usr/local/bin/orders
  EOT
}

resource "aws_launch_template" "orders" {
  name          = "orders"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t4g.small"
  user_data = base64encode(<<-EOT
    #cloud-config
    write_files:
      - path: /etc/orders.env
        content: |
          DB_SECRET_ID=prod/orders/db
  EOT
  )
}
