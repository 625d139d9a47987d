//! Hostile input. Each module is one door: it takes bytes of any kind through it, and says what must hold whatever they are. "It does not
//! panic" is the least of it.
//!
//! libFuzzer draws the bytes (`libfuzzer/`); those that were of interest are kept in `corpus/`, and `cargo test` tries them all.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what must hold is asserted, and what does not work in the harness ends the test"
)]

mod answer;
mod far_side;
mod log;
mod records;
mod secrets;
mod table;

pub mod api_bodies;
pub mod api_queries;
pub mod cursors;
pub mod hid_answers;
pub mod hid_callbacks;
pub mod phone_events;
pub mod signature_headers;
pub mod stream_records;

/// A door: its name, and what takes bytes through it.
pub type Door = (&'static str, fn(&[u8]));

/// All doors, by the names that their files, their corpus and their libFuzzer target have.
pub const DOORS: [Door; 8] = [
    ("signature_headers", signature_headers::check),
    ("phone_events", phone_events::check),
    ("hid_callbacks", hid_callbacks::check),
    ("api_queries", api_queries::check),
    ("api_bodies", api_bodies::check),
    ("hid_answers", hid_answers::check),
    ("stream_records", stream_records::check),
    ("cursors", cursors::check),
];
