//! The rows of `speed.rs` with criterion, for its reports: `cargo bench --bench reports`. It
//! measures one row after the other, so its figures are valid only on an idle machine.

#![allow(dead_code, reason = "criterion needs less of a row")]

mod rows;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for mut row in rows::all() {
        let name = row.grows_by.map_or(row.name, |number| number.to_string());
        let mut group = criterion.benchmark_group(row.group);
        group.bench_function(name, |bencher| bencher.iter(&mut row.what));
    }
    criterion.final_summary();
}
