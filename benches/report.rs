//! What the benches share: short runs, and the medians of this run read back for their tables.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

/// One run of a bench.
pub(crate) struct Report {
    criterion: Criterion,
    began: SystemTime,
}

impl Report {
    pub(crate) fn new() -> Self {
        let criterion = Criterion::default()
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(2))
            .configure_from_args();
        Self { criterion, began: SystemTime::now() }
    }

    pub(crate) fn group(&mut self, name: &str) -> Group<'_> {
        Group(self.criterion.benchmark_group(name))
    }

    pub(crate) fn finish(&self) {
        self.criterion.final_summary();
    }

    /// The median of what this run has measured, in nanoseconds. Nothing where a filter left it out,
    /// even if an earlier run has measured it.
    pub(crate) fn median(&self, group: &str, name: &str) -> Option<f64> {
        let home = std::env::var_os("CRITERION_HOME").map(PathBuf::from).or_else(|| {
            Some(PathBuf::from(std::env::var_os("CARGO_TARGET_DIR")?).join("criterion"))
        });
        let home = home.unwrap_or_else(|| "target/criterion".into());
        let path = home.join(group).join(name).join("new/estimates.json");
        let written = fs::metadata(&path).ok()?.modified().ok()?;
        let text = fs::read_to_string(path).ok().filter(|_| written >= self.began)?;
        let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
        estimates["median"]["point_estimate"].as_f64()
    }
}

pub(crate) struct Group<'c>(BenchmarkGroup<'c, WallTime>);

impl Group<'_> {
    pub(crate) fn time(&mut self, name: &str, what: &mut dyn FnMut()) {
        self.0.bench_function(name, |bencher| bencher.iter(&mut *what));
    }
}

pub(crate) fn keep<T>(result: T) {
    black_box(result);
}
