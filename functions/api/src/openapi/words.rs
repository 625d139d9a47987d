//! What the parameters mean, in a sentence each. A name means the same wherever it stands.

/// The meaning of the parameter with this path. Every parameter has one.
pub(super) fn meaning(path: &[String]) -> &'static str {
    let name = path.last().map(String::as_str).unwrap_or_default();
    let found = MEANINGS.iter().find(|(known, _)| *known == name);
    found.map_or_else(|| panic!("{path:?} is not explained"), |(_, meaning)| meaning)
}

const MEANINGS: &[(&str, &str)] = &[
    ("access_method", "How doors are opened; only mobile_key is supported."),
    ("acs_credential_id", "The credential."),
    (
        "acs_credential_pool_id",
        "The pool that credentials are drawn from; the credential manager's own choice without it.",
    ),
    ("acs_system_id", "The access control system."),
    ("acs_system_ids", "The access control systems."),
    ("acs_user_id", "The person inside an access control system."),
    ("between", "Two moments; what happened between them, both left out."),
    ("card_format", "The format of every phone's card."),
    ("connected_account_id", "The account through which a system is connected."),
    (
        "create_credential_manager_user",
        "Whether to make the person at the credential manager, which is done anyway unless one is named.",
    ),
    ("created_before", "Only what was made before this moment."),
    ("credential_manager_acs_system_id", "The credential manager."),
    (
        "credential_manager_acs_user_id",
        "Who the person is at the credential manager already.",
    ),
    ("custom_sdk_installation_id", "The app's own name for its installation."),
    ("customer_key", "A customer of yours; nothing belongs to one here."),
    ("device_id", "The phone."),
    ("device_ids", "The phones."),
    ("email", "The e-mail address, under its older name."),
    ("email_address", "The e-mail address."),
    ("ends_at", "When it ends; in the future, and after starts_at."),
    ("enrollment_automation_id", "The enrollment automation."),
    ("event_id", "The event."),
    ("event_ids", "The events."),
    ("event_type", "The type of event."),
    ("event_types", "The types of event."),
    ("expires_at", "When it expires."),
    ("facility_code", "The facility code of every phone's card."),
    ("full_name", "The full name."),
    (
        "is_multi_phone_sync_credential",
        "Whether it is a multi-phone sync credential, or a phone's.",
    ),
    ("is_override_key", "Override keys are not supported."),
    (
        "kind",
        "What the system is: a HID Origo organization, a system that Fobless keeps itself, one behind a connector of yours.",
    ),
    ("limit", "How many at most."),
    ("location", "Where it is."),
    ("name", "What people call it."),
    ("owner_user_identity_id", "The person whose phone it is."),
    ("page_cursor", "Where the page begins, as the one before it told."),
    ("part_numbers", "HID part numbers: each becomes a credential pool."),
    ("phone_number", "The phone number, E.164."),
    ("search", "Only what contains this text."),
    ("since", "What happened after this moment."),
    ("starts_at", "When it begins; at once without it."),
    ("time_zone", "The time zone, as the IANA names it."),
    ("user_identity_email_address", "The e-mail address of the person behind."),
    ("user_identity_id", "The person."),
    ("user_identity_ids", "The people."),
    ("user_identity_key", "Your own key of the person."),
    ("visionline_metadata", "Only card_format means something here."),
    (
        "when_invalidated",
        "What becomes of a phone's credential that somebody revokes at the credential manager.",
    ),
    ("user_identity_phone_number", "The phone number of the person behind."),
];
