//! Roots that a setting names beside AWS's own.

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

const END: &str = "-----END CERTIFICATE-----";

/// The certificates of a PEM file that can be a root, again as PEM. `None`: there is none. The SDK panics over what it can't use, and a
/// company's bundle may well hold one of a kind that nobody takes any more.
pub(crate) fn usable_roots(pem: &str) -> Option<Vec<u8>> {
    let blocks = pem.split_inclusive(END).filter(|block| is_usable(block));
    let usable: Vec<u8> = blocks.flat_map(|block| [block.as_bytes(), b"\n"].concat()).collect();
    (!usable.is_empty()).then_some(usable)
}

fn is_usable(block: &str) -> bool {
    CertificateDer::from_pem_slice(block.as_bytes()).is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMAZONS: &str = include_str!("amazon_roots.pem");

    #[test]
    fn what_can_be_a_root_is_kept_and_the_rest_of_a_bundle_is_not() {
        let count = |pem: &str| usable_roots(pem).map(|usable| String::from_utf8(usable).unwrap().matches(END).count());
        let no_certificate = format!("-----BEGIN CERTIFICATE-----\nAAAA\n{END}\n");
        assert_eq!(count(AMAZONS), Some(5));
        assert_eq!(count(&format!("# of the company\n{no_certificate}{AMAZONS}")), Some(5));
        assert_eq!(count(&AMAZONS.replace('\n', "\r\n")), Some(5));
        for nothing in ["", "not PEM", &no_certificate, &AMAZONS[..200]] {
            assert_eq!(count(nothing), None, "{nothing}");
        }
        // The SDK takes what is left.
        assert!(super::super::https_client(usable_roots(&format!("{no_certificate}{AMAZONS}"))).is_ok());
    }
}
