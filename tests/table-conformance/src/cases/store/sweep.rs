//! The sweeper: what is due is found, and a touch wakes whoever has to act.

use std::time::Duration;

use fobless::domain::ids::UserIdentityId;
use fobless::{
    domain::enrollment_automation::EnrollmentAutomation,
    store::{DueItem, PartitionOwner, Record},
};
use uuid::Uuid;

use super::people::{JANE, NOW, WORKSPACE, after, automation, before, identity, link, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    table::Table,
};

cases! { store_sweep:
    what_is_due_is_found_earliest_first_and_the_rest_is_not,
    so_many_are_taken_from_each_part_and_the_earliest_of_them,
    a_touch_moves_what_is_due_and_leaves_its_contents,
    a_touch_of_what_was_done_meanwhile_touches_nothing,
    a_touch_wakes_through_the_stream,
}

async fn what_is_due_is_found_earliest_first_and_the_rest_is_not(table: Table) -> Outcome {
    let store = store(&table);
    let mut expected = Vec::new();
    for n in 0..20 {
        let at = before(100 - n);
        let person = PartitionOwner {
            user_identity_id: UserIdentityId::new(Uuid::from_u128(100 + u128::from(n))),
            ..JANE
        };
        let automation = automation(person, at);
        expected.push(DueItem {
            key: automation.key(),
            due_at: at,
        });
        store.insert(automation).await?;
    }
    store.insert(automation(JANE, after(1))).await?;
    store.insert(identity(JANE, None)).await?;
    same("what is due", &store.due(NOW, 50).await?, &expected)
}

async fn so_many_are_taken_from_each_part_and_the_earliest_of_them(table: Table) -> Outcome {
    let store = store(&table);
    // Of one person, so in one part.
    let systems = (0..3).map(|n| fobless::domain::ids::AcsSystemId::new(Uuid::from_u128(200 + n)));
    for (system, seconds) in systems.zip([10, 30, 20]) {
        let id = fobless::domain::ids::EnrollmentAutomationId::of(WORKSPACE, JANE.user_identity_id, system);
        let of_system = EnrollmentAutomation {
            enrollment_automation_id: id,
            ..automation(JANE, before(seconds))
        };
        store.insert(of_system).await?;
    }
    let due: Vec<_> = store.due(NOW, 2).await?.into_iter().map(|item| item.due_at).collect();
    same("what is due", &due, &vec![before(30), before(20)])
}

async fn only_due(table: &Table) -> Result<DueItem, Difference> {
    let mut due = store(table).due(NOW, 50).await?;
    due.pop().ok_or_else(|| Difference::new("nothing is due"))
}

async fn a_touch_moves_what_is_due_and_leaves_its_contents(table: Table) -> Outcome {
    let store = store(&table);
    let seen = store.insert(automation(JANE, before(1))).await?;
    let due = only_due(&table).await?;
    so("it was due", store.touch(&due, NOW).await?)?;
    same("what is due then", &store.due(NOW, 50).await?, &Vec::new())?;
    same(
        "what is due after its rest",
        &store.due(NOW.plus(Duration::from_secs(70)), 50).await?.len(),
        &1,
    )?;
    let read = store.get::<EnrollmentAutomation>(due.key).await?;
    same("what is there", &read, &Some(seen.clone()))?;
    store.replace(seen.record.clone(), &seen).await?;
    same("what is due after a write over the touch", &store.due(NOW, 50).await?.len(), &1)
}

async fn a_touch_of_what_was_done_meanwhile_touches_nothing(table: Table) -> Outcome {
    let store = store(&table);
    let seen = store.insert(automation(JANE, before(1))).await?;
    let due = only_due(&table).await?;
    store.replace(automation(JANE, after(60)), &seen).await?;
    so("it is not due any more", !store.touch(&due, NOW).await?)?;
    let of_nothing = DueItem {
        key: link(&automation(JANE, NOW)).key(),
        due_at: NOW,
    };
    so("nor is what is not there", !store.touch(&of_nothing, NOW).await?)?;
    let read = store.get::<EnrollmentAutomation>(due.key).await?.map(|read| read.record.review_at);
    same("when it is due", &read, &Some(after(60)))
}

async fn a_touch_wakes_through_the_stream(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(automation(JANE, before(1))).await?;
    let due = only_due(&table).await?;
    store.touch(&due, NOW).await?;
    let records = table.stream().await?;
    let woken: Vec<(&str, &str)> = records
        .iter()
        .filter_map(|record| Some((record["eventName"].as_str()?, record["dynamodb"]["Keys"]["pk"]["S"].as_str()?)))
        .collect();
    let partition = JANE.partition();
    same(
        "what is told",
        &woken,
        &vec![("INSERT", partition.as_str()), ("MODIFY", &partition)],
    )
}
