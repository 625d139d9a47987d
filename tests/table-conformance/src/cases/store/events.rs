//! Events: written with the change that they tell of, read by id and in order of time.

use std::time::Duration;

use fobless::{
    domain::{acs::AcsUser, event::Event},
    store::{EventWindow, Store},
};

use super::people::{JANE, NOW, WORKSPACE, acs_user, before, store, store_at};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    table::Table,
};

cases! { store_events:
    a_change_and_its_event_are_written_together_or_not_at_all,
    events_are_read_oldest_first_over_days_and_pages,
    the_newest_event_is_found_first,
    an_event_is_found_by_its_id_until_its_time_is_over,
}

async fn told(store: &Store, window: EventWindow, limit: usize) -> Result<Vec<Event>, Difference> {
    Ok(store.events(WORKSPACE, window, limit, |_| true).await?)
}

async fn a_change_and_its_event_are_written_together_or_not_at_all(table: Table) -> Outcome {
    let store = store(&table);
    let user = store.insert(acs_user(10, Some(JANE))).await?;
    let again = store.insert(acs_user(10, Some(JANE))).await;
    same("a second one is refused", &again.is_err(), &true)?;
    // This tells nothing.
    let renamed = AcsUser {
        full_name: "Jane".to_owned(),
        ..user.record.clone()
    };
    store.replace(renamed, &user).await?;
    let told = told(&store, EventWindow::ALL, 10).await?;
    let names: Vec<&str> = told.iter().map(|event| event.kind.name()).collect();
    same("what is told", &names, &vec!["acs_user.created"])
}

/// One event for each of these, of so many seconds ago.
async fn written(table: &Table, seconds_ago: &[u64]) -> Outcome {
    for (n, seconds) in (100..).zip(seconds_ago) {
        store_at(table, before(*seconds)).insert(acs_user(n, None)).await?;
    }
    Ok(())
}

const DAY: u64 = 24 * 60 * 60;

async fn events_are_read_oldest_first_over_days_and_pages(table: Table) -> Outcome {
    written(&table, &[3 * DAY, 1, DAY, 2, 40 * DAY, 0]).await?;
    let store = store(&table);
    let seconds_ago = |events: &[Event]| -> Vec<u64> { events.iter().map(|event| NOW.since(event.created_at).as_secs()).collect() };
    same(
        "all that are kept",
        &seconds_ago(&told(&store, EventWindow::ALL, 10).await?),
        &vec![3 * DAY, DAY, 2, 1, 0],
    )?;
    same(
        "the first two",
        &seconds_ago(&told(&store, EventWindow::ALL, 2).await?),
        &vec![3 * DAY, DAY],
    )?;
    let window = EventWindow {
        after: before(DAY),
        before: NOW,
    };
    same(
        "a span without its ends",
        &seconds_ago(&told(&store, window, 10).await?),
        &vec![2, 1],
    )
}

async fn the_newest_event_is_found_first(table: Table) -> Outcome {
    written(&table, &[3 * DAY, DAY, DAY + 1]).await?;
    let newest = store(&table).newest_event(WORKSPACE, |_| true).await?;
    same("the newest", &newest.map(|event| event.created_at), &Some(before(DAY)))?;
    let wanted = store(&table)
        .newest_event(WORKSPACE, |event| event.created_at < before(2 * DAY))
        .await?;
    same(
        "the newest that is wanted",
        &wanted.map(|event| event.created_at),
        &Some(before(3 * DAY)),
    )
}

async fn an_event_is_found_by_its_id_until_its_time_is_over(table: Table) -> Outcome {
    written(&table, &[0]).await?;
    let told = told(&store(&table), EventWindow::ALL, 1).await?;
    let event = told.into_iter().next().ok_or_else(|| Difference::new("nothing is told"))?;
    let found = async |store: Store| Ok::<_, Difference>(store.event(WORKSPACE, event.event_id).await?);
    same("at once", &found(store(&table)).await?, &Some(event.clone()))?;
    let later = NOW.plus(Duration::from_hours(31 * 24));
    same("a month later", &found(store_at(&table, later)).await?, &None)
}
