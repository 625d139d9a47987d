//! The endpoints, one file per resource.

pub(crate) mod acs_credential_pools;
pub(crate) mod acs_credentials;
pub(crate) mod acs_systems;
pub(crate) mod acs_users;
pub(crate) mod assign_acs_credential;
pub(crate) mod change_acs_user;
pub(crate) mod contact;
pub(crate) mod create_acs_credential;
pub(crate) mod credential_holder;
pub(crate) mod delete_acs_credential;
pub(crate) mod enrollment_automations;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod launch_enrollment_automation;
pub(crate) mod list_acs_users;
pub(crate) mod named_acs_user;
pub(crate) mod named_parent;
pub(crate) mod phone_timeline;
pub(crate) mod phones;
pub(crate) mod update_acs_credential;
pub(crate) mod user_identities;
pub(crate) mod webhooks;
