//! The parts of the proofs that need more than a shell. The scripts of `tests/proofs` call them
//! through `checks` of `lib.sh`; each command says in its file what it does.

mod api;
mod coverage;
mod features;
mod rust_version;

use std::error::Error;
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "\
checks features few|every COMMAND…    run COMMAND once for each set of features, which replaces {}
checks rust-version VERSION           fail if a dependency needs a newer compiler than VERSION
checks coverage floor PERCENT         fail if the llvm-cov summary on standard input reaches less
checks coverage table                 print that summary as Markdown
checks api FILE                       list the public API in a JSON file of rustdoc";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["features", which @ ("few" | "every"), ref command @ ..] if !command.is_empty() => {
            features::run(which == "every", command)
        }
        ["rust-version", version] => rust_version::check(version),
        ["coverage", "floor", percent] => coverage::floor(percent),
        ["coverage", "table"] => coverage::table(),
        ["api", file] => api::list(file),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns what `cargo metadata` says of the crate in the current folder.
fn metadata(options: &[&str]) -> Outcome<Value> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--format-version", "1"]).args(options).stderr(Stdio::inherit());
    let output = cargo.output()?;
    if !output.status.success() {
        return Err("cargo metadata failed".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Returns the package `otp-core` of that.
fn package(metadata: &Value) -> Outcome<&Value> {
    let packages = metadata["packages"].as_array().ok_or("no packages")?;
    Ok(packages.iter().find(|package| package["name"] == "otp-core").ok_or("no otp-core")?)
}
