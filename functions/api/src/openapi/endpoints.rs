//! What each endpoint does, in a few words, and which kind of answer it gives.

use std::collections::BTreeSet;

use super::answers::Answers::{self, Done, Many, One, Pages};

/// An endpoint in words.
#[derive(Clone, Debug)]
pub(super) struct Documented {
    pub(super) summary: &'static str,
    pub(super) answer: Answers,
}

const ENDPOINTS: &[(&str, &str, Answers)] = &[
    (
        "/acs/credential_pools/list",
        "The credential pools of a credential manager",
        Many("acs_credential_pools", "acs_credential_pool"),
    ),
    (
        "/acs/credential_provisioning_automations/launch",
        "Launches an enrollment automation, under its older name",
        One("acs_credential_provisioning_automation", "acs_credential_provisioning_automation"),
    ),
    (
        "/acs/credentials/assign",
        "Gives a multi-phone sync credential to an ACS user",
        One("acs_credential", "acs_credential"),
    ),
    (
        "/acs/credentials/create",
        "Preconfigures a multi-phone sync credential: from now on each phone of the person gets one of its own",
        One("acs_credential", "acs_credential"),
    ),
    (
        "/acs/credentials/delete",
        "Deletes a multi-phone sync credential, and takes it from every phone",
        Done,
    ),
    ("/acs/credentials/get", "A credential", One("acs_credential", "acs_credential")),
    (
        "/acs/credentials/list",
        "Credentials, of people and of phones",
        Pages("acs_credentials", "acs_credential"),
    ),
    (
        "/acs/credentials/unassign",
        "Takes a multi-phone sync credential from its ACS user",
        One("acs_credential", "acs_credential"),
    ),
    (
        "/acs/credentials/update",
        "Changes a multi-phone sync credential",
        One("acs_credential", "acs_credential"),
    ),
    ("/acs/systems/create", "Makes an ACS system", One("acs_system", "acs_system")),
    ("/acs/systems/delete", "Deletes an ACS system: nothing new is made in it", Done),
    ("/acs/systems/get", "An ACS system", One("acs_system", "acs_system")),
    (
        "/acs/systems/list",
        "The ACS systems, credential managers among them",
        Many("acs_systems", "acs_system"),
    ),
    (
        "/acs/systems/list_compatible_credential_manager_acs_systems",
        "The credential managers that can serve an ACS system",
        Many("acs_systems", "acs_system"),
    ),
    ("/acs/systems/update", "Changes an ACS system", Done),
    ("/acs/users/create", "Makes an ACS user", One("acs_user", "acs_user")),
    ("/acs/users/delete", "Deletes an ACS user, after everything that it holds", Done),
    ("/acs/users/get", "An ACS user", One("acs_user", "acs_user")),
    ("/acs/users/list", "ACS users", Pages("acs_users", "acs_user")),
    (
        "/acs/users/suspend",
        "Suspends an ACS user: its mobile credentials are taken from the phones",
        Done,
    ),
    ("/acs/users/unsuspend", "Ends the suspension of an ACS user", Done),
    ("/acs/users/update", "Changes an ACS user", Done),
    ("/events/get", "An event", One("event", "event")),
    ("/events/list", "What happened in the last 30 days", Many("events", "event")),
    ("/phones/deactivate", "Takes everything from a phone", Done),
    ("/phones/get", "A phone", One("phone", "phone")),
    ("/phones/list", "Phones", Pages("phones", "phone")),
    (
        "/phones/timeline",
        "What happened to a phone, and what it waits for",
        One("phone_timeline", "phone_timeline"),
    ),
    (
        "/webhooks/create",
        "Sends events to an address from now on",
        One("webhook", "webhook"),
    ),
    ("/webhooks/delete", "Ends the sending of events to an address", Done),
    ("/webhooks/get", "A webhook, with its secret", One("webhook", "webhook")),
    ("/webhooks/list", "The webhooks, without their secrets", Many("webhooks", "webhook")),
    (
        "/webhooks/update",
        "Changes which events are sent, and sends again to an address that was given up",
        Done,
    ),
    ("/user_identities/add_acs_user", "Links an ACS user to a person", Done),
    ("/user_identities/create", "Makes a person", One("user_identity", "user_identity")),
    (
        "/user_identities/delete",
        "Deletes a person, after everything that hangs on them",
        Done,
    ),
    (
        "/user_identities/enrollment_automations/delete",
        "Ends an enrollment automation: no further phone is enrolled",
        Done,
    ),
    (
        "/user_identities/enrollment_automations/get",
        "An enrollment automation",
        One("enrollment_automation", "enrollment_automation"),
    ),
    (
        "/user_identities/enrollment_automations/launch",
        "Launches an enrollment automation: from now on each phone of the person is enrolled",
        One("enrollment_automation", "enrollment_automation"),
    ),
    (
        "/user_identities/enrollment_automations/list",
        "The enrollment automations of a person",
        Many("enrollment_automations", "enrollment_automation"),
    ),
    ("/user_identities/get", "A person", One("user_identity", "user_identity")),
    (
        "/user_identities/list_acs_systems",
        "The ACS systems that a person is in",
        Many("acs_systems", "acs_system"),
    ),
    (
        "/user_identities/list_acs_users",
        "The ACS users of a person",
        Many("acs_users", "acs_user"),
    ),
    (
        "/user_identities/remove_acs_user",
        "Makes an ACS user nobody's, and takes its credentials from the phones",
        Done,
    ),
    ("/user_identities/update", "Changes a person", Done),
    ("/user_identities/list", "People", Pages("user_identities", "user_identity")),
    (
        "/client_sessions/create",
        "Makes a client session for a person's phone",
        One("client_session", "client_session"),
    ),
    ("/client_sessions/delete", "Deletes a client session", Done),
    ("/client_sessions/get", "A client session", One("client_session", "client_session")),
    (
        "/client_sessions/get_or_create",
        "The person's client session, made if there is none",
        One("client_session", "client_session"),
    ),
    (
        "/client_sessions/list",
        "Client sessions",
        Pages("client_sessions", "client_session"),
    ),
    ("/client_sessions/revoke", "Ends a client session early", Done),
    (
        "/phones/simulate/create_sandbox_phone",
        "Registers a phone that nobody has, in a sandbox",
        One("phone", "phone"),
    ),
    (
        "/seam/mobile_sdk/v1/acs/credentials/list",
        "The credentials on the phones of the session's person",
        Many("acs_credentials", "held_credential"),
    ),
    (
        "/seam/mobile_sdk/v1/phone_sessions/get_or_create",
        "Registers the phone that asks, and tells how far it has come",
        One("phone_session", "phone_session"),
    ),
];

/// The words for an endpoint. Every one has them.
pub(super) fn documented(path: &str) -> Documented {
    let (_, summary, answer) = ENDPOINTS
        .iter()
        .find(|(known, ..)| *known == path)
        .unwrap_or_else(|| panic!("{path} is not documented"));
    Documented { summary, answer: *answer }
}

/// There are words for no endpoint that is not there.
pub(super) fn assert_all_exist(paths: &BTreeSet<&str>) {
    for (path, ..) in ENDPOINTS {
        assert!(paths.contains(path), "{path} is documented, but not there");
    }
}
