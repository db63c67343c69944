//! Facts of small plans, one behaviour each.
