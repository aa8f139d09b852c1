//! `kobune explain build OUT`: writes what `kubectl explain` says, a file a kind, for the page to fetch.

mod document;

use std::path::Path;

use self::document::KINDS;

pub(super) use self::document::document;

/// Writes every document to a folder.
pub(super) fn main(arguments: &[String]) -> Result<u8, String> {
    let [word, folder] = arguments else { return Err("explain: build OUT".to_owned()) };
    if word != "build" {
        return Err(format!("explain: {word}: there is only build"));
    }
    let folder = Path::new(folder);
    let problem = |error: std::io::Error| format!("explain: {}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(problem)?;
    for (name, _) in KINDS {
        let text = document(name).unwrap_or_default();
        std::fs::write(folder.join(format!("{name}.json")), text).map_err(problem)?;
    }
    Ok(0)
}
