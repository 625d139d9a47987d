//! Verification, against vectors of other implementations and against whatever must not pass.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use ring::signature::Ed25519KeyPair;

use super::{
    HeaderFamily, MessageId, Rejection, RejectionClass, SignedHeader, SigningKey, UnverifiedWebhook, VerifiedWebhook,
    vectors::{
        ED25519, FAMILIES, NO_KEY_MATCHES, OTHER_SIGNATURE, SEAM, SPECIFICATION, SVIX_SERVER, VECTORS, Vector, at, headers, keys, sign_raw,
        workspace,
    },
};
use crate::domain::time::Timestamp;
use crate::same_secret::comparisons;

#[test]
fn the_vectors_of_other_implementations_verify_in_both_header_families() {
    for vector in VECTORS {
        for family in FAMILIES {
            let headers = vector.headers(family);
            let keys = keys(&[vector.key]);
            let verified = UnverifiedWebhook::new(&headers, vector.body.as_bytes())
                .verify(&keys, at(vector.timestamp))
                .unwrap();
            assert_eq!(verified.workspace_id(), workspace(1));
            assert_eq!(verified.message_id().as_str(), vector.id);
            assert_eq!(verified.sent_at(), at(vector.timestamp));
            assert_eq!(verified.body(), vector.body.as_bytes());
        }
    }
}

#[test]
fn a_secret_may_lack_its_prefix_and_its_padding() {
    for key in [
        SEAM.key.trim_end_matches('='),
        &SEAM.key["whsec_".len()..],
        SEAM.key["whsec_".len()..].trim_end_matches('='),
    ] {
        let headers = SEAM.headers(HeaderFamily::Svix);
        let answer = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes()).verify(&keys(&[key]), at(SEAM.timestamp));
        assert!(answer.is_ok(), "{key}");
    }
}

#[test]
fn the_answer_names_the_workspace_whose_key_signed() {
    let keys = keys(&[SPECIFICATION.key, SVIX_SERVER.key, SEAM.key, ED25519.key]);
    for (vector, number) in [(SPECIFICATION, 1), (SVIX_SERVER, 2), (SEAM, 3), (ED25519, 4)] {
        let headers = vector.headers(HeaderFamily::Svix);
        let verified = UnverifiedWebhook::new(&headers, vector.body.as_bytes())
            .verify(&keys, at(vector.timestamp))
            .unwrap();
        assert_eq!(verified.workspace_id(), workspace(number));
    }
}

#[test]
fn during_a_rotation_either_side_may_know_the_old_key_the_new_one_or_both() {
    let (old, new) = (SVIX_SERVER.key, SEAM.key);
    let id: MessageId = "msg_rotation".parse().unwrap();
    let sign = |key| SigningKey::parse(key).unwrap().signature(&id, at(0), b"body");
    let both = format!("{} {}", sign(old), sign(new));
    for (signature, held, accepted) in [
        (&both, &[old][..], true),
        (&both, &[new], true),
        (&both, &[old, new], true),
        (&sign(old), &[old, new], true),
        (&sign(new), &[old, new], true),
        (&sign(old), &[new], false),
        (&both, &[SPECIFICATION.key], false),
        (&both, &[], false),
    ] {
        let headers = headers(HeaderFamily::Svix, id.as_str(), "0", signature);
        let answer = UnverifiedWebhook::new(&headers, b"body").verify(&keys(held), at(0)).map(drop);
        assert_eq!(answer, if accepted { Ok(()) } else { NO_KEY_MATCHES });
    }
}

#[test]
fn an_ed25519_signature_and_an_hmac_one_may_stand_side_by_side() {
    let both = format!("{} {}", ED25519.signature, SPECIFICATION.signature);
    assert_eq!(SPECIFICATION.answer_to_signature(&both), Ok(()));
    assert_eq!(ED25519.answer_to_signature(&both), Ok(()));
}

#[test]
fn the_private_half_of_the_vectors_key_pair_makes_signatures_that_verify() {
    let seed = STANDARD
        .decode("6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
        .unwrap();
    let pair = Ed25519KeyPair::from_seed_and_public_key(&seed[..32], &seed[32..]).unwrap();
    let body = [0xff, 0x00, 0xfe];
    let signature = format!("v1a,{}", STANDARD.encode(pair.sign(&[b"msg_1.5.".as_slice(), &body].concat())));
    let headers = headers(HeaderFamily::Standard, "msg_1", "5", &signature);
    let keys = keys(&[ED25519.key]);
    assert!(UnverifiedWebhook::new(&headers, &body).verify(&keys, at(5)).is_ok());
    assert_eq!(
        UnverifiedWebhook::new(&headers, &body[1..]).verify(&keys, at(5)).map(drop),
        NO_KEY_MATCHES
    );
}

#[test]
fn a_signature_under_the_tag_of_another_scheme_does_not_count() {
    let untagged = |vector: &Vector| vector.signature.split_once(',').unwrap().1.to_owned();
    assert_eq!(
        SPECIFICATION.answer_to_signature(&format!("v1a,{}", untagged(&SPECIFICATION))),
        NO_KEY_MATCHES
    );
    assert_eq!(ED25519.answer_to_signature(&format!("v1,{}", untagged(&ED25519))), NO_KEY_MATCHES);
    for tag in ["v2", "v0", "v11", "v1b", "V1", "", "whsec_"] {
        assert_eq!(
            SPECIFICATION.answer_to_signature(&format!("{tag},{}", untagged(&SPECIFICATION))),
            NO_KEY_MATCHES,
            "{tag}"
        );
    }
}

#[test]
fn a_public_key_does_not_serve_as_a_shared_secret() {
    let as_secret = SigningKey::parse(ED25519.key.strip_prefix("whpk_").unwrap()).unwrap();
    let forged = as_secret.signature(&ED25519.id.parse().unwrap(), at(ED25519.timestamp), ED25519.body.as_bytes());
    assert_eq!(ED25519.answer_to_signature(&forged), NO_KEY_MATCHES);
}

#[test]
fn a_part_of_the_signature_is_not_the_signature() {
    for vector in [SEAM, ED25519] {
        let signature = vector.signature;
        for end in 0..signature.len() {
            let answer = vector.answer_to_signature(&signature[..end]);
            assert!(answer.is_err(), "{}", &signature[..end]);
        }
        assert_eq!(vector.answer_to_signature(&format!("{signature}AAAA")), NO_KEY_MATCHES);
    }
}

#[test]
fn other_bytes_under_the_same_signature_are_refused() {
    for vector in VECTORS {
        let keys = keys(&[vector.key]);
        let answer = |headers: &HeaderMap, body: &[u8]| UnverifiedWebhook::new(headers, body).verify(&keys, at(vector.timestamp)).map(drop);
        let right = vector.headers(HeaderFamily::Svix);
        assert_eq!(answer(&right, b""), NO_KEY_MATCHES);
        assert_eq!(answer(&right, vector.body.replace(':', ": ").as_bytes()), NO_KEY_MATCHES);
        assert_eq!(answer(&right, format!("{}\n", vector.body).as_bytes()), NO_KEY_MATCHES);
        let other_id = headers(HeaderFamily::Svix, "msg_other", &vector.timestamp.to_string(), vector.signature);
        assert_eq!(answer(&other_id, vector.body.as_bytes()), NO_KEY_MATCHES);
        let other_time = headers(HeaderFamily::Svix, vector.id, &(vector.timestamp + 1).to_string(), vector.signature);
        assert_eq!(answer(&other_time, vector.body.as_bytes()), NO_KEY_MATCHES);
        let other_spelling = headers(HeaderFamily::Svix, vector.id, &format!("0{}", vector.timestamp), vector.signature);
        assert_eq!(answer(&other_spelling, vector.body.as_bytes()), NO_KEY_MATCHES);
    }
}

#[test]
fn a_body_need_not_be_text() {
    let body = [0x00, 0xff, 0xc3, 0x28, b'.', 0x80];
    let headers = headers(HeaderFamily::Svix, "msg", "0", &sign_raw("msg", "0", &body));
    assert_eq!(
        UnverifiedWebhook::new(&headers, &body)
            .verify(&keys(&[SEAM.key]), at(0))
            .unwrap()
            .body(),
        body
    );
}

#[test]
fn rejections_have_stable_names_and_a_class() {
    let which = SignedHeader::Timestamp;
    for (rejection, name, class) in [
        (Rejection::MissingHeader { which }, "missing_header", RejectionClass::Malformed),
        (Rejection::MalformedHeader { which }, "malformed_header", RejectionClass::Malformed),
        (Rejection::OutsideTolerance, "outside_tolerance", RejectionClass::Unauthorized),
        (Rejection::NoKeyMatches, "no_key_matches", RejectionClass::Unauthorized),
    ] {
        assert_eq!((rejection.name(), rejection.class()), (name, class));
    }
    assert_eq!(Rejection::MissingHeader { which }.to_string(), "the timestamp header is missing");
}

#[test]
fn debug_shows_neither_the_body_nor_a_key() {
    let headers = SEAM.headers(HeaderFamily::Svix);
    let keys = keys(&[SEAM.key]);
    let verified: VerifiedWebhook<'_> = UnverifiedWebhook::new(&headers, SEAM.body.as_bytes())
        .verify(&keys, at(SEAM.timestamp))
        .unwrap();
    let shown = format!("{verified:?} {keys:?}");
    assert!(
        shown.contains("msg_test1") && !shown.contains("event_id") && !shown.contains("AAEC"),
        "{shown}"
    );
}

#[test]
fn every_signature_is_compared_under_every_key_whichever_matches() {
    let secret = |n: u8| format!("whsec_{}", STANDARD.encode([n; 24]));
    let secrets = [secret(1), secret(2), secret(3)];
    let keys = keys(&secrets.each_ref().map(String::as_str));
    let (id, body): (MessageId, _) = ("msg_1".parse().unwrap(), b"{}");
    let now = Timestamp::from_millis(1_700_000_000_000);
    // The signer is the first key, the last, or none of them; its signature stands first among the four, or last.
    for (signer, workspace_number) in [(secret(1), Some(1)), (secret(3), Some(3)), (secret(9), None)] {
        let own = SigningKey::parse(&signer).unwrap().signature(&id, now, body);
        for position in [0, 3] {
            let mut signatures = [OTHER_SIGNATURE; 4];
            signatures[position] = &own;
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("svix-id", "msg_1"),
                ("svix-timestamp", "1700000000"),
                ("svix-signature", &signatures.join(" ")),
            ] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            }
            let (verified, comparisons) = comparisons::of(|| UnverifiedWebhook::new(&headers, body).verify(&keys, now));
            assert_eq!(verified.ok().map(|webhook| webhook.workspace_id()), workspace_number.map(workspace));
            assert_eq!(comparisons, 4 * 3, "signature {position}, workspace {workspace_number:?}");
        }
    }
}
