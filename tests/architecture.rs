//! The shape of the code, checked on its text: layers, headers, sizes, lists, and what may be named where.
//!
//! Each test gathers every complaint before it fails, so that one run shows all of them. The rules are explained in
//! `ARCHITECTURE.md`; a new line in a table here is a design decision and wants a commit of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The modules of the library from top to bottom: one may use its own layer's predecessors, nothing below.
/// Modules in one row are peers that may not use each other.
const LAYERS: &[&[&str]] = &[
    &["quantity", "quote", "random", "time"],
    &["archive"],
    &["order"],
    &["persistent"],
    &["bash"],
    &["manifest"],
    &["text"],
    &["object"],
    &["store"],
    &["engine"],
    &["network"],
    &["controller", "kubelet", "scheduler"],
    &["cluster"],
    &["output"],
    &["shell"],
    &["transcript"],
    &["command"],
    &["journal"],
    &["lesson"],
    &["view"],
];

/// What is built on the library and no part of it: the page, and the same shell without one.
const FACES: &[&str] = &["src/main.rs", "src/app/", "src/headless/"];

/// How many lines a file may have before its tests.
const LINES_MAX: usize = 500;

/// Files that are longer, and why they are one thing.
const LONGER: &[(&str, &str)] = &[];

/// What has a list: every value of the type, in a file of the folder, must stand in the list in its `mod.rs`.
const LISTS: &[Listed] = &[
    Listed { folder: "src/controller/", of: "Controller", list: "CONTROLLERS" },
    Listed { folder: "src/scheduler/plugin/", of: "Plugin", list: "PLUGINS" },
    Listed { folder: "src/engine/program/", of: "Program", list: "PROGRAMS" },
    Listed { folder: "src/command/", of: "Command", list: "COMMANDS" },
];

struct Listed {
    folder: &'static str,
    of: &'static str,
    list: &'static str,
}

/// What may be named only in some places.
const RESERVED: &[Reserved] = &[
    Reserved {
        words: &["target_arch", "target_family"],
        // Memory is the one thing of its platform that the core asks about.
        only_in: &["src/main.rs", "src/app/", "src/cluster/memory.rs"],
    },
    Reserved {
        words: &["spawn_local", "Date::now", "web_sys::window"],
        only_in: &["src/app/browser/"],
    },
    Reserved {
        words: &["web_sys", "js_sys", "wasm_bindgen", "gloo", "yew"],
        only_in: &["src/main.rs", "src/app/"],
    },
    Reserved {
        words: &["std::fs", "TcpStream", "UdpSocket", "std::process", "std::env"],
        only_in: &["src/main.rs", "src/headless/"],
    },
];

struct Reserved {
    words: &'static [&'static str],
    only_in: &'static [&'static str],
}

/// A source file: its path from the root of the package, and its text.
type Sources = BTreeMap<String, String>;

fn sources(folder: &str) -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut found = Sources::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(root)
                    .expect("it is below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.insert(name, fs::read_to_string(&path).expect("sources are UTF-8"));
            }
        }
    }
    found
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_default()
}

/// The lines of code with their numbers; comments do not count.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
        .filter(|(_, line)| !line.trim().is_empty())
}

/// The module of a file of the library: `src/store/log.rs` is `["store", "log"]`.
fn module(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').collect()
}

fn is_library(path: &str) -> bool {
    !FACES.iter().any(|face| path.starts_with(face)) && path != "src/lib.rs"
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&module))
}

/// Every word that follows `before` in a line: of `use crate::store::Key` after `crate::` it is `store`.
fn words_after<'a>(line: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(before).skip(1).filter_map(|rest| {
        rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
            .next()
            .filter(|word| !word.is_empty())
    })
}

fn assert_none(complaints: &[String], rule: &str) {
    let mut list = String::new();
    for complaint in complaints {
        write!(list, "\n  {complaint}").expect("writing to a string works");
    }
    assert!(complaints.is_empty(), "{rule}:{list}");
}

#[test]
fn a_module_uses_only_what_stands_above_it() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src").iter().filter(|(path, _)| is_library(path)) {
        let own = module(path)[0];
        let own_layer =
            layer(own).unwrap_or_else(|| panic!("{path}: the module {own} has no place in LAYERS"));
        for (number, line) in code(text) {
            if line.contains("crate::{") {
                complaints.push(format!(
                    "{path}:{number}: one `use crate::module::…` a line, so that layers can be read"
                ));
            }
            for used in words_after(line, "crate::") {
                let allowed = used == own || layer(used).is_none_or(|layer| layer < own_layer);
                if !allowed {
                    complaints.push(format!("{path}:{number}: {own} may not use {used}"));
                }
            }
        }
    }
    assert_none(
        &complaints,
        "lower modules use higher ones, never the other way, and peers not each other",
    );
}

#[test]
fn other_modules_are_named_from_the_root() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src").iter().filter(|(path, _)| is_library(path)) {
        let depth = module(path).len();
        let mut inner = 0;
        for (number, line) in code(text) {
            if line.trim_start().starts_with("mod ") && line.trim_end().ends_with('{') {
                inner = 1;
            }
            let supers = line.matches("super::").count() - line.matches(", super::").count();
            if supers >= depth + inner {
                complaints.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
    }
    assert_none(&complaints, "`super::` stays within its top module; others are named `crate::…`");
}

#[test]
fn the_library_declares_its_modules_in_reading_order() {
    let lib = read("src/lib.rs");
    let declared: Vec<_> = code(&lib).flat_map(|(_, line)| words_after(line, "mod ")).collect();
    assert_eq!(declared, LAYERS.concat(), "src/lib.rs lists other modules than LAYERS");
}

#[test]
fn every_file_opens_with_what_it_is() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let header: Vec<_> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let words = header.join(" ").split_whitespace().count();
        if words < 6 {
            complaints.push(format!("{path}: the header says too little"));
        }
        if header.len() > 16 {
            complaints.push(format!(
                "{path}: the header has {} lines; move what is not about the whole file",
                header.len()
            ));
        }
    }
    assert_none(
        &complaints,
        "each file opens with `//!`: what it is, what always holds, what it stands for",
    );
}

#[test]
fn imports_stand_in_order() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src").into_iter().chain(sources("tests")) {
        let own = |name: &str| {
            let declared = [format!("mod {name};"), format!("pub mod {name};")];
            matches!(name, "crate" | "super" | "self")
                || text.lines().any(|line| declared.iter().any(|one| one == line))
        };
        let mut before = 0;
        let uses =
            code(&text).filter_map(|(number, line)| Some((number, line.strip_prefix("use ")?)));
        for (number, line) in uses {
            let name = line.split([':', ';']).next().unwrap_or_default();
            let rank = if name == "std" { 0 } else { 1 + u8::from(own(name)) };
            if rank < before {
                complaints.push(format!("{path}:{number}: use {line}"));
            }
            before = rank;
        }
    }
    assert_none(&complaints, "std is imported first, then other crates, then what is our own");
}

#[test]
fn files_stay_small() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src") {
        let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
        let reason = LONGER.iter().find(|(longer, _)| *longer == path);
        match (lines > LINES_MAX, reason) {
            (true, None) => {
                complaints.push(format!("{path}: {lines} lines before its tests; split it"));
            }
            (false, Some(_)) => {
                complaints.push(format!("{path}: no longer too long; take it out of LONGER"));
            }
            (true, Some((_, ""))) => {
                complaints.push(format!("{path}: no reason given"));
            }
            _ => {}
        }
    }
    assert_none(&complaints, "a file has at most 500 lines before its tests");
}

#[test]
fn every_file_is_compiled() {
    let all = sources("src");
    let mut complaints = Vec::new();
    for path in all.keys().filter(|path| !["src/main.rs", "src/lib.rs"].contains(&path.as_str())) {
        let names = module(path);
        let (name, parents) = names.split_last().expect("a path has a last part");
        let parent = match parents {
            [] if ["app", "headless"].contains(name) => "src/main.rs".to_owned(),
            [] => "src/lib.rs".to_owned(),
            _ => {
                let folder = format!("src/{}", parents.join("/"));
                let file = format!("{folder}.rs");
                if all.contains_key(&file) { file } else { format!("{folder}/mod.rs") }
            }
        };
        let declared = all.get(&parent).is_some_and(|text| {
            code(text).any(|(_, line)| line.trim_end().ends_with(&format!("mod {name};")))
        });
        if !declared {
            complaints.push(format!("{path}: {parent} does not declare it"));
        }
    }
    assert_none(&complaints, "a file that nothing declares is dead");
}

#[test]
fn every_value_stands_in_its_list() {
    let all = sources("src");
    let mut complaints = Vec::new();
    for Listed { folder, of, list } in LISTS {
        let listed = all
            .get(&format!("{folder}mod.rs"))
            .and_then(|text| text.split_once(&format!("{list}: ")))
            .and_then(|(_, rest)| rest.split_once("];"))
            .map(|(list, _)| list);
        let Some(listed) = listed else {
            complaints.push(format!("{folder}mod.rs: has no list {list}"));
            continue;
        };
        for (path, text) in &all {
            let Some(file) = path.strip_prefix(folder) else { continue };
            let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
            if stem.contains('/') || stem == "mod" {
                continue;
            }
            for (number, line) in code(text) {
                let Some((before, _)) = line.split_once(&format!(": {of} =")) else { continue };
                let name = before.rsplit(' ').next().unwrap_or_default();
                if !listed.contains(&format!("{stem}::{name},")) {
                    complaints.push(format!("{path}:{number}: {name} does not stand in {list}"));
                }
            }
        }
    }
    assert_none(&complaints, "what is written must be reachable: its line in the list is missing");
}

#[test]
fn some_names_stay_in_their_places() {
    let mut complaints = Vec::new();
    for (path, text) in sources("src") {
        for Reserved { words, only_in } in RESERVED {
            if only_in.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            for (number, line) in code(&text) {
                for word in words.iter().filter(|word| line.contains(*word)) {
                    complaints
                        .push(format!("{path}:{number}: {word} belongs to {}", only_in.join(", ")));
                }
            }
        }
    }
    assert_none(
        &complaints,
        "the core knows no platform; the page calls the browser through one door",
    );
}

/// The blocks of code in a Markdown text.
fn code_blocks(text: &str) -> Vec<&str> {
    text.split("```").skip(1).step_by(2).collect()
}

#[test]
fn the_readme_and_its_twin_give_the_same_commands() {
    let (english, japanese) = (read("README.md"), read("README.ja.md"));
    assert!(code_blocks(&english).len() >= 3, "README.md shows how to start");
    assert_eq!(code_blocks(&english), code_blocks(&japanese));
}

#[test]
fn the_commands_that_documents_name_exist() {
    let (dev, faces) = (read("dev"), read("src/headless/mod.rs"));
    let mut complaints = Vec::new();
    for document in
        ["README.md", "README.ja.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "BENCHMARKS.md"]
    {
        let text = read(document);
        for word in words_after(&text, "./dev ") {
            if !dev.contains(&format!("\ndev_{word}() {{")) {
                complaints.push(format!("{document}: ./dev {word}"));
            }
        }
        for line in text.lines().filter(|line| line.contains("cargo run")) {
            let word = words_after(line, " -- ").next().unwrap_or_default();
            if !faces.contains(&format!("\"{word}\" =>")) {
                complaints.push(format!("{document}: {line}"));
            }
        }
    }
    assert_none(&complaints, "a document names a command that there is not");
}
