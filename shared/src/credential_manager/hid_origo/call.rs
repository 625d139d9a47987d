//! A request to HID, before it is sent: which service, what it does, how urgent it is, and how an operator would call its subject.

use http::Method;
use serde_json::Value;

use super::{classify::Effect, json::Unreadable};
use crate::{
    credential_manager::{CallError, Priority},
    domain::secret::Secret,
};

/// A service of HID Origo. Each has its own host and its own rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// People, invitations, endpoints, credentials, part numbers.
    MobileIdentities,
    /// Past events and filters over them.
    Events,
    /// Registered callbacks.
    Callbacks,
}

/// A request, before it has a token.
pub(super) struct Call {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) effect: Effect,
    pub(super) priority: Priority,
    pub(super) subject: String,
    pub(super) secret: Option<Secret>,
}

impl Call {
    fn new(service: Service, method: Method, effect: Effect, path: String, priority: Priority) -> Self {
        let subject = path.trim_start_matches('/').split('?').next().unwrap_or_default().to_owned();
        Self {
            service,
            method,
            path,
            body: None,
            effect,
            priority,
            subject,
            secret: None,
        }
    }

    /// Reads a thing or a list.
    pub(super) fn get(service: Service, path: impl Into<String>, priority: Priority) -> Self {
        Self::new(service, Method::GET, Effect::Reads, path.into(), priority)
    }

    /// A search: a POST that changes nothing.
    pub(super) fn search(service: Service, path: impl Into<String>, body: Value, priority: Priority) -> Self {
        Self {
            body: Some(body),
            ..Self::new(service, Method::POST, Effect::Reads, path.into(), priority)
        }
    }

    /// Makes something.
    pub(super) fn post(service: Service, path: impl Into<String>, body: Value, priority: Priority) -> Self {
        Self {
            body: Some(body),
            ..Self::new(service, Method::POST, Effect::Writes, path.into(), priority)
        }
    }

    /// Removes something.
    pub(super) fn delete(service: Service, path: impl Into<String>, priority: Priority) -> Self {
        Self::new(service, Method::DELETE, Effect::Writes, path.into(), priority)
    }

    /// Names the thing that the call is about, for operators.
    pub(super) fn about(self, subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            ..self
        }
    }

    /// Keeps a secret of the body out of error texts, should HID quote it.
    pub(super) fn hiding(self, secret: Secret) -> Self {
        Self {
            secret: Some(secret),
            ..self
        }
    }

    /// What an unreadable part of a reply to this call means.
    pub(super) fn unreadable(&self, part: Unreadable) -> CallError {
        self.effect.lost(format!("HID's reply can't be read: {}", part.0))
    }
}
