//! What an object says about its troubles: errors, which need a person, and warnings, which do not.

use fobless::domain::{effort::Effort, failure::Failure, time::Timestamp};
use serde::Serialize;

/// The code of the warning that something goes: it is shown until everything that hangs on it is undone.
pub(crate) const BEING_DELETED: &str = "being_deleted";

/// Errors and warnings, as two keys of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct Notices {
    errors: Vec<ErrorNotice>,
    warnings: Vec<WarningNotice>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct ErrorNotice {
    error_code: String,
    message: String,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct WarningNotice {
    warning_code: String,
    message: String,
    #[cfg_attr(test, schema(format = DateTime))]
    created_at: String,
}

impl Notices {
    /// The last failures of these efforts.
    pub(crate) fn of<'a>(efforts: impl IntoIterator<Item = &'a Effort>) -> Self {
        let mut notices = Self::default();
        for failure in efforts.into_iter().filter_map(|effort| effort.last_failure.as_ref()) {
            notices.add(failure);
        }
        notices
    }

    /// Adds a warning of this API's own.
    pub(crate) fn warn(&mut self, code: &str, message: &str, since: Timestamp) {
        let notice = WarningNotice {
            warning_code: code.to_owned(),
            message: message.to_owned(),
            created_at: since.to_string(),
        };
        if !self
            .warnings
            .iter()
            .any(|known| known.warning_code == notice.warning_code && known.message == notice.message)
        {
            self.warnings.push(notice);
        }
    }

    /// Adds an error of this API's own.
    pub(crate) fn blame(&mut self, code: &str, message: &str, since: Timestamp) {
        if !self.errors.iter().any(|known| known.error_code == code && known.message == message) {
            self.errors.push(ErrorNotice {
                error_code: code.to_owned(),
                message: message.to_owned(),
                created_at: since.to_string(),
            });
        }
    }

    /// Several efforts meet the same trouble at once: it is told once.
    fn add(&mut self, failure: &Failure) {
        let code = failure.code.to_string();
        if failure.code.heals_by_itself() {
            self.warn(&code, &failure.message, failure.at);
        } else {
            self.blame(&code, &failure.message, failure.at);
        }
    }
}
