//! Compiles the requests to Valgrind, which are macros of its C header.

use std::env;
use std::process::Command;

fn main() {
    let object = format!("{}/requests.o", env::var("OUT_DIR").unwrap());
    let compiled = Command::new("cc")
        .args(["-O2", "-Wall", "-Werror", "-c", "src/requests.c", "-o", &object])
        .status();
    assert!(compiled.unwrap().success(), "src/requests.c does not compile");
    println!("cargo::rerun-if-changed=src/requests.c");
    println!("cargo::rustc-link-arg={object}");
}
