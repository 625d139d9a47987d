//! The credential manager: its ledger, which tells when an invitation or an issue call arrived, and its callbacks, which the benchmark
//! posts in its place, so that it knows when they were answered.

use std::{collections::BTreeMap, time::Duration};

use fobless::domain::secret::Secret;
use fobless_local::loopback_client;
use fobless_tests::{PATIENCE, Stack};
use serde_json::{Value, json};

use crate::measuring::{
    callbacks::Callbacks,
    moments::{in_micros, invitation_lifetime, micros, now},
};

/// How long all that was asked for may take to arrive.
const LONGEST_WAIT: Duration = Duration::from_mins(3);

/// The credential manager.
pub(crate) struct FarSide {
    http: reqwest::Client,
    ledger_url: String,
    callbacks: Callbacks,
}

/// Everything that was ever made there.
pub(crate) struct Ledger(Value);

/// An invitation of somebody.
#[derive(Clone)]
pub(crate) struct Invitation {
    pub(crate) id: i64,
    pub(crate) user: i64,
    pub(crate) code: Secret,
    pub(crate) made_at: i64,
}

/// A phone that redeemed its invitation.
pub(crate) struct Endpoint {
    pub(crate) id: i64,
    pub(crate) invitation: Invitation,
}

/// A credential that is on its phone.
#[derive(Clone)]
pub(crate) struct Issued {
    id: Value,
    card_number: u64,
    /// When the issue call arrived.
    pub(crate) asked_for_at: i64,
}

impl FarSide {
    pub(crate) fn of(stack: &Stack) -> Self {
        let http = loopback_client(PATIENCE).unwrap();
        Self {
            ledger_url: format!("{}/simulator/ledger", stack.ready().simulator),
            callbacks: Callbacks::to(stack, http.clone()),
            http,
        }
    }

    pub(crate) async fn ledger(&self) -> Ledger {
        let answer = self.http.get(&self.ledger_url).send().await.unwrap();
        Ledger(serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }

    /// Looks into the ledger every now and then until it shows what is waited for. The first look comes after the first pause: looking
    /// slows down what is looked at.
    pub(crate) async fn wait_for<T>(&self, what: &str, every: Duration, mut look: impl FnMut(&Ledger) -> Option<T>) -> T {
        let begun = now();
        loop {
            tokio::time::sleep(every).await;
            if let Some(seen) = look(&self.ledger().await) {
                return seen;
            }
            assert!(now() - begun < in_micros(LONGEST_WAIT), "there is still not: {what}");
        }
    }

    /// Tells that a phone redeemed its invitation. Answers when that was sent and when it was answered.
    pub(crate) async fn tell_active(&self, endpoint: &Endpoint) -> (i64, i64) {
        self.callbacks.send("endpoint", "ENDPOINT_ACTIVE", &endpoint.told()).await
    }

    /// Tells that a credential is on its phone.
    pub(crate) async fn tell_issued(&self, endpoint: &Endpoint, issued: &Issued) {
        let mut told = endpoint.told();
        told["mid"] = issued.id.clone();
        told["cardNumber"] = issued.card_number.into();
        self.callbacks.send("credential", "CREDENTIAL_ISSUED", &told).await;
    }
}

impl Ledger {
    fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap()
    }

    pub(crate) fn people(&self) -> usize {
        self.list("users").len()
    }

    /// The newest invitation of each person, by what we call the person.
    pub(crate) fn newest_invitations(&self) -> BTreeMap<&str, Invitation> {
        let users = self.list("users").iter();
        let names: BTreeMap<i64, &str> = users
            .map(|user| (number(user, "id"), user["external_id"].as_str().unwrap()))
            .collect();
        let mut newest = BTreeMap::new();
        for invitation in self.list("invitations") {
            let user = number(invitation, "user_id");
            // The ledger tells when a code expires, and all are valid equally long.
            let made_at = micros(&invitation["expires_at"]) - invitation_lifetime();
            let code = Secret::new(invitation["code"].as_str().unwrap());
            let id = number(invitation, "id");
            // They stand in the order in which they were made.
            newest.insert(names[&user], Invitation { id, user, code, made_at });
        }
        newest
    }

    /// The credentials on these endpoints, by endpoint, once each has one.
    pub(crate) fn issued_to(&self, endpoints: &[Endpoint]) -> Option<BTreeMap<i64, Issued>> {
        let credentials = self.list("credentials").iter();
        let issued: BTreeMap<i64, &Value> = credentials
            .filter(|credential| credential["status"] == "ISSUED")
            .map(|credential| (number(credential, "container_id"), credential))
            .collect();
        let of = |endpoint: &Endpoint| {
            let credential = issued.get(&endpoint.id)?;
            let issued = Issued {
                id: credential["id"].clone(),
                card_number: credential["card_number"].as_str()?.parse().ok()?,
                asked_for_at: micros(&credential["created_at"]),
            };
            Some((endpoint.id, issued))
        };
        endpoints.iter().map(of).collect()
    }

    /// How many credentials each phone ever got, by endpoint.
    pub(crate) fn credentials_per_endpoint(&self) -> BTreeMap<i64, usize> {
        let endpoints = self.list("containers").iter();
        let mut counts: BTreeMap<i64, usize> = endpoints.map(|endpoint| (number(endpoint, "id"), 0)).collect();
        for credential in self.list("credentials") {
            *counts.entry(number(credential, "container_id")).or_default() += 1;
        }
        counts
    }
}

impl Endpoint {
    fn told(&self) -> Value {
        json!({
            "userId": self.invitation.user.to_string(),
            "endpointId": self.id.to_string(),
            "invitationId": self.invitation.id.to_string(),
            "organizationId": "1000001",
        })
    }
}

fn number(entry: &Value, key: &str) -> i64 {
    entry[key].as_i64().unwrap()
}
