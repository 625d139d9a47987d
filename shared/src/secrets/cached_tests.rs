//! What is read when, against a Secrets Manager that answers over HTTP.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{Cached, SecretId, SecretsManager};
use crate::{
    aws::{AwsAddress, https_client},
    clock::Clock,
    config::{ConfigError, SecretPlace, SecretSetting, setting},
    domain::{secret::Secret, time::Timestamp},
    start::StartError,
};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// A Secrets Manager with one secret, which counts how often it is asked.
#[derive(Clone)]
struct Stand {
    /// `None`: it answers with an error.
    secret: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
    millis: Arc<AtomicI64>,
    endpoint: String,
}

impl Stand {
    async fn with(secret: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stand = Self {
            secret: Arc::new(Mutex::new(Some(secret.to_owned()))),
            asked: Arc::default(),
            millis: Arc::new(AtomicI64::new(1_790_000_000_000)),
            endpoint: format!("http://{}", listener.local_addr().unwrap()),
        };
        let served = stand.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let served = served.clone();
                tokio::spawn(async move { served.answer(connection).await });
            }
        });
        stand
    }

    /// One request for each connection, which is closed then.
    async fn answer(&self, mut connection: TcpStream) {
        let mut request = Vec::new();
        while !request.ends_with(br#"{"SecretId":"fobless/keys"}"#) {
            if connection.read_buf(&mut request).await.unwrap() == 0 {
                return;
            }
        }
        assert!(String::from_utf8_lossy(&request).contains("x-amz-target: secretsmanager.GetSecretValue"));
        self.asked.fetch_add(1, Ordering::Relaxed);
        let secret = self.secret.lock().unwrap().clone();
        let (status, body) = match secret {
            Some(text) => (
                "200 OK",
                serde_json::json!({ "Name": "fobless/keys", "SecretString": text }).to_string(),
            ),
            None => ("400 Bad Request", r#"{"__type":"ResourceNotFoundException"}"#.to_owned()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        connection.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }

    fn put(&self, secret: Option<&str>) {
        *self.secret.lock().unwrap() = secret.map(str::to_owned);
    }

    fn wait(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    async fn open(&self) -> Result<Cached<u32>, StartError> {
        let millis = Arc::clone(&self.millis);
        let clock = Clock::of(move || Timestamp::from_millis(millis.load(Ordering::Relaxed)));
        let address = AwsAddress {
            region: "eu-central-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            access_key_id: "local".to_owned(),
            secret_access_key: Secret::new("local"),
            session_token: None,
        };
        let setting = SecretSetting {
            place: SecretPlace::SecretsManager(SecretId::new("fobless/keys")),
            understand: number,
        };
        Cached::open(
            setting,
            || Ok(SecretsManager::connect(&address, https_client(None).unwrap())),
            &clock,
        )
        .await
    }
}

fn number(text: &str) -> Result<u32, ConfigError> {
    text.parse().map_err(|_| ConfigError::Unusable {
        setting: setting::PHONE_WEBHOOK_SECRETS,
        reason: "it is no number".to_owned(),
    })
}

#[tokio::test]
async fn a_secret_is_read_at_the_start_and_then_every_five_minutes() {
    let stand = Stand::with("1").await;
    let cached = stand.open().await.unwrap();
    stand.put(Some("2"));
    stand.wait(5 * MINUTE - 1);
    assert_eq!((*cached.get().await, stand.asked()), (1, 1));
    stand.wait(1);
    assert_eq!((*cached.get().await, stand.asked()), (2, 2));
    assert_eq!((*cached.get().await, stand.asked()), (2, 2));
}

#[tokio::test]
async fn a_mismatch_has_it_read_at_once_but_strangers_do_not_have_it_read_each_time() {
    let stand = Stand::with("1").await;
    let cached = stand.open().await.unwrap();
    stand.wait(MINUTE);
    let seen = cached.get().await;
    assert_eq!(cached.newer_than(&seen).await, None, "it is the same");
    stand.put(Some("2"));
    for _ in 0..50 {
        assert_eq!(cached.newer_than(&seen).await, None);
    }
    assert_eq!(stand.asked(), 2);
    stand.wait(15 * SECOND);
    assert_eq!(cached.newer_than(&seen).await.as_deref(), Some(&2));
    // Who has still seen the old one gets what is known by now.
    assert_eq!(cached.newer_than(&seen).await.as_deref(), Some(&2));
    assert_eq!(stand.asked(), 3);
}

#[tokio::test]
async fn what_is_unchanged_stays_the_same_value() {
    let stand = Stand::with("1").await;
    let cached = stand.open().await.unwrap();
    let before = cached.get().await;
    stand.wait(5 * MINUTE);
    assert!(
        Arc::ptr_eq(&before, &cached.get().await),
        "whoever made something of it need not make it anew"
    );
    assert_eq!(stand.asked(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_or_understood_leaves_what_was_known() {
    let stand = Stand::with("1").await;
    let cached = stand.open().await.unwrap();
    for (now, asked) in [(None, 2), (Some("much"), 3), (Some("3"), 4)] {
        stand.put(now);
        stand.wait(5 * MINUTE);
        let expected = if now == Some("3") { 3 } else { 1 };
        assert_eq!((*cached.get().await, stand.asked()), (expected, asked), "{now:?}");
    }
}

#[tokio::test]
async fn there_is_no_start_without_a_secret_that_can_be_read_and_understood() {
    for (wrong, complaint) in [(None, "the secret fobless/keys can't be read"), (Some("sesame"), "it is no number")] {
        let stand = Stand::with("1").await;
        stand.put(wrong);
        let said = stand.open().await.unwrap_err().to_string();
        assert!(said.contains(complaint) && !said.contains("sesame"), "{said}");
    }
}
