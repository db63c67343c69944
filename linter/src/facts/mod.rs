//! Turns the resources of a plan into the model that rules are written against.

pub mod model;
