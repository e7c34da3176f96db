//! What a monitoring system counts, in the format of Prometheus, on a listener of its own (`--metrics-listen`).
//!
//! No label is what a client may choose: routes, statuses and the words of the audit log are the server's own.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::app::App;
use crate::audit::Audit;
use crate::error::ApiError;

/// From a look-up to the deadline of a request, in seconds.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

type Histograms = Family<RouteLabels, Histogram, fn() -> Histogram>;

pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Histograms,
    hashes: Family<StateLabels, Gauge>,
    connections: Family<StateLabels, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
}

impl Metrics {
    /// Counts what is written to this audit log too.
    #[must_use]
    pub fn new(audit: &Audit) -> Self {
        let mut registry = Registry::with_prefix("mfa_server");
        let (requests, seconds) = (Family::default(), Histograms::new_with_constructor(histogram));
        let (hashes, connections) = (Family::default(), Family::default());
        registry.register("requests", "Requests that were answered", requests.clone());
        registry.register("request_seconds", "Time from request to answer", seconds.clone());
        registry.register("password_hashes", "Password hashes by state", hashes.clone());
        registry.register("database_connections", "Connections by state", connections.clone());
        let (events, failures) = audit.counts();
        registry.register("events", "Events of the audit log", events);
        registry.register("audit_failures", "Events that could not be written", failures);
        let build = Family::<BuildLabels, Gauge>::default();
        build.get_or_create(&BuildLabels { version: env!("CARGO_PKG_VERSION") }).set(1);
        registry.register("build_info", "The version of the server", build);
        Self { registry, requests, seconds, hashes, connections }
    }

    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        let labels = RequestLabels { route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        let labels = RouteLabels { route: route.to_owned() };
        self.seconds.get_or_create(&labels).observe(took.as_secs_f64());
    }

    fn set(states: &Family<StateLabels, Gauge>, state: &'static str, number: usize) {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        states.get_or_create(&StateLabels { state }).set(number);
    }
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

/// `GET /metrics`, and nothing else.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .fallback(async || ApiError::not_found("There is nothing at this path."))
        .with_state(app)
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let metrics = &app.metrics;
    // What is at the moment, and not counted along.
    let load = app.passwords.load();
    Metrics::set(&metrics.hashes, "running", load.running);
    Metrics::set(&metrics.hashes, "waiting", load.waiting);
    let pool = app.store.connections();
    Metrics::set(&metrics.connections, "used", pool.used);
    Metrics::set(&metrics.connections, "idle", pool.idle);
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => ApiError::unexpected(error).into_response(),
    }
}
