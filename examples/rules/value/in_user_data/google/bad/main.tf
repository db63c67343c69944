terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# Every process on the machine can ask for its start script.
resource "google_compute_instance" "orders" {
  name                    = "orders"
  machine_type            = "e2-small"
  zone                    = "europe-west3-a"
  metadata_startup_script = <<-EOT
    #!/bin/sh
    export DB_PASSWORD='orders-Rz71-harbour'
    systemctl start orders
  EOT
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = "orders"
  }
}

# Other keys of the metadata are as open.
resource "google_compute_project_metadata" "defaults" {
  metadata = {
    enable-oslogin = "TRUE"
    db_password    = "orders-Vt53-meadow"
  }
}
