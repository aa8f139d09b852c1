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

/// (being written)
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
