//! The product's own store over each backend: its verbs do what they promise, with the requests that it really sends.

mod events;
mod facts;
mod hints;
mod listing;
mod people;
mod records;
mod sweep;
mod transactions;
mod transfer;
mod unusable;

use crate::case::Case;

pub(super) const CASES: [&[Case]; 9] = [
    facts::CASES,
    hints::CASES,
    records::CASES,
    transactions::CASES,
    events::CASES,
    listing::CASES,
    sweep::CASES,
    transfer::CASES,
    unusable::CASES,
];
