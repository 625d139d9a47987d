//! A webhook: where a workspace wants to be told what happens, and of which kinds of events.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    deletion::{Deletable, Deletion},
    event::Event,
    event_types::EventTypes,
    ids::{WebhookId, WorkspaceId},
    secret::Secret,
    time::Timestamp,
    webhook_health::WebhookHealth,
};

/// How many webhooks a workspace may have: each event costs a write and a call for each of them.
pub const WEBHOOKS_PER_WORKSPACE: usize = 20;

/// How often a webhook's events are gone through though nothing happened: the net under a lost stream record.
pub const REVIEW_EVERY: Duration = Duration::from_hours(1);
/// A younger event than this is left to the stream, and a transaction that dated it before it was written is long over.
pub const REVIEW_LAG: Duration = Duration::from_mins(5);
/// Events are gone through once more as far back as this, since whoever dated them may have had a clock that was slow.
pub const REVIEW_OVERLAP: Duration = Duration::from_mins(10);

/// How many subscriptions are remembered. Older ones matter to no event that is still to be told.
const MOST_SUBSCRIPTIONS: usize = 10;

/// An address that events are sent to. It may hold a token of the receiver's, so it is not shown in logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Takes an address that somebody has looked at.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookUrl(redacted)")
    }
}

/// What was wanted since when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// From which moment on.
    pub since: Timestamp,
    /// Which kinds of events.
    pub event_types: EventTypes,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The tenant, whose events they are.
    pub workspace_id: WorkspaceId,
    /// Its id.
    pub webhook_id: WebhookId,
    /// Where events are sent.
    pub url: WebhookUrl,
    /// What they are signed with, `whsec_...`.
    pub secret: Secret,
    /// What was wanted, the present wish last. An event is judged by the wish of its own moment: it may be told later than that.
    pub subscriptions: Vec<Subscription>,
    /// How the receiver does.
    pub health: WebhookHealth,
    /// When it was made.
    pub created_at: Timestamp,
    /// The events until here were gone through: each of them has its delivery.
    pub reviewed_until: Timestamp,
    /// When they are gone through next.
    pub review_at: Timestamp,
    /// That somebody deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion: Option<Deletion>,
}

impl Webhook {
    /// A new one, which is told of what happens from `now` on.
    #[must_use]
    pub fn new(
        workspace_id: WorkspaceId,
        webhook_id: WebhookId,
        url: WebhookUrl,
        event_types: EventTypes,
        secret: Secret,
        now: Timestamp,
    ) -> Self {
        Self {
            workspace_id,
            webhook_id,
            url,
            secret,
            subscriptions: vec![Subscription { since: now, event_types }],
            health: WebhookHealth::Healthy,
            created_at: now,
            reviewed_until: now,
            review_at: now.plus(REVIEW_EVERY),
            deletion: None,
        }
    }

    /// Whether it is told anything at all.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.is_wanted() && !matches!(self.health, WebhookHealth::Disabled { .. })
    }

    /// The kinds of events that it is told of now. Nothing, if it was never subscribed to anything.
    #[must_use]
    pub fn event_types(&self) -> Vec<String> {
        let present = self.subscriptions.last().map(|present| present.event_types.clone());
        present.map(Vec::from).unwrap_or_default()
    }

    /// Whether it is told of this event.
    #[must_use]
    pub fn wants(&self, event: &Event) -> bool {
        let mut newest_first = self.subscriptions.iter().rev();
        let in_force = newest_first.find(|subscription| subscription.since <= event.created_at);
        self.is_enabled() && in_force.is_some_and(|subscription| subscription.event_types.include(event.kind.name()))
    }

    /// Wants these kinds of events from `now` on. A webhook that is disabled is enabled again; what happened meanwhile it is not told.
    /// Answers whether that is news.
    pub fn subscribe(&mut self, event_types: EventTypes, now: Timestamp) -> bool {
        if !self.is_enabled() {
            self.subscriptions.clear();
            self.health = WebhookHealth::Healthy;
            self.reviewed_until = now;
            self.review_at = now.plus(REVIEW_EVERY);
        } else if self.subscriptions.last().is_some_and(|present| present.event_types == event_types) {
            return false;
        }
        self.subscriptions.push(Subscription { since: now, event_types });
        let too_many = self.subscriptions.len().saturating_sub(MOST_SUBSCRIPTIONS);
        self.subscriptions.drain(..too_many);
        true
    }

    /// It is gone at once: what waits for it finds that out when its time comes. Nobody needs the secret any more. Answers whether
    /// that is news.
    pub fn delete(&mut self, now: Timestamp) -> bool {
        let is_news = self.request_deletion(now) && self.complete_deletion(now);
        if is_news {
            self.secret = Secret::new("");
        }
        is_news
    }

    /// Where the next review begins.
    #[must_use]
    pub fn review_after(&self) -> Timestamp {
        self.reviewed_until.minus(REVIEW_OVERLAP)
    }

    /// All events until `until` have their deliveries. `is_complete`: there were no more up to the present. Answers whether that is news.
    pub fn reviewed(&mut self, until: Timestamp, is_complete: bool, now: Timestamp) -> bool {
        self.reviewed_until = self.reviewed_until.max(until);
        self.review_at = if is_complete { now.plus(REVIEW_EVERY) } else { now };
        self.is_enabled()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        event::EventKind,
        ids::{DeviceId, EventId},
        webhook_health::DisabledBecause,
    };

    pub(crate) fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn types(names: &[&str]) -> EventTypes {
        EventTypes::parse(names.iter().map(|&name| name.to_owned()).collect()).unwrap()
    }

    pub(crate) fn webhook(event_types: &[&str]) -> Webhook {
        Webhook::new(
            WorkspaceId::new(Uuid::from_u128(1)),
            WebhookId::new(Uuid::from_u128(2)),
            WebhookUrl::new("https://receiver.example/hook?token=t0ps3cret"),
            types(event_types),
            Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
            at(100),
        )
    }

    fn event(kind: EventKind, created_at: Timestamp) -> Event {
        Event {
            workspace_id: WorkspaceId::new(Uuid::from_u128(1)),
            event_id: EventId::new(Uuid::from_u128(3)),
            user_identity_id: None,
            kind,
            created_at,
        }
    }

    fn registered(second: i64) -> Event {
        let device_id = DeviceId::new(Uuid::from_u128(4));
        event(EventKind::PhoneRegistered { device_id }, at(second))
    }

    #[test]
    fn it_is_told_of_what_it_wants_since_it_is_there() {
        let webhook = webhook(&["phone.registered"]);
        assert!(webhook.wants(&registered(100)) && webhook.wants(&registered(200)));
        assert!(!webhook.wants(&registered(99)), "that was before it was made");
        assert!(!webhook.wants(&event(EventKind::UserIdentityDeleted, at(200))));
    }

    #[test]
    fn an_event_is_judged_by_the_wish_of_its_own_moment() {
        let mut webhook = webhook(&["phone.registered"]);
        assert!(webhook.subscribe(types(&["user_identity.deleted"]), at(200)));
        assert!(!webhook.subscribe(types(&["user_identity.deleted"]), at(250)), "nothing new");
        assert!(webhook.wants(&registered(199)) && !webhook.wants(&registered(200)));
        let deleted = |second| event(EventKind::UserIdentityDeleted, at(second));
        assert!(webhook.wants(&deleted(200)) && !webhook.wants(&deleted(199)));
        assert_eq!(webhook.event_types(), ["user_identity.deleted"]);
    }

    #[test]
    fn one_that_is_disabled_is_told_nothing_and_after_it_is_enabled_again_not_what_happened_meanwhile() {
        let mut webhook = webhook(&["*"]);
        webhook.health = WebhookHealth::Disabled {
            at: at(200),
            because: DisabledBecause::Gone,
        };
        assert!(!webhook.wants(&registered(150)) && !webhook.wants(&registered(250)));
        assert!(webhook.subscribe(EventTypes::All, at(300)));
        assert!(!webhook.wants(&registered(250)) && webhook.wants(&registered(300)));
    }

    #[test]
    fn the_subscriptions_that_are_remembered_are_few() {
        let mut webhook = webhook(&["*"]);
        for n in 0..100 {
            webhook.subscribe(types(&[&format!("phone.n{n}")]), at(200 + n));
        }
        assert_eq!(webhook.subscriptions.len(), MOST_SUBSCRIPTIONS);
        assert_eq!(webhook.event_types(), ["phone.n99"]);
    }

    #[test]
    fn what_is_deleted_is_told_nothing_and_keeps_no_secret() {
        let mut webhook = webhook(&["*"]);
        assert!(webhook.delete(at(200)) && !webhook.delete(at(300)));
        assert!(webhook.is_gone() && !webhook.wants(&registered(150)));
        assert_eq!(webhook.secret, Secret::new(""));
    }

    #[test]
    fn a_review_goes_back_a_little_and_one_that_was_cut_short_goes_on_at_once() {
        let mut webhook = webhook(&["*"]);
        assert!(webhook.reviewed(at(3_000), true, at(3_600)));
        assert_eq!((webhook.review_after(), webhook.review_at), (at(2_400), at(7_200)));
        assert!(webhook.reviewed(at(5_000), false, at(7_200)));
        assert_eq!((webhook.reviewed_until, webhook.review_at), (at(5_000), at(7_200)));
    }

    #[test]
    fn neither_the_secret_nor_the_address_is_shown_by_debug() {
        let shown = format!("{:?}", webhook(&["*"]));
        assert!(!shown.contains("t0ps3cret") && !shown.contains("AAEC"), "{shown}");
    }

    #[test]
    fn the_name_of_an_event_is_the_one_that_is_written() {
        for kind in [
            EventKind::UserIdentityDeleted,
            registered(0).kind,
            EventKind::WebhookDisabled {
                webhook_id: WebhookId::new(Uuid::nil()),
                disabled_because: DisabledBecause::Gone,
            },
        ] {
            assert_eq!(serde_json::to_value(&kind).unwrap()["event_type"], kind.name());
        }
    }
}
