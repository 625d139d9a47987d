//! A case: one thing that DynamoDB does.

use futures_util::future::BoxFuture;

use crate::{difference::Outcome, table::Table};

/// A sentence, and how it is tried.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// What the case is about: the name of its module.
    pub(crate) group: &'static str,
    /// What DynamoDB does.
    pub(crate) sentence: &'static str,
    /// Tries it on an empty table of its own.
    pub(crate) run: fn(Table) -> BoxFuture<'static, Outcome>,
}

impl Case {
    /// How it is called, in the list of differences too.
    pub(crate) fn name(&self) -> String {
        format!("{}::{}", self.group, self.sentence)
    }
}

/// The cases of a module: each is an `async fn` that takes its table.
macro_rules! cases {
    ($group:ident: $($sentence:ident),+ $(,)?) => {
        pub(crate) const CASES: &[$crate::case::Case] = &[$($crate::case::Case {
            group: stringify!($group),
            sentence: stringify!($sentence),
            run: |table| Box::pin($sentence(table)),
        }),+];
    };
}

pub(crate) use cases;
