fn main() {
    println!("cargo::rustc-link-arg-bins=-e_start");
}
