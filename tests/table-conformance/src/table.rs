//! What a case works on: an empty table of its own, and short words for what is asked of it.

use aws_sdk_dynamodb::{
    Client,
    operation::{
        delete_item::builders::DeleteItemFluentBuilder, get_item::builders::GetItemFluentBuilder, put_item::builders::PutItemFluentBuilder,
        query::builders::QueryFluentBuilder, update_item::builders::UpdateItemFluentBuilder,
    },
};
use fobless::store::Store;
use serde_json::{Value, json};

use crate::{
    difference::{Difference, held},
    item::{Item, item, plain, values},
    stream::Streams,
};

/// The partition in which the cases write, where one is enough.
const PARTITION: &str = "p";
/// The item whose record ends what is read of a stream.
const END: &str = "~end";

/// A table as the product defines it.
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) streams: Streams,
}

/// The key of an item in the cases' partition.
pub(crate) fn key(sort: &str) -> Value {
    json!({"pk": PARTITION, "sk": sort})
}

/// An item in the cases' partition.
pub(crate) fn with_key(sort: &str, mut attributes: Value) -> Value {
    attributes["pk"] = PARTITION.into();
    attributes["sk"] = sort.into();
    attributes
}

impl Table {
    /// The product's own store over it.
    pub(crate) fn store(&self) -> Store {
        Store::new(self.client.clone(), &self.name)
    }

    /// Puts these attributes as an item.
    pub(crate) fn put(&self, sort: &str, attributes: Value) -> PutItemFluentBuilder {
        self.put_item(item(with_key(sort, attributes)))
    }

    pub(crate) fn put_item(&self, item: Item) -> PutItemFluentBuilder {
        self.client.put_item().table_name(&self.name).set_item(Some(item))
    }

    pub(crate) fn put_if(&self, sort: &str, attributes: Value, condition: &str, with: Value) -> PutItemFluentBuilder {
        self.put(sort, attributes)
            .condition_expression(condition)
            .set_expression_attribute_values(values(with))
    }

    pub(crate) fn update(&self, sort: &str, expression: &str, with: Value) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(item(key(sort))))
            .update_expression(expression)
            .set_expression_attribute_values(values(with))
    }

    pub(crate) fn delete(&self, sort: &str) -> DeleteItemFluentBuilder {
        self.client.delete_item().table_name(&self.name).set_key(Some(item(key(sort))))
    }

    pub(crate) fn delete_if(&self, sort: &str, condition: &str, with: Value) -> DeleteItemFluentBuilder {
        self.delete(sort)
            .condition_expression(condition)
            .set_expression_attribute_values(values(with))
    }

    pub(crate) fn get(&self, sort: &str) -> GetItemFluentBuilder {
        self.client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(item(key(sort))))
            .consistent_read(true)
    }

    /// An item as the SDK shows it.
    pub(crate) async fn found(&self, sort: &str) -> Result<Option<Item>, Difference> {
        Ok(self.get(sort).send().await?.item)
    }

    /// The attributes of an item, its key left out; JSON's null where there is none.
    pub(crate) async fn attributes(&self, sort: &str) -> Result<Value, Difference> {
        let Some(found) = self.found(sort).await? else {
            return Ok(Value::Null);
        };
        let mut attributes = plain(found)?;
        if let Some(attributes) = attributes.as_object_mut() {
            attributes.retain(|name, _| name != "pk" && name != "sk");
        }
        Ok(attributes)
    }

    /// Whether a condition holds for an item, which stays as it is.
    pub(crate) async fn holds(&self, sort: &str, condition: &str, with: Value) -> Result<bool, Difference> {
        if let Some(present) = self.found(sort).await? {
            let put = self.put_item(present).condition_expression(condition);
            held(put.set_expression_attribute_values(values(with)).send().await)
        } else {
            held(self.delete_if(sort, condition, with).send().await)
        }
    }

    pub(crate) fn query(&self, condition: &str, with: Value) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_expression_attribute_values(values(with))
    }

    /// The sort keys that a query of the table or of an index shows, on all its pages.
    pub(crate) async fn sorts(&self, query: QueryFluentBuilder) -> Result<Vec<String>, Difference> {
        let (mut sorts, mut start) = (Vec::new(), None);
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await?;
            let items = page.items.unwrap_or_default();
            sorts.extend(items.iter().filter_map(|item| item.get("sk")?.as_s().ok().cloned()));
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(sorts);
            }
        }
    }

    /// What the stream has told so far.
    pub(crate) async fn stream(&self) -> Result<Vec<Value>, Difference> {
        self.put(END, json!({})).send().await?;
        self.streams.until(&self.name, END).await
    }
}
