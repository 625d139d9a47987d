//! An item as it is kept, with what is asked of it again and again and worked out once: its text on the wire, and its size.

use std::{ops::Deref, sync::OnceLock};

use serde_json::Value;

use crate::attribute::{Item, size};

/// An item in the table, or its entry in an index. It never changes; a write puts another one in its place.
#[derive(Debug)]
pub(crate) struct Stored {
    item: Item,
    text: OnceLock<String>,
    size: OnceLock<usize>,
}

impl Stored {
    pub(crate) const fn new(item: Item) -> Self {
        Self {
            item,
            text: OnceLock::new(),
            size: OnceLock::new(),
        }
    }

    /// Its JSON.
    pub(crate) fn text(&self) -> &str {
        self.text.get_or_init(|| text_of(&self.item))
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
