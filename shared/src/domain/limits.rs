//! How much a credential manager lets one person have. HID Origo's figures, which its integrators' guides agree on; no other
//! credential manager is here yet, so they are constants.

/// Phones that one user of the credential manager may have.
pub const PHONES_PER_USER: usize = 5;

/// Credentials that one phone may hold.
pub const CREDENTIALS_PER_PHONE: usize = 10;
