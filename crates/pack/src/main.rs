//! Two programs. At build, `kobune-pack MODULE PACKED` packs the wasm of a file into another, and makes sure that unpacking
//! gives the same bytes. As wasm it is what the page calls to unpack (`page.rs`).

#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, packed] = &arguments[..] else {
        return Err("usage: kobune-pack MODULE PACKED".to_owned());
    };
    let bytes = std::fs::read(module).map_err(|error| format!("{module}: {error}"))?;
    let bytes = kobune_pack::pack(&bytes).ok_or_else(|| {
        format!(
            "{module}: not itself again after unpacking, or with instructions that are not known"
        )
    })?;
    std::fs::write(packed, bytes).map_err(|error| format!("{packed}: {error}"))
}
