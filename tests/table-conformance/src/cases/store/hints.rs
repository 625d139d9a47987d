//! What callbacks hint at: counted in the automation's own item.

use fobless::{
    domain::{
        enrollment_automation::{EnrollmentAutomation, Hints},
        ids::{EndpointId, InvitationId, RemoteCredentialId, RemoteUserId},
        trusted_news::TrustedNews,
    },
    store::{HintOutcome, Store, UserHints, WriteUnits},
};

use super::people::{JANE, SYSTEM, after, automation, link, remote_user, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    table::Table,
};

cases! { store_hints:
    hints_are_counted_and_name_endpoints_and_cost_by_the_item,
    hints_of_somebody_unknown_make_nothing,
    so_many_names_wait_and_then_only_the_count_goes_on,
    what_is_trusted_is_kept_in_its_order_and_costs_by_the_item,
    so_much_that_is_trusted_waits_and_then_it_only_counts,
}

async fn with_automation(table: &Table) -> Result<Store, Difference> {
    let store = store(table);
    let automation = automation(JANE, after(60));
    store.insert(link(&automation)).await?;
    store.insert(automation).await?;
    Ok(store)
}

async fn hints(store: &Store) -> Result<(Hints, u64), Difference> {
    let key = JANE.automation(automation(JANE, after(60)).enrollment_automation_id);
    let found = store.get::<EnrollmentAutomation>(key).await?;
    let found = found.ok_or_else(|| Difference::new("there is no automation"))?;
    Ok((found.record.hints, found.version))
}

/// Names so many endpoints, beginning with this one.
fn named(first: u32, count: u32) -> UserHints {
    let pairing = |n: u32| {
        (
            EndpointId::new(format!("{}", 6_000_000 + n)),
            InvitationId::new(format!("invitation-{n}")),
        )
    };
    UserHints {
        enrollment: 1,
        credential: 2,
        pairings: (first..first + count).map(pairing).collect(),
        trusted: Vec::new(),
    }
}

/// Says of so many credentials that they are on their phones, beginning with this one.
fn trusted(first: u32, count: u32) -> UserHints {
    let issued = |n: u32| TrustedNews::Issued {
        remote_id: RemoteCredentialId::new(format!("{}", 7_000_000 + n)),
    };
    UserHints {
        trusted: (first..first + count).map(issued).collect(),
        ..UserHints::default()
    }
}

async fn hints_are_counted_and_name_endpoints_and_cost_by_the_item(table: Table) -> Outcome {
    let store = with_automation(&table).await?;
    for first in [1, 2, 2] {
        let outcome = store.record_hints(SYSTEM, &remote_user(), &named(first, 1)).await?;
        same("what it cost", &outcome, &HintOutcome::Recorded(WriteUnits(1.0)))?;
    }
    let (hints, version) = hints(&store).await?;
    same("the counts", &(hints.enrollment, hints.credential, version), &(3, 6, 4))?;
    let names: Vec<&str> = hints.pairings.keys().map(EndpointId::as_str).collect();
    same("the names", &names, &vec!["6000001", "6000002"])
}

async fn hints_of_somebody_unknown_make_nothing(table: Table) -> Outcome {
    let store = with_automation(&table).await?;
    let outcome = store.record_hints(SYSTEM, &RemoteUserId::new("43"), &named(1, 1)).await?;
    same("a user who is nobody's", &outcome, &HintOutcome::UnknownUser)?;
    same("what was counted", &hints(&store).await?, &(Hints::default(), 1))?;
    let of_nobody = table
        .sorts(table.query("pk = :pk", serde_json::json!({":pk": JANE.partition()})))
        .await?;
    same("how many items there are", &of_nobody.len(), &1)
}

async fn so_many_names_wait_and_then_only_the_count_goes_on(table: Table) -> Outcome {
    let store = with_automation(&table).await?;
    for turn in 0..6 {
        // As many at once as the webhook lets through.
        store.record_hints(SYSTEM, &remote_user(), &named(turn * 20, 20)).await?;
    }
    let (hints, _) = hints(&store).await?;
    same("how many names wait", &hints.pairings.len(), &100)?;
    same("how many hints were counted", &hints.enrollment, &6)
}

async fn what_is_trusted_is_kept_in_its_order_and_costs_by_the_item(table: Table) -> Outcome {
    let store = with_automation(&table).await?;
    for first in [2, 1] {
        let outcome = store.record_hints(SYSTEM, &remote_user(), &trusted(first, 1)).await?;
        same("what it cost", &outcome, &HintOutcome::Recorded(WriteUnits(1.0)))?;
    }
    let (hints, version) = hints(&store).await?;
    same(
        "what is trusted",
        &hints.trusted,
        &[trusted(2, 1).trusted, trusted(1, 1).trusted].concat(),
    )?;
    same("the counts", &(hints.enrollment, hints.credential, version), &(0, 0, 3))
}

async fn so_much_that_is_trusted_waits_and_then_it_only_counts(table: Table) -> Outcome {
    let store = with_automation(&table).await?;
    for turn in 0..6 {
        store.record_hints(SYSTEM, &remote_user(), &trusted(turn * 20, 20)).await?;
    }
    let (hints, _) = hints(&store).await?;
    same("how much waits", &hints.trusted.len(), &100)?;
    same("how many hints were counted", &hints.credential, &20)
}
