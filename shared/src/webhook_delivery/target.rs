//! Where webhooks may be sent: to https addresses of the public internet. Looked at when a webhook is made and again with every attempt;
//! what a name stands for is looked at while connecting, see `resolver`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use super::address::{AddressKind, not_public};

/// Names that no public server has, and what they stand for.
const PRIVATE_NAMES: [(&str, AddressKind); 4] = [
    ("localhost", AddressKind::Loopback),
    ("local", AddressKind::LinkLocal),
    ("internal", AddressKind::Private),
    ("home.arpa", AddressKind::Private),
];

/// Where webhooks may be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WebhookTargets {
    /// To https addresses of the public internet.
    #[default]
    Public,
    /// Also to this very machine, without TLS if need be: for development.
    PublicAndThisMachine,
}

/// An address that webhooks are not sent to. The text goes behind the name of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedTarget {
    /// Not an absolute URL of a server.
    #[error("is not the URL of a server")]
    NotAUrl,
    /// What happens to people would cross the network in the clear.
    #[error("must be an https URL")]
    NotHttps,
    /// It has a user, a password or a fragment.
    #[error("must have no user, no password and no fragment")]
    HasMore,
    /// Only we could reach it.
    #[error("points to {0}, and webhooks are sent to public addresses only")]
    NotPublic(AddressKind),
}

impl WebhookTargets {
    /// Reads the URL of a receiver.
    pub fn parse(self, text: &str) -> Result<Url, RefusedTarget> {
        let url = Url::parse(text).map_err(|_| RefusedTarget::NotAUrl)?;
        let host = url.host_str().ok_or(RefusedTarget::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if self == Self::PublicAndThisMachine && kind_of(host) == Some(AddressKind::Loopback) => {}
            _ => return Err(RefusedTarget::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(RefusedTarget::HasMore);
        }
        match kind_of(host).filter(|kind| self.refuses(*kind)) {
            Some(kind) => Err(RefusedTarget::NotPublic(kind)),
            None => Ok(url),
        }
    }

    /// Why an address must not be called; `None`: it may.
    pub(super) fn refusal(self, address: IpAddr) -> Option<RefusedTarget> {
        let kind = not_public(address).filter(|kind| self.refuses(*kind))?;
        Some(RefusedTarget::NotPublic(kind))
    }

    fn refuses(self, kind: AddressKind) -> bool {
        match self {
            Self::Public => true,
            Self::PublicAndThisMachine => kind != AddressKind::Loopback,
        }
    }
}

/// What a host is, if it is not public and that can be told without asking anybody. The URL parser has already brought every way of writing
/// an IPv4 address to the usual one, and put IPv6 in brackets.
fn kind_of(host: &str) -> Option<AddressKind> {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return not_public(address.into());
    }
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address
            .parse::<Ipv6Addr>()
            .map_or(Some(AddressKind::Reserved), |address| not_public(address.into()));
    }
    let name = host.trim_end_matches('.');
    let is_below = |parent: &str| name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PRIVATE_NAMES.iter().find(|(parent, _)| is_below(parent)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<RefusedTarget> {
        WebhookTargets::Public.parse(text).err()
    }

    #[test]
    fn a_receiver_is_behind_tls_on_the_public_internet() {
        for usable in [
            "https://receiver.example",
            "https://receiver.example:8443/hook/?token=1",
            "https://1.1.1.1/hook",
            "https://[2606:4700::1111]/hook",
            "https://localhost.example",
            "https://notlocal",
            "https://internal.example",
        ] {
            assert_eq!(refused(usable), None, "{usable}");
        }
        for (odd, refusal) in [
            ("", RefusedTarget::NotAUrl),
            ("receiver.example", RefusedTarget::NotAUrl),
            ("https://", RefusedTarget::NotAUrl),
            ("mailto:somebody@receiver.example", RefusedTarget::NotAUrl),
            ("http://receiver.example", RefusedTarget::NotHttps),
            ("http://127.0.0.1", RefusedTarget::NotHttps),
            ("ftp://receiver.example", RefusedTarget::NotHttps),
            ("file://receiver.example/etc/passwd", RefusedTarget::NotHttps),
            ("https://user@receiver.example", RefusedTarget::HasMore),
            ("https://:password@receiver.example", RefusedTarget::HasMore),
            ("https://receiver.example/#a", RefusedTarget::HasMore),
        ] {
            assert_eq!(refused(odd), Some(refusal), "{odd}");
        }
    }

    #[test]
    fn an_address_that_only_we_could_reach_is_refused_however_it_is_written() {
        for (url, kind) in [
            ("https://127.0.0.1", AddressKind::Loopback),
            ("https://2130706433", AddressKind::Loopback),
            ("https://0x7f.1", AddressKind::Loopback),
            ("https://0177.0.0.1", AddressKind::Loopback),
            ("https://127.0.0.1.", AddressKind::Loopback),
            ("https://[::1]:8080", AddressKind::Loopback),
            ("https://localhost", AddressKind::Loopback),
            ("https://LOCALHOST.", AddressKind::Loopback),
            ("https://app.localhost", AddressKind::Loopback),
            ("https://10.0.0.1", AddressKind::Private),
            ("https://ip-10-0-0-1.ec2.internal", AddressKind::Private),
            ("https://169.254.169.254/latest/meta-data", AddressKind::LinkLocal),
            ("https://[fe80::1]", AddressKind::LinkLocal),
            ("https://printer.local", AddressKind::LinkLocal),
            ("https://[::ffff:10.0.0.1]", AddressKind::Ipv4InIpv6),
            ("https://0.0.0.0", AddressKind::Unspecified),
        ] {
            assert_eq!(refused(url), Some(RefusedTarget::NotPublic(kind)), "{url}");
        }
    }

    #[test]
    fn for_development_this_machine_may_be_called_and_nothing_else_that_is_not_public() {
        let local = WebhookTargets::PublicAndThisMachine;
        for usable in [
            "http://127.0.0.1:9/hook",
            "http://localhost:9",
            "http://[::1]",
            "https://127.0.0.1",
            "https://receiver.example",
        ] {
            assert!(local.parse(usable).is_ok(), "{usable}");
        }
        for (odd, refusal) in [
            ("http://receiver.example", RefusedTarget::NotHttps),
            ("http://10.0.0.1", RefusedTarget::NotHttps),
            ("https://10.0.0.1", RefusedTarget::NotPublic(AddressKind::Private)),
            ("https://169.254.169.254", RefusedTarget::NotPublic(AddressKind::LinkLocal)),
        ] {
            assert_eq!(local.parse(odd), Err(refusal), "{odd}");
        }
    }
}
