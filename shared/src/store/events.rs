//! Events: told together with the change that they are about, kept for 30 days, and read by id or in order of time.
//!
//! A span of time is a range of ids in the partitions of some days, see `event_keys`, so no index is needed.

use std::{ops::RangeInclusive, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store,
    error::StoreError,
    event_keys::{MILLIS_OF_DAY, day_of, id_at, key, moment_of, new_id, partition},
    item::{Item, Record, attribute, from_item, to_item},
    keys::Key,
    write::FIRST_VERSION,
};
use crate::domain::{
    event::Event,
    happenings::Tells,
    ids::{EventId, WorkspaceId},
    time::Timestamp,
};

/// How long an event is shown.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// Clocks differ: an instance that is ahead of this one tells events from this one's future.
const CLOCKS_DIFFER_BY: Duration = Duration::from_mins(5);
/// How many events are read at once, at least: a filter may leave out most of them.
const LEAST_AT_ONCE: usize = 100;
const MOST_AT_ONCE: usize = 1000;

/// A span of time, both ends left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventWindow {
    /// Events that were recorded later than this.
    pub after: Timestamp,
    /// Events that were recorded earlier than this.
    pub before: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OldestFirst,
    NewestFirst,
}

impl Tells for Event {}

impl Record for Event {
    fn key(&self) -> Key {
        key(self.workspace_id, day_of(self.created_at), self.event_id)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.created_at.plus(KEPT))
    }
}

impl EventWindow {
    /// Everything that is kept.
    pub const ALL: Self = Self {
        after: Timestamp::from_millis(-1),
        before: Timestamp::MAX,
    };

    /// The moments within, as far as there can be events at `now`.
    fn millis(self, now: Timestamp) -> RangeInclusive<i64> {
        let first = self.after.max(now.minus(KEPT)).millis().saturating_add(1).max(0);
        let last = self.before.min(now.plus(CLOCKS_DIFFER_BY)).millis().saturating_sub(1);
        first..=last
    }
}

impl Store {
    /// The event with this id, strongly consistent.
    pub async fn event(&self, workspace: WorkspaceId, id: EventId) -> Result<Option<Event>, StoreError> {
        let Some(at) = moment_of(id) else { return Ok(None) };
        let found = self.get::<Event>(key(workspace, day_of(at), id)).await?;
        // Removal lags behind.
        let is_kept = |event: &Event| event.created_at.plus(KEPT) > self.clock.now();
        Ok(found.map(|found| found.record).filter(is_kept))
    }

    /// The first `limit` events of a span of time that are `wanted`, oldest first.
    pub async fn events(
        &self,
        workspace: WorkspaceId,
        window: EventWindow,
        limit: usize,
        wanted: impl Fn(&Event) -> bool + Send,
    ) -> Result<Vec<Event>, StoreError> {
        self.walk(workspace, window, Order::OldestFirst, limit, wanted).await
    }

    /// The newest event that is `wanted`.
    pub async fn newest_event(&self, workspace: WorkspaceId, wanted: impl Fn(&Event) -> bool + Send) -> Result<Option<Event>, StoreError> {
        let found = self.walk(workspace, EventWindow::ALL, Order::NewestFirst, 1, wanted).await?;
        Ok(found.into_iter().next())
    }

    async fn walk(
        &self,
        workspace: WorkspaceId,
        window: EventWindow,
        order: Order,
        limit: usize,
        wanted: impl Fn(&Event) -> bool + Send,
    ) -> Result<Vec<Event>, StoreError> {
        let millis = window.millis(self.clock.now());
        let mut found = Vec::new();
        if millis.is_empty() {
            return Ok(found);
        }
        let days = millis.start().div_euclid(MILLIS_OF_DAY)..=millis.end().div_euclid(MILLIS_OF_DAY);
        let days: Vec<i64> = match order {
            Order::OldestFirst => days.collect(),
            Order::NewestFirst => days.rev().collect(),
        };
        for day in days {
            let mut start = None;
            loop {
                let at_once = limit.saturating_sub(found.len()).clamp(LEAST_AT_ONCE, MOST_AT_ONCE);
                let (events, next) = self.page_of_day(workspace, day, &millis, order, at_once, start).await?;
                found.extend(events.filter(&wanted).take(limit.saturating_sub(found.len())));
                if found.len() >= limit {
                    return Ok(found);
                }
                start = next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Some events of a day, and where the next ones start.
    async fn page_of_day(
        &self,
        workspace: WorkspaceId,
        day: i64,
        millis: &RangeInclusive<i64>,
        order: Order,
        at_once: usize,
        start: Option<Item>,
    ) -> Result<(impl Iterator<Item = Event> + use<>, Option<Item>), StoreError> {
        let (first, last) = (id_at(*millis.start(), [0; 10]), id_at(*millis.end(), [u8::MAX; 10]));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :last")
            .expression_attribute_names("#pk", attribute::PARTITION)
            .expression_attribute_names("#sk", attribute::ITEM)
            .expression_attribute_values(":pk", AttributeValue::S(partition(workspace, day)))
            .expression_attribute_values(":first", AttributeValue::S(first.to_string()))
            .expression_attribute_values(":last", AttributeValue::S(last.to_string()))
            .scan_index_forward(order == Order::OldestFirst)
            .limit(i32::try_from(at_once).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .send()
            .await?;
        let events = answer.items.unwrap_or_default().into_iter().filter_map(shown);
        Ok((events, answer.last_evaluated_key))
    }

    /// The items of the events that a change means, to be written together with the record `after`.
    pub(super) fn events_of<R: Record>(&self, before: Option<&R>, after: &R) -> Result<Vec<Item>, StoreError> {
        let kinds = R::tell(before, after);
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let nobody = || StoreError::Unwritable(format!("{} is about nobody who could be told", after.key()));
        let subject = after.subject().ok_or_else(nobody)?;
        let now = self.clock.now();
        let events = kinds.into_iter().map(|kind| Event {
            workspace_id: subject.workspace_id,
            event_id: new_id(now),
            user_identity_id: subject.user_identity_id,
            kind,
            created_at: now,
        });
        events.map(|event| to_item(&event, FIRST_VERSION)).collect()
    }
}

/// The event of an item. What a newer version tells, this one can't show; that is no reason to show nothing at all.
fn shown(item: Item) -> Option<Event> {
    let read = from_item::<Event>(item);
    read.inspect_err(|error| tracing::warn!(%error, "skipped an event"))
        .ok()
        .map(|read| read.record)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        event::{AcsUserSubject, CredentialSubject, EventKind},
        failure::FailureCode,
        ids::{AcsCredentialId, AcsSystemId, AcsUserId, ConnectedAccountId, DeviceId},
    };

    const NOON: Timestamp = Timestamp::from_millis(1_704_969_745_848);

    fn event(kind: EventKind) -> Event {
        Event {
            workspace_id: WorkspaceId::new(Uuid::from_u128(1)),
            event_id: new_id(NOON),
            user_identity_id: None,
            kind,
            created_at: NOON,
        }
    }

    #[test]
    fn every_shape_of_an_event_survives_the_table() {
        let (acs_system_id, connected_account_id) = (AcsSystemId::new(Uuid::from_u128(2)), ConnectedAccountId::new(Uuid::from_u128(3)));
        let subject = CredentialSubject {
            acs_credential_id: AcsCredentialId::new(Uuid::from_u128(4)),
            acs_system_id,
            connected_account_id,
            parent_acs_credential_id: None,
            device_id: Some(DeviceId::new(Uuid::from_u128(5))),
        };
        let kinds = [
            EventKind::UserIdentityDeleted,
            EventKind::PhoneRegistered {
                device_id: DeviceId::new(Uuid::from_u128(5)),
            },
            EventKind::AcsCredentialIssued(subject.clone()),
            EventKind::AcsCredentialFailedToIssue {
                subject,
                error_code: FailureCode::CredentialManagerUserNotFound,
                error_message: "The credential manager does not know its user any more.".to_owned(),
            },
            EventKind::AcsUserCreated(AcsUserSubject {
                acs_user_id: AcsUserId::new(Uuid::from_u128(6)),
                acs_system_id,
                connected_account_id,
            }),
        ];
        for told in kinds.map(event) {
            let item = to_item(&told, FIRST_VERSION).unwrap();
            assert_eq!(item[attribute::EXPIRES_AT].as_n().unwrap(), "1707561745");
            assert_eq!(shown(item), Some(told));
        }
    }

    #[test]
    fn what_a_newer_version_tells_is_left_out() {
        let mut item = to_item(&event(EventKind::UserIdentityDeleted), FIRST_VERSION).unwrap();
        item.insert("event_type".to_owned(), AttributeValue::S("door.repainted".to_owned()));
        assert_eq!(shown(item), None);
    }

    #[test]
    fn a_window_leaves_out_its_ends_what_is_expired_and_the_far_future() {
        let millis = |after, before| EventWindow { after, before }.millis(NOON);
        let hour = Duration::from_hours(1);
        let (earlier, later) = (NOON.minus(hour), NOON.plus(hour));
        assert_eq!(millis(earlier, NOON), earlier.millis() + 1..=NOON.millis() - 1);
        assert_eq!(*EventWindow::ALL.millis(NOON).start(), NOON.minus(KEPT).millis() + 1);
        assert_eq!(*millis(earlier, later).end(), NOON.plus(CLOCKS_DIFFER_BY).millis() - 1);
        assert!(millis(NOON, NOON).is_empty() && millis(later, earlier).is_empty());
    }
}
