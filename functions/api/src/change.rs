//! What an update wishes of one property. Elsewhere `null` counts as absent; here it takes the value away.

use crate::fields::Fields;

/// One property of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// It was not named.
    Keep,
    /// It is to have no value.
    Clear,
    /// It is to have this one.
    Set(T),
}

impl<T: Clone> Change<T> {
    /// Reads the parameter `name`; `read` notes what is wrong with its value.
    pub(crate) fn read<'a>(fields: &Fields<'a>, name: &str, read: impl FnOnce(&Fields<'a>, &str) -> Option<T>) -> Self {
        if fields.is_null(name) {
            Self::Clear
        } else {
            read(fields, name).map_or(Self::Keep, Self::Set)
        }
    }

    /// Makes the change.
    pub(crate) fn apply(&self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::Set(wanted) => *value = Some(wanted.clone()),
        }
    }
}
