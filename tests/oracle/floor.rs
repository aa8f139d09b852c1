//! The ratchet: figures that were reached once must be reached again.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Figure;

const HEADER: &str =
    "# What `cargo test --release --test oracle` reached; a ratchet that only rises.
# Write better figures with `cargo test --release --test oracle -- --raise`.
";

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracle-floor.toml")
}

/// `"name" = 12`, a line each.
fn parse(text: &str) -> Result<BTreeMap<String, usize>, String> {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, figure) =
                line.split_once('=').ok_or(format!("oracle floor: {line}: no figure"))?;
            let figure =
                figure.trim().parse().map_err(|error| format!("oracle floor: {line}: {error}"))?;
            Ok((name.trim().trim_matches('"').to_owned(), figure))
        })
        .collect()
}

/// Refuses figures below the floor; with `raise`, writes down those above it.
pub(super) fn check(figures: &[Figure], raise: bool) -> Result<(), String> {
    let text = std::fs::read_to_string(path()).map_err(|error| format!("oracle floor: {error}"))?;
    let mut floor = parse(&text)?;
    let mut fallen = Vec::new();
    for figure in figures {
        let least = floor.entry(figure.name.clone()).or_default();
        if figure.matched < *least {
            fallen.push(format!("oracle {} fell from {least} to {}", figure.name, figure.matched));
        }
        *least = figure.matched.max(*least);
    }
    if raise {
        let lines: Vec<String> =
            floor.iter().map(|(name, figure)| format!("\"{name}\" = {figure}\n")).collect();
        let lines = lines.concat();
        std::fs::write(path(), format!("{HEADER}{lines}"))
            .map_err(|error| format!("oracle floor: {error}"))?;
    }
    if fallen.is_empty() { Ok(()) } else { Err(fallen.join("\n")) }
}
