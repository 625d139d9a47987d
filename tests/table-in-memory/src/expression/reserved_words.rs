//! The words that an expression may not use as the name of an attribute, in whatever case: whoever means one puts a placeholder for it.

use std::{collections::BTreeSet, sync::OnceLock};

/// As the Amazon DynamoDB Developer Guide lists them.
const LIST: &str = include_str!("reserved_words.txt");

pub(super) fn is_reserved(word: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| LIST.split_whitespace().collect());
    words.contains(word.to_ascii_uppercase().as_str())
}
