//! The HTTP client that talks to the outside: credential managers, connectors, receivers of webhooks.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use http::StatusCode;
use reqwest::{Client, ClientBuilder, Url, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A sandbox of Lambda is frozen between requests while the far side closes idle connections; a call on such a connection
/// breaks, and whether it was done is then unknown. A connection that was idle for longer is not used again.
const POOL_IDLE: Duration = Duration::from_secs(5);

/// How long to wait for the far side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the whole call, the reply's body included.
    pub request: Duration,
}

/// TLS could not be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client can't be made: {0}")]
pub struct HttpClientError(pub(crate) String);

impl HttpClientError {
    pub(crate) fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A client that follows no redirects, reads no proxy from the environment, repeats nothing by itself, and trusts the
/// certificate authorities that are compiled in.
pub(crate) fn builder(timeouts: Timeouts) -> Result<ClientBuilder, HttpClientError> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls()?)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.request)
        .pool_idle_timeout(POOL_IDLE))
}

/// Why something was not posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// No client.
    #[error(transparent)]
    Client(#[from] HttpClientError),
    /// The URL is none, or would go over the network without TLS.
    #[error("the address must be an https URL; plain http is for this machine's own addresses only")]
    Address,
    /// There was no answer.
    #[error("no answer: {0}")]
    NoAnswer(reqwest::Error),
}

/// Posts something once, and tells the answer's status: for whoever tries a deployment out.
pub async fn post(url: &str, headers: &[(&'static str, String)], body: String) -> Result<StatusCode, PostError> {
    let url = Url::parse(url).map_err(|_| PostError::Address)?;
    if url.scheme() != "https" && !is_this_machine(&url) {
        return Err(PostError::Address);
    }
    let client = builder(POST_TIMEOUTS)?.build().map_err(HttpClientError::of)?;
    let request = client.post(url).body(body);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    let answer = request.send().await.map_err(|error| PostError::NoAnswer(error.without_url()))?;
    Ok(answer.status())
}

const POST_TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    request: Duration::from_secs(20),
};

fn tls() -> Result<ClientConfig, HttpClientError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(HttpClientError::of)?;
    let roots = webpki_roots::TLS_SERVER_ROOTS.to_vec();
    Ok(builder.with_root_certificates(RootCertStore { roots }).with_no_client_auth())
}

/// Whether a URL names this very machine, the only one that may be called without TLS. The URL parser has already brought every way of
/// writing an IPv4 address to the usual one, and put IPv6 in brackets.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let is_ipv6_loopback = |host: &str| host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback());
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()) || bracketed.is_some_and(is_ipv6_loopback)
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Read, Write},
        net::TcpListener,
        path::{Path, PathBuf},
        process::{Command, Stdio},
        sync::atomic::{AtomicUsize, Ordering},
    };

    use super::*;
    use crate::{
        access_control::{
            AccessControl,
            bridge::{Bridge, connector_tests::number},
        },
        aws::AwsAddress,
        clock::Clock,
        credential_manager::{
            TokenEndpoint,
            hid_origo::{HidOrigoTokenEndpoint, http_client, scripted::settings_at},
        },
        domain::{secret::Secret, time::Timestamp},
        store::connect,
        webhook_delivery::{WebhookTargets, call_once},
    };

    const TIMEOUTS: Timeouts = Timeouts {
        connect: Duration::from_secs(5),
        request: Duration::from_secs(5),
    };

    const NOW: Timestamp = Timestamp::from_millis(1_704_779_133_068);

    /// Answers every request with an empty object, and counts them.
    fn server() -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // Whoever asks has said all that matters by then: more of a request than its beginning is not looked at.
                let _ = stream.read(&mut [0; 4096]).unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
            }
        });
        (url, asked)
    }

    /// The environment can only be set for a process of its own.
    #[test]
    fn a_proxy_of_the_environment_is_not_used() {
        let ((target, asked), (proxy, asked_by_way_of_proxy)) = (server(), server());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "http_client::tests::within_an_environment_with_a_proxy",
                "--ignored",
                "--nocapture",
            ])
            .envs(["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].map(|name| (name, &proxy)))
            .env_remove("no_proxy")
            .env_remove("NO_PROXY")
            .env_remove("REQUEST_METHOD")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(target.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        // The environment is in force: a client that does not refuse it has asked the proxy.
        let counts = (asked_by_way_of_proxy.load(Ordering::SeqCst), asked.load(Ordering::SeqCst));
        assert_eq!(counts, (1, 5), "by way of the proxy, and straight");
    }

    /// Each client of ours asks once.
    #[tokio::test]
    #[ignore = "run by a_proxy_of_the_environment_is_not_used, in a process of its own"]
    async fn within_an_environment_with_a_proxy() {
        let mut target = String::new();
        std::io::stdin().read_to_string(&mut target).unwrap();
        let obedient = Client::builder().tls_backend_preconfigured(tls().unwrap()).build().unwrap();
        obedient.get(&target).send().await.unwrap();

        builder(TIMEOUTS).unwrap().build().unwrap().get(&target).send().await.unwrap();
        let hid = HidOrigoTokenEndpoint::new(&settings_at(&target), http_client(TIMEOUTS).unwrap(), Arc::new(|| NOW)).unwrap();
        assert!(hid.fetch().await.is_err(), "an empty object is no token");
        let secret = Secret::new("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let bridge = Bridge::new(Clock::of(|| NOW), &target, &secret, None).unwrap();
        bridge.import(&number()).await.unwrap();
        call_once(WebhookTargets::PublicAndThisMachine, &target).await;
        let table = AwsAddress::stand_in(target);
        connect(&table).unwrap().list_tables().send().await.unwrap();
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    /// What is held here is held for all: the credential manager's adapter, the bridge and the sender of webhooks.
    #[test]
    fn no_client_to_the_outside_is_made_elsewhere() {
        let mut files = Vec::new();
        for folder in ["src", "../functions"] {
            sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
        }
        let makes_one = |path: &&PathBuf| {
            let code: String = fs::read_to_string(path).unwrap().split_whitespace().collect();
            [
                "reqwest::get(",
                "reqwest::blocking",
                "Client::new()",
                "Client::default()",
                "Client::builder()",
                "ClientBuilder::new()",
                "ClientBuilder::default()",
            ]
            .iter()
            .any(|begin| code.contains(begin))
        };
        let makers: Vec<&PathBuf> = files.iter().filter(makes_one).collect();
        assert!(
            files.len() > 100 && makers.len() == 1 && makers[0].ends_with("http_client.rs"),
            "{makers:?}"
        );
    }
}
