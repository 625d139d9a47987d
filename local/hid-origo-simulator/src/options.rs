//! What a simulator starts with: one organization, its one system account, its pools, and how its phones behave.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::TimeSource;

/// What a [`Simulator`](crate::Simulator) starts with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `SQLite` file that keeps the state; without one it lives in memory only.
    pub data_file: Option<PathBuf>,
    /// Calls that Mobile Identities takes in any five minutes; events and callbacks together take as many.
    ///
    /// The token service takes 50, or a sixth of this if that is more.
    pub calls_per_5_minutes: u32,
    /// The organization.
    pub organization_id: String,
    /// Its one system account.
    pub client_id: String,
    /// The secret of the system account.
    pub client_secret: String,
    /// The only `Application-ID` that is let in.
    pub application_id: String,
    /// The pools of credentials; those that the data file already has keep their stock and their sequence.
    pub part_numbers: Vec<PartNumber>,
    /// How long a virtual phone takes to fetch a credential, or to drop a revoked one.
    pub fetch_delay: Duration,
    /// How long an invitation code can be redeemed.
    pub invitation_minutes: u32,
    /// How far its clock is ahead of the machine's. On the same data file it must never be less than before.
    pub ahead: Duration,
    /// What time it is.
    pub time: TimeSource,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data_file: None,
            calls_per_5_minutes: 300,
            organization_id: "1000001".to_owned(),
            client_id: "1000001-OSRV1".to_owned(),
            client_secret: "local-secret-of-1000001-OSRV1".to_owned(),
            application_id: "HID-FOBLESS-LOCAL".to_owned(),
            part_numbers: vec![PartNumber::default()],
            fetch_delay: Duration::from_millis(300),
            invitation_minutes: 2880,
            ahead: Duration::ZERO,
            time: TimeSource::machine(),
        }
    }
}

/// A pool of credentials: what is in it, and the sequence that its card numbers come from.
#[derive(Clone, Debug)]
pub struct PartNumber {
    /// The name that requests use, such as `MID-SUB-CRD_FTPN_0001`.
    pub part_number: String,
    /// The name that people use, such as `MOB0001`.
    pub friendly_name: String,
    /// How many credentials can still be drawn.
    pub available: u64,
    /// The card number of the first credential; each further one gets the next.
    pub first_card_number: u64,
    /// The facility code that all its cards share.
    pub facility_code: Option<String>,
    /// The card format that all its cards share.
    pub format_number: Option<String>,
}

impl Default for PartNumber {
    fn default() -> Self {
        Self {
            part_number: "MID-SUB-CRD_FTPN_0001".to_owned(),
            friendly_name: "MOB0001".to_owned(),
            available: 10_000,
            first_card_number: 1,
            facility_code: Some("101".to_owned()),
            format_number: Some("H10301".to_owned()),
        }
    }
}
