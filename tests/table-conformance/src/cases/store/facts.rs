//! What webhooks say of phones: one conditional update each.

use fobless::{
    domain::{
        phone::{Phone, Presence},
        time::Timestamp,
    },
    store::{Collection, FactOutcome, PhoneFact, Store, WriteUnits},
};

use super::people::{JANE, NOW, WORKSPACE, after, before, deactivated, device, registered, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    table::Table,
};

cases! { store_facts:
    a_registration_makes_the_phone_and_costs_one_unit,
    a_registration_that_is_repeated_or_overtaken_changes_nothing,
    of_two_from_one_moment_the_deactivation_wins,
    a_deactivation_wins_over_what_is_dated_ahead,
    a_phone_of_the_api_is_found_by_its_id_at_once,
    a_session_from_before_a_loss_brings_no_phone_back,
}

async fn phone(store: &Store) -> Result<Phone, Difference> {
    let found = store.get::<Phone>(JANE.phone(device())).await?;
    found.map(|found| found.record).ok_or_else(|| Difference::new("there is no phone"))
}

async fn outcomes(store: &Store, facts: &[PhoneFact]) -> Result<Vec<bool>, Difference> {
    let mut outcomes = Vec::new();
    for fact in facts {
        outcomes.push(store.record_phone_fact(fact, NOW).await? != FactOutcome::AlreadyKnown);
    }
    Ok(outcomes)
}

async fn a_registration_makes_the_phone_and_costs_one_unit(table: Table) -> Outcome {
    let store = store(&table);
    let outcome = store.record_phone_fact(&registered(before(9)), NOW).await?;
    let phone = phone(&store).await?;
    same("its model", &phone.metadata.model.as_deref(), &Some("iPhone 17"))?;
    let known: [Option<Timestamp>; 3] = [Some(phone.created_at), Some(phone.occurred_at), phone.registered_at];
    same("its times", &known, &[Some(NOW), Some(before(9)), Some(before(9))])?;
    let version = store.get::<Phone>(JANE.phone(device())).await?.map(|found| found.version);
    same("its version", &version, &Some(1))?;
    same("what it cost", &outcome, &FactOutcome::Recorded(WriteUnits(1.0)))?;
    let again = store.record_phone_fact(&registered(before(8)), NOW).await?;
    same("what a newer one cost", &again, &FactOutcome::Recorded(WriteUnits(1.0)))
}

async fn a_registration_that_is_repeated_or_overtaken_changes_nothing(table: Table) -> Outcome {
    let store = store(&table);
    let facts = [
        registered(before(9)),
        registered(before(9)),
        registered(before(10)),
        deactivated(before(8)),
        registered(before(9)),
    ];
    same(
        "which were news",
        &outcomes(&store, &facts).await?,
        &vec![true, false, false, true, false],
    )?;
    same("how it ended", &phone(&store).await?.presence, &Presence::Deactivated)
}

async fn of_two_from_one_moment_the_deactivation_wins(table: Table) -> Outcome {
    let store = store(&table);
    let facts = [
        registered(before(9)),
        deactivated(before(9)),
        registered(before(9)),
        deactivated(before(9)),
    ];
    same("which were news", &outcomes(&store, &facts).await?, &vec![true, true, false, false])?;
    same("how it ended", &phone(&store).await?.presence, &Presence::Deactivated)
}

async fn a_deactivation_wins_over_what_is_dated_ahead(table: Table) -> Outcome {
    let store = store(&table);
    let facts = [registered(after(60)), deactivated(before(1)), registered(before(0))];
    same("which were news", &outcomes(&store, &facts).await?, &vec![true, true, false])?;
    same("how it ended", &phone(&store).await?.presence, &Presence::Deactivated)
}

async fn a_phone_of_the_api_is_found_by_its_id_at_once(table: Table) -> Outcome {
    let store = store(&table);
    store.record_phone_fact(&registered(before(9)), NOW).await?;
    same(
        "after an event",
        &store.find(Collection::Phones, WORKSPACE, device().uuid()).await?,
        &None,
    )?;
    store.record_phone_fact_of_caller(&registered(before(8)), NOW).await?;
    let found = store.find(Collection::Phones, WORKSPACE, device().uuid()).await?;
    same("after a call", &found, &Some(JANE.phone(device())))?;
    so("the phone says so too", phone(&store).await?.is_listed)
}

async fn a_session_from_before_a_loss_brings_no_phone_back(table: Table) -> Outcome {
    let store = store(&table);
    let in_session = async |occurred_at, logged_in_at| {
        let outcome = store
            .record_phone_fact_in_session(&registered(occurred_at), NOW, logged_in_at)
            .await?;
        Ok::<_, Difference>(outcome != FactOutcome::AlreadyKnown)
    };
    so("a new phone is registered", in_session(before(30), before(31)).await?)?;
    store.record_phone_fact(&deactivated(before(20)), NOW).await?;
    so("one that was lost since is not", !in_session(before(10), before(31)).await?)?;
    so("one whose person logged in again is", in_session(before(9), before(15)).await?)
}
