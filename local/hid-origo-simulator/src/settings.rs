//! `PUT /simulator/settings`: what a test or an operator turns while the simulator runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::options::Options;
use crate::origo::Origo;
use crate::scim;

/// HID's tokens live for an hour.
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// What can be turned; a restart puts it back to the options.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) fetch_delay: Duration,
    pub(crate) invitation_lifetime: Duration,
    pub(crate) token_lifetime: Duration,
}

impl From<&Options> for Settings {
    fn from(options: &Options) -> Self {
        Self {
            fetch_delay: options.fetch_delay,
            invitation_lifetime: Duration::from_secs(u64::from(options.invitation_minutes) * 60),
            token_lifetime: TOKEN_LIFETIME,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    fetch_delay_ms: Option<u64>,
    /// May be a fraction, so that a test needs not wait a minute for a code to expire.
    invitation_minutes: Option<f64>,
    token_seconds: Option<u64>,
    rate_limit: Option<u32>,
    part_numbers: Option<BTreeMap<String, u64>>,
}

/// Changes what is named and answers with the settings that can be turned without a name.
pub(crate) async fn put(State(origo): State<Arc<Origo>>, body: Bytes) -> Result<Json<Value>, Failure> {
    let wanted: Wanted = scim::parse(&body)?;
    let invitation_lifetime = wanted
        .invitation_minutes
        .map(|minutes| Duration::try_from_secs_f64(minutes * 60.0))
        .transpose()
        .map_err(|_| Failure::bad_request("invitation_minutes is not a time"))?;
    let settings = origo.act(|world| {
        let stocks = wanted.part_numbers.unwrap_or_default();
        for name in stocks.keys() {
            world.pool(name)?;
        }
        for (name, available) in stocks {
            world.stock_pool(&name, available)?;
        }
        let settings = &mut world.settings;
        settings.fetch_delay = wanted.fetch_delay_ms.map_or(settings.fetch_delay, Duration::from_millis);
        settings.invitation_lifetime = invitation_lifetime.unwrap_or(settings.invitation_lifetime);
        settings.token_lifetime = wanted.token_seconds.map_or(settings.token_lifetime, Duration::from_secs);
        Ok(settings.clone())
    })?;
    if let Some(limit) = wanted.rate_limit {
        origo.limits.set(limit);
    }
    Ok(Json(json!({
        "fetch_delay_ms": u64::try_from(settings.fetch_delay.as_millis()).unwrap_or(u64::MAX),
        "invitation_minutes": settings.invitation_lifetime.as_secs_f64() / 60.0,
        "token_seconds": settings.token_lifetime.as_secs(),
    })))
}
