//! A phone with its client session, and the verbs to use it.

use axum::body::Body;
use fobless::{
    domain::{ids::UserIdentityId, user_identity::UserIdentity, workspace::Workspace},
    store::ApiKey,
};
use http::{Request, header};
use serde_json::{Value, json};

use crate::{
    harness::{Reply, World},
    records::{self, IDENTITY, id},
};

pub(crate) const CREATE: &str = "/client_sessions/create";
/// Another person of the same workspace.
pub(crate) const JOHN: &str = "77777777-7777-4777-8777-777777777777";
/// Another workspace.
pub(crate) const ELSEWHERE: &str = "44444444-4444-4444-8444-444444444444";
const ELSEWHERE_KEY: &str = "seam_other_abcdefghijklmnop";

/// Somebody with a client session's token and nothing else.
pub(crate) struct App<'w> {
    world: &'w World,
    pub(crate) token: String,
    pub(crate) session: Value,
}

impl<'w> App<'w> {
    /// The person's app, which logs in.
    pub(crate) async fn of(world: &'w World, user_identity: &str) -> Self {
        let made = world.post(CREATE, &json!({"user_identity_id": user_identity})).await.ok();
        Self::with(world, made["client_session"].clone())
    }

    /// The app of the person of the examples.
    pub(crate) async fn logged_in(world: &'w World) -> Self {
        Self::of(world, IDENTITY).await
    }

    pub(crate) fn with(world: &'w World, session: Value) -> Self {
        let token = session["token"].as_str().expect("a token").to_owned();
        Self { world, token, session }
    }

    pub(crate) async fn get(&self, path_and_query: &str) -> Reply {
        self.send("GET", path_and_query, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Some(body)).await
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        ask(self.world, &self.token, method, path, body).await
    }
}

/// A request with any bearer token.
pub(crate) async fn ask(world: &World, token: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    world.send(request.body(body).expect("a request")).await
}

/// Puts another person into the workspace.
pub(crate) async fn put_john(world: &World) {
    world
        .put(UserIdentity {
            user_identity_id: id::<UserIdentityId>(JOHN),
            email_address: Some("john@example.com".to_owned()),
            full_name: Some("John".to_owned()),
            ..records::identity()
        })
        .await;
}

/// Asks with the key of another workspace, which has a person of its own.
pub(crate) struct Stranger<'w>(&'w World);

impl<'w> Stranger<'w> {
    pub(crate) async fn arrives(world: &'w World) -> Self {
        world
            .put(ApiKey::new(api::hash_api_key(ELSEWHERE_KEY), id(ELSEWHERE), "other", world.now()))
            .await;
        world
            .put(UserIdentity {
                workspace_id: id(ELSEWHERE),
                user_identity_id: id::<UserIdentityId>(JOHN),
                ..records::identity()
            })
            .await;
        Self(world)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        ask(self.0, ELSEWHERE_KEY, "POST", path, Some(body)).await
    }
}

/// Says whether phones may be simulated in the workspace.
pub(crate) async fn put_workspace(world: &World, is_sandbox: bool) {
    world
        .put(Workspace {
            workspace_id: records::workspace(),
            name: "Example".to_owned(),
            is_sandbox,
            created_at: records::at(0),
        })
        .await;
}
