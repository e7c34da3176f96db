//! `/userinfo`: returns claims about the user of an access token (OpenID Connect Core section
//! 5.3).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::app::{App, now};
use crate::bearer::bearer_token;
use crate::error::ApiError;

/// Returns the claims that the token's scope allows. Accepts an access token for this server,
/// or one for an API if it has the scope `openid`.
pub async fn user_info(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let access = app.tokens.user_info_access(bearer_token(&headers)?, now()?);
    let access = access.ok_or_else(ApiError::invalid_token)?;
    let user = app.store.user(&access.sub).await?.filter(|user| user.honours(access.iat));
    let user = user.ok_or_else(ApiError::invalid_token)?;
    let mut claims = json!({"sub": user.id});
    if access.has_scope("profile") {
        claims["name"] = json!(user.email);
    }
    if access.has_scope("email") {
        claims["email"] = json!(user.email);
        claims["email_verified"] = json!(user.email_verified);
    }
    Ok(Json(claims))
}
