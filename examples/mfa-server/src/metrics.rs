//! Metrics in the Prometheus format, on a listener of their own (`--metrics-listen`).
//!
//! A client cannot choose any label: routes, statuses and audit events are constants of this
//! server.

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

/// The bounds of the histogram in seconds: from a fast look-up to a slow request.
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
    /// Creates the metrics. They include the events of this audit log.
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

/// Returns a router that only serves `GET /metrics`.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .fallback(async || ApiError::not_found("This path does not exist."))
        .with_state(app)
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let metrics = &app.metrics;
    // These gauges are read now; the other metrics are counted all the time.
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
