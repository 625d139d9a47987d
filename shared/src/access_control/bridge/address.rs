//! Where a connector may be: behind TLS, or on this very machine.

use reqwest::Url;

use crate::http_client::is_this_machine;

/// An address that no connector can have. The text goes behind the name of the setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableAddress {
    /// Not an absolute URL of a server, or one with a user or a fragment.
    #[error("is not the URL of a connector")]
    NotAUrl,
    /// Who holds which card number would cross the network in the clear.
    #[error("must be an https URL; plain http is for this machine's own addresses only")]
    PlainHttp,
}

/// Reads the URL of a connector.
pub(super) fn parse(text: &str) -> Result<Url, UnusableAddress> {
    let url = Url::parse(text.trim()).map_err(|_| UnusableAddress::NotAUrl)?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        "http" => return Err(UnusableAddress::PlainHttp),
        _ => return Err(UnusableAddress::NotAUrl),
    }
    // A password has no place in a URL, and a fragment is never sent: neither can be meant.
    let has_more = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
    if has_more { Err(UnusableAddress::NotAUrl) } else { Ok(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_behind_tls_or_on_this_machine() {
        for usable in [
            "https://doors.example",
            " https://doors.example:8443/fobless/?tenant=1\n",
            "http://127.0.0.1:9000/x",
            "http://127.200.3.4",
            "http://localhost:9000",
            "http://LOCALHOST",
            "http://[::1]:9000",
        ] {
            assert!(parse(usable).is_ok(), "{usable}");
        }
        for plain in [
            "http://doors.example",
            "http://10.0.0.1",
            "http://128.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
            "http://[::ffff:127.0.0.1]",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "http://127.0.0.1@doors.example",
        ] {
            assert_eq!(parse(plain), Err(UnusableAddress::PlainHttp), "{plain}");
        }
        for odd in [
            "",
            "doors.example",
            "/x",
            "ftp://127.0.0.1",
            "https://",
            "https://user@doors.example",
            "https://:password@doors.example",
            "https://doors.example/#a",
        ] {
            assert_eq!(parse(odd), Err(UnusableAddress::NotAUrl), "{odd}");
        }
    }

    #[test]
    fn the_path_and_the_query_are_kept_as_they_are() {
        let kept = "https://doors.example/fobless/?tenant=1";
        assert_eq!(parse(kept).map(String::from), Ok(kept.to_owned()));
    }
}
