//! Compresses the API's description of itself: as it is, it would be a twentieth of the binary that a start has to load.

use std::{env, fs, path::Path};

/// The best that DEFLATE can do.
const BEST: u8 = 10;

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo tells a build script by the environment where to write to"
)]
fn main() {
    const DOCUMENT: &str = "openapi.json";
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let document = fs::read(DOCUMENT).expect("the description of the API");
    let folder = env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    let compressed = miniz_oxide::deflate::compress_to_vec_zlib(&document, BEST);
    fs::write(Path::new(&folder).join("openapi.json.zlib"), compressed).expect("a file of Cargo's");
}
