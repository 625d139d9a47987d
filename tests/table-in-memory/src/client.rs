//! The SDK's way to the table: an HTTP client without HTTP. A gate stands before it and decides what becomes of each request.

use std::{fmt, sync::Arc};

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use futures_util::future::{BoxFuture, ready};

use crate::{
    database::{Answer, Database},
    handed_over::HandedOver,
    refusal::Refusal,
    request::Request,
};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is done and answered.
    Done,
    /// It is refused, since there were too many.
    Throttled,
    /// A write is refused, since somebody else's transaction is in its way. A read is done.
    InATransaction,
    /// It does not arrive.
    NotReached,
    /// It is done, and the answer is lost.
    ReplyLost,
}

/// Stands before the table.
pub trait Gate: fmt::Debug + Send + Sync {
    /// Waits as long as it likes and decides what becomes of a request.
    fn before(&self, request: &Request) -> BoxFuture<'static, Fate>;

    /// Holds up the answer of what was done.
    fn after(&self, request: &Request) -> BoxFuture<'static, ()>;
}

/// Lets everything through.
#[derive(Clone, Copy, Debug)]
pub struct OpenGate;

impl Gate for OpenGate {
    fn before(&self, _: &Request) -> BoxFuture<'static, Fate> {
        Box::pin(ready(Fate::Done))
    }

    fn after(&self, _: &Request) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

/// The HTTP client to give to `aws_sdk_dynamodb`.
#[derive(Clone, Debug)]
pub struct InMemory {
    database: Database,
    gate: Arc<dyn Gate>,
    hands_over_pages: bool,
}

impl InMemory {
    /// A way to `database` through `gate`.
    #[must_use]
    pub fn new(database: Database, gate: Arc<dyn Gate>) -> Self {
        Self {
            database,
            gate,
            hands_over_pages: false,
        }
    }

    /// The same, but the pages of a query are handed over as the SDK has them. The client needs [`TakesPages`](crate::TakesPages).
    #[must_use]
    pub fn handing_over_pages(self) -> Self {
        Self {
            hands_over_pages: true,
            ..self
        }
    }

    fn response(&self, answer: Result<Answer, Refusal>) -> Result<HttpResponse, ConnectorError> {
        match answer {
            Ok(Answer::Page(page)) if self.hands_over_pages && page.cost.is_none() => {
                let mut handed_over = response(200, String::new())?;
                handed_over.add_extension(HandedOver(Arc::new(page)));
                Ok(handed_over)
            }
            Ok(Answer::Page(page)) => response(200, page.text()),
            Ok(Answer::Text(text)) => response(200, text),
            Err(refusal) => response(400, refusal.body().to_string()),
        }
    }
}

impl HttpClient for InMemory {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InMemory {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let mut request = read(&request).ok_or_else(|| ConnectorError::user("this is no request to DynamoDB".into()))?;
            let fate = this.gate.before(&request).await;
            let answer = this.database.answer(&mut request, fate);
            this.gate.after(&request).await;
            match answer {
                Some(answer) => this.response(answer),
                None => Err(ConnectorError::io("the connection was lost".into())),
            }
        })
    }
}

fn read(request: &HttpRequest) -> Option<Request> {
    let (_, operation) = request.headers().get("x-amz-target")?.split_once('.')?;
    Some(Request {
        operation: operation.to_owned(),
        body: serde_json::from_slice(request.body().bytes()?).ok()?,
    })
}

fn response(status: u16, body: String) -> Result<HttpResponse, ConnectorError> {
    let status = StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, body.into());
    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
