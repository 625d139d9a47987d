//! Creating a person at HID, and what to call one of whom little is known.

use serde_json::json;

use super::{
    call::{Call, Service},
    http::Http,
    identifier,
    json::Unreadable,
    urn,
};
use crate::{
    credential_manager::{CallResult, Person, Priority},
    domain::ids::RemoteUserId,
};

/// Creates the person and nothing beside: no invitation, no e-mail, no credential. HID answers 409 when the e-mail address is taken.
pub(super) async fn create(http: &Http, person: &Person) -> CallResult<RemoteUserId> {
    let name = Name::of(person);
    let body = json!({
        "schemas": [urn::USER_ACTION, urn::USER],
        "externalId": person.external_id.to_string(),
        "name": { "familyName": name.family, "givenName": name.given },
        "emails": [{ "value": email_of(person, &http.config().placeholder_email_domain) }],
        urn::USER_ACTION: {
            "createInvitationCode": "N", "sendInvitationEmail": "N", "assignCredential": "N", "partNumber": "", "credential": "",
        },
        "meta": { "resourceType": "PACSUser" },
    });
    let call = Call::post(Service::MobileIdentities, "/users", body, Priority::Invite).about("the organization");
    let reply = http.send_for_json(&call).await?;
    identifier::of_resource(&reply)
        .map(RemoteUserId::new)
        .ok_or_else(|| call.unreadable(Unreadable("the id of the user")))
}

/// The address to create and to find the person with. HID compares addresses with regard to case, and they are unique in an
/// organization; hence lower case.
///
/// Not established: whether HID requires an address. Every client seen sends one, so a person without gets one that is made
/// from our id: the same each time, nobody else's, and in a domain to which nothing can be delivered.
pub(super) fn email_of(person: &Person, placeholder_domain: &str) -> String {
    let known = person.email_address.as_deref().map(str::trim).filter(|address| !address.is_empty());
    known.map_or_else(|| format!("{}@{placeholder_domain}", person.external_id), str::to_lowercase)
}

/// A name in the two parts that HID wants, neither of them empty.
struct Name {
    given: String,
    family: String,
}

impl Name {
    /// The last word is the family name. A single word is both; without any the id stands in, so that an operator can find the person.
    fn of(person: &Person) -> Self {
        let words: Vec<&str> = person.full_name.as_deref().unwrap_or_default().split_whitespace().collect();
        match words.as_slice() {
            [] => Self {
                given: "User".to_owned(),
                family: person.external_id.to_string(),
            },
            [only] => Self {
                given: (*only).to_owned(),
                family: (*only).to_owned(),
            },
            [given @ .., family] => Self {
                given: given.join(" "),
                family: (*family).to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::credential_manager::{
        CallError, CredentialManager,
        hid_origo::scripted::{Bench, Script, ada, nameless},
    };

    async fn create_answered_by(script: Script) -> CallResult<RemoteUserId> {
        Bench::start([script]).await.adapter.create_user(&ada()).await
    }

    #[tokio::test]
    async fn a_person_is_created_with_a_lower_case_address_and_nothing_beside() {
        let bench = Bench::start([Script::json(201, &json!({ "id": 42 }))]).await;
        assert_eq!(bench.adapter.create_user(&ada()).await, Ok(RemoteUserId::new("42")));
        let asked = bench.hid.only_request();
        assert_eq!(asked.line, "POST /credential-management/customer/1000042/users");
        let body = asked.json();
        assert_eq!(body["externalId"], ada().external_id.to_string());
        assert_eq!(body["emails"], json!([{ "value": "ada@example.com" }]));
        assert_eq!(body["name"], json!({ "familyName": "Lovelace", "givenName": "Ada King" }));
        assert_eq!(body["meta"]["resourceType"], "PACSUser");
        let flags = ["createInvitationCode", "sendInvitationEmail", "assignCredential"].map(|flag| body[urn::USER_ACTION][flag].clone());
        assert_eq!(flags, [json!("N"), json!("N"), json!("N")]);
    }

    #[tokio::test]
    async fn the_id_may_be_a_number_a_text_or_the_end_of_a_location() {
        let location = json!({ "meta": { "location": "https://hid.example/users/42" } });
        for reply in [json!({ "id": 42 }), json!({ "id": "42" }), location] {
            for status in [200, 201] {
                assert_eq!(create_answered_by(Script::json(status, &reply)).await, Ok(RemoteUserId::new("42")));
            }
        }
    }

    #[tokio::test]
    async fn a_created_person_whose_id_is_not_told_is_unknown() {
        for script in [
            Script::json(201, &json!({})),
            Script::json(201, &Value::Null),
            Script::Reply(201, b"<html>".to_vec()),
        ] {
            assert!(matches!(create_answered_by(script).await, Err(CallError::UnknownOutcome(_))));
        }
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_a_conflict() {
        let answer = create_answered_by(Script::json(409, &json!({ "detail": "taken" }))).await;
        assert_eq!(answer, Err(CallError::Conflict("status 409: taken".to_owned())));
    }

    #[test]
    fn whoever_has_no_address_gets_the_same_made_up_one_each_time() {
        let address = email_of(&nameless(), "fobless.invalid");
        assert_eq!(address, format!("{}@fobless.invalid", nameless().external_id));
        let blank = Person {
            email_address: Some("  ".to_owned()),
            ..nameless()
        };
        assert_eq!(email_of(&blank, "fobless.invalid"), address);
    }

    #[test]
    fn no_part_of_a_name_is_ever_empty() {
        let name = |full: &str| {
            let name = Name::of(&Person {
                full_name: Some(full.to_owned()),
                ..ada()
            });
            (name.given, name.family)
        };
        assert_eq!(name(" Ada  King\tLovelace "), ("Ada King".to_owned(), "Lovelace".to_owned()));
        assert_eq!(name("Ada"), ("Ada".to_owned(), "Ada".to_owned()));
        assert_eq!(name("  "), ("User".to_owned(), ada().external_id.to_string()));
    }
}
