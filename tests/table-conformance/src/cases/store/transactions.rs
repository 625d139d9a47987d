//! Values that one record may hold: claimed and given up with it.

use std::time::Duration;

use fobless::{
    domain::{
        acs::AcsUser,
        client_session::ClientSession,
        deletion::Deletable,
        ids::{ClientSessionId, WorkspaceId},
        secret::Secret,
        time::Timestamp,
        user_identity::UserIdentity,
    },
    store::{PartitionOwner, Record, Store, TransactionError, UniqueKind},
};
use serde_json::json;
use uuid::Uuid;

use super::people::{JANE, JOHN, NOW, SYSTEM, WORKSPACE, acs_user, after, identity, store, store_at};
use crate::{
    case::cases,
    difference::{Difference, Outcome, same, so},
    item::item,
    table::Table,
};

cases! { store_transactions:
    a_value_is_held_by_one_record,
    a_value_that_is_given_up_is_free,
    a_value_whose_holder_is_gone_is_taken_over,
    a_value_whose_holder_is_over_is_taken_over,
    a_record_moves_with_what_it_claims,
    nothing_happens_when_a_record_that_was_only_read_has_changed,
    an_amendment_with_claims_goes_over_what_somebody_wrote_meanwhile,
    a_record_that_somebody_wrote_first_is_a_conflict,
}

const ADDRESS: &str = "jane@example.com";

async fn create<R: Record>(store: &Store, record: &R) -> Result<(), TransactionError> {
    store.transaction().create(record)?.write().await
}

async fn holder(store: &Store) -> Result<Option<String>, Difference> {
    let found = store.claimant(WORKSPACE, UniqueKind::EmailAddress, ADDRESS).await?;
    Ok(found.map(|key| key.partition))
}

fn is_taken(outcome: &Result<(), TransactionError>, kind: UniqueKind) -> bool {
    matches!(outcome, Err(TransactionError::Taken(taken)) if *taken == kind)
}

async fn a_value_is_held_by_one_record(table: Table) -> Outcome {
    let store = store(&table);
    create(&store, &identity(JANE, Some(ADDRESS))).await?;
    let second = create(&store, &identity(JOHN, Some("JANE@example.com"))).await;
    so("the address is taken", is_taken(&second, UniqueKind::EmailAddress))?;
    same("who has it", &holder(&store).await?, &Some(JANE.partition()))?;
    same("who asked for it", &store.get::<UserIdentity>(JOHN.identity()).await?, &None)
}

async fn a_value_that_is_given_up_is_free(table: Table) -> Outcome {
    let store = store(&table);
    create(&store, &identity(JANE, Some(ADDRESS))).await?;
    let seen = read(&store, JANE).await?;
    store
        .transaction()
        .replace(&identity(JANE, Some("other@example.com")), &seen)?
        .write()
        .await?;
    same("who has it", &holder(&store).await?, &None)?;
    create(&store, &identity(JOHN, Some(ADDRESS))).await?;
    let seen = read(&store, JOHN).await?;
    let mut gone = seen.record.clone();
    gone.request_deletion(NOW);
    gone.complete_deletion(NOW);
    store.transaction().replace(&gone, &seen)?.write().await?;
    same("who has it then", &holder(&store).await?, &None)
}

async fn read(store: &Store, owner: PartitionOwner) -> Result<fobless::domain::aggregate::Versioned<UserIdentity>, Difference> {
    let found = store.get::<UserIdentity>(owner.identity()).await?;
    found.ok_or_else(|| Difference::new("the person is not there"))
}

async fn a_value_whose_holder_is_gone_is_taken_over(table: Table) -> Outcome {
    let store = store(&table);
    create(&store, &identity(JANE, Some(ADDRESS))).await?;
    let jane = JANE.identity();
    let key = item(json!({"pk": jane.partition, "sk": jane.item}));
    table.delete("").set_key(Some(key)).send().await?;
    create(&store, &identity(JOHN, Some(ADDRESS))).await?;
    same("who has it", &holder(&store).await?, &Some(JOHN.partition()))
}

fn session(n: u128, created_at: Timestamp) -> ClientSession {
    ClientSession {
        workspace_id: WORKSPACE,
        client_session_id: ClientSessionId::new(Uuid::from_u128(n)),
        user_identity_id: JANE.user_identity_id,
        user_identifier_key: Some("janes-session".to_owned()),
        token: Secret::new("seam_cst1_"),
        created_at,
        expires_at: created_at.plus(Duration::from_mins(1)),
        revoked_at: None,
        deletion: None,
    }
}

async fn a_value_whose_holder_is_over_is_taken_over(table: Table) -> Outcome {
    let first = store(&table);
    create(&first, &session(1, NOW)).await?;
    let second = create(&first, &session(2, NOW)).await;
    so(
        "the key is taken while the session lasts",
        is_taken(&second, UniqueKind::UserIdentifierKey),
    )?;
    let later = store_at(&table, after(60));
    create(&later, &session(2, after(60))).await?;
    let sessions = later.client_sessions(JANE).await?;
    same("how many sessions are on record", &sessions.len(), &2)
}

async fn a_record_moves_with_what_it_claims(table: Table) -> Outcome {
    let store = store(&table);
    let nobodys = AcsUser {
        email_address: Some(ADDRESS.to_owned()),
        ..acs_user(10, None)
    };
    create(&store, &nobodys).await?;
    let jane = identity(JANE, Some(ADDRESS));
    let found = store.unlinked_acs_user_of(&jane, SYSTEM).await?;
    let found = found.ok_or_else(|| Difference::new("the ACS user is not found by the address"))?;
    let janes = AcsUser {
        user_identity_id: Some(JANE.user_identity_id),
        ..found.record.clone()
    };
    store.transaction().replace(&janes, &found)?.write().await?;
    same("where it was", &store.get::<AcsUser>(nobodys.key()).await?, &None)?;
    let moved = store.get::<AcsUser>(janes.key()).await?;
    same("where it is", &moved.map(|moved| (moved.record, moved.version)), &Some((janes, 2)))?;
    same(
        "who is found by the address",
        &store.unlinked_acs_user_of(&jane, SYSTEM).await?,
        &None,
    )?;
    let second = AcsUser {
        ..acs_user(11, Some(JANE))
    };
    so(
        "the person has one in the system",
        is_taken(&create(&store, &second).await, UniqueKind::AcsUserOfIdentity),
    )
}

async fn nothing_happens_when_a_record_that_was_only_read_has_changed(table: Table) -> Outcome {
    let store = store(&table);
    let seen = store.insert(identity(JANE, None)).await?;
    let together = || store.transaction().unchanged(&seen).create(&acs_user(10, Some(JANE)));
    together()?.write().await?;
    store.replace(identity(JANE, Some(ADDRESS)), &seen).await?;
    let other = store
        .transaction()
        .unchanged(&seen)
        .create(&identity(JOHN, Some("john@example.com")))?;
    so("it is a conflict", matches!(other.write().await, Err(TransactionError::Conflict)))?;
    same("what was to be made", &store.get::<UserIdentity>(JOHN.identity()).await?, &None)
}

async fn an_amendment_with_claims_goes_over_what_somebody_wrote_meanwhile(table: Table) -> Outcome {
    let store = store(&table);
    create(&store, &identity(JANE, None)).await?;
    let seen = read(&store, JANE).await?;
    let named = UserIdentity {
        full_name: Some("Jane".to_owned()),
        ..identity(JANE, None)
    };
    store.replace(named, &seen).await?;
    let amended = store
        .amend_with_claims(seen, |identity| identity.email_address.replace(ADDRESS.to_owned()).is_none())
        .await?;
    let amended = amended.map(|amended| (amended.record.full_name, amended.version));
    same("what is there", &amended, &Some((Some("Jane".to_owned()), 3)))?;
    same("who has the address", &holder(&store).await?, &Some(JANE.partition()))
}

async fn a_record_that_somebody_wrote_first_is_a_conflict(table: Table) -> Outcome {
    let store = store(&table);
    create(&store, &identity(JANE, Some(ADDRESS))).await?;
    let other = PartitionOwner {
        workspace_id: WorkspaceId::new(Uuid::from_u128(99)),
        ..JANE
    };
    create(&store, &identity(other, Some(ADDRESS))).await?;
    let again = create(&store, &identity(JANE, Some("new@example.com"))).await;
    so(
        "the same person again is a conflict",
        matches!(again, Err(TransactionError::Conflict)),
    )?;
    same(
        "who has the new address",
        &store.claimant(WORKSPACE, UniqueKind::EmailAddress, "new@example.com").await?,
        &None,
    )
}
