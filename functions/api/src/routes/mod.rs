//! The endpoints, one file per resource.

use axum::Router;

use crate::endpoint::{Endpoint, Server};

mod acs_credential_pools;
mod acs_credentials;
mod acs_of_user_identity;
mod acs_systems;
mod acs_users;
mod assign_acs_credential;
mod change_acs_system;
mod change_acs_user;
mod client_sessions;
mod contact;
mod create_acs_credential;
mod create_client_session;
mod create_sandbox_phone;
mod create_user_identity;
mod credential_holder;
mod delete_acs_credential;
mod enrollment_automations;
mod events;
mod health;
mod installation;
mod launch_enrollment_automation;
mod link_acs_user;
mod linked_acs_user;
mod list_acs_users;
mod mobile_sdk;
mod named_acs_user;
mod named_parent;
mod named_user_identity;
mod openapi_document;
mod phone_timeline;
mod phones;
mod taken_value;
mod unlink_acs_user;
mod update_acs_credential;
mod update_user_identity;
mod user_identities;
mod webhooks;

/// What anybody may ask. None of it tells anything of a tenant.
pub(crate) fn open() -> Router<Server> {
    Router::new().merge(health::routes()).merge(openapi_document::routes())
}

/// Everything else.
pub(crate) fn authenticated() -> Vec<Endpoint> {
    [
        acs_credential_pools::routes(),
        acs_credentials::routes(),
        acs_systems::routes(),
        acs_users::routes(),
        client_sessions::routes(),
        enrollment_automations::routes(),
        events::routes(),
        mobile_sdk::routes(),
        phone_timeline::routes(),
        phones::routes(),
        user_identities::routes(),
        webhooks::routes(),
    ]
    .concat()
}
