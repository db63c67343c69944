//! Grants of policy documents.
