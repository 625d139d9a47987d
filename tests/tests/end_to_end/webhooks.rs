//! Being told: an event reaches every webhook that wants it, once, signed, as `/events/get` shows it.

use std::time::Duration;

use fobless::{
    clock::Clock,
    domain::{
        event_types::EventTypes,
        ids::WebhookId,
        time::Timestamp,
        webhook::{Webhook, WebhookUrl},
        webhook_delivery::{DeliveryState, WebhookDelivery},
    },
    store::{Key, Store},
    webhook::draw_secret,
};
use fobless_local::{SystemOptions, seed};
use fobless_tests::{PATIENCE, Received, Receiver, Reply, ShiftedTime, Stack};
use serde_json::{Value, json};

/// How often the sweeper comes by in these tests.
const SWEEPS: Duration = Duration::from_millis(100);

/// The system, with a receiver of webhooks beside it and time that can be moved on.
pub(crate) struct Told {
    pub(crate) stack: Stack,
    pub(crate) receiver: Receiver,
    pub(crate) time: ShiftedTime,
    pub(crate) clock: Clock,
}

/// A webhook as its owner knows it.
pub(crate) struct Hook {
    pub(crate) id: WebhookId,
    pub(crate) secret: String,
    pub(crate) path: &'static str,
}

impl Told {
    pub(crate) async fn start() -> Self {
        let time = ShiftedTime::default();
        let clock = time.clock();
        let stack = Stack::start_with(SystemOptions {
            clock: clock.clone(),
            sweep_period: SWEEPS,
            ..SystemOptions::default()
        })
        .await;
        let receiver = Receiver::start().await;
        Self {
            stack,
            receiver,
            time,
            clock,
        }
    }

    pub(crate) async fn hook(&self, path: &'static str, event_types: &[&str]) -> Hook {
        let wish = json!({"url": self.receiver.url(path), "event_types": event_types});
        let made = self.stack.api("/webhooks/create", &wish).await.unwrap()["webhook"].clone();
        Hook {
            id: made["webhook_id"].as_str().unwrap().parse().unwrap(),
            secret: made["secret"].as_str().unwrap().to_owned(),
            path,
        }
    }

    /// One that was there since another time than now, which no user can bring about.
    pub(crate) async fn hook_since(&self, path: &'static str, event_type: &str, since: Timestamp) -> Hook {
        let (id, secret) = (WebhookId::generate(), draw_secret().unwrap());
        let hook = Hook {
            id,
            secret: secret.expose().to_owned(),
            path,
        };
        let types = EventTypes::parse(vec![event_type.to_owned()]).unwrap();
        let url = WebhookUrl::new(self.receiver.url(path));
        let webhook = Webhook::new(seed::WORKSPACE, id, url, types, secret, since);
        self.table().insert(webhook).await.unwrap();
        hook
    }

    /// Something happens: an ACS user is made. Answers the event's id.
    pub(crate) async fn something_happens(&self, name: &str) -> String {
        let known = self.events("acs_user.created").await;
        self.stack.another_person(name).await;
        let now = self.events("acs_user.created").await;
        assert_eq!(now.len(), known.len() + 1);
        now.last().unwrap()["event_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn events(&self, event_type: &str) -> Vec<Value> {
        let listed = self.stack.api("/events/list", &json!({"event_type": event_type})).await.unwrap();
        listed["events"].as_array().unwrap().clone()
    }

    /// What came to a path, once there are `count` requests.
    pub(crate) async fn received(&self, path: &str, count: usize) -> Vec<Received> {
        let look = async || Ok(Some(self.receiver.received(path)).filter(|received| received.len() >= count));
        let what = format!("{count} requests at {path}");
        let received = self.stack.wait_for(&what, PATIENCE, look).await.unwrap();
        assert_eq!(received.len(), count, "at {path}");
        received
    }

    /// The webhook as the API shows it.
    pub(crate) async fn shown(&self, hook: &Hook) -> Value {
        self.stack.api("/webhooks/get", &json!({"webhook_id": hook.id})).await.unwrap()["webhook"].clone()
    }

    /// The table, for what no user can bring about.
    pub(crate) fn table(&self) -> Store {
        self.stack.store().with_clock(self.clock.clone())
    }

    /// The delivery, once nobody is at it and at least so many attempts were made: who made the last has written down what came of it.
    pub(crate) async fn recorded(&self, hook: &Hook, event: &str, attempts: u32) -> WebhookDelivery {
        let (table, key) = (self.table(), Key::webhook_delivery(hook.id, event.parse().unwrap()));
        let look = async || {
            let found = table.get::<WebhookDelivery>(key.clone()).await.unwrap().map(|found| found.record);
            let is_attempting = |delivery: &WebhookDelivery| matches!(delivery.state, DeliveryState::Attempting { .. });
            Ok(found.filter(|delivery| delivery.attempt >= attempts && !is_attempting(delivery)))
        };
        self.stack.wait_for("a recorded attempt", PATIENCE, look).await.unwrap()
    }

    /// A sweep comes by and what it wakes is done: `marker` fails to take something that happens, and is tried again. Takes six seconds of
    /// the test's time.
    pub(crate) async fn settle(&self, marker: &Hook) {
        let before = self.receiver.received(marker.path).len();
        self.receiver.answer_next(marker.path, [Reply::Status(500)]);
        let event = self.something_happens(&format!("marker{before}")).await;
        self.received(marker.path, before + 1).await;
        self.recorded(marker, &event, 1).await;
        self.time.pass(Duration::from_secs(6));
        self.received(marker.path, before + 2).await;
    }
}

#[tokio::test]
async fn an_event_reaches_every_webhook_that_wants_it_once_and_nobody_else() {
    let told = Told::start().await;
    let all = told.hook("/all", &["*"]).await;
    let wanting = told.hook("/wanting", &["acs_user.created", "phone.registered"]).await;
    told.hook("/other", &["acs_user.deleted"]).await;
    let event = told.something_happens("mary").await;
    for hook in [&all, &wanting] {
        let received = told.received(hook.path, 1).await;
        let shown = told.stack.api("/events/get", &json!({"event_id": event})).await.unwrap();
        assert_eq!(received[0].event, shown["event"], "the body is the event itself");
        let name = received[0].verified(&hook.secret, told.clock.now());
        assert_eq!(name, format!("msg_{}", event.replace('-', "")));
        assert_eq!(received[0].header("content-type"), "application/json");
        assert!(received[0].header("user-agent").starts_with("fobless/"));
    }
    told.settle(&all).await;
    assert_eq!(told.receiver.received("/wanting").len(), 2, "mary and the marker");
    assert!(told.receiver.received("/other").is_empty());
}

#[tokio::test]
async fn a_phone_on_its_way_is_told_step_by_step() {
    let told = Told::start().await;
    let hook = told
        .hook(
            "/phones",
            &["phone.registered", "phone.enrolled", "acs_credential.issued", "phone.deactivated"],
        )
        .await;
    told.stack.launch_automation().await.unwrap();
    let parent = told.stack.create_credential().await.unwrap();
    let phone = told.stack.register("iphone").await;
    told.stack.redeem_code_of(phone).await;
    told.stack.issued(parent, 1).await;
    told.stack.deactivate_phone("iphone").await.unwrap();
    let received = told.received("/phones", 4).await;
    let mut types: Vec<&str> = received
        .iter()
        .map(|request| request.event["event_type"].as_str().unwrap())
        .collect();
    // Each is told at once, but nothing promises that they come in order.
    types.sort_unstable();
    assert_eq!(
        types,
        ["acs_credential.issued", "phone.deactivated", "phone.enrolled", "phone.registered"]
    );
    for request in &received {
        assert_eq!(request.event["device_id"], json!(phone));
        assert!(request.verified(&hook.secret, told.clock.now()).starts_with("msg_"));
    }
}

#[tokio::test]
async fn a_webhook_that_is_deleted_gets_nothing_more_and_one_that_changed_its_mind_gets_what_it_now_wants() {
    let told = Told::start().await;
    let (kept, deleted) = (told.hook("/kept", &["*"]).await, told.hook("/deleted", &["*"]).await);
    let changed = told.hook("/changed", &["acs_user.deleted"]).await;
    told.something_happens("before").await;
    told.received("/deleted", 1).await;
    told.stack
        .api("/webhooks/delete", &json!({"webhook_id": deleted.id}))
        .await
        .unwrap();
    let wish = json!({"webhook_id": changed.id, "event_types": ["acs_user.created"]});
    told.stack.api("/webhooks/update", &wish).await.unwrap();
    told.something_happens("after").await;
    told.received("/kept", 2).await;
    let received = told.received("/changed", 1).await;
    assert_eq!(received[0].event["event_type"], "acs_user.created");
    told.settle(&kept).await;
    assert_eq!(told.receiver.received("/deleted").len(), 1);
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_is_deleted_is_not_tried_again() {
    let told = Told::start().await;
    let (kept, deleted) = (told.hook("/kept", &["*"]).await, told.hook("/deleted", &["*"]).await);
    told.receiver.answer_always("/deleted", Reply::Status(500));
    told.something_happens("mary").await;
    told.received("/deleted", 1).await;
    told.stack
        .api("/webhooks/delete", &json!({"webhook_id": deleted.id}))
        .await
        .unwrap();
    told.time.pass(Duration::from_mins(10));
    told.settle(&kept).await;
    assert_eq!(told.receiver.received("/deleted").len(), 1);
}
