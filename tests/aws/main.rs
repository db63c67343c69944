//! The provider on AWS Secrets Manager with real Terraform: what a user of the store `aws` does, reads with boto3, and meets when
//! something goes wrong. The doubles are moto, which knows the most calls, and ministack, which enforces policies.

mod example;
mod faults;
mod grants;
mod guide;
mod life;
mod life_elsewhere;
mod moved;
mod refused;
mod requests;
mod rotation;
mod scene;
mod secrecy;
mod together;
