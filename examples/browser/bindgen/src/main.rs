//! `bindgen MODULE FOLDER`: writes the module and its JavaScript into the folder, as
//! `wasm-bindgen --target web --remove-name-section --remove-producers-section --out-name otp_core` does.

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, folder] = &arguments[..] else { return Err("bindgen MODULE FOLDER".into()) };
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .out_name("otp_core")
        .generate(folder)?;
    Ok(())
}
