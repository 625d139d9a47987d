//! Records: made once, written over what was read, loaded whole.

use fobless::{
    domain::{
        acs::{AcsCredentialPool, AcsUser},
        ids::{AcsCredentialPoolId, AcsSystemId, RemotePoolId},
        user_identity::UserIdentity,
    },
    store::{PartitionOwner, Store, StoreError, WriteError},
};
use uuid::Uuid;

use super::people::{JANE, JOHN, NOW, SYSTEM, WORKSPACE, acs_user, automation, identity, link, registered, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    table::Table,
};

cases! { store_records:
    a_record_is_made_once,
    a_record_is_written_over_what_was_read_and_over_nothing_else,
    an_amendment_is_made_again_over_what_somebody_wrote_meanwhile,
    a_person_is_loaded_whole_and_alone,
    a_person_of_more_than_a_megabyte_is_loaded_whole,
    the_pools_of_a_system_are_its_own,
    a_record_that_is_too_large_can_never_be_written,
    a_table_that_is_not_there_may_come_back,
}

async fn a_record_is_made_once(table: Table) -> Outcome {
    let store = store(&table);
    let made = store.insert(link(&automation(JANE, NOW))).await?;
    same("its version", &made.version, &1)?;
    let again = store.insert(link(&automation(JOHN, NOW))).await;
    so("a second one is a conflict", matches!(again, Err(WriteError::Conflict)))?;
    // With an event, so in a transaction.
    store.insert(acs_user(10, Some(JANE))).await?;
    let again = store.insert(acs_user(10, Some(JANE))).await;
    so(
        "a second one with an event is a conflict",
        matches!(again, Err(WriteError::Conflict)),
    )
}

async fn a_record_is_written_over_what_was_read_and_over_nothing_else(table: Table) -> Outcome {
    let store = store(&table);
    let first = store.insert(identity(JANE, None)).await?;
    let named = |name: &str| UserIdentity {
        full_name: Some(name.to_owned()),
        ..identity(JANE, None)
    };
    let second = store.replace(named("Jane"), &first).await?;
    same("the next version", &second.version, &2)?;
    let overtaken = store.replace(named("Joan"), &first).await;
    so("who was overtaken is told so", matches!(overtaken, Err(WriteError::Conflict)))?;
    let absent = fobless::domain::aggregate::Versioned {
        record: identity(JOHN, None),
        version: 1,
    };
    let of_nothing = store.replace(identity(JOHN, None), &absent).await;
    so("what is gone is a conflict", matches!(of_nothing, Err(WriteError::Conflict)))?;
    same("what is there", &store.get::<UserIdentity>(JANE.identity()).await?, &Some(second))
}

async fn an_amendment_is_made_again_over_what_somebody_wrote_meanwhile(table: Table) -> Outcome {
    let store = store(&table);
    let seen = store.insert(identity(JANE, None)).await?;
    let named = UserIdentity {
        full_name: Some("Jane".to_owned()),
        ..identity(JANE, None)
    };
    store.replace(named.clone(), &seen).await?;
    let amended = store
        .amend(seen, |identity| identity.phone_number.replace("+15550100".to_owned()).is_none())
        .await?;
    let expected = UserIdentity {
        phone_number: Some("+15550100".to_owned()),
        ..named
    };
    same(
        "what is there",
        &amended.map(|amended| (amended.record, amended.version)),
        &Some((expected, 3)),
    )
}

async fn a_person_is_loaded_whole_and_alone(table: Table) -> Outcome {
    let store = store(&table);
    let automation = automation(JANE, NOW);
    store.insert(identity(JANE, Some("jane@example.com"))).await?;
    store.insert(identity(JOHN, None)).await?;
    store.insert(automation.clone()).await?;
    store.insert(link(&automation)).await?;
    store.insert(acs_user(10, Some(JANE))).await?;
    store.insert(acs_user(11, Some(JOHN))).await?;
    store.record_phone_fact(&registered(NOW), NOW).await?;
    let jane = store.load(JANE).await?;
    let loaded = (
        jane.automations.len(),
        jane.phones.len(),
        jane.acs_users.len(),
        jane.enrollments.len(),
    );
    same("how much there is", &loaded, &(1, 1, 1, 0))?;
    same(
        "who it is",
        &jane.identity.map(|found| found.record),
        &Some(identity(JANE, Some("jane@example.com"))),
    )?;
    same(
        "the automation",
        &jane.automations.first().map(|found| found.record.clone()),
        &Some(automation),
    )
}

fn large(n: u128, bytes: usize) -> AcsUser {
    AcsUser {
        full_name: "x".repeat(bytes),
        ..acs_user(n, Some(JANE))
    }
}

async fn a_person_of_more_than_a_megabyte_is_loaded_whole(table: Table) -> Outcome {
    let store = store(&table);
    for n in 10..16 {
        store.insert(large(n, 300_000)).await?;
    }
    same("how many ACS users there are", &store.load(JANE).await?.acs_users.len(), &6)
}

async fn the_pools_of_a_system_are_its_own(table: Table) -> Outcome {
    let store = store(&table);
    let other = AcsSystemId::new(Uuid::from_u128(20));
    for (system, name) in [(SYSTEM, "MID-1"), (SYSTEM, "MID-2"), (other, "MID-3")] {
        let remote_id = RemotePoolId::new(name);
        store
            .insert(AcsCredentialPool {
                workspace_id: WORKSPACE,
                acs_credential_pool_id: AcsCredentialPoolId::of(system, &remote_id),
                acs_system_id: system,
                display_name: name.to_owned(),
                remote_id,
                created_at: NOW,
                level: None,
            })
            .await?;
    }
    let pools = async |store: &Store, system| {
        let pools = store.pools(WORKSPACE, system).await?;
        let mut names: Vec<String> = pools.into_iter().map(|pool| pool.display_name).collect();
        names.sort();
        Ok::<_, Difference>(names)
    };
    same(
        "those of the one",
        &pools(&store, SYSTEM).await?,
        &vec!["MID-1".to_owned(), "MID-2".to_owned()],
    )?;
    same("those of the other", &pools(&store, other).await?, &vec!["MID-3".to_owned()])
}

async fn a_record_that_is_too_large_can_never_be_written(table: Table) -> Outcome {
    let store = store(&table);
    let is_hopeless = |error: &WriteError| matches!(error, WriteError::Store(error) if error.is_about_an_item());
    let with_events = store.insert(large(10, 420_000)).await;
    so("in a transaction", with_events.as_ref().is_err_and(is_hopeless))?;
    let seen = store.insert(identity(JANE, None)).await?;
    let alone = UserIdentity {
        full_name: Some("x".repeat(420_000)),
        ..identity(JANE, None)
    };
    let alone = store.replace(alone, &seen).await;
    so("alone", alone.as_ref().is_err_and(is_hopeless))
}

async fn a_table_that_is_not_there_may_come_back(table: Table) -> Outcome {
    let store = Store::new(table.client.clone(), "fobless-elsewhere");
    let is_passing = |error: &StoreError| !error.is_about_an_item();
    let loaded = store.load(PartitionOwner { ..JANE }).await;
    so("a person can't be loaded now", loaded.as_ref().is_err_and(is_passing))?;
    let written = store.insert(identity(JANE, None)).await;
    so(
        "a record can't be written now",
        matches!(&written, Err(WriteError::Store(error)) if is_passing(error)),
    )?;
    let told = store.insert(acs_user(10, Some(JANE))).await;
    so(
        "nor one with its events",
        matches!(&told, Err(WriteError::Store(error)) if is_passing(error)),
    )
}
