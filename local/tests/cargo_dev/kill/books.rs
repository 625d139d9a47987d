//! The three books, compared: what the API shows, what the credential manager's ledger says, and what the access control system holds.

use std::collections::{BTreeMap, BTreeSet};

use fobless_local::walk::{Client, Credential, Ledger, WalkError};
use fobless_tests::Told;
use serde_json::Value;

use super::{
    people::{Person, Wish},
    post::{children, parents},
};

/// What is at an endpoint: the endpoint's id and a card number.
type Held = (String, String);

/// What does not agree at the end. Empty: nothing was lost, and nothing is there twice.
pub(crate) async fn compare(client: &Client, people: &[Person], told: &Told) -> Result<Vec<String>, WalkError> {
    let ledger = client.ledger().await?;
    let (mut problems, mut held, mut numbers) = (never_two_at_once(&ledger), Vec::new(), BTreeMap::new());
    for person in people {
        let shown = Shown::of(&person.client(client)).await?;
        problems.extend(shown.differs_from(person));
        problems.extend(at_the_credential_manager(person, &ledger));
        held.extend(
            shown
                .children
                .iter()
                .map(|child| (text(metadata(child), "endpoint_id"), text(child, "card_number"))),
        );
        numbers.extend(
            shown
                .children
                .iter()
                .map(|child| (text(child, "card_number"), person.acs_user.to_string())),
        );
    }
    let live = ledger.credentials.iter().filter(|credential| credential.is_live());
    let mut live: Vec<Held> = live.map(|live| (live.container_id.to_string(), live.card_number.clone())).collect();
    live.sort_unstable();
    held.sort_unstable();
    if live != held {
        problems.push(format!("live at the credential manager: {live:?}, shown by the API: {held:?}"));
    }
    if numbers != told.holders {
        problems.push(format!(
            "held in the access control system: {:?}, issued: {numbers:?}",
            told.holders
        ));
    }
    problems.extend(each_number_once(told));
    Ok(problems)
}

/// A person as the API shows them.
struct Shown {
    parents: Vec<Value>,
    children: Vec<Value>,
    /// Each phone's id and how far its enrollment is.
    phones: Vec<(String, String)>,
}

impl Shown {
    async fn of(client: &Client) -> Result<Self, WalkError> {
        let phones = client.phones().await?;
        let status = |phone: &fobless_local::walk::Phone| phone.enrollment().map_or_else(String::new, |found| found.status.clone());
        let phones = phones.iter().map(|phone| (phone.device_id.to_string(), status(phone)));
        let mut shown = Self {
            parents: parents(client).await?,
            children: children(client).await?,
            phones: phones.collect(),
        };
        shown.phones.sort_unstable();
        Ok(shown)
    }

    fn differs_from(&self, person: &Person) -> Vec<String> {
        let mut problems = Vec::new();
        let in_use: Vec<String> = person.devices_in_use().iter().map(ToString::to_string).collect();
        let mut wanted: Vec<(String, String)> = in_use.iter().map(|device| (device.clone(), "active".to_owned())).collect();
        wanted.sort_unstable();
        if self.phones != wanted {
            problems.push(format!("{}: phones {:?}, not {wanted:?}", person.acs_user, self.phones));
        }
        let is_wished = person.wish == Wish::Credential;
        if self.parents.len() != usize::from(is_wished) {
            problems.push(format!("{}: {} multi-phone sync credentials", person.acs_user, self.parents.len()));
        }
        let mut with_one: Vec<String> = self.children.iter().map(|child| text(child, "device_id")).collect();
        with_one.sort_unstable();
        let mut to_have_one = if is_wished { in_use } else { Vec::new() };
        to_have_one.sort_unstable();
        if with_one != to_have_one {
            problems.push(format!("{}: credentials for {with_one:?}, not {to_have_one:?}", person.acs_user));
        }
        let unissued = self.children.iter().filter(|child| child["is_issued"] != true);
        problems.extend(unissued.map(|child| format!("{}: not issued: {child}", person.acs_user)));
        problems
    }
}

/// One user, one endpoint for each phone in use, and no invitation that anybody could still redeem.
fn at_the_credential_manager(person: &Person, ledger: &Ledger) -> Vec<String> {
    let id = person.user_identity.to_string();
    let users: BTreeSet<i64> = ledger
        .users
        .iter()
        .filter(|user| user.external_id == id)
        .map(|user| user.id)
        .collect();
    let endpoints = ledger
        .containers
        .iter()
        .filter(|found| users.contains(&found.user_id) && found.status == "ACTIVE");
    let open = ledger
        .invitations
        .iter()
        .filter(|found| users.contains(&found.user_id) && found.status == "PENDING");
    let (endpoints, open, in_use) = (endpoints.count(), open.count(), person.devices_in_use().len());
    let mut problems = Vec::new();
    if users.len() > 1 || endpoints != in_use || open > 0 {
        problems.push(format!(
            "{}: {} users, {endpoints} endpoints for {in_use} phones, {open} open invitations",
            person.acs_user,
            users.len()
        ));
    }
    problems
}

/// Nobody here has more than one multi-phone sync credential, so an endpoint never holds two.
fn never_two_at_once(ledger: &Ledger) -> Vec<String> {
    let mut by_endpoint: BTreeMap<i64, Vec<&Credential>> = BTreeMap::new();
    for credential in &ledger.credentials {
        by_endpoint.entry(credential.container_id).or_default().push(credential);
    }
    let mut problems = Vec::new();
    for (endpoint, mut held) in by_endpoint {
        held.sort_by(|one, other| one.made_at.cmp(&other.made_at));
        for pair in held.windows(2) {
            if pair[0].ended_at.as_ref().is_none_or(|ended| *ended > pair[1].made_at) {
                problems.push(format!("endpoint {endpoint} held two at once: {pair:?}"));
            }
        }
    }
    problems
}

/// A number is imported, allocated and taken away in this order, and neither of the first two twice. It is taken away once more where its import was not
/// answered, since that may come after the first removal. What is taken away before anybody knows how far it came
/// may never have been there.
fn each_number_once(told: &Told) -> Vec<String> {
    let mut of_number: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (kind, number) in &told.done {
        of_number
            .entry(number)
            .or_default()
            .push(kind.trim_start_matches("acs_credential."));
    }
    let stage = |kind: &&str| ["import", "allocate", "remove"].iter().position(|stage| stage == kind);
    let removal = stage(&"remove");
    let odd = of_number.iter().filter(|(_, kinds)| {
        !kinds
            .iter()
            .map(stage)
            .is_sorted_by(|one, next| one < next || (one, next) == (&removal, &removal))
    });
    odd.map(|(number, kinds)| format!("number {number} was told of as {kinds:?}"))
        .collect()
}

fn metadata(child: &Value) -> &Value {
    &child["properties"]["hid_origo_metadata"]
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
