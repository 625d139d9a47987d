//! The list: what DynamoDB does, one file for each thing that Fobless asks of it.

mod capacity;
mod comparisons;
mod conditions;
mod indexes;
mod item_sizes;
mod numbers;
mod queries;
mod refusals;
mod store;
mod streams;
mod transaction_refusals;
mod transactions;
mod updates;
mod values;

use crate::case::Case;

/// Every case.
pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    let groups = [
        conditions::CASES,
        comparisons::CASES,
        updates::CASES,
        values::CASES,
        numbers::CASES,
        item_sizes::CASES,
        queries::CASES,
        indexes::CASES,
        transactions::CASES,
        transaction_refusals::CASES,
        capacity::CASES,
        streams::CASES,
        refusals::CASES,
    ];
    groups.into_iter().chain(store::CASES).flatten()
}
