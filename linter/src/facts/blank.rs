//! A fact with nothing said yet, so that an extractor writes only what its resource says: `Secret { name, ..Secret::of(origin, …) }`. What
//! is said by silence is the harmless answer: nothing expected, nothing supported, nothing allowed.

use super::model::{
    AttributePath, Audit, Certificate, Credential, Delivery, Generator, Grant, Key, Origin, Removal,
    Rotation, Secret, Store, Trust,
};

impl Secret {
    /// A secret of this kind in this store.
    pub(crate) fn of(origin: Origin, kind: &'static str, store: &'static str) -> Self {
        Self {
            origin,
            kind,
            store,
            name: None,
            description: None,
            description_supported: false,
            owner: None,
            tags: Default::default(),
            kms_key: None,
            customer_key_supported: false,
            recovery_window_days: None,
            recovery_supported: false,
            purge_protection: None,
            expires_at: None,
            expiry_expected: false,
            single_region: None,
            dynamic_alternative: None,
            rotation_expected: false,
            rotation_managed: false,
            rotations: Vec::new(),
            rotation_maybe: false,
            value_source: None,
        }
    }
}

impl Rotation {
    /// A rotation of a `secret` or a `key`, switched on.
    pub(crate) fn of(origin: Origin, target: &'static str) -> Self {
        Self {
            origin,
            target,
            secret: None,
            enabled: Some(true),
            period_days: None,
            schedule: None,
            strategy: None,
            keep_previous_seconds: None,
        }
    }
}

impl Grant {
    /// A statement of this kind that allows.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self {
            origin,
            kind,
            role: None,
            effect: "allow",
            statement: None,
            principals: None,
            access: Vec::new(),
            actions_allowed: Vec::new(),
            resources: Vec::new(),
            scope: None,
            concerns_secrets: false,
            administrator: false,
            decrypts_only: false,
            escalations: Vec::new(),
            foreign_principals: Vec::new(),
            negated: Vec::new(),
            condition_keys: Vec::new(),
            delegates_to_account: false,
            expires_at: None,
            reason: None,
        }
    }
}

impl Credential {
    /// A credential of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self {
            origin,
            kind,
            subject: None,
            expires_at: None,
            ttl_seconds: None,
            ends: None,
            renewed: false,
            path: Vec::new(),
        }
    }
}

impl Key {
    /// A key of this store.
    pub(crate) fn of(origin: Origin, store: &'static str) -> Self {
        Self {
            origin,
            store,
            rotation_enabled: None,
            rotation_period_days: None,
            deletion_window_days: None,
            purge_protection: None,
            expires_at: None,
            expiry_expected: false,
        }
    }
}

impl Store {
    /// A store of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self {
            origin,
            kind,
            name: None,
            public_network: None,
            purge_protection: None,
            recovery_window_days: None,
            versioned: None,
            secrets_encrypted: None,
            audited: None,
            audits: Vec::new(),
        }
    }
}

impl Audit {
    /// A log of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self { origin, kind, enabled: Some(true), covers_secrets: None, retention_days: None }
    }
}

impl Delivery {
    /// A delivery of this kind, written at `path`.
    pub(crate) fn of(mut origin: Origin, kind: &'static str, path: AttributePath) -> Self {
        origin.paths.insert("path".to_owned(), path.clone());
        Self { origin, kind, name: None, secret: None, path, file_possible: false, refreshes: None }
    }
}

impl Removal {
    /// The removal of something of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str, store: &'static str) -> Self {
        Self {
            origin,
            kind,
            store,
            replaced: false,
            replaced_by: Vec::new(),
            recoverable: None,
            recovery_window_days: None,
            holds_value: true,
        }
    }
}

impl Generator {
    /// A generator of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self { origin, kind, entropy_bits: None, shown: false, feeds: Vec::new() }
    }
}

impl Trust {
    /// A trust of this kind.
    pub(crate) fn of(origin: Origin, kind: &'static str) -> Self {
        Self { origin, kind, issuer: None, bounds: Vec::new(), policies: Vec::new(), ttl_seconds: None }
    }
}

impl Certificate {
    /// A certificate of which nothing is known yet.
    pub(crate) fn of(origin: Origin) -> Self {
        Self { origin, validity_days: None, renewed: None }
    }
}
