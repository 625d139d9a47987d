//! The objects of the API as clients see them.

pub(crate) mod acs_credential;
pub(crate) mod acs_credential_pool;
pub(crate) mod acs_system;
pub(crate) mod acs_user;
pub(crate) mod client_session;
pub(crate) mod enrollment;
pub(crate) mod enrollment_automation;
pub(crate) mod notices;
pub(crate) mod phone;
pub(crate) mod phone_session;
pub(crate) mod phone_timeline;
pub(crate) mod user_identity;
pub(crate) mod webhook;
