//! What anybody may ask without a key.

use axum::body::Body;
use http::{Request, header};

use crate::harness::World;

async fn ask(world: &World, method: &str, path: &str) -> crate::harness::Reply {
    let request = Request::builder().method(method).uri(path);
    world.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn a_stranger_may_read_what_the_api_takes_and_gives() {
    let world = World::prepared().await;
    let reply = ask(&world, "GET", "/openapi.json").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
    assert!(reply.headers.contains_key("seam-request-id"));
    assert_eq!(reply.body["openapi"], "3.1.0");
    assert!(reply.body["paths"]["/acs/credentials/create"].is_object());
    let written: serde_json::Value = serde_json::from_str(include_str!("../../openapi.json")).expect("a document");
    assert_eq!(reply.body, written);
}

#[tokio::test]
async fn both_take_get_only() {
    let world = World::prepared().await;
    for path in ["/health", "/openapi.json"] {
        let reply = ask(&world, "POST", path).await;
        assert_eq!(reply.refused_as(), (405, "method_not_allowed"), "{path}");
        assert_eq!(reply.headers[header::ALLOW], "GET", "{path}");
    }
}
