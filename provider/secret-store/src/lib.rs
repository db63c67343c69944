//! One trait over the places where secrets are kept.
