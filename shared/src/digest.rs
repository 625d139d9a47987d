//! SHA-256 as text: for what is compared or looked up, and not to be read.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// SHA-256 in hex.
#[must_use]
pub fn hex_sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
