//! Everything out of a table, and into it again.

use fobless::store::{Imported, OnConflict, Store};
use serde_json::{Value, json};

use super::people::{JANE, NOW, automation, identity, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same},
    table::Table,
};

cases! { store_transfer:
    everything_comes_out_page_by_page_and_once,
    what_is_there_stays_unless_it_is_to_be_replaced,
}

async fn everything(store: &Store) -> Result<Vec<Value>, Difference> {
    let (mut items, mut start) = (Vec::new(), None);
    loop {
        let page = store.export(start, 2).await?;
        items.extend(page.items);
        let Some(next) = page.next else {
            items.sort_by_key(|item| item["sk"]["S"].to_string());
            return Ok(items);
        };
        start = Some(next);
    }
}

async fn everything_comes_out_page_by_page_and_once(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(identity(JANE, None)).await?;
    store.insert(automation(JANE, NOW)).await?;
    store.mark_unusable("one", "why", NOW).await?;
    let items = everything(&store).await?;
    let partitions: Vec<&Value> = items.iter().map(|item| &item["pk"]["S"]).collect();
    same("how many items there are", &items.len(), &3)?;
    same(
        "Jane's",
        &partitions.iter().filter(|name| ***name == json!(JANE.partition())).count(),
        &2,
    )
}

async fn what_is_there_stays_unless_it_is_to_be_replaced(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(identity(JANE, None)).await?;
    let mut items = everything(&store).await?;
    let mut item = items.pop().ok_or_else(|| Difference::new("there is no item"))?;
    item["version"] = json!({ "N": "7" });
    same(
        "an item that is there",
        &store.import(&item, OnConflict::Keep).await?,
        &Imported::Kept,
    )?;
    same("what is there", &everything(&store).await?[0]["version"], &json!({ "N": "1" }))?;
    same("replaced", &store.import(&item, OnConflict::Replace).await?, &Imported::Written)?;
    same("what is there then", &everything(&store).await?, &vec![item.clone()])?;
    item["sk"] = json!({ "S": "another" });
    same("a new one", &store.import(&item, OnConflict::Keep).await?, &Imported::Written)
}
