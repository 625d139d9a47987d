//! Which addresses are public. Whoever may name an address that we call could otherwise make us call what only we can reach: a
//! metadata service, the runtime's own API, somebody's printer.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What an address is that is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// This very machine.
    Loopback,
    /// A network of its own, unique-local ones among them.
    Private,
    /// This link; cloud providers' metadata services are there.
    LinkLocal,
    /// Shared by a provider's customers (carrier-grade NAT).
    Shared,
    /// Many machines at once.
    Multicast,
    /// No machine.
    Unspecified,
    /// In documents only.
    Documentation,
    /// An IPv4 address in IPv6 clothes.
    Ipv4InIpv6,
    /// For nobody's use.
    Reserved,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::LinkLocal => "a link-local address",
            Self::Shared => "a shared address",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "an unspecified address",
            Self::Documentation => "a documentation address",
            Self::Ipv4InIpv6 => "an IPv4 address in IPv6 form",
            Self::Reserved => "a reserved address",
        })
    }
}

/// What `address` is; `None`: public.
pub(super) fn not_public(address: IpAddr) -> Option<AddressKind> {
    match address {
        IpAddr::V4(address) => not_public_v4(address),
        IpAddr::V6(address) => not_public_v6(address),
    }
}

fn not_public_v4(address: Ipv4Addr) -> Option<AddressKind> {
    Some(match address.octets() {
        [0, 0, 0, 0] => AddressKind::Unspecified,
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [169, 254, ..] => AddressKind::LinkLocal,
        [100, 64..=127, ..] => AddressKind::Shared,
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Documentation,
        [224..=239, ..] => AddressKind::Multicast,
        // This network, protocol assignments, the old relay of 6to4, benchmarks, and what was never given out.
        [0 | 240..=255, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] => AddressKind::Reserved,
        _ => return None,
    })
}

fn not_public_v6(address: Ipv6Addr) -> Option<AddressKind> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressKind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressKind::Loopback,
        // Mapped, compatible, translated (NAT64), 6to4 and Teredo: the machine behind is an IPv4 one, whichever that is.
        [0, 0, 0, 0, 0, 0xffff | 0, ..] | [0x64, 0xff9b, ..] | [0x2002, ..] | [0x2001, 0, ..] => AddressKind::Ipv4InIpv6,
        [0xfc00..=0xfdff, ..] => AddressKind::Private,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        [0xff00..=0xffff, ..] => AddressKind::Multicast,
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressKind::Documentation,
        // Protocol assignments; and all beyond the one eighth that is given out.
        [0x2001, 1..=0x1ff, ..] | [0..=0x1fff | 0x4000..=0xffff, ..] => AddressKind::Reserved,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_that_is_not_public_is_known_for_what_it_is() {
        use AddressKind::{Documentation, Ipv4InIpv6, LinkLocal, Loopback, Multicast, Private, Reserved, Shared, Unspecified};
        let table = [
            ("127.0.0.1", Loopback),
            ("127.255.255.255", Loopback),
            ("::1", Loopback),
            ("10.0.0.1", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("fc00::1", Private),
            ("fd12:3456::1", Private),
            // The metadata services of cloud providers.
            ("169.254.169.254", LinkLocal),
            ("fd00:ec2::254", Private),
            ("fe80::1", LinkLocal),
            ("febf::1", LinkLocal),
            ("100.64.0.1", Shared),
            ("100.127.255.255", Shared),
            ("224.0.0.1", Multicast),
            ("239.255.255.255", Multicast),
            ("ff02::1", Multicast),
            ("0.0.0.0", Unspecified),
            ("::", Unspecified),
            ("192.0.2.1", Documentation),
            ("198.51.100.1", Documentation),
            ("203.0.113.1", Documentation),
            ("2001:db8::1", Documentation),
            ("3fff::1", Documentation),
            ("::ffff:127.0.0.1", Ipv4InIpv6),
            ("::ffff:8.8.8.8", Ipv4InIpv6),
            ("::7f00:1", Ipv4InIpv6),
            ("64:ff9b::7f00:1", Ipv4InIpv6),
            ("64:ff9b:1::1", Ipv4InIpv6),
            ("2002:7f00:1::", Ipv4InIpv6),
            ("2001::1", Ipv4InIpv6),
            ("0.1.2.3", Reserved),
            ("192.0.0.1", Reserved),
            ("192.88.99.1", Reserved),
            ("198.18.0.1", Reserved),
            ("198.19.255.255", Reserved),
            ("240.0.0.1", Reserved),
            ("255.255.255.255", Reserved),
            ("100::1", Reserved),
            ("2001:10::1", Reserved),
            ("fec0::1", Reserved),
            ("5f00::1", Reserved),
        ];
        for (address, kind) in table {
            assert_eq!(not_public(address.parse().unwrap()), Some(kind), "{address}");
        }
    }

    #[test]
    fn the_addresses_around_them_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert_eq!(not_public(address.parse().unwrap()), None, "{address}");
        }
    }
}
