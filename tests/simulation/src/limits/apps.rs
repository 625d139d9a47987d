//! The people with their phones: their app's backend registers them, the apps redeem their codes, and the far side calls back.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use fobless::{
    domain::{enrollment::EnrollmentState, ids::AcsCredentialId, phone_credential::PhoneCredentialState},
    webhook::{HeaderFamily, SigningKey},
};
use http::{Method, Request};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{deployment::Deployment, far_side::FarSide};
use crate::{
    mail::{CALLBACK_HEADER, CALLBACK_SECRET, WEBHOOK_SECRET},
    records::Names,
    store::at_once,
    time::Time,
};

const PHONES_EACH: usize = 5;
/// How often apps look for codes, and how late callbacks are at most.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// People, each with five phones and a multi-phone sync credential.
pub struct Crowd {
    people: Vec<Names>,
}

impl Crowd {
    /// Makes so many people and lets their apps live. Their phones are not registered yet.
    #[must_use]
    pub fn of(deployment: &mut Deployment, people: usize) -> Self {
        let now = deployment.now();
        let people: Vec<Names> = (0..people).map(|number| deployment.names.another_person(number)).collect();
        for (number, names) in people.iter().enumerate() {
            let parent = AcsCredentialId::new(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0000 | number as u128));
            at_once(async {
                deployment.store.insert(names.identity(now)).await.unwrap();
                deployment.store.insert(names.acs_user(names.acs_users[0], now)).await.unwrap();
                deployment
                    .store
                    .insert(names.parent(parent, 0, names.acs_users[0], now))
                    .await
                    .unwrap();
                deployment.store.insert(names.automation(now)).await.unwrap();
            });
        }
        let apps = Apps {
            far_side: deployment.far_side.clone(),
            webhook: Arc::clone(&deployment.webhook),
            manager: deployment.names.manager.to_string(),
            time: deployment.time.clone(),
            told: BTreeSet::new(),
        };
        deployment.spawn(apps.live());
        Self { people }
    }

    /// Every phone: whose, and which.
    pub fn phones(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let people = self.people.len();
        (0..people).flat_map(|person| (0..PHONES_EACH).map(move |phone| (person, phone)))
    }

    /// The app's backend tells that these phones are in use, or are not any more.
    pub fn tell(&self, deployment: &mut Deployment, phones: impl IntoIterator<Item = (usize, usize)>, is_in_use: bool) {
        let now = deployment.now();
        let key = SigningKey::parse(WEBHOOK_SECRET).unwrap();
        for (person, phone) in phones {
            let body = json!({
                "event_type": if is_in_use { "phone.registered" } else { "phone.deactivated" },
                "occurred_at": now.to_string(),
                "created_at": now.to_string(),
                "user_identity_id": self.people[person].owner.user_identity_id,
                "custom_sdk_installation_id": Names::installation(phone),
            })
            .to_string();
            let id = format!("msg_{person}_{phone}_{}", now.millis()).parse().unwrap();
            let headers = key.headers(HeaderFamily::Standard, &id, now, body.as_bytes());
            let request = headers
                .into_iter()
                .fold(Request::post("/webhooks/phones"), |request, (name, value)| {
                    request.header(name, value)
                });
            let answer = at_once(phone_webhook::handle(
                &deployment.webhook,
                request.body(Some(Bytes::from(body))).unwrap(),
            ));
            assert!(answer.status().is_success(), "{}", answer.status());
        }
    }

    /// The phones that hold their credential.
    #[must_use]
    pub fn served(&self, deployment: &Deployment) -> Vec<(usize, usize)> {
        self.served_and_enrolled(deployment).0
    }

    /// The same, and how many are enrolled, credential or not.
    #[must_use]
    pub fn served_and_enrolled(&self, deployment: &Deployment) -> (Vec<(usize, usize)>, usize) {
        let (mut served, mut enrolled) = (Vec::new(), 0);
        for (person, names) in self.people.iter().enumerate() {
            let aggregate = at_once(deployment.store.load(names.owner)).unwrap();
            let enrollments = aggregate.enrollments.iter().map(|found| &found.record.state);
            enrolled += enrollments.filter(|state| matches!(state, EnrollmentState::Active { .. })).count();
            let children = aggregate.phone_credentials.iter().map(|found| &found.record);
            let holders: Vec<_> = children
                .filter(|child| matches!(child.state, PhoneCredentialState::Issued { .. }))
                .map(|child| child.device_id)
                .collect();
            let phones = (0..PHONES_EACH).filter(|phone| holders.contains(&names.device(*phone)));
            served.extend(phones.map(|phone| (person, phone)));
        }
        (served, enrolled)
    }

    /// What holds back each phone that failed last.
    #[must_use]
    pub fn failures(&self, deployment: &Deployment) -> Vec<String> {
        let mut failures = Vec::new();
        for names in &self.people {
            let aggregate = at_once(deployment.store.load(names.owner)).unwrap();
            let automations = aggregate.automations.iter().map(|found| &found.record.ensure_user);
            let enrollments = aggregate.enrollments.iter().map(|found| &found.record.effort);
            let children = aggregate.phone_credentials.iter().map(|found| &found.record.effort);
            let efforts = automations.chain(enrollments).chain(children);
            failures.extend(efforts.filter_map(|effort| effort.last_failure.as_ref().map(|failure| failure.code.to_string())));
        }
        failures
    }
}

/// All apps, and the far side's callbacks.
struct Apps {
    far_side: FarSide,
    webhook: Arc<phone_webhook::State>,
    manager: String,
    time: Time,
    told: BTreeSet<String>,
}

impl Apps {
    async fn live(mut self) {
        loop {
            self.time.wait(LOOK_EVERY).await;
            let ledger = self.far_side.ask(Method::GET, "/simulator/ledger", &Value::Null).await;
            for invitation in list(&ledger, "invitations").filter(|invitation| invitation["status"] == "PENDING") {
                let code = json!({"invitation_code": invitation["code"]});
                self.far_side.ask(Method::POST, "/simulator/phones", &code).await;
            }
            self.call_back(&ledger).await;
        }
    }

    /// Tells of what is new since the last look.
    async fn call_back(&mut self, ledger: &Value) {
        let mut events = Vec::new();
        for container in list(ledger, "containers").filter(|container| container["status"] == "ACTIVE") {
            if self.told.insert(format!("endpoint {}", container["id"])) {
                events.push(json!({"type": "com.origo.mi.endpoint", "data": {
                    "userId": container["user_id"], "status": "ENDPOINT_ACTIVE",
                    "endpointId": container["id"], "invitationId": container["invitation_id"],
                }}));
            }
        }
        let users: std::collections::BTreeMap<String, &Value> = list(ledger, "containers")
            .map(|container| (container["id"].to_string(), &container["user_id"]))
            .collect();
        for credential in list(ledger, "credentials") {
            if self
                .told
                .insert(format!("credential {} {}", credential["id"], credential["status"]))
            {
                let user = users.get(&credential["container_id"].to_string());
                events.push(json!({"type": "com.origo.mi.credential", "data": {"userId": user}}));
            }
        }
        for event in events {
            let request = Request::post(format!("/webhooks/hid-origo/{}", self.manager)).header(CALLBACK_HEADER, CALLBACK_SECRET);
            let answer = phone_webhook::handle(&self.webhook, request.body(Some(json!([event]).to_string().into())).unwrap()).await;
            assert!(answer.status().is_success(), "{} for {event}", answer.status());
        }
    }
}

fn list<'a>(ledger: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    ledger[name].as_array().into_iter().flatten()
}
