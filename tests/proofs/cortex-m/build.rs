//! Tells the linker where the memory layout is, and compiles the peer in C.

use std::env;

fn main() {
    let here = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo:rustc-link-search={here}");
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rerun-if-changed=memory.x");
    #[cfg(feature = "peer-mbedtls")]
    mbedtls();
}

/// Compiles mbedTLS from the sources in `MBEDTLS_SOURCE`, for size.
#[cfg(feature = "peer-mbedtls")]
fn mbedtls() {
    println!("cargo:rerun-if-env-changed=MBEDTLS_SOURCE");
    let source = env::var("MBEDTLS_SOURCE").expect("MBEDTLS_SOURCE: see budget.sh");
    let mut build = cc::Build::new();
    for file in ["md.c", "sha1.c", "platform_util.c", "constant_time.c"] {
        build.file(format!("{source}/library/{file}"));
    }
    build
        .compiler("arm-none-eabi-gcc")
        .file("mbedtls.c")
        .include(format!("{source}/include"))
        .define("MBEDTLS_CONFIG_FILE", "\"mbedtls_config.h\"")
        .include(".")
        .opt_level_str("s")
        .warnings(false)
        .compile("mbedtls");
}
