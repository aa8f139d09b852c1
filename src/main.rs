//! The two faces of the sandbox: in a browser the page, elsewhere the same shell without one.
//!
//! Only this file and `app/` may ask which of the two they are compiled for.

#[cfg(target_arch = "wasm32")]
mod app;

/// Puts the page up.
#[cfg(target_arch = "wasm32")]
fn main() {
    app::start();
}

#[cfg(not(target_arch = "wasm32"))]
mod headless;

/// Runs a script or replays transcripts.
#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    headless::main(&arguments)
}
