terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-central-1"
}

# Every process on the machine can ask the metadata service for this script, and so can whoever may describe the instance.
resource "aws_instance" "orders" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t4g.small"
  user_data     = <<-EOT
    #!/bin/sh
    export DB_HOST=db.internal
    export DB_PASSWORD=orders-Rz71-harbour
    exec /usr/local/bin/orders
  EOT
}

# Base64 is a way of writing, not of hiding.
resource "aws_launch_template" "orders" {
  name          = "orders"
  image_id      = "ami-0123456789abcdef0"
  instance_type = "t4g.small"
  user_data = base64encode(<<-EOT
    #cloud-config
    write_files:
      - path: /etc/orders.env
        content: |
          DATABASE_URL=postgres://orders:Rz71-harbour@db.internal:5432/orders
  EOT
  )
}

resource "aws_instance" "reports" {
  ami              = "ami-0123456789abcdef0"
  instance_type    = "t4g.small"
  user_data_base64 = base64encode("#!/bin/sh\nSMTP_PASSWORD='relay-Xk29-tulip' /usr/local/bin/reports\n")
}
