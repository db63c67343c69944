//! The bundled policies of secretlint.
