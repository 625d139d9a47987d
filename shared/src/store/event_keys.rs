//! Where an event lives: a day of a workspace's events is a partition, and in it they stand in the order of their ids.
//!
//! An event's id begins with its moment (UUID version 7), so the id alone tells the day, and a span of time is a range of ids. Of
//! events from the same millisecond those of one instance are in order; those of several instances are in any, but steady, order.

use std::sync::atomic::{AtomicU16, Ordering};

use uuid::{Builder, Uuid};

use super::keys::Key;
use crate::domain::{
    ids::{EventId, WorkspaceId},
    time::Timestamp,
};

const PARTITION: &str = "EVENTS#";

pub(super) const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// Counts this instance's events, so that those of one millisecond stay in order.
static TOLD: AtomicU16 = AtomicU16::new(0);

/// Where the event with this id lives, if it is from that day.
pub(super) fn key(workspace: WorkspaceId, day: i64, id: EventId) -> Key {
    Key {
        partition: partition(workspace, day),
        item: id.to_string(),
    }
}

/// The partition of a day's events.
pub(super) fn partition(workspace: WorkspaceId, day: i64) -> String {
    let midnight = Timestamp::from_millis(day.saturating_mul(MILLIS_OF_DAY)).to_string();
    let date = midnight.split('T').next().unwrap_or_default();
    format!("{PARTITION}{workspace}#{date}")
}

/// Whose events are in this partition; `None`: it holds none.
pub(super) fn workspace_of_partition(partition: &str) -> Option<WorkspaceId> {
    let (workspace, _) = partition.strip_prefix(PARTITION)?.split_once('#')?;
    workspace.parse().ok()
}

/// The number of the day, in UTC, since 1970.
pub(super) const fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(MILLIS_OF_DAY)
}

/// The moment that an event's id begins with; `None`: it is no event's id.
pub(super) fn moment_of(id: EventId) -> Option<Timestamp> {
    let (seconds, nanos) = (id.uuid().get_version_num() == 7).then(|| id.uuid().get_timestamp())??.to_unix();
    let seconds = i64::try_from(seconds).ok()?;
    Some(Timestamp::from_millis(
        seconds.checked_mul(1000)?.checked_add(i64::from(nanos / 1_000_000))?,
    ))
}

/// A new id of an event from `now`.
pub(super) fn new_id(now: Timestamp) -> EventId {
    let [_, _, _, _, _, _, mut rest @ ..] = Uuid::new_v4().into_bytes();
    // The first four bits give way to the UUID's version, so the count starts over at 4096.
    [rest[0], rest[1]] = TOLD.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    EventId::new(id_at(now.millis(), rest))
}

/// An id from this millisecond. All zeros or all ones make the ends of the ids that can be from it.
pub(super) fn id_at(millis: i64, rest: [u8; 10]) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or_default(), &rest).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_704_969_745_848);

    #[test]
    fn an_id_tells_its_moment_and_sorts_by_it() {
        let ids: Vec<EventId> = (0..100).map(|later| new_id(NOON.plus(Duration::from_millis(later)))).collect();
        assert!(ids.is_sorted());
        assert_eq!(moment_of(ids[99]), Some(NOON.plus(Duration::from_millis(99))));
        assert_eq!(moment_of(EventId::new(Uuid::new_v4())), None);
    }

    #[test]
    fn an_id_of_a_moment_lies_between_the_ends_of_that_moment() {
        let id = new_id(NOON).to_string();
        assert!(id_at(NOON.millis(), [0; 10]).to_string() <= id);
        assert!(id <= id_at(NOON.millis(), [u8::MAX; 10]).to_string());
        assert!(id < id_at(NOON.millis() + 1, [0; 10]).to_string());
    }

    #[test]
    fn a_partition_is_a_day_in_utc() {
        let workspace = WorkspaceId::new(Uuid::nil());
        assert_eq!(partition(workspace, day_of(NOON)), format!("EVENTS#{workspace}#2024-01-11"));
    }
}
