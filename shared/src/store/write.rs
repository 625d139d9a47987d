//! Conditional writes of whole records.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{
    Store,
    error::{StoreError, WriteError, condition},
    item::{Record, attribute, from_item, key_attributes, to_item},
    keys::Key,
};
use crate::domain::aggregate::Versioned;

/// How often an amendment is tried again when others write the same item meanwhile.
const AMEND_TRIES: u32 = 8;

impl Store {
    /// Reads one record, strongly consistent.
    pub async fn get<R: Record>(&self, key: Key) -> Result<Option<Versioned<R>>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let answer = request.set_key(Some(key_attributes(key))).send().await?;
        answer.item.map(from_item).transpose()
    }

    /// Writes a record that is not there yet. [`WriteError::Conflict`] when there is one.
    pub async fn insert<R: Record>(&self, record: R) -> Result<Versioned<R>, WriteError> {
        let version = 1;
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&record, version)?));
        let request = request
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attribute::PARTITION);
        request.send().await.map_err(condition)?;
        Ok(Versioned { record, version })
    }

    /// Writes `record` over the one that was read under `version`. [`WriteError::Conflict`] when somebody wrote it since.
    pub async fn replace<R: Record>(&self, record: R, version: u64) -> Result<Versioned<R>, WriteError> {
        let next = version.saturating_add(1);
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&record, next)?));
        let request = request
            .condition_expression("#version = :seen")
            .expression_attribute_names("#version", attribute::VERSION);
        let request = request.expression_attribute_values(":seen", AttributeValue::N(version.to_string()));
        request.send().await.map_err(condition)?;
        Ok(Versioned { record, version: next })
    }

    /// Changes a record that was read as `seen`. When somebody wrote it since, it is read again and `change` is asked again;
    /// it answers whether there is still something to write. `None`: there was not, or the record is gone.
    pub async fn amend<R: Record>(
        &self,
        seen: Versioned<R>,
        mut change: impl FnMut(&mut R) -> bool + Send,
    ) -> Result<Option<Versioned<R>>, WriteError> {
        let mut current = seen;
        for _ in 0..AMEND_TRIES {
            let mut record = current.record.clone();
            if !change(&mut record) {
                return Ok(None);
            }
            match self.replace(record, current.version).await {
                Err(WriteError::Conflict) => match self.get(current.record.key()).await? {
                    Some(newer) => current = newer,
                    None => return Ok(None),
                },
                written => return written.map(Some),
            }
        }
        Err(WriteError::Conflict)
    }
}
