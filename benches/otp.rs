//! Generation and verification beside totp-rs and beside the bare compressions that they need.
//!
//! `cargo bench --bench otp` measures all of it in one run and ends with the ratios that README
//! quotes.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::time::Duration;

use criterion::Criterion;
use otp_core::{Algorithm, KeySchedule, Totp, Window};

const NOW: u64 = 1_234_567_890;
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
const REACHES: [u8; 2] = [1, 10];

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for algorithm in ALGORITHMS {
        measure(&mut criterion, algorithm);
    }
    criterion.final_summary();
    print_ratios();
}

fn measure(criterion: &mut Criterion, algorithm: Algorithm) {
    let key = vec![0x5a; algorithm.output_len()];
    let cold = || Totp::with_mac(KeySchedule::from_raw_key(algorithm, black_box(&key)).unwrap());
    let held = cold();
    let mut group = criterion.benchmark_group(algorithm.name());
    let mut time = |name: &str, what: &mut dyn FnMut()| {
        group.bench_function(name, |bencher| bencher.iter(&mut *what));
    };

    let peer = totp_rs(algorithm, &key, 1);
    time("generate, 2 raw compressions", &mut || chain(algorithm, 2));
    time("generate, held key", &mut || keep(held.code_at(black_box(NOW))));
    time("generate, cold key", &mut || keep(cold().code_at(black_box(NOW))));
    time("generate, totp-rs", &mut || keep(peer.generate(black_box(NOW))));

    for reach in REACHES {
        let window = Window::new(reach, reach).unwrap();
        let peer = totp_rs(algorithm, &key, reach.into());
        let right = held.code_at(NOW + 30 * u64::from(reach)).unwrap().to_string();
        let wrong = "000000";
        assert!(held.verify_at(wrong, NOW, window).is_err() && peer.check(wrong, NOW).is_none());
        assert!(held.verify_at(&right, NOW, window).is_ok() && peer.check(&right, NOW).is_some());

        let compressions = 2 * usize::from(window.candidates());
        time(&format!("verify ±{reach}, {compressions} raw compressions"), &mut || {
            chain(algorithm, compressions);
        });
        for (which, code) in [("wrong", wrong), ("right", &right)] {
            time(&format!("verify ±{reach}, held key, {which} code"), &mut || {
                keep(held.verify_at(black_box(code), black_box(NOW), window));
            });
            time(&format!("verify ±{reach}, cold key, {which} code"), &mut || {
                keep(cold().verify_at(black_box(code), black_box(NOW), window));
            });
            time(&format!("verify ±{reach}, totp-rs, {which} code"), &mut || {
                keep(peer.check(black_box(code), black_box(NOW)));
            });
        }
    }
    group.finish();
}

fn keep<T>(result: T) {
    black_box(result);
}

fn totp_rs(algorithm: Algorithm, key: &[u8], skew: u16) -> totp_rs::Totp {
    totp_rs::Builder::new()
        .with_algorithm(match algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        })
        .with_skew(skew)
        .with_secret(key.to_vec())
        .build()
        .unwrap()
}

/// Compressions one after the other: what hashing alone costs, without any HMAC around it.
fn chain(algorithm: Algorithm, compressions: usize) {
    fn run<S, B>(mut state: S, block: B, n: usize, compress: impl Fn(&mut S, &B)) {
        let block = black_box(block);
        for _ in 0..n {
            compress(&mut state, &block);
        }
        black_box(state);
    }
    match algorithm {
        Algorithm::Sha1 => run(black_box([1; 5]), [2; 64], compressions, |state, block| {
            sha1::block_api::compress(state, from_ref(block));
        }),
        Algorithm::Sha256 => run(black_box([1; 8]), [2; 64], compressions, |state, block| {
            sha2::block_api::compress256(state, from_ref(block));
        }),
        Algorithm::Sha512 => run(black_box([1; 8]), [2; 128], compressions, |state, block| {
            sha2::block_api::compress512(state, from_ref(block));
        }),
    }
}

/// Reads back what criterion has written, medians in nanoseconds.
fn print_ratios() {
    println!("\nMedians of this run, in nanoseconds, and what they come to:");
    for algorithm in ALGORITHMS {
        let median = |name: &str| median(&group_dir(algorithm), name);
        println!("\n{algorithm}");
        for (what, compressions, codes) in [
            ("generate".to_owned(), 2, vec![String::new()]),
            ("verify ±1".to_owned(), 6, vec![", wrong code".into(), ", right code".into()]),
            ("verify ±10".to_owned(), 42, vec![", wrong code".into(), ", right code".into()]),
        ] {
            for code in codes {
                let (Some(raw), Some(held), Some(cold), Some(peer)) = (
                    median(&format!("{what}, {compressions} raw compressions")),
                    median(&format!("{what}, held key{code}")),
                    median(&format!("{what}, cold key{code}")),
                    median(&format!("{what}, totp-rs{code}")),
                ) else {
                    continue;
                };
                println!(
                    "  {:<24} held {held:>6.0}  cold {cold:>6.0}  totp-rs {peer:>6.0}  {compressions:>2} raw \
                     compressions {raw:>6.0}  held/raw {:.2}  totp-rs/held {:.2}  totp-rs/cold {:.2}",
                    format!("{what}{code}"),
                    held / raw,
                    peer / held,
                    peer / cold,
                );
            }
        }
    }
}

fn group_dir(algorithm: Algorithm) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    Path::new(&target).join("criterion").join(algorithm.name())
}

fn median(group: &Path, name: &str) -> Option<f64> {
    let text = fs::read_to_string(group.join(name).join("new/estimates.json")).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
