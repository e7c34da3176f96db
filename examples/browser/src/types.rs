//! The types that TypeScript sees of plain objects, which wasm-bindgen cannot tell.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");
