//! What a connector is told, and by which id it knows that it was told before.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    access_control::{AccessControlError, AccessControlResult, CardNumber},
    domain::time::Timestamp,
    webhook::MessageId,
};

/// The namespace of message ids, which are computed so that a repeat has the same, whichever instance sends it.
const NAMESPACE: Uuid = Uuid::from_u128(0x2c4e_93d7_51ab_4f0e_8d26_b07f_94c1_3ae5);

/// What to do with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// Know it.
    Import,
    /// Give it to the ACS user.
    Allocate,
    /// Forget it.
    Remove,
}

impl Verb {
    /// Its name: what a connector reads in `type`, behind `acs_credential.`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Allocate => "allocate",
            Self::Remove => "remove",
        }
    }
}

/// One request, before it is signed.
pub(super) struct Message {
    /// The same for each repeat.
    pub(super) id: MessageId,
    /// The JSON text, just as it is to be signed.
    pub(super) body: String,
}

impl Message {
    pub(super) fn of(verb: Verb, number: &CardNumber, sent_at: Timestamp) -> AccessControlResult<Self> {
        let body = json!({
            "type": format!("acs_credential.{}", verb.name()),
            "timestamp": sent_at.to_string(),
            "data": data(number),
        });
        Ok(Self {
            id: id(verb, number)?,
            body: body.to_string(),
        })
    }
}

fn id(verb: Verb, number: &CardNumber) -> AccessControlResult<MessageId> {
    let CardNumber {
        acs_credential_id,
        acs_user_id,
        generation,
        card_number,
        ..
    } = number;
    // The number is free text, hence at the end: it can't pass for any of the others.
    let name = format!("{}/{acs_credential_id}/{acs_user_id}/{generation}/{card_number}", verb.name());
    let id = Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string();
    id.parse()
        .map_err(|_| AccessControlError::Misconfigured("the request has no usable id".to_owned()))
}

/// What is not known is left out, rather than null: connectors are often written in languages that tell the two apart badly.
fn data(number: &CardNumber) -> Value {
    let mut data = json!({
        "workspace_id": number.workspace_id,
        "acs_system_id": number.acs_system_id,
        "acs_user_id": number.acs_user_id,
        "acs_credential_id": number.acs_credential_id,
        "card_number": number.card_number,
    });
    let optional = [
        ("card_format", number.card_format.clone()),
        ("facility_code", number.facility_code.clone()),
        ("starts_at", number.starts_at.map(|moment| moment.to_string())),
        ("ends_at", number.ends_at.map(|moment| moment.to_string())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            data[name] = value.into();
        }
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control::bridge::connector_tests::{NOW, number};

    fn id_of(verb: Verb, number: &CardNumber) -> String {
        Message::of(verb, number, NOW).unwrap().id.to_string()
    }

    #[test]
    fn the_id_differs_by_all_that_makes_another_request_and_by_nothing_else() {
        let known = number();
        let id = id_of(Verb::Import, &known);
        assert_eq!(
            id, "fd3194ab-44a8-54a8-9cda-9807d5aff8c6",
            "connectors remember it: it must not change with a release"
        );
        let same = CardNumber {
            card_format: None,
            facility_code: Some("7".to_owned()),
            starts_at: None,
            ends_at: Some(NOW),
            ..known.clone()
        };
        assert_eq!(id_of(Verb::Import, &same), id);
        let others = [
            id_of(Verb::Allocate, &known),
            id_of(Verb::Remove, &known),
            id_of(Verb::Import, &CardNumber { generation: 2, ..number() }),
            id_of(
                Verb::Import,
                &CardNumber {
                    card_number: "57".to_owned(),
                    ..number()
                },
            ),
            id_of(
                Verb::Import,
                &CardNumber {
                    acs_user_id: "0b6f1c5e-3f43-4c5e-9d5a-6b1f2c3d4e5f".parse().unwrap(),
                    ..number()
                },
            ),
            id_of(
                Verb::Import,
                &CardNumber {
                    acs_credential_id: "0b6f1c5e-3f43-4c5e-9d5a-6b1f2c3d4e5f".parse().unwrap(),
                    ..number()
                },
            ),
        ];
        let distinct: std::collections::BTreeSet<_> = others.iter().chain([&id]).collect();
        assert_eq!(distinct.len(), others.len() + 1);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let bare = CardNumber {
            card_format: None,
            facility_code: None,
            starts_at: None,
            ends_at: None,
            ..number()
        };
        let body: Value = serde_json::from_str(&Message::of(Verb::Remove, &bare, NOW).unwrap().body).unwrap();
        let members: Vec<&String> = body["data"].as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            ["acs_credential_id", "acs_system_id", "acs_user_id", "card_number", "workspace_id"]
        );
    }
}
