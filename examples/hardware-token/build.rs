//! Tells the linker the memory layout of the firmware. The library on a host does not need one.

fn main() {
    let has = |feature: &str| std::env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    if has("BOARD") {
        let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo:rerun-if-changed=layout/memory.x");
        println!("cargo:rustc-link-search={here}/layout");
        println!("cargo:rustc-link-arg-bins=-Tlink.x");
        if has("CONTROL_STACK") {
            println!("cargo:rustc-link-arg-bins=--defsym=_stack_start=0x20000a00");
        }
    }
}
