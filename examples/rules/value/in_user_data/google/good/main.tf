terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "orders-prod"
  region  = "europe-west3"
}

# The machine's own service account reads the secret when it starts.
resource "google_compute_instance" "orders" {
  name                    = "orders"
  machine_type            = "e2-small"
  zone                    = "europe-west3-a"
  metadata                = { enable-oslogin = "TRUE" }
  metadata_startup_script = <<-EOT
    #!/bin/sh
    gcloud secrets versions access latest --secret=orders-db > /run/orders/database
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
  service_account {
    email  = "orders@orders-prod.iam.gserviceaccount.com"
    scopes = ["cloud-platform"]
  }
}
