//! An item as it is kept, with what is asked of it again and again and worked out once: its text on the wire, the SDK's form of it,
//! and its size.

use std::{ops::Deref, sync::OnceLock};

use serde_json::Value;

use crate::{
    attribute::{Item, size},
    sdk_item::{SdkItem, sdk_item},
};

/// An item in the table, or its entry in an index. It never changes; a write puts another one in its place.
#[derive(Debug)]
pub(crate) struct Stored {
    item: Item,
    text: OnceLock<String>,
    sdk_item: OnceLock<Option<SdkItem>>,
    size: OnceLock<usize>,
}

impl Stored {
    pub(crate) const fn new(item: Item) -> Self {
        Self {
            item,
            text: OnceLock::new(),
            sdk_item: OnceLock::new(),
            size: OnceLock::new(),
        }
    }

    /// Its JSON.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| text_of(&self.item))
    }

    /// As the SDK has it.
    pub(crate) fn sdk_item(&self) -> Option<&SdkItem> {
        self.sdk_item.get_or_init(|| sdk_item(&self.item)).as_ref()
    }

    /// How many bytes it counts for.
    pub(crate) fn size(&self) -> usize {
        *self.size.get_or_init(|| size(&self.item))
    }
}

impl Deref for Stored {
    type Target = Item;

    fn deref(&self) -> &Item {
        &self.item
    }
}

/// An item's JSON.
pub(crate) fn text_of(item: &Item) -> String {
    // Maps of texts and values can always be written.
    serde_json::to_string(item).unwrap_or_else(|_| Value::Null.to_string())
}
