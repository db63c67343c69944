//! What users do with real Terraform, on the oldest and the newest release that is supported.

mod harness;
