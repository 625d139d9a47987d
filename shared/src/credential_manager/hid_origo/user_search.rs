//! Finding a person at HID. What a search finds is looked at before it is believed: to adopt the wrong person would give a
//! stranger's phone a key.

use serde_json::{Value, json};

use super::{
    call::{Call, Service},
    http::Http,
    identifier,
    json::{self, Unreadable},
    urn, user_view, users,
};
use crate::{
    credential_manager::{CallError, CallResult, EmailOwner, Person, Priority},
    domain::ids::{RemoteUserId, UserIdentityId},
};

/// HID serves no more than 25 hits in a page.
const PAGE: u32 = 20;
/// Each hit may cost a call. More of them than a page has are none that were asked for.
const MOST_HITS: usize = 25;

/// The oldest person with our external id. It isn't known whether HID keeps external ids unique.
pub(super) async fn by_external_id(http: &Http, external_id: UserIdentityId) -> CallResult<Option<RemoteUserId>> {
    let wanted = external_id.to_string();
    for hit in search(http, "externalId", &wanted).await? {
        if let Some(found) = hit.with_external_id(http).await?
            && found.owner(&wanted) == Owner::Us
        {
            return Ok(Some(found.id));
        }
    }
    Ok(None)
}

/// Whose the e-mail address of `person` is. Somebody without any external id may be adopted; somebody with another may not.
pub(super) async fn by_email(http: &Http, person: &Person) -> CallResult<EmailOwner> {
    let email = users::email_of(person, &http.config().placeholder_email_domain);
    let wanted = person.external_id.to_string();
    let mut owner = EmailOwner::Nobody;
    for hit in search(http, "emails", &email).await? {
        if hit.has_other_address_than(&email) {
            continue;
        }
        let Some(found) = hit.with_external_id(http).await? else { continue };
        match found.owner(&wanted) {
            Owner::Us | Owner::Nobody => return Ok(EmailOwner::Ours(found.id)),
            Owner::SomebodyElse => owner = EmailOwner::SomebodyElse,
        }
    }
    Ok(owner)
}

/// Searches for one value, and answers the hits that aren't deleted, the oldest first.
///
/// Not established: whether a person can be found right after being created. Nothing depends on it; the id of the reply counts.
async fn search(http: &Http, attribute: &str, value: &str) -> CallResult<Vec<Hit>> {
    // A text in a filter is written as JSON writes it, so that no address can add a condition of its own.
    let filter = format!("{attribute} eq {}", Value::from(value));
    let body = json!({ "schemas": [urn::SEARCH_REQUEST], "filter": filter, "startIndex": 1, "count": PAGE });
    let call = Call::search(Service::MobileIdentities, "/users/.search", body, Priority::Invite).about("the organization");
    let reply = http.send_for_json(&call).await?;
    if !reply.is_object() {
        return Err(call.unreadable(Unreadable("the list of users")));
    }
    let resources = json::list(&reply, "Resources").map_err(|part| call.unreadable(part))?;
    let mut hits: Vec<Hit> = resources
        .iter()
        .filter_map(Hit::parse)
        .filter(|hit| !user_view::is_deleted(&hit.shown))
        .collect();
    hits.sort_by(|one, other| identifier::by_number(one.id.as_str()).cmp(&identifier::by_number(other.id.as_str())));
    hits.truncate(MOST_HITS);
    Ok(hits)
}

/// Whose a person is by the external id.
#[derive(Debug, PartialEq, Eq)]
enum Owner {
    Us,
    Nobody,
    SomebodyElse,
}

/// A person as far as a hit or a read shows.
struct Hit {
    id: RemoteUserId,
    shown: Value,
}

impl Hit {
    /// Hits may lack an id; then the end of their location is one.
    fn parse(shown: &Value) -> Option<Self> {
        let id = RemoteUserId::new(identifier::of_resource(shown)?);
        Some(Self { id, shown: shown.clone() })
    }

    /// The same person, read in full where the hit leaves the external id open. `None` for somebody who is gone.
    async fn with_external_id(self, http: &Http) -> CallResult<Option<Self>> {
        if json::text(&self.shown, "externalId").is_some() {
            return Ok(Some(self));
        }
        match user_view::get(http, &self.id, Priority::Invite).await {
            Ok(shown) if user_view::is_deleted(&shown) => Ok(None),
            Ok(shown) => Ok(Some(Self { shown, ..self })),
            Err(CallError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn owner(&self, wanted: &str) -> Owner {
        match json::text(&self.shown, "externalId") {
            None => Owner::Nobody,
            Some(external_id) if external_id.eq_ignore_ascii_case(wanted) => Owner::Us,
            Some(_) => Owner::SomebodyElse,
        }
    }

    /// Whether the hit shows addresses, and the one searched for isn't among them.
    fn has_other_address_than(&self, email: &str) -> bool {
        let addresses = json::list(&self.shown, "emails").unwrap_or_default();
        let mut shown = addresses.iter().filter_map(|address| json::text(address, "value")).peekable();
        shown.peek().is_some() && !shown.any(|address| address.to_lowercase() == email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential_manager::{
        CredentialManager,
        hid_origo::scripted::{Bench, Script, ada},
    };

    fn hits(resources: &Value) -> Script {
        Script::json(200, &json!({ "totalResults": 1, "Resources": resources }))
    }

    fn ours() -> String {
        ada().external_id.to_string()
    }

    async fn find(scripts: impl IntoIterator<Item = Script>) -> (Option<String>, Bench) {
        let bench = Bench::start(scripts).await;
        let found = bench.adapter.find_user(ada().external_id).await.unwrap();
        (found.map(|id| id.as_str().to_owned()), bench)
    }

    async fn find_by_email(scripts: impl IntoIterator<Item = Script>) -> EmailOwner {
        Bench::start(scripts).await.adapter.find_user_by_email(&ada()).await.unwrap()
    }

    #[tokio::test]
    async fn a_search_is_a_post_with_a_filter_and_counts_from_one() {
        let (found, bench) = find([hits(&json!([]))]).await;
        assert_eq!(found, None);
        let asked = bench.hid.only_request();
        assert_eq!(asked.line, "POST /credential-management/customer/1000042/users/.search");
        assert_eq!(asked.json()["filter"], format!("externalId eq \"{}\"", ours()));
        assert_eq!(asked.json()["startIndex"], 1);
    }

    #[tokio::test]
    async fn the_oldest_that_is_not_deleted_counts() {
        let of = |id: Value, status: &str| json!({ "id": id, "externalId": ours(), "status": status });
        let all = json!([of(json!(100), "ACTIVE"), of(json!("20"), "SOMETHING_NEW"), of(json!(3), "DELETE_INITIATED"), { "odd": true }, 7]);
        assert_eq!(find([hits(&all)]).await.0, Some("20".to_owned()));
    }

    #[tokio::test]
    async fn a_search_that_finds_half_the_world_does_not_read_it_all() {
        let hit = |id: u32| json!({ "id": id });
        let all: Vec<Value> = (1..=100).map(hit).collect();
        let somebody = |id: u32| Script::json(200, &json!({ "id": id, "externalId": "somebody", "status": "ACTIVE" }));
        let scripts = std::iter::once(hits(&Value::from(all))).chain((1..=100).map(somebody));
        let (found, bench) = find(scripts).await;
        assert_eq!((found, bench.hid.requests().len()), (None, 1 + MOST_HITS));
    }

    #[tokio::test]
    async fn a_hit_without_an_id_is_read_through_its_location_but_never_followed() {
        let hit = json!([{ "meta": { "location": "https://elsewhere.example/users/42" } }]);
        let user = json!({ "id": 42, "externalId": ours(), "status": "ACTIVE" });
        let (found, bench) = find([hits(&hit), Script::json(200, &user)]).await;
        assert_eq!(found, Some("42".to_owned()));
        assert_eq!(bench.hid.requests()[1].line, "GET /credential-management/customer/1000042/users/42");
    }

    #[tokio::test]
    async fn a_stranger_in_the_hits_is_not_adopted() {
        assert_eq!(find([hits(&json!([{ "id": 1, "externalId": "somebody" }]))]).await.0, None);
        let stranger = json!({ "id": 1, "externalId": "somebody", "status": "ACTIVE" });
        assert_eq!(find([hits(&json!([{ "id": 1 }])), Script::json(200, &stranger)]).await.0, None);
        assert_eq!(find([hits(&json!([{ "id": 1 }])), Script::status(404)]).await.0, None);
    }

    #[tokio::test]
    async fn the_owner_of_an_address_is_told_by_the_external_id() {
        let hit = |external_id: &str| hits(&json!([{ "id": 1, "externalId": external_id, "emails": [{ "value": "Ada@Example.com" }] }]));
        let one = EmailOwner::Ours(RemoteUserId::new("1"));
        assert_eq!(find_by_email([hit(&ours())]).await, one);
        assert_eq!(find_by_email([hit("somebody")]).await, EmailOwner::SomebodyElse);
        assert_eq!(find_by_email([hits(&json!([]))]).await, EmailOwner::Nobody);
    }

    #[tokio::test]
    async fn a_hit_that_hides_its_external_id_is_read_before_it_is_adopted() {
        let hidden = || hits(&json!([{ "id": 1 }]));
        let user = |external_id: &Value| Script::json(200, &json!({ "id": 1, "externalId": external_id, "status": "ACTIVE" }));
        let one = EmailOwner::Ours(RemoteUserId::new("1"));
        assert_eq!(find_by_email([hidden(), user(&json!(""))]).await, one);
        assert_eq!(find_by_email([hidden(), user(&Value::Null)]).await, one);
        assert_eq!(find_by_email([hidden(), user(&json!(ours()))]).await, one);
        assert_eq!(find_by_email([hidden(), user(&json!("somebody"))]).await, EmailOwner::SomebodyElse);
        let deleted = Script::json(200, &json!({ "id": 1, "externalId": "somebody", "status": "DELETED" }));
        assert_eq!(find_by_email([hidden(), deleted]).await, EmailOwner::Nobody);
    }

    #[tokio::test]
    async fn an_address_cannot_widen_the_search() {
        let bench = Bench::start([hits(&json!([{ "id": 1, "emails": [{ "value": "other@example.com" }] }]))]).await;
        let sly = Person {
            email_address: Some("x\" or emails pr \"\\".to_owned()),
            ..ada()
        };
        assert_eq!(bench.adapter.find_user_by_email(&sly).await, Ok(EmailOwner::Nobody));
        assert_eq!(bench.hid.only_request().json()["filter"], r#"emails eq "x\" or emails pr \"\\""#);
    }

    #[tokio::test]
    async fn a_search_that_gets_no_answer_is_transient_since_it_changes_nothing() {
        for script in [
            Script::status(500),
            Script::HangUp,
            Script::json(200, &json!([])),
            Script::json(200, &json!({ "Resources": 3 })),
        ] {
            let bench = Bench::start([script]).await;
            assert!(matches!(
                bench.adapter.find_user(ada().external_id).await,
                Err(CallError::Transient(_))
            ));
        }
    }
}
