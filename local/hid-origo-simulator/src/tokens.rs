//! The token service: the system account's secret for a bearer token.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Form, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::origo::Origo;
use crate::random;
use crate::records::Token;
use crate::world::World;

#[derive(Deserialize)]
pub(crate) struct TokenRequest {
    client_id: String,
    client_secret: String,
    grant_type: String,
}

/// `POST /authentication/customer/{org}/token`. Tokens fetched before stay good until they expire.
pub(crate) async fn create(
    State(origo): State<Arc<Origo>>,
    Path(organization_id): Path<String>,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Json<Value>, Failure> {
    let Form(request) = form.map_err(|rejection| Failure::bad_request(rejection.body_text()))?;
    if request.grant_type != "client_credentials" {
        return Err(Failure::bad_request("grant_type is not client_credentials"));
    }
    if request.client_id != origo.client_id || request.client_secret != origo.client_secret {
        return Err(unauthorized());
    }
    origo.act(|world| {
        if organization_id != world.organization_id {
            return Err(unauthorized());
        }
        world.forget_expired_tokens();
        let token = random::token();
        world.tokens.insert(
            token.clone(),
            Token {
                expires_at: world.now.plus(world.settings.token_lifetime),
            },
        );
        Ok(Json(json!({
            "access_token": token,
            "id_token": random::token(),
            "token_type": "Bearer",
            "expires_in": world.settings.token_lifetime.as_secs(),
        })))
    })
}

/// `PUT /simulator/tokens/revoke`: every token is unknown from now on.
pub(crate) async fn revoke_all(State(origo): State<Arc<Origo>>) -> Result<Json<Value>, Failure> {
    origo.act(|world| {
        let tokens: Vec<String> = world.tokens.iter().map(|(token, _)| token.clone()).collect();
        for token in &tokens {
            world.tokens.remove(token);
        }
        Ok(Json(json!({ "revoked": tokens.len() })))
    })
}

impl World {
    /// Lets in who carries a live token: 401 else.
    pub(crate) fn check_token(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let token = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let live = token
            .and_then(|token| self.tokens.get(&token.to_owned()))
            .is_some_and(|token| token.expires_at > self.now);
        if live { Ok(()) } else { Err(unauthorized()) }
    }

    fn forget_expired_tokens(&mut self) {
        let expired: Vec<String> = self
            .tokens
            .iter()
            .filter(|(_, token)| token.expires_at <= self.now)
            .map(|(token, _)| token.clone())
            .collect();
        for token in &expired {
            self.tokens.remove(token);
        }
    }
}

fn unauthorized() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "Unauthorized")
}
