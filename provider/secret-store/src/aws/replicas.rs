//! Copies of a secret in other regions.
