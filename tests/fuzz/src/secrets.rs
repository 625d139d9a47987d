//! The secrets of the harness: none of them may be found where secrets must not stand. They were made up for it, and open nothing.

/// Opens the API, for our workspace.
pub(crate) const API_KEY: &str = "seam_fuzzing1_0123456789abcdefghijklmnopqrstuv";
/// Signs phone events.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_ZnV6emluZy1mb2JsZXNzLWZ1enppbmctZm9ibGVzcyE=";
/// A secret of the same kind that is nobody's.
pub(crate) const NOBODYS_SECRET: &str = "whsec_bm9ib2R5cy1ub2JvZHlzLW5vYm9keXMtbm9ib2R5cyE=";
/// What the credential manager's callbacks carry: in force, and on its way out.
pub(crate) const CALLBACK_SECRETS: [&str; 2] = ["fuzzing-callback-secret-new", "fuzzing-callback-secret-old"];
/// The password of our account at the credential manager.
pub(crate) const CLIENT_SECRET: &str = "fuzzing-client-secret";
/// The access token that is shown to the credential manager.
pub(crate) const ACCESS_TOKEN: &str = "fuzzing-access-token";
/// An invitation code.
pub(crate) const INVITATION_CODE: &str = "QJ4E-PXAD-2J5P-7KXX";

/// All of them.
pub(crate) const ALL: [&str; 7] = [
    API_KEY,
    WEBHOOK_SECRET,
    CALLBACK_SECRETS[0],
    CALLBACK_SECRETS[1],
    CLIENT_SECRET,
    ACCESS_TOKEN,
    INVITATION_CODE,
];

/// Whether any of the harness's secrets stands in `text`.
pub(crate) fn stands_in(text: &str) -> bool {
    ALL.iter().any(|secret| text.contains(secret))
}

/// Fails if any of the harness's secrets stands in `text`.
pub(crate) fn assert_none_in(text: &str) {
    for secret in ALL {
        assert!(!text.contains(secret), "a secret ({secret}) is shown: {text}");
    }
}
