//! One conditional write: a put, an update, a deletion, or only the check of a condition.

use serde_json::Value;

use crate::{
    attribute::{Item, size},
    definition::Definition,
    expression::{Condition, Placeholders, Update},
    refusal::Refusal,
    request::{item, take_item, text},
    table::Table,
};

/// The most bytes of an item.
const LARGEST_ITEM: usize = 400 * 1024;

/// A write that is not done yet.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) key: Item,
    kind: Kind,
    condition: Option<Condition>,
    shows_old: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Put(Item),
    Update(Option<Update>),
    Delete,
    Check,
}

impl Write {
    /// The item is taken out of the body.
    pub(crate) fn put(body: &mut Value, definition: &Definition) -> Result<Self, Refusal> {
        let item = take_item(body, "Item")?;
        definition.check(&item)?;
        check_size(&item)?;
        Self::new(body, definition.key.require(&item)?, |_| Ok(Kind::Put(item)))
    }

    pub(crate) fn update(body: &Value, definition: &Definition) -> Result<Self, Refusal> {
        let key = whole_key(body, definition)?;
        Self::new(body, key, |placeholders| {
            let update = text(body, "UpdateExpression").map(|expression| Update::parse(expression, placeholders));
            let update = update.transpose()?;
            if let Some(name) = update.iter().flat_map(Update::attributes).find(|name| definition.key.names(name)) {
                return Err(Refusal::validation(format!(
                    "Cannot update attribute {name}. This attribute is part of the key"
                )));
            }
            Ok(Kind::Update(update))
        })
    }

    pub(crate) fn delete(body: &Value, definition: &Definition) -> Result<Self, Refusal> {
        Self::new(body, whole_key(body, definition)?, |_| Ok(Kind::Delete))
    }

    pub(crate) fn check(body: &Value, definition: &Definition) -> Result<Self, Refusal> {
        let check = Self::new(body, whole_key(body, definition)?, |_| Ok(Kind::Check))?;
        match check.condition {
            Some(_) => Ok(check),
            None => Err(Refusal::validation("ConditionExpression is missing")),
        }
    }

    fn new(body: &Value, key: Item, kind: impl FnOnce(&Placeholders) -> Result<Kind, Refusal>) -> Result<Self, Refusal> {
        let placeholders = Placeholders::of(body)?;
        let condition = text(body, "ConditionExpression").map(|expression| Condition::parse(expression, &placeholders));
        let (condition, kind) = (condition.transpose()?, kind(&placeholders)?);
        placeholders.all_used()?;
        Ok(Self {
            key,
            kind,
            condition,
            shows_old: text(body, "ReturnValuesOnConditionCheckFailure") == Some("ALL_OLD"),
        })
    }

    /// What the item is after the write, if its condition holds.
    pub(crate) fn outcome(self, table: &Table, conditions_count: bool) -> Result<Option<Item>, Refusal> {
        let before = table.get(&self.key).map(|stored| &**stored);
        let nothing = Item::new();
        let holds = self
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(before.unwrap_or(&nothing)));
        if !holds && conditions_count {
            return Err(Refusal::condition(before.filter(|_| self.shows_old).cloned()));
        }
        match self.kind {
            Kind::Put(item) => Ok(Some(item)),
            Kind::Delete => Ok(None),
            Kind::Check => Ok(before.cloned()),
            Kind::Update(update) => {
                let before = before.unwrap_or(&self.key);
                let after = match update {
                    Some(update) => update.apply(before)?,
                    None => before.clone(),
                };
                table.definition.check(&after)?;
                check_size(&after)?;
                Ok(Some(after))
            }
        }
    }

    /// Whether it only looks.
    pub(crate) const fn is_a_check(&self) -> bool {
        matches!(self.kind, Kind::Check)
    }
}

/// The key that a request names, which is a key and nothing else.
pub(crate) fn whole_key(body: &Value, definition: &Definition) -> Result<Item, Refusal> {
    let given = item(body, "Key")?;
    let key = definition.key.require(&given)?;
    if key.len() == given.len() {
        Ok(key)
    } else {
        Err(Refusal::validation("The provided key element does not match the schema"))
    }
}

fn check_size(item: &Item) -> Result<(), Refusal> {
    if size(item) > LARGEST_ITEM {
        return Err(Refusal::validation("Item size has exceeded the maximum allowed size"));
    }
    Ok(())
}
