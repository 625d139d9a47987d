//! Marks of what can't be worked on, and the way back.

use fobless::store::{Redriven, Unusable};

use super::people::{JANE, NOW, after, automation, identity, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    table::Table,
};
use fobless::store::{Record, Store};

cases! { store_unusable:
    a_mark_is_made_with_one_write_and_counts_how_often,
    a_person_is_woken_and_the_mark_is_taken_away,
    an_item_that_waits_for_its_time_is_woken_now,
    a_mark_that_was_made_again_meanwhile_stays,
    what_is_not_there_is_not_woken_into_being,
}

async fn only_mark(store: &Store) -> Result<Unusable, Difference> {
    store.unusable().await?.pop().ok_or_else(|| Difference::new("there is no mark"))
}

async fn a_mark_is_made_with_one_write_and_counts_how_often(table: Table) -> Outcome {
    let store = store(&table);
    let long = "x".repeat(2000);
    store.mark_unusable(&JANE.partition(), "a field is missing", NOW).await?;
    store.mark_unusable(&JANE.partition(), "another field is missing", after(5)).await?;
    store.mark_unusable(&long, &long, NOW).await?;
    let marks = store.unusable().await?;
    same("how many marks there are", &marks.len(), &2)?;
    let expected = Unusable {
        name: JANE.partition(),
        reason: "another field is missing".to_owned(),
        since: NOW,
        seen_at: after(5),
        times: 2,
    };
    same("the first", &marks.first(), &Some(&expected))
}

async fn woken(table: &Table) -> Result<Vec<String>, Difference> {
    let records = table.stream().await?;
    let woken = records.iter().filter(|record| record["eventName"] == "MODIFY");
    Ok(woken
        .filter_map(|record| record["dynamodb"]["Keys"]["sk"]["S"].as_str().map(str::to_owned))
        .collect())
}

async fn a_person_is_woken_and_the_mark_is_taken_away(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(identity(JANE, None)).await?;
    store.mark_unusable(&JANE.partition(), "a field is missing", NOW).await?;
    same(
        "what became of it",
        &store.redrive(&only_mark(&store).await?, after(1)).await?,
        &Redriven::Woken,
    )?;
    same("the marks", &store.unusable().await?, &Vec::new())?;
    same("who is woken", &woken(&table).await?, &vec![JANE.identity().item])
}

async fn an_item_that_waits_for_its_time_is_woken_now(table: Table) -> Outcome {
    let store = store(&table);
    let automation = automation(JANE, after(600));
    let key = automation.key();
    store.insert(automation).await?;
    store.mark_unusable(&key.to_string(), "a field is missing", NOW).await?;
    same(
        "what became of it",
        &store.redrive(&only_mark(&store).await?, after(1)).await?,
        &Redriven::Woken,
    )?;
    same("what is due", &store.due(after(1), 10).await?.len(), &1)?;
    same("who is woken", &woken(&table).await?, &vec![key.item])
}

async fn a_mark_that_was_made_again_meanwhile_stays(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(identity(JANE, None)).await?;
    store.mark_unusable(&JANE.partition(), "a field is missing", NOW).await?;
    let read = only_mark(&store).await?;
    store.mark_unusable(&JANE.partition(), "a field is missing", after(1)).await?;
    store.redrive(&read, after(2)).await?;
    same("how often it was met", &only_mark(&store).await?.times, &2)
}

async fn what_is_not_there_is_not_woken_into_being(table: Table) -> Outcome {
    let store = store(&table);
    for name in [
        JANE.partition(),
        "DELIVERY#1#2/DELIVERY".to_owned(),
        "a record of the stream".to_owned(),
    ] {
        store.mark_unusable(&name, "it can't be read", NOW).await?;
        let redriven = store.redrive(&only_mark(&store).await?, after(1)).await?;
        same(&name, &redriven, &Redriven::NothingToWake)?;
    }
    same("who is made", &store.load(JANE).await?.identity, &None)?;
    same("the marks", &store.unusable().await?, &Vec::new())
}
