//! What kind of value a parameter takes.

/// The kind of a parameter, as handlers ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// The id of something.
    Id,
    /// Several ids.
    Ids {
        /// How many at most.
        most: usize,
    },
    /// One id, in a list.
    OnlyId,
    /// A text.
    Text,
    /// Several texts.
    Texts {
        /// How many at most.
        most: usize,
    },
    /// One of these words.
    Word(&'a [&'a str]),
    /// A text with a form of its own.
    Parsed,
    /// A moment.
    Moment,
    /// Two moments.
    MomentPair,
    /// Yes or no.
    Flag,
    /// A whole number.
    WholeNumber {
        /// The least.
        least: u16,
        /// The most.
        most: u16,
    },
    /// Parameters inside a parameter.
    Object,
}
