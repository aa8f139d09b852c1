//! `src/manifest/unsimulated.txt` is whole and honest: every field of every kept kind is in it, or in
//! `editor/simulated.txt` and named in code that acts.
//!
//! The fields are those of the table of types, which `tests/types.rs` holds against k8s-openapi. A field that upstream
//! adds fails here until it is put into one of the two; so does one that goes. Where a field is not simulated, what is
//! below it is not looked at. Metadata, status and what an object says it is are left out.

use std::collections::BTreeMap;
use std::path::Path;

use kobune::manifest::is_unsimulated;
use kobune::manifest::types::{Struct, Type};
use kobune::object::KINDS;
use kobune::order;

/// `core PodSpec` -> names of fields.
type Lists = BTreeMap<String, Vec<String>>;

/// What the API server alone acts upon, by refusing or completing what is sent, or kubectl (`tty`).
const SERVERS: &[&str] = &[
    "batch JobSpec manualSelector",
    "core ConfigMap immutable",
    "core Container tty",
    "core ResourceFieldSelector divisor",
    "core Secret immutable",
    "core Secret stringData",
    "rbac RoleRef apiGroup",
    "rbac Subject apiGroup",
];

/// Code that acts: what defaults, validates and prints is not among it.
const ACTING: &[&str] = &[
    "cluster",
    "controller",
    "engine",
    "kubelet",
    "network",
    "object/access.rs",
    "object/custom",
    "object/labels.rs",
    "object/node_selector.rs",
    "object/selector.rs",
    "object/storage.rs",
    "object/toleration.rs",
    "object/usage.rs",
    "scheduler",
    "store",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lists(path: &str) -> Lists {
    let line = |line: &str| {
        let mut words = line.split(' ').map(|word| word.split('=').next().unwrap_or(word));
        let of = format!("{} {}", words.next()?, words.next()?);
        Some((of, words.map(str::to_owned).collect()))
    };
    let text = read(path);
    order::map(text.lines().filter(|line| !line.starts_with("kinds ")).filter_map(line))
}

/// All code of a file or folder, without comments and tests.
fn code(path: &Path) -> String {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).expect("a folder of code");
        return entries.filter_map(Result::ok).map(|entry| code(&entry.path())).collect();
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        // Objects that stand beside the code name fields and do nothing with them.
        return String::new();
    }
    let text = std::fs::read_to_string(path).expect("a file of code");
    let acting = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
    acting
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n")
}

/// A field's name as k8s-openapi writes it.
fn in_rust(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let next = letters.get(at + 1);
        let begins = before.is_some_and(|before| !before.is_uppercase())
            || (before.is_some() && next.is_some_and(|next| next.is_lowercase() && *next != 's'));
        if letter.is_uppercase() && begins {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    if snake == "type" { "type_".to_owned() } else { snake }
}

/// Whether a word stands in a text by itself.
fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let after = rest.split_at(word.len()).1;
        !before.ends_with(part) && !after.starts_with(part)
    })
}

struct Walk {
    simulated: Lists,
    unsimulated: Lists,
    seen: Vec<String>,
    complaints: Vec<String>,
}

impl Walk {
    fn visit(&mut self, of: &Struct) {
        let name = format!("{} {}", of.package(), of.name);
        if self.seen.contains(&name) {
            return;
        }
        self.seen.push(name.clone());
        let whole = of.field("metadata").is_some();
        for field in &of.fields {
            if whole && matches!(field.name, "apiVersion" | "kind" | "metadata" | "status") {
                continue;
            }
            let has = |lists: &Lists| {
                lists.get(&name).is_some_and(|fields| fields.iter().any(|one| one == field.name))
            };
            match (has(&self.simulated), has(&self.unsimulated)) {
                (true, false) => field.of.innermost().into_iter().for_each(|of| self.visit(of)),
                (false, true) => {}
                (true, true) => {
                    self.complaints.push(format!("{name} {}: in both lists", field.name));
                }
                (false, false) => {
                    self.complaints.push(format!("{name} {}: in no list", field.name));
                }
            }
        }
        if let Some(metadata) = of.field("metadata").and_then(|field| field.of.as_struct()) {
            self.visit(metadata);
        }
    }
}

#[test]
fn every_field_is_simulated_or_said_not_to_be() {
    let mut walk = Walk {
        simulated: lists("tests/editor/simulated.txt"),
        unsimulated: lists("src/manifest/unsimulated.txt"),
        seen: Vec::new(),
        complaints: Vec::new(),
    };
    for info in KINDS.iter().filter(|info| !is_unsimulated(info.name)) {
        walk.visit(info.wire_type().and_then(Type::as_struct).expect(info.name));
    }
    let Walk { simulated, unsimulated, seen, mut complaints } = walk;
    for name in simulated.keys().chain(unsimulated.keys()) {
        if !seen.contains(name) {
            complaints.push(format!("{name}: no object that is simulated has one"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(seen.len() > 100, "only {} structs were looked at", seen.len());
}

#[test]
fn the_kinds_on_which_nothing_acts_are_kinds() {
    let text = read("src/manifest/unsimulated.txt");
    let line = text.lines().next().and_then(|line| line.strip_prefix("kinds ")).expect("the kinds");
    for name in line.split(' ') {
        assert!(KINDS.iter().any(|info| info.name == name), "{name}");
    }
}

#[test]
fn fields_that_are_said_to_be_simulated_are_named_in_code_that_acts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all: String = ACTING.iter().map(|path| code(&root.join(path))).collect();
    let mut complaints = Vec::new();
    for (name, fields) in lists("tests/editor/simulated.txt") {
        for field in fields {
            let named = has_word(&all, &in_rust(&field)) || all.contains(&format!("\"{field}\""));
            let place = format!("{name} {field}");
            if named == SERVERS.contains(&place.as_str()) {
                complaints.push(place);
            }
        }
    }
    assert!(complaints.is_empty(), "named nowhere, or after all:\n{}", complaints.join("\n"));
}
