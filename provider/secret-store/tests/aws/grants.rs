//! Grants: what they allow and refuse, what they leave alone, and what is left after a fault.

mod document;
mod enforced;
mod faults;
mod keys;
mod own_policy;
