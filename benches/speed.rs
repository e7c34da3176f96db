//! Every figure about speed in the documentation. Other work on the machine has little effect on
//! it.
//!
//! Each round runs every row for a short time. A row is compared with another row of the same
//! round, so that a disturbance slows both down. The claim is the median of these ratios. The
//! spread gives the two values between which half of the rounds are. `cargo bench` prints the
//! table, and `cargo bench -- WORDS` prints the rows of groups with one of the words in their
//! names.

mod growth;
mod rows;

use std::hint::black_box;
use std::time::Instant;

use crate::rows::Row;

/// The time of a row in a round. The scheduler gives a process a few milliseconds at a time.
const SLICE: f64 = 100e-6;
const ROUNDS: usize = 401;

fn main() {
    let words: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let asked_for =
        |row: &Row| words.is_empty() || words.iter().any(|word| row.group.contains(word));
    let mut rows = rows::all();
    rows.retain(asked_for);
    let measured = measure(&mut rows);

    println!("{}\n", machine());
    println!("| | ns | ratio | half of the rounds | beside |\n|---|--:|--:|---|---|");
    for (row, times) in rows.iter().zip(&measured).filter(|(row, _)| !row.is_growth()) {
        let [_, ns, _] = quartiles(times.clone());
        let other = rows.iter().zip(&measured).find(|(other, _)| {
            (other.group, Some(&*other.name)) == (row.group, row.beside.as_deref())
        });
        let compared = other.map_or("| | | ".to_owned(), |(other, base)| {
            let ratios = times.iter().zip(base).map(|(time, base)| time / base);
            let [low, median, high] = quartiles(ratios.collect());
            format!("| {median:.2} | {low:.2} to {high:.2} | {}", other.name)
        });
        println!("| {}: {} | {ns:.0} {compared} |", row.group, row.name);
    }
    growth::print(&rows, &measured);
}

/// Returns for each row its time per unit, in nanoseconds, in every round.
fn measure(rows: &mut [Row]) -> Vec<Vec<f64>> {
    // The number of calls that fill a slice.
    let calls: Vec<_> = rows
        .iter_mut()
        .map(|row| {
            let each = (0..5).map(|_| time(row, 3)).fold(f64::INFINITY, f64::min);
            (1..1_000_000).find(|calls| f64::from(*calls) * each >= SLICE).unwrap_or(1_000_000)
        })
        .collect();
    let mut measured = vec![Vec::with_capacity(ROUNDS); rows.len()];
    for _ in 0..ROUNDS {
        for ((row, calls), times) in rows.iter_mut().zip(&calls).zip(&mut measured) {
            // The first call brings its code and data back into the caches.
            (row.what)();
            times.push(time(row, *calls) * 1e9 / row.units);
        }
    }
    measured
}

/// Returns the time of a call in seconds.
fn time(row: &mut Row, calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        (black_box(&mut *row).what)();
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// Returns the middle of the values, between its quartiles.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

/// Returns the processor, the compiler and the crates that take part.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let fact = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, fact)| fact.trim())
    };
    let sha = if fact("flags").contains("sha_ni") { "with" } else { "without" };
    let (family, model) = (fact("cpu family"), fact("model\t"));
    let rustc = std::process::Command::new("rustc").arg("--version").output();
    let rustc =
        rustc.map_or("rustc".into(), |out| String::from_utf8_lossy(&out.stdout).into_owned());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let lock = read(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));
    let versions = ["totp-rs", "sha1", "sha2"].map(|name| {
        // The newest version in the tree is the crate's own.
        let entry = format!("name = \"{name}\"\nversion = \"");
        let version = lock.rsplit_once(&entry).and_then(|(_, after)| after.split('"').next());
        format!("{name} {}", version.unwrap_or("of unknown version"))
    });
    format!(
        "{} (family {family}, model {model}), {cores} cores, {sha} SHA instructions; {}; {}",
        fact("model name"),
        rustc.split(" (").next().unwrap_or_default(),
        versions.join(", "),
    )
}
