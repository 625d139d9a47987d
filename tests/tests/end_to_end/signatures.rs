//! Signatures over real HTTP: the published vectors hold, and nothing else does.

use fobless::{clock::Clock, domain::time::Timestamp};
use fobless_local::{SystemOptions, loopback_client, seed};
use fobless_tests::{RawWebhook, ShiftedTime, Stack, event_body};

const SECOND: i64 = 1_000;

async fn status(stack: &Stack, webhook: &RawWebhook) -> u16 {
    let http = loopback_client(std::time::Duration::from_secs(10)).unwrap();
    webhook.send(&http, &format!("{}/webhooks/phones", stack.ready().api)).await
}

/// A published vector: key, message id, moment in seconds, body, signature.
struct Vector {
    key: &'static str,
    id: &'static str,
    second: i64,
    body: &'static str,
    signature: &'static str,
}

const VECTORS: [Vector; 4] = [
    Vector {
        key: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        second: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
        signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
    Vector {
        key: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        second: 1_649_367_553,
        body: r#"{"email":"test@example.com","username":"test_user"}"#,
        signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    },
    Vector {
        key: "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=",
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        second: 1_614_265_330,
        body: r#"{"test": 2432232314}"#,
        signature: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==",
    },
    Vector {
        key: "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        id: "msg_test1",
        second: 1_700_000_000,
        body: r#"{"event_id":"e1","event_type":"phone.deactivated"}"#,
        signature: "v1,h5PIvnjW6HpLKKRts3zsRE2HaURfD6r8Ygmt1I0GeZQ=",
    },
];

impl Vector {
    fn webhook(&self, family: &str) -> RawWebhook {
        let (id, timestamp, signature) = (format!("{family}-id"), format!("{family}-timestamp"), format!("{family}-signature"));
        let second = self.second.to_string();
        RawWebhook::with_headers(&[(&id, self.id), (&timestamp, &second), (&signature, self.signature)], self.body)
    }
}

/// What these vectors sign is no event of a phone: behind a signature that holds it is malformed (400), behind one that does not
/// nobody looks at it (401).
#[tokio::test]
async fn the_published_vectors_hold_in_their_time_and_with_their_key_alone() {
    for vector in &VECTORS {
        let at = |second: i64| ShiftedTime::standing_at(Timestamp::from_millis((vector.second + second) * SECOND));
        let start = async |second, keys: &[&str]| {
            let more_webhook_secrets = keys.iter().map(|key| (*key).to_owned()).collect();
            Stack::start_with(SystemOptions {
                clock: at(second),
                more_webhook_secrets,
                ..SystemOptions::default()
            })
            .await
        };
        let stack = start(0, &[vector.key]).await;
        for family in ["svix", "webhook"] {
            let webhook = vector.webhook(family);
            assert_eq!(status(&stack, &webhook).await, 400, "{} as {family}", vector.id);
            let mut tampered = webhook.clone();
            tampered.body.push(b' ');
            assert_eq!(status(&stack, &tampered).await, 401);
            assert_eq!(status(&stack, &webhook.clone().with("-id", "msg_other")).await, 401);
            let mixed = format!("v2,AAAA {} v1,AAAA", vector.signature);
            assert_eq!(status(&stack, &webhook.clone().with("-signature", mixed)).await, 400);
            let cut = vector.signature[..vector.signature.len() - 8].to_owned();
            assert_eq!(status(&stack, &webhook.with("-signature", cut)).await, 401);
        }
        let others: Vec<&str> = VECTORS.iter().map(|other| other.key).filter(|key| *key != vector.key).collect();
        assert_eq!(
            status(&start(0, &others).await, &vector.webhook("svix")).await,
            401,
            "with other keys"
        );
        let all: Vec<&str> = VECTORS.iter().map(|other| other.key).collect();
        assert_eq!(status(&start(299, &all).await, &vector.webhook("svix")).await, 400, "299 s late");
        assert_eq!(status(&start(301, &all).await, &vector.webhook("svix")).await, 401, "301 s late");
        assert_eq!(status(&start(-301, &all).await, &vector.webhook("svix")).await, 401, "301 s early");
    }
}

#[tokio::test]
async fn a_webhook_with_a_bad_signature_is_refused_by_class_and_leaves_nothing_behind() {
    let stack = Stack::start().await;
    stack.launch_automation().await.unwrap();
    let now = Clock::system().now();
    let body = event_body("phone.registered", seed::USER_IDENTITY, "nobody", now).to_string();
    let good = RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", now, body.clone());
    let other_key = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let later = |seconds: i64| Timestamp::from_millis(now.millis() + seconds * SECOND);
    let signed_at = |seconds| RawWebhook::signed(&stack.ready().webhook_secret, "msg_1", later(seconds), body.clone());
    let signature = String::from_utf8(
        good.headers
            .iter()
            .find(|(name, _)| name.ends_with("-signature"))
            .unwrap()
            .1
            .clone(),
    )
    .unwrap();

    let cases: Vec<(&str, RawWebhook, u16)> = vec![
        ("no id", good.clone().without("-id"), 400),
        ("no timestamp", good.clone().without("-timestamp"), 400),
        ("no signature", good.clone().without("-signature"), 400),
        // Joined, they are an id that nobody signed.
        (
            "two ids",
            good.clone().doubled("-id"),
            if stack.joins_headers() { 401 } else { 400 },
        ),
        ("two timestamps", good.clone().doubled("-timestamp"), 400),
        ("an id with a dot", good.clone().with("-id", "msg.1"), 400),
        ("an empty id", good.clone().with("-id", ""), 400),
        ("an id that is no text", good.clone().with("-id", vec![0xff, 0xfe]), 400),
        ("a timestamp that is no number", good.clone().with("-timestamp", "now"), 400),
        ("a timestamp with a dot", good.clone().with("-timestamp", "1.5"), 400),
        ("the smallest timestamp", good.clone().with("-timestamp", i64::MIN.to_string()), 401),
        ("the largest timestamp", good.clone().with("-timestamp", i64::MAX.to_string()), 401),
        (
            "a timestamp beyond 64 bits",
            good.clone().with("-timestamp", "99999999999999999999"),
            400,
        ),
        ("an empty signature", good.clone().with("-signature", ""), 400),
        (
            "another version only",
            good.clone().with("-signature", signature.replace("v1,", "v2,")),
            401,
        ),
        ("a signature that is no base64", good.clone().with("-signature", "v1,***"), 401),
        ("another key", RawWebhook::signed(other_key, "msg_1", now, body.clone()), 401),
        ("signed 302 s ago", signed_at(-302), 401),
        ("signed 303 s ahead", signed_at(303), 401),
        (
            "another body",
            RawWebhook {
                body: body.replace("nobody", "noBody").into_bytes(),
                ..good.clone()
            },
            401,
        ),
        (
            "an empty body",
            RawWebhook {
                body: Vec::new(),
                ..good.clone()
            },
            401,
        ),
    ];
    for (what, webhook, expected) in cases {
        assert_eq!(status(&stack, &webhook).await, expected, "{what}");
    }
    assert!(stack.phones().await.unwrap().is_empty(), "nothing was written");
    assert_eq!(
        status(&stack, &good.doubled("-signature")).await,
        200,
        "a signature that stands twice is two signatures"
    );
}
