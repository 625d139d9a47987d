//! The far side: virtual phones, and the simulator's ledger of everything that was ever made there.

use std::collections::BTreeMap;

use fobless::domain::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, WalkError, read, send, send_json};

/// Everything that was ever made at the credential manager, the revoked too.
#[derive(Clone, Debug, Deserialize)]
pub struct Ledger {
    /// The people.
    pub users: Vec<User>,
    /// The invitations.
    pub invitations: Vec<Invitation>,
    /// The phones.
    pub containers: Vec<Container>,
    /// The credentials.
    pub credentials: Vec<Credential>,
    /// How often each route was called.
    pub calls: BTreeMap<String, u64>,
    /// How often each status of failure was answered.
    pub refused: BTreeMap<String, u64>,
}

/// A person at the credential manager.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Its id.
    pub id: i64,
    /// Our id of the person.
    pub external_id: String,
    /// Its status.
    pub status: String,
}

/// An invitation.
#[derive(Clone, Debug, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// Its code.
    pub code: Secret,
    /// Its status.
    pub status: String,
}

/// A phone at the credential manager.
#[derive(Clone, Debug, Deserialize)]
pub struct Container {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// The invitation that it redeemed.
    pub invitation_id: i64,
    /// Its status.
    pub status: String,
}

/// A credential on a phone.
#[derive(Clone, Debug, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: i64,
    /// The phone.
    pub container_id: i64,
    /// The pool that it was drawn from.
    pub part_number: Option<String>,
    /// The number that readers see.
    pub card_number: String,
    /// Its status.
    pub status: String,
    /// Since when it is there. Times are texts that sort as times do.
    pub made_at: String,
    /// Until when it was.
    pub ended_at: Option<String>,
}

impl Credential {
    /// Whether it opens doors now, or may do so soon.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.status.starts_with("REVOK")
    }
}

impl Client {
    /// Somebody enters the code into the app. Answers the phone's id at the credential manager.
    pub async fn redeem(&self, code: &Secret, manufacturer: &str, model: &str) -> Result<i64, WalkError> {
        let body = json!({"invitation_code": code.expose(), "manufacturer": manufacturer, "model": model});
        let answer = send_json(self.http.post(format!("{}/simulator/phones", self.ready.simulator)), &body).await?;
        read(answer["container_id"].clone(), "a container")
    }

    /// Somebody removes the app.
    pub async fn remove_app(&self, container: i64) -> Result<(), WalkError> {
        send(self.http.delete(format!("{}/simulator/phones/{container}", self.ready.simulator)))
            .await
            .map(drop)
    }

    /// Everything that was ever made at the credential manager.
    pub async fn ledger(&self) -> Result<Ledger, WalkError> {
        read(
            send(self.http.get(format!("{}/simulator/ledger", self.ready.simulator))).await?,
            "a ledger",
        )
    }

    /// Turns the simulator's settings.
    pub async fn settings(&self, settings: &Value) -> Result<(), WalkError> {
        send_json(self.http.put(format!("{}/simulator/settings", self.ready.simulator)), settings)
            .await
            .map(drop)
    }

    /// Sets the simulator's faults in place of those before; an empty list clears them.
    pub async fn faults(&self, faults: &Value) -> Result<(), WalkError> {
        send_json(self.http.put(format!("{}/simulator/faults", self.ready.simulator)), faults)
            .await
            .map(drop)
    }
}
