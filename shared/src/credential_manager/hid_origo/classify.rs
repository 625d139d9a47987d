//! What HID's statuses mean. They are HID's own: 403 says "too fast", 412 often "there already".

use http::StatusCode;

use crate::credential_manager::{CallError, Said};

/// Whether a call changes something at HID. It decides what a lost reply means, and it isn't the method that tells: HID searches with POST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It changes nothing, so a lost reply is only a nuisance.
    Reads,
    /// It changes something, and a lost reply leaves open whether it did.
    Writes,
}

impl Effect {
    /// The call was sent, and what became of it is not known.
    pub(super) fn lost(self, text: impl Into<String>) -> CallError {
        match self {
            Self::Reads => CallError::Transient(text.into()),
            Self::Writes => CallError::UnknownOutcome(text.into()),
        }
    }
}

/// The error of a call that got no status at all. The texts are ours: those of the HTTP library show the URL.
pub(super) fn no_status(error: &reqwest::Error, effect: Effect) -> CallError {
    if error.is_connect() {
        CallError::Transient("no connection to HID".to_owned())
    } else if error.is_builder() {
        CallError::Rejected("the request can't be written down; nothing was sent".to_owned())
    } else if error.is_timeout() {
        effect.lost("HID did not answer in time")
    } else {
        effect.lost("the connection to HID broke")
    }
}

/// The error that a status other than 2xx, 401 and 403 stands for. `subject` is what the call named, `detail` HID's text, made safe.
pub(super) fn failure(status: StatusCode, effect: Effect, subject: &str, detail: Option<String>) -> CallError {
    let told = describe(status, detail);
    match status.as_u16() {
        404 | 410 => CallError::NotFound(subject.to_owned()),
        409 => CallError::Conflict(told),
        412 => CallError::Precondition(told),
        // No service of HID redirects; a wrong base URL does. But upon a write, "see other" may say that it was done.
        300..400 if effect == Effect::Reads => CallError::Misconfigured(told),
        // A gateway on the way may have passed the request on before it gave up.
        ..400 | 408 | 425 | 429 | 500.. => effect.lost(told),
        // 400: bad parameters, 415: a media type with a charset, for example. It would be the same the next time.
        _ => CallError::Rejected(told),
    }
}

/// The status and HID's text about it.
pub(super) fn describe(status: StatusCode, detail: Option<String>) -> String {
    let status = status.as_u16();
    detail.map_or_else(|| format!("status {status}"), |detail| format!("status {status}: {detail}"))
}

/// Whether a 403 says by itself that it is about what we may do, rather than about how fast we do it.
///
/// Not established: HID answers 403, not 429, when it is called too fast, and doesn't document how to tell that from a missing
/// role or an `Application-ID` that isn't approved. A text that names one of those, and no limit, is believed while the service has answered
/// no call of this process: each of HID's services has rights of its own, and one that is missing must not pause the others. All else is judged
/// by what went before, which the shared budget knows.
pub(super) fn is_about_permission(detail: Option<&str>, has_answered: bool) -> bool {
    let names_a_right = [
        "application id",
        "applicationid",
        "permission",
        "privilege",
        "role ",
        "scope ",
        "not authorized",
        "not allowed",
    ];
    !has_answered && names(detail, &names_a_right) && said(detail) == Said::Nothing
}

/// What a 403 says of itself. That its text names a limit is not documented; where it does, it is believed.
pub(super) fn said(detail: Option<&str>) -> Said {
    let names_a_limit = ["limit", "quota", "throttl", "too many", "too fast", "exceed", "rate "];
    if names(detail, &names_a_limit) {
        Said::TooFast
    } else {
        Said::Nothing
    }
}

/// Whether a word of the text begins like one of the list.
fn names(detail: Option<&str>, list: &[&str]) -> bool {
    let letters = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = detail.unwrap_or_default().chars().map(letters).collect();
    let words = format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "));
    list.iter().any(|word| words.contains(&format!(" {word}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(status: u16, effect: Effect) -> CallError {
        failure(StatusCode::from_u16(status).unwrap(), effect, "user 1", Some("why".to_owned()))
    }

    #[test]
    fn each_status_has_its_class() {
        let told = |status: u16| format!("status {status}: why");
        for effect in [Effect::Reads, Effect::Writes] {
            for status in [400, 405, 415, 422] {
                assert_eq!(class(status, effect), CallError::Rejected(told(status)));
            }
            assert_eq!(class(404, effect), CallError::NotFound("user 1".to_owned()));
            assert_eq!(class(409, effect), CallError::Conflict(told(409)));
            assert_eq!(class(412, effect), CallError::Precondition(told(412)));
        }
        for status in [408, 429, 500, 502, 503, 504, 599] {
            assert_eq!(class(status, Effect::Reads), CallError::Transient(told(status)));
            assert_eq!(class(status, Effect::Writes), CallError::UnknownOutcome(told(status)));
        }
        assert_eq!(class(302, Effect::Reads), CallError::Misconfigured(told(302)));
        assert_eq!(class(302, Effect::Writes), CallError::UnknownOutcome(told(302)));
    }

    #[test]
    fn a_403_is_about_speed_unless_it_clearly_is_not() {
        for speed in [
            None,
            Some("Forbidden"),
            Some("Permission limit exceeded"),
            Some("the role is enrolled; rate limited"),
            Some("controlled"),
        ] {
            assert!(!is_about_permission(speed, false), "{speed:?}");
        }
        for permission in [
            "Application-ID is not known",
            "missing role 'Mobile Identities'",
            "Permission denied",
        ] {
            assert!(is_about_permission(Some(permission), false), "{permission}");
            assert!(!is_about_permission(Some(permission), true), "{permission}");
        }
    }
}
