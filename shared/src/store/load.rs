//! Loading a whole user identity, and a workspace's own things, each with one query.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store,
    error::StoreError,
    item::{Item, Record, attribute, from_item, key_of},
    keys::{PartitionOwner, prefix, workspace_partition},
};
use crate::domain::{
    acs::{AcsCredentialPool, AcsSystem},
    aggregate::{Aggregate, Versioned},
    ids::{AcsSystemId, WorkspaceId},
};

impl Store {
    /// Everything about one user identity, strongly consistent.
    pub async fn load(&self, owner: PartitionOwner) -> Result<Aggregate, StoreError> {
        let mut aggregate = Aggregate::default();
        for item in self.query_partition(owner.partition(), "").await? {
            place(&mut aggregate, item)?;
        }
        Ok(aggregate)
    }

    /// The access control systems of a workspace, credential managers among them.
    pub async fn acs_systems(&self, workspace: WorkspaceId) -> Result<Vec<AcsSystem>, StoreError> {
        self.workspace_records(workspace, prefix::ACS_SYSTEM.to_owned()).await
    }

    /// The pools of a credential manager.
    pub async fn pools(&self, workspace: WorkspaceId, system: AcsSystemId) -> Result<Vec<AcsCredentialPool>, StoreError> {
        self.workspace_records(workspace, format!("{}{system}#", prefix::POOL)).await
    }

    async fn workspace_records<R: Record>(&self, workspace: WorkspaceId, prefix: String) -> Result<Vec<R>, StoreError> {
        let items = self.query_partition(workspace_partition(workspace), &prefix).await?;
        items.into_iter().map(|item| from_item(item).map(|found| found.record)).collect()
    }

    pub(super) async fn query_partition(&self, partition: String, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut request = self.client.query().table_name(&self.table).consistent_read(true);
        request = request.expression_attribute_names("#pk", attribute::PARTITION);
        request = request.expression_attribute_values(":pk", AttributeValue::S(partition));
        request = if prefix.is_empty() {
            request.key_condition_expression("#pk = :pk")
        } else {
            let request = request.expression_attribute_names("#sk", attribute::ITEM);
            let request = request.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
            request.key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
        };
        let mut items = Vec::new();
        let mut start = None;
        loop {
            // A request's future is large, and would be in that of everybody who loads. So it is for the other requests of the store that
            // are made many at a time.
            let page = Box::pin(request.clone().set_exclusive_start_key(start).send()).await?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
    }
}

fn place(aggregate: &mut Aggregate, item: Item) -> Result<(), StoreError> {
    fn add<R: Record>(records: &mut Vec<Versioned<R>>, item: Item) -> Result<(), StoreError> {
        records.push(from_item(item)?);
        Ok(())
    }
    let name = key_of(&item).item;
    let kind = name.split_inclusive('#').next().unwrap_or_default();
    match kind {
        prefix::IDENTITY => aggregate.identity = Some(from_item(item)?),
        prefix::ACS_USER => add(&mut aggregate.acs_users, item)?,
        prefix::AUTOMATION => add(&mut aggregate.automations, item)?,
        prefix::CREDENTIAL => add(&mut aggregate.credentials, item)?,
        prefix::PHONE => add(&mut aggregate.phones, item)?,
        prefix::ENROLLMENT => add(&mut aggregate.enrollments, item)?,
        prefix::PHONE_CREDENTIAL => add(&mut aggregate.phone_credentials, item)?,
        // A newer version's kind of record is nothing that this version may act on.
        unknown => tracing::warn!(item.kind = unknown, "skipped an item of an unknown kind"),
    }
    Ok(())
}
