//! `/.well-known/*`: the addresses of the endpoints, and the public keys that verify tokens.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::error::ApiError;
use crate::grant::GrantType;
use crate::scope::{self, Scope};

pub async fn configuration(State(app): State<Arc<App>>) -> Result<Json<Value>, ApiError> {
    let algs = app.keyring.algs(now()?);
    let issuer = app.tokens.issuer();
    let clients = &app.settings.clients;
    let grants: Vec<_> = clients.grants().into_iter().map(GrantType::name).collect();
    let of_apis = app.settings.apis.iter().flat_map(|api| &api.scopes).map(Scope::as_str);
    let mut scopes = [&scope::IDENTITY[..], &scope::MFA].concat();
    if clients.grants().contains(&GrantType::RefreshToken) {
        scopes.push(scope::OFFLINE);
    }
    scopes.extend(of_apis);
    let scopes: BTreeSet<_> = scopes.into_iter().collect();
    Ok(Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}oauth/token"),
        "jwks_uri": format!("{issuer}.well-known/jwks.json"),
        "userinfo_endpoint": app.tokens.user_info(),
        "revocation_endpoint": format!("{issuer}oauth/revoke"),
        "mfa_challenge_endpoint": format!("{issuer}mfa/challenge"),
        "grant_types_supported": grants,
        "response_types_supported": [],
        "scopes_supported": scopes,
        "claims_supported": ["sub", "name", "email", "email_verified", "amr"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algs,
        "token_endpoint_auth_methods_supported": clients.auth_methods(),
    })))
}

/// Serves the public keys. Caches may keep them: a key is published long before it signs.
pub async fn jwks(State(app): State<Arc<App>>) -> Result<impl IntoResponse, ApiError> {
    let kept = [(CACHE_CONTROL, "public, max-age=300")];
    Ok((kept, Json(app.keyring.jwks(now()?))))
}
