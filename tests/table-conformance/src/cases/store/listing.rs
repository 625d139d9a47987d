//! Finding by id and listing, through the index `by_id`.

use fobless::{
    domain::{acs::AcsUser, deletion::Deletable, ids::WorkspaceId, user_identity::UserIdentity},
    store::{ApiKey, Collection, Record, WriteError},
};
use uuid::Uuid;

use super::people::{JANE, JOHN, NOW, WORKSPACE, acs_user, after, identity, store};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    table::Table,
};

cases! { store_listing:
    a_record_is_found_by_its_id_in_its_workspace_and_collection,
    a_collection_is_listed_page_by_page_in_the_order_of_ids,
    a_record_that_is_gone_stays_listed_as_what_it_is,
    an_api_key_is_listed_noted_and_revoked,
}

async fn a_record_is_found_by_its_id_in_its_workspace_and_collection(table: Table) -> Outcome {
    let store = store(&table);
    store.insert(acs_user(10, Some(JANE))).await?;
    store.insert(acs_user(11, None)).await?;
    let id = |n: u128| Uuid::from_u128(n);
    same(
        "one",
        &store.find(Collection::AcsUsers, WORKSPACE, id(10)).await?,
        &Some(acs_user(10, Some(JANE)).key()),
    )?;
    same(
        "another",
        &store.find(Collection::AcsUsers, WORKSPACE, id(11)).await?,
        &Some(acs_user(11, None).key()),
    )?;
    same("none", &store.find(Collection::AcsUsers, WORKSPACE, id(12)).await?, &None)?;
    same("of another kind", &store.find(Collection::Phones, WORKSPACE, id(10)).await?, &None)?;
    let elsewhere = WorkspaceId::new(id(99));
    same(
        "of another workspace",
        &store.find(Collection::AcsUsers, elsewhere, id(10)).await?,
        &None,
    )
}

async fn a_collection_is_listed_page_by_page_in_the_order_of_ids(table: Table) -> Outcome {
    let store = store(&table);
    for n in [14, 10, 13, 11, 12] {
        store.insert(acs_user(n, (n % 2 == 0).then_some(JANE))).await?;
    }
    let (mut pages, mut start) = (Vec::new(), None);
    loop {
        let page = store.list::<AcsUser>(Collection::AcsUsers, WORKSPACE, start, 2).await?;
        pages.push(
            page.records
                .iter()
                .map(|user| user.acs_user_id.uuid().as_u128())
                .collect::<Vec<_>>(),
        );
        start = page.next;
        if start.is_none() {
            break;
        }
    }
    same("the pages", &pages.concat(), &vec![10, 11, 12, 13, 14])?;
    same("the first of them", &pages.first().map(Vec::len), &Some(2))
}

async fn a_record_that_is_gone_stays_listed_as_what_it_is(table: Table) -> Outcome {
    let store = store(&table);
    let seen = store.insert(identity(JANE, None)).await?;
    store.insert(identity(JOHN, None)).await?;
    let mut gone = seen.record.clone();
    gone.request_deletion(NOW);
    gone.complete_deletion(NOW);
    store.replace(gone, &seen).await?;
    let listed = store.list::<UserIdentity>(Collection::UserIdentities, WORKSPACE, None, 10).await?;
    let listed: Vec<bool> = listed.records.iter().map(Deletable::is_gone).collect();
    same("who is listed", &listed, &vec![true, false])
}

async fn an_api_key_is_listed_noted_and_revoked(table: Table) -> Outcome {
    let store = store(&table);
    let key = ApiKey::new("00ff".to_owned(), WORKSPACE, "a key", NOW);
    let id = key.api_key_id;
    let seen = store.insert(key).await?;
    store.note_use(&seen, after(1)).await?;
    let overtaken = store.note_use(&seen, after(2)).await;
    so(
        "who notes a use too late is told so",
        matches!(overtaken, Err(WriteError::Conflict)),
    )?;
    let revoked = store.revoke_api_key(WORKSPACE, id, after(3)).await?;
    let revoked = revoked.ok_or_else(|| Difference::new("the key is not found by its id"))?;
    same(
        "when",
        &(revoked.last_used_at, revoked.revoked_at),
        &(Some(after(1)), Some(after(3))),
    )?;
    same("the list", &store.api_keys(WORKSPACE).await?, &vec![revoked])
}
