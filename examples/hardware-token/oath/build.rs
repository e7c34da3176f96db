//! Tells the linker the memory layout of the firmware. The library on a host does not need one.

fn main() {
    if std::env::var_os("CARGO_FEATURE_BOARD").is_some() {
        let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo:rerun-if-changed=layout/memory.x");
        println!("cargo:rustc-link-search={here}/layout");
        println!("cargo:rustc-link-arg-bins=-Tlink.x");
    }
}
