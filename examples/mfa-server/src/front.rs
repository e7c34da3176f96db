//! The layers that every request and every answer passes through.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING,
};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Version};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::app::App;
use crate::body;
use crate::error::ApiError;
use crate::origin::cors;
use crate::request::{self, Known};

/// Adds the layers that all routes share. The last layer is the outermost.
pub fn behind(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    routes
        .fallback(async || ApiError::not_found("This path does not exist."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(body::MAX_LEN))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), in_time))
        .layer(middleware::from_fn(one_host))
        .layer(middleware::from_fn(errors_are_json))
        // Outside of the error layers, so that web apps can read errors too.
        .layer(cors(&app.settings.origins))
        .layer(middleware::from_fn_with_state(Arc::clone(app), known))
}

/// Gives the request its id, and writes one line to the log. The line has the route instead of
/// the path, and nothing from the bodies.
async fn known(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let known = Arc::new(Known::of(request.headers(), request.extensions(), &app.trusted_proxies));
    // The span exists at every level of the log, so that a warning without a request line has
    // the id too.
    let span = tracing::error_span!("request", id = known.id);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answer = Arc::clone(&known).scope(next.run(request)).instrument(span.clone());
    let mut response = answer.await;
    let headers = response.headers_mut();
    // Answers contain tokens, secrets and codes.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&known.id) {
        headers.insert(HeaderName::from_static(request::ID), id);
    }
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    app.metrics.answered(route, status, took);
    let _entered = span.entered();
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, milliseconds, "request");
    response
}

/// Replaces an error of a router or an extractor by an error in our format.
async fn errors_are_json(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !(status.is_client_error() || status.is_server_error())
        || kind.is_some_and(|kind| kind.starts_with(b"application/json"))
    {
        return response;
    }
    let mut ours = ApiError::of_status(status).into_response();
    for (name, value) in response.headers() {
        let is_of_the_body = [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING];
        if !is_of_the_body.contains(name) {
            ours.headers_mut().insert(name, value.clone());
        }
    }
    ours
}

/// Refuses a request without exactly one valid host (RFC 9112 section 3.2). With two hosts, a
/// proxy and this server could each believe another one.
async fn one_host(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let is_sound = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.is_empty() || Authority::try_from(host.as_bytes()).is_ok(),
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    if is_sound {
        next.run(request).await
    } else {
        ApiError::invalid_request("The request needs exactly one Host header.").into_response()
    }
}

/// Ends a request that takes too long, for example because its body never arrives. Changes
/// that are not committed are undone.
async fn in_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let answer = timeout(app.deadline, next.run(request)).await;
    answer.unwrap_or_else(|_| ApiError::late().into_response())
}

/// Answers a request that panicked. The text of the panic may contain parts of the request, so
/// it is not logged.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::unexpected("the handler of a request panicked").into_response()
}
