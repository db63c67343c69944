//! The provider on a real OpenBao with real Terraform: what a user of the `vault` store does, reads with the server's own client,
//! and meets when something goes wrong.

mod clients;
mod database;
mod example;
mod faults;
mod grants;
mod life;
mod logins;
mod refused;
mod requests;
mod scene;
mod secrecy;
mod version_1;
