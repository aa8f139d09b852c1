//! Scripts as a student would type them, from the first line to the last.
//!
//! Each `scripts/NAME.sh` runs in a fresh world of its own; what it shows (both streams, in order) and `exit CODE` must
//! match `scripts/NAME.out`, in which placeholders stand for what chance decides, as in recorded transcripts.

use std::path::Path;

use kobune::cluster::{Cluster, Settings};
use kobune::command::COMMANDS;
use kobune::shell::{Patience, Sandbox, Screen, Session};
use kobune::transcript::same_text;

fn shown(script: &str) -> String {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let mut session = Session::new(sandbox, COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(script);
    let mut bytes = Vec::new();
    let code = session.finish(|chunk| bytes.extend(chunk.bytes));
    format!("{}exit {code}\n", String::from_utf8_lossy(&bytes))
}

#[test]
fn scripts_show_what_is_written_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let entries = std::fs::read_dir(folder).expect("the folder of scripts");
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sh"));
    kobune::order::sort(&mut paths);
    assert!(!paths.is_empty(), "there are scripts");
    let mut wrong = Vec::new();
    for path in paths {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a script and its output");
        let (script, wanted) = (read(&path), read(&path.with_extension("out")));
        let actual = shown(&script);
        if !same_text(&wanted, &actual) {
            wrong.push(format!("{}:\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
