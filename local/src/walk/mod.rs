//! Walks through the system as its users do: the operator at the management API, the app's backend with signed events, and the
//! phones at the credential manager. The demo and the end-to-end tests speak these verbs.

mod error;
mod lifecycle;
mod objects;
mod simulator;

use std::time::Duration;

use fobless::{
    clock::Clock,
    domain::{
        ids::{AcsCredentialId, AcsUserId, DeviceId, EnrollmentAutomationId, InstallationId, UserIdentityId},
        phone_metadata::PhoneMetadata,
        time::Timestamp,
    },
    webhook::signed_webhook::{PhoneEvent, PhoneEventType},
};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub use self::{
    error::WalkError,
    objects::{Child, Enrollment, Phone},
    simulator::{Container, Credential, Invitation, Ledger, User},
};
use crate::{
    Ready,
    http_client::{HttpClientError, loopback_client},
    seed,
};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often to look whether something has come about.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Somebody who uses the system in the name of one person.
#[derive(Clone, Debug)]
pub struct Client {
    ready: Ready,
    http: reqwest::Client,
    clock: Clock,
    user_identity: UserIdentityId,
    acs_user: AcsUserId,
}

impl Client {
    /// In the name of the person who is there from the start.
    pub fn new(ready: Ready) -> Result<Self, HttpClientError> {
        let http = loopback_client(TIMEOUT)?;
        Ok(Self {
            ready,
            http,
            clock: Clock::system(),
            user_identity: seed::USER_IDENTITY,
            acs_user: seed::ACS_USER,
        })
    }

    /// In the name of another person.
    #[must_use]
    pub fn in_the_name_of(&self, user_identity: UserIdentityId, acs_user: AcsUserId) -> Self {
        Self {
            user_identity,
            acs_user,
            ..self.clone()
        }
    }

    /// The same, by a clock that is so far ahead, as that of the system is.
    #[must_use]
    pub fn ahead(&self, by: Duration) -> Self {
        Self {
            clock: Clock::system().ahead(by),
            ..self.clone()
        }
    }

    /// What time it is by its clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whose phones they are.
    #[must_use]
    pub const fn user_identity(&self) -> UserIdentityId {
        self.user_identity
    }

    /// Who that is in the access control system.
    #[must_use]
    pub const fn acs_user(&self) -> AcsUserId {
        self.acs_user
    }

    /// Where everything is.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Enrols each phone of the person with the credential manager, from now on.
    pub async fn launch_automation(&self) -> Result<EnrollmentAutomationId, WalkError> {
        let request = json!({
            "user_identity_id": self.user_identity,
            "credential_manager_acs_system_id": seed::CREDENTIAL_MANAGER,
            "acs_credential_pool_id": seed::CREDENTIAL_POOL,
            "create_credential_manager_user": true,
        });
        let answer = self.api("/user_identities/enrollment_automations/launch", &request).await?;
        read(
            answer["enrollment_automation"]["enrollment_automation_id"].clone(),
            "an enrollment automation",
        )
    }

    /// Deletes an enrollment automation.
    pub async fn delete_automation(&self, id: EnrollmentAutomationId) -> Result<(), WalkError> {
        self.api(
            "/user_identities/enrollment_automations/delete",
            &json!({"enrollment_automation_id": id}),
        )
        .await
        .map(drop)
    }

    /// Preconfigures the multi-phone sync credential, as the guide does.
    pub async fn create_credential(&self) -> Result<AcsCredentialId, WalkError> {
        let request = json!({
            "acs_user_id": self.acs_user,
            "is_multi_phone_sync_credential": true,
            "card_format": seed::CARD_FORMAT,
            "facility_code": seed::FACILITY_CODE,
            "access_method": "mobile_key",
        });
        let answer = self.api("/acs/credentials/create", &request).await?;
        read(answer["acs_credential"]["acs_credential_id"].clone(), "a credential")
    }

    /// The app's backend tells that a phone is in use.
    pub async fn register_phone(&self, installation: &str, metadata: PhoneMetadata) -> Result<DeviceId, WalkError> {
        self.phone_event(PhoneEventType::Registered, installation, metadata).await
    }

    /// The app's backend tells that a phone is lost, sold or signed out.
    pub async fn deactivate_phone(&self, installation: &str) -> Result<DeviceId, WalkError> {
        self.phone_event(PhoneEventType::Deactivated, installation, PhoneMetadata::default())
            .await
    }

    async fn phone_event(&self, event_type: PhoneEventType, installation: &str, metadata: PhoneMetadata) -> Result<DeviceId, WalkError> {
        let installation_id = InstallationId::new(installation);
        let device_id = DeviceId::of_installation(seed::WORKSPACE, self.user_identity, &installation_id);
        let now = self.clock.now();
        let event = PhoneEvent {
            event_type,
            workspace_id: seed::WORKSPACE,
            user_identity_id: self.user_identity,
            installation_id,
            metadata,
            occurred_at: now,
        };
        let webhook = event.sign(&self.ready.webhook_secret, now)?;
        let mut request = self.http.post(format!("{}/webhooks/phones", self.ready.api));
        for (name, value) in webhook.headers {
            request = request.header(name, value);
        }
        send(request.body(webhook.body)).await?;
        Ok(device_id)
    }

    /// A phone as the API shows it; `None` when it is not (yet, or any more) there.
    ///
    /// Found among the person's phones, which is strongly consistent: asked for by its id alone, the API would wait for an index.
    pub async fn phone(&self, device_id: DeviceId) -> Result<Option<Phone>, WalkError> {
        Ok(self.phones().await?.into_iter().find(|phone| phone.device_id == device_id))
    }

    /// The person's phones.
    pub async fn phones(&self) -> Result<Vec<Phone>, WalkError> {
        let answer = self
            .api("/phones/list", &json!({"owner_user_identity_id": self.user_identity}))
            .await?;
        read(answer["phones"].clone(), "phones")
    }

    /// The children of a multi-phone sync credential, one per phone.
    pub async fn children(&self, parent: AcsCredentialId) -> Result<Vec<Child>, WalkError> {
        let request = json!({"acs_user_id": self.acs_user, "is_multi_phone_sync_credential": false});
        let answer = self.api("/acs/credentials/list", &request).await?;
        let children: Vec<Child> = read(answer["acs_credentials"].clone(), "credentials")?;
        Ok(children
            .into_iter()
            .filter(|child| child.parent_acs_credential_id == parent)
            .collect())
    }

    /// Any call to the management API.
    pub async fn api(&self, path: &str, body: &Value) -> Result<Value, WalkError> {
        let request = self.http.post(format!("{}{path}", self.ready.api)).bearer_auth(&self.ready.api_key);
        send_json(request, body).await
    }

    /// Looks again and again until there is something to see, for as long as `patience`.
    pub async fn wait_for<T>(
        &self,
        what: &str,
        patience: Duration,
        mut look: impl AsyncFnMut() -> Result<Option<T>, WalkError>,
    ) -> Result<T, WalkError> {
        let begun = self.clock.now();
        loop {
            if let Some(seen) = look().await? {
                return Ok(seen);
            }
            if self.clock.now().since(begun) >= patience {
                return Err(WalkError::Deadline {
                    what: what.to_owned(),
                    patience,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

async fn send_json(request: RequestBuilder, body: &Value) -> Result<Value, WalkError> {
    send(
        request
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string()),
    )
    .await
}

/// Sends a request; an answer that is no JSON is null.
async fn send(request: RequestBuilder) -> Result<Value, WalkError> {
    let answer = request.send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    if status.is_success() {
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    } else {
        Err(WalkError::Refused {
            status: status.as_u16(),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

fn read<T: DeserializeOwned>(value: Value, what: &'static str) -> Result<T, WalkError> {
    serde_json::from_value(value).map_err(|error| WalkError::Unexpected { what, error })
}
