//! Calls the functions that Lambda itself would call, as it does: in this process, or under `cargo lambda watch`.

use std::{future::Future, time::Duration};

use reqwest::{Client, StatusCode, Url};
use serde_json::Value;

use crate::task::Task;

/// How long a function may run.
pub(crate) const FUNCTION_TIMEOUT: Duration = Duration::from_secs(75);

/// How long the issuer begins new steps, as in Lambda: the last of them has to end within the function's time.
const ISSUER_TIME: Duration = Duration::from_secs(35);

/// Takes an event and says what came of it.
pub(crate) trait Function: Send + Sync + 'static {
    /// Runs the function once.
    fn invoke(&self, event: Value) -> impl Future<Output = Invocation> + Send;
}

/// What came of an invocation.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// The function answered.
    Answered(Value),
    /// The function answered with an error, panicked, or took too long.
    Failed(String),
    /// The function could not be reached, so it did nothing.
    Unreachable(String),
}

/// A function that is fed by the table's stream.
pub(crate) enum StreamFunction {
    /// The credential issuer, in this process.
    CredentialIssuer(credential_issuer::State),
    /// The sender of webhooks, in this process.
    WebhookSender(webhook_sender::State),
    /// One of them, under an emulator of Lambda.
    Elsewhere(Emulated),
}

impl Function for StreamFunction {
    async fn invoke(&self, event: Value) -> Invocation {
        // Each in a task of its own, so that a panic ends the invocation and not the pump.
        match self {
            Self::CredentialIssuer(state) => {
                let state = state.clone();
                run(async move { credential_issuer::handle_batch(&state, &event, ISSUER_TIME).await }).await
            }
            Self::WebhookSender(state) => {
                let state = state.clone();
                run(async move { webhook_sender::handle_batch(&state, &event, webhook_sender::USUAL_TIME).await }).await
            }
            Self::Elsewhere(function) => function.invoke(event).await,
        }
    }
}

async fn run(work: impl Future<Output = Value> + Send + 'static) -> Invocation {
    match tokio::time::timeout(FUNCTION_TIMEOUT, Task::spawn(work)).await {
        Ok(Ok(answer)) => Invocation::Answered(answer),
        Ok(Err(error)) => Invocation::Failed(error.to_string()),
        Err(_) => Invocation::Failed(format!("timed out after {} s", FUNCTION_TIMEOUT.as_secs())),
    }
}

/// A function under `cargo lambda watch`.
pub(crate) struct Emulated {
    client: Client,
    url: String,
}

impl Emulated {
    /// The function of this name at an emulator.
    pub(crate) fn new(client: Client, emulator: &Url, name: &str) -> Self {
        let base = emulator.as_str().trim_end_matches('/');
        Self {
            client,
            url: format!("{base}/2015-03-31/functions/{name}/invocations"),
        }
    }
}

impl Function for Emulated {
    async fn invoke(&self, event: Value) -> Invocation {
        let request = self
            .client
            .post(&self.url)
            .header(http::header::CONTENT_TYPE, "application/json")
            .timeout(FUNCTION_TIMEOUT);
        let answer = match request.body(event.to_string()).send().await {
            Ok(answer) => answer,
            Err(error) if error.is_connect() => return Invocation::Unreachable(error.without_url().to_string()),
            Err(error) => return Invocation::Failed(error.without_url().to_string()),
        };
        let status = answer.status();
        match answer.bytes().await {
            Ok(body) => read(status, &body),
            Err(error) => Invocation::Failed(error.without_url().to_string()),
        }
    }
}

/// The emulator answers a function's error with 500, and an error of its start with 200; both have an `errorType`.
fn read(status: StatusCode, body: &[u8]) -> Invocation {
    let answer: Value = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(body).unwrap_or_default()
    };
    if status.is_success() && answer.get("errorType").is_none() {
        return Invocation::Answered(answer);
    }
    let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
    Invocation::Failed(
        format!("{status} {} {}", text("errorType"), text("errorMessage"))
            .trim_end()
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_emulator_that_is_not_there_is_not_a_failure_of_the_function() {
        // A port that was free a moment ago.
        let port = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let emulator = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let function = Emulated::new(crate::loopback_client(FUNCTION_TIMEOUT).unwrap(), &emulator, "credential-issuer");
        assert!(matches!(function.invoke(Value::Null).await, Invocation::Unreachable(_)));
        assert!(
            function.url.ends_with("/2015-03-31/functions/credential-issuer/invocations"),
            "{}",
            function.url
        );
    }

    #[test]
    fn an_error_of_the_function_is_known_by_status_or_by_type() {
        assert!(matches!(read(StatusCode::OK, b""), Invocation::Answered(Value::Null)));
        assert!(matches!(
            read(StatusCode::OK, br#"{"batchItemFailures":[]}"#),
            Invocation::Answered(_)
        ));
        assert!(matches!(
            read(StatusCode::OK, br#"{"errorType":"Init","errorMessage":"x"}"#),
            Invocation::Failed(_)
        ));
        let Invocation::Failed(text) = read(StatusCode::INTERNAL_SERVER_ERROR, br#"{"errorType":"A","errorMessage":"b"}"#) else {
            panic!("500 is a failure");
        };
        assert_eq!(text, "500 Internal Server Error A b");
    }
}
