//! The headers of a signed webhook: which are needed, what they may hold, and how old they may be.

use http::{HeaderMap, HeaderName};

use super::{
    HeaderFamily, Rejection, SignedHeader, UnverifiedWebhook,
    vectors::{FAMILIES, HEADERS, NO_KEY_MATCHES, OTHER_SIGNATURE, SEAM, add, answer_to_signed, at, headers, keys, malformed, missing},
};
use crate::domain::time::Timestamp;

#[test]
fn each_header_is_required() {
    for family in FAMILIES {
        for header in HEADERS {
            let mut headers = SEAM.headers(family);
            headers.remove(family.header_name(header));
            assert_eq!(SEAM.answer(&headers), missing(header), "{family:?}");
        }
    }
    assert_eq!(SEAM.answer(&HeaderMap::new()), missing(SignedHeader::Id));
}

#[test]
fn the_families_are_not_mixed() {
    for absent in HEADERS {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        let value = headers.remove(HeaderFamily::Svix.header_name(absent)).unwrap();
        headers.insert(HeaderName::from_static(HeaderFamily::Standard.header_name(absent)), value);
        assert_eq!(SEAM.answer(&headers), missing(absent));
    }
}

#[test]
fn of_two_complete_families_that_of_svix_counts() {
    let both = |svix: &str, standard: &str| {
        let mut headers = SEAM.headers_signed(HeaderFamily::Svix, svix);
        headers.extend(SEAM.headers_signed(HeaderFamily::Standard, standard));
        SEAM.answer(&headers)
    };
    assert_eq!(both(SEAM.signature, OTHER_SIGNATURE), Ok(()));
    assert_eq!(both(OTHER_SIGNATURE, SEAM.signature), NO_KEY_MATCHES);
}

#[test]
fn an_incomplete_family_beside_a_complete_one_does_not_count() {
    let mut headers = SEAM.headers(HeaderFamily::Standard);
    add(&mut headers, HeaderFamily::Svix, SignedHeader::Id, "msg_other");
    add(&mut headers, HeaderFamily::Svix, SignedHeader::Signature, OTHER_SIGNATURE);
    assert_eq!(SEAM.answer(&headers), Ok(()));
}

#[test]
fn a_doubled_id_or_timestamp_is_malformed_even_if_both_are_equal() {
    for (header, value) in [(SignedHeader::Id, SEAM.id), (SignedHeader::Timestamp, "1700000000")] {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        add(&mut headers, HeaderFamily::Svix, header, value);
        assert_eq!(SEAM.answer(&headers), malformed(header));
    }
}

#[test]
fn the_signature_may_be_anywhere_in_a_list() {
    let right = SEAM.signature;
    for list in [
        format!("{OTHER_SIGNATURE} {right}"),
        format!("{right} {OTHER_SIGNATURE}"),
        format!("v2,{} {right} v1a,Zm9v", &right[3..]),
        format!("{OTHER_SIGNATURE},{right}"),
        format!("{OTHER_SIGNATURE}, {right}"),
        format!("{right},v2,AAAA"),
        format!("garbage v1,not-base64! v1 v1, {right}"),
    ] {
        assert_eq!(SEAM.answer_to_signature(&list), Ok(()), "{list}");
    }
}

#[test]
fn the_signature_may_be_in_the_second_header_line() {
    for (first, second) in [(OTHER_SIGNATURE, SEAM.signature), (SEAM.signature, OTHER_SIGNATURE)] {
        let mut headers = SEAM.headers_signed(HeaderFamily::Svix, first);
        add(&mut headers, HeaderFamily::Svix, SignedHeader::Signature, second);
        assert_eq!(SEAM.answer(&headers), Ok(()));
    }
}

#[test]
fn a_list_without_entries_or_with_too_many_is_malformed() {
    assert_eq!(SEAM.answer_to_signature(""), malformed(SignedHeader::Signature));
    assert_eq!(SEAM.answer_to_signature(" , "), malformed(SignedHeader::Signature));
    let preceded_by = |count: usize| format!("{}{}", "v2,AAAA ".repeat(count), SEAM.signature);
    assert_eq!(SEAM.answer_to_signature(&preceded_by(31)), Ok(()));
    assert_eq!(SEAM.answer_to_signature(&preceded_by(32)), malformed(SignedHeader::Signature));
}

#[test]
fn the_tolerance_is_300_seconds_to_either_side() {
    for (distance, accepted) in [(0, true), (299, true), (300, true), (301, false), (86_400, false)] {
        for now in [SEAM.timestamp + distance, SEAM.timestamp - distance] {
            let headers = SEAM.headers(HeaderFamily::Svix);
            let answer = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes())
                .verify(&keys(&[SEAM.key]), at(now))
                .map(drop);
            assert_eq!(answer, if accepted { Ok(()) } else { Err(Rejection::OutsideTolerance) }, "{now}");
        }
    }
}

#[test]
fn a_timestamp_at_the_end_of_numbers_is_only_outside_the_tolerance() {
    for now in [i64::MIN, -1, 0, 1_700_000_000_000, i64::MAX].map(Timestamp::from_millis) {
        for timestamp in [i64::MIN, i64::MAX] {
            assert_eq!(
                answer_to_signed("msg", &timestamp.to_string(), now),
                Err(Rejection::OutsideTolerance)
            );
        }
    }
    assert_eq!(
        answer_to_signed("msg", "9223372036854775808", at(0)),
        malformed(SignedHeader::Timestamp)
    );
    assert_eq!(
        answer_to_signed("msg", "-9223372036854775809", at(0)),
        malformed(SignedHeader::Timestamp)
    );
}

#[test]
fn a_timestamp_that_is_no_plain_integer_is_malformed_however_well_signed() {
    assert_eq!(answer_to_signed("msg", "-7", at(0)), Ok(()));
    for timestamp in ["", "0.0", "+0", "--0", "0,0", "1e2", " 0", "soon"] {
        assert_eq!(
            answer_to_signed("msg", timestamp, at(0)),
            malformed(SignedHeader::Timestamp),
            "{timestamp:?}"
        );
    }
}

#[test]
fn an_id_that_is_none_is_malformed_however_well_signed() {
    let (longest, too_long) = ("m".repeat(256), "m".repeat(257));
    assert_eq!(answer_to_signed(&longest, "0", at(0)), Ok(()));
    for id in ["", ".", "msg.1", "msg 1", "m\u{fc}", &too_long] {
        assert_eq!(answer_to_signed(id, "0", at(0)), malformed(SignedHeader::Id), "{id:?}");
    }
}

#[test]
fn headers_that_are_not_text_are_refused() {
    for (header, answer) in [
        (SignedHeader::Id, malformed(SignedHeader::Id)),
        (SignedHeader::Timestamp, malformed(SignedHeader::Timestamp)),
        (SignedHeader::Signature, NO_KEY_MATCHES),
    ] {
        let mut headers = SEAM.headers(HeaderFamily::Svix);
        headers.remove(HeaderFamily::Svix.header_name(header));
        add(&mut headers, HeaderFamily::Svix, header, [b'v', b'1', b',', 0xff, 0x80]);
        assert_eq!(SEAM.answer(&headers), answer);
    }
}

#[test]
fn malformed_headers_are_reported_before_an_old_timestamp_and_that_before_a_wrong_signature() {
    let answer = |headers: &HeaderMap| {
        UnverifiedWebhook::new(headers, b"{}")
            .verify(&keys(&[SEAM.key]), at(1_000))
            .map(drop)
    };
    assert_eq!(
        answer(&headers(HeaderFamily::Svix, "msg.1", "0", OTHER_SIGNATURE)),
        malformed(SignedHeader::Id)
    );
    assert_eq!(
        answer(&headers(HeaderFamily::Svix, "msg", "0", OTHER_SIGNATURE)),
        Err(Rejection::OutsideTolerance)
    );
    assert_eq!(answer(&headers(HeaderFamily::Svix, "msg", "1000", OTHER_SIGNATURE)), NO_KEY_MATCHES);
}
