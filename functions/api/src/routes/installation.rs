//! The app's own name for its installation, by the same rules as in the events of the app's backend: it is part of the phone's id.

use fobless::domain::ids::InstallationId;

use crate::fields::Fields;

/// The name of the parameter.
pub(super) const INSTALLATION: &str = "custom_sdk_installation_id";

/// An installation.
pub(super) fn installation(fields: &Fields<'_>) -> Option<InstallationId> {
    let text = fields.text(INSTALLATION)?;
    if text.len() > InstallationId::MOST_BYTES {
        fields.issue(INSTALLATION, format!("Must be at most {} bytes long", InstallationId::MOST_BYTES));
        return None;
    }
    if text.chars().any(char::is_control) {
        fields.issue(INSTALLATION, "Must not contain control characters");
        return None;
    }
    Some(InstallationId::new(text))
}
