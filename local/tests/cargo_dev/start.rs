//! How `cargo dev` starts and stops.

use fobless::domain::phone_metadata::PhoneMetadata;

use crate::process::{Place, dev};

/// The one line that a start which failed leaves on standard error.
fn complaint(arguments: &[&str]) -> String {
    let output = dev().args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    text
}

#[test]
fn a_setting_that_is_wrong_stops_the_start_with_one_line_that_names_it() {
    let place = Place::new("settings");
    let data_dir = place.data_dir().to_str().unwrap().to_owned();
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert!(complaint(&["--data-dir", &data_dir, "--port", &port]).contains("--port"));
    let free = [
        "--data-dir",
        &data_dir,
        "--port",
        "0",
        "--dynamodb-port",
        "0",
        "--simulator-port",
        "0",
    ];
    assert!(complaint(&["--data-dir", &data_dir, "--port", "0", "--dynamodb-port", &port]).contains("--dynamodb-port"));
    assert!(complaint(&["--port", "many"]).contains("--port"));
    assert!(complaint(&["--frobnicate"]).contains("--frobnicate"));
    assert!(complaint(&[&free[..], &["--hid-rate-limit", "0"]].concat()).contains("calls_per_5_minutes"));
    assert!(complaint(&[&free[..], &["--hid-origo", "http://origo.example"]].concat()).contains("base_urls"));
}

#[tokio::test]
async fn data_and_secrets_are_kept_over_restarts() {
    let place = Place::new("restart");
    let first = place.start();
    let ready = first.client.ready().clone();
    let automation = first.client.launch_automation().await.unwrap();
    let phone = first.client.register_phone("one", PhoneMetadata::default()).await.unwrap();
    assert_eq!(first.terminate(), Some(0));
    let second = place.start();
    assert_eq!(second.client.ready().api_key, ready.api_key);
    assert_eq!(second.client.ready().webhook_secret, ready.webhook_secret);
    assert_eq!(second.client.launch_automation().await.unwrap(), automation);
    assert!(second.client.phone(phone).await.unwrap().is_some());
    assert_eq!(second.terminate(), Some(0));
}
