//! A HID Origo that runs on one machine: Mobile Identities 2.2, tokens, events and callbacks, with virtual phones.
//!
//! [`Simulator::start`] serves one organization on one listener. Requests and replies have HID's shapes, oddities included: flags are
//! `"Y"` and `"N"`, ids are integers in replies and strings in events, search hits lack their id, too many calls get 403. Where HID's
//! behaviour is not established the module that decides says so.
//!
//! Beside HID's routes, `/simulator/*` plays what happens outside HID: a phone redeems a code, an app is removed, a reply gets lost. Its
//! ledger tells everything that was ever made, so that a test can judge the outcome and not the calls.
//!
//! State is in memory behind one lock, and written to `SQLite` before an answer leaves: after SIGKILL nothing that was answered is gone.

mod callbacks;
mod calls;
mod clock;
mod containers;
mod credentials;
mod customer;
mod delivery;
mod events;
mod failure;
mod faults;
mod gate;
mod in_process;
mod invitations;
mod ledger;
mod options;
mod origo;
mod part_numbers;
mod persistence;
mod phones;
mod random;
mod rate_limit;
mod records;
mod schedule;
mod scim;
mod search;
mod server;
mod settings;
mod table;
mod tokens;
mod users;
mod world;

pub use clock::TimeSource;
pub use delivery::ClientError;
pub use in_process::InProcess;
pub use options::{Options, PartNumber};
pub use persistence::DataFileError;
pub use server::{Simulator, SimulatorError};
