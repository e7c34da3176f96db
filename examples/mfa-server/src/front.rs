//! What every request goes through on its way in, and every answer on its way out.

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

/// Adds what all routes have in common. The last layer is the outermost.
pub fn behind(routes: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    routes
        .fallback(async || ApiError::not_found("There is nothing at this path."))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(body::MAX_LEN))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), in_time))
        .layer(middleware::from_fn(one_host))
        .layer(middleware::from_fn(errors_are_json))
        // Browsers let apps read what is refused too.
        .layer(cors(&app.settings.origins))
        .layer(middleware::from_fn_with_state(Arc::clone(app), known))
}

/// Gives the request its id, and writes one line of log: the route and not the path, and nothing of the bodies.
async fn known(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let known = Arc::new(Known::of(request.headers(), request.extensions(), &app.trusted_proxies));
    // At every level of the log, so that a line which is written alone has the id too.
    let span = tracing::error_span!("request", id = known.id);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answer = Arc::clone(&known).scope(next.run(request)).instrument(span.clone());
    let mut response = answer.await;
    let headers = response.headers_mut();
    // Answers hold tokens, secrets and codes.
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

/// Puts our form of an error in the place of one that something beneath made: a router, an extractor.
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

/// RFC 9112 section 3.2: if two readers of a request may each take another host for the one that is meant, none of
/// them is right.
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

/// Ends a request that does not end by itself, such as one whose body never comes. What it has not committed is
/// undone.
async fn in_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let answer = timeout(app.deadline, next.run(request)).await;
    answer.unwrap_or_else(|_| ApiError::late().into_response())
}

/// What the panic says may be of the request, so nobody is told.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::unexpected("a request panicked").into_response()
}
