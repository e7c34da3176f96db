//! The page at `/`: its files, which are part of the program, and its QR codes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use otp_core::{otpauth, qr};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::app::App;
use crate::bearer::Bearer;
use crate::body::Body;
use crate::error::ApiError;

/// Nothing from other origins, nothing inline, and no framing by other pages.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("../page/index.html")))
        .route("/page.css", file("text/css; charset=utf-8", include_str!("../page/page.css")))
        .route("/page.js", script(include_str!("../page/page.js")))
        .route("/api.js", script(include_str!("../page/api.js")))
        .route("/attempt.js", script(include_str!("../page/attempt.js")))
        .route("/back.js", script(include_str!("../page/back.js")))
        .route("/keep.js", script(include_str!("../page/keep.js")))
        .route("/words.js", script(include_str!("../page/words.js")))
        .route("/page.svg", file("image/svg+xml", include_str!("../page/page.svg")))
        .route("/page/qr-code", post(qr_code))
}

fn script(text: &'static str) -> axum::routing::MethodRouter<Arc<App>> {
    file("text/javascript; charset=utf-8", text)
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter<Arc<App>> {
    get(async move || {
        let headers = [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, "no-cache"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, text)
    })
}

#[derive(Deserialize)]
struct QrCode {
    barcode_uri: String,
}

/// Returns the QR code of a key URI as SVG. Only a client that may enrol can ask for it,
/// because drawing takes processor time.
async fn qr_code(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Body(request): Body<QrCode>,
) -> Result<Response, ApiError> {
    Bearer::of_header(&app, &headers).await?.needs("enroll")?;
    let uri = Zeroizing::new(request.barcode_uri);
    otpauth::Uri::parse(&uri)
        .map_err(|error| ApiError::invalid_request(format!("barcode_uri: {error}")))?;
    let mut buffer = qr::Buffer::<{ qr::Buffer::len_of(40) }>::sized();
    let code = qr::Qr::encode(&uri.as_str(), &mut buffer)
        .map_err(|error| ApiError::invalid_request(format!("barcode_uri: {error}")))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], code.svg().to_string()).into_response())
}
