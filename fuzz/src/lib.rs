//! Where bytes that anybody can send enter: one function a target, for the fuzzer and for `tests/corpus.rs` alike.
//!
//! Each takes any bytes, and neither panics nor takes longer than its input explains. What is accepted is held to more: it
//! prints, reads back, and comes out the same. `cargo +nightly fuzz run TARGET` from the root of the repository; what it
//! finds goes to `corpus/TARGET/` once it is mended.

use std::cell::OnceCell;

use kobune::cluster::{Cluster, Settings};
use kobune::command::COMMANDS;
use kobune::manifest::{self, Node};
use kobune::object::{KINDS, Kind, KindInfo, Labels, Object, Selector};
use kobune::output::jsonpath::Template;
use kobune::output::{gotemplate, json, yaml};
use kobune::shell::{Sandbox, Screen, Session};
use kobune::store::patch;
use kobune::time::Duration;
use kobune::{archive, journal, lesson, view};
use serde_json::{Value, json};

/// A name, which is that of a folder in `corpus/`, and what takes its bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("files", files),
    ("gotemplate", gotemplate),
    ("jsonpath", jsonpath),
    ("manifests", manifests),
    ("patches", patches),
    ("selectors", selectors),
    ("shell", shell),
];

/// The longest input: what is slow in proportion is no fault.
const BYTES_MAX: usize = 1 << 14;
/// How many steps of the world a command line may take before it is interrupted.
const STEPS_MAX: usize = 60;

/// Reads a text as far as the API server would, and checks what comes out.
pub fn manifests(data: &[u8]) {
    for document in manifest::documents(data.get(..BYTES_MAX).unwrap_or(data)) {
        match document {
            Ok(node) => drop(check_document(&node)),
            Err(error) => {
                assert!(!error.message.is_empty());
                assert!(error.position.offset as usize <= data.len(), "{error:?}");
                break;
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) {
        let cluster = world();
        let world = view::diagnostics::World { cluster: &cluster, namespace: "default" };
        for told in view::diagnostics::check(text, &world) {
            let lines = text.split('\n').count();
            assert!(
                told.place.line <= told.place.end_line && told.place.end_line <= lines,
                "{told:?}"
            );
            assert!(told.repairs.iter().all(|repair| repair.before != repair.after), "{told:?}");
        }
    }
}

/// Decodes a document as the kind that it names; whether it is accepted.
pub fn check_document(node: &Node) -> bool {
    let value = node.to_value();
    let printed = yaml::print(&value);
    let again = manifest::documents(printed.as_bytes()).next();
    let same = again.is_some_and(|again| again.is_ok_and(|again| again.to_value() == value));
    assert!(same, "printed otherwise:\n{printed}\n{value}");
    // Read by our own reader: that of `serde_json` is a bit off for numbers of many digits. What does not begin with a
    // brace is taken for YAML, which has fewer characters.
    let text = json::print(&value);
    let again = manifest::documents(text.as_bytes()).next();
    let same = again.is_some_and(|again| again.is_ok_and(|again| again.to_value() == value));
    assert!(same || !value.is_object(), "printed otherwise:\n{text}\n{value}");
    drop(node.repeated_keys());
    if let Err(error) = manifest::check_metadata(node) {
        assert!(!error.to_string().is_empty());
    }
    let kind = node.get("kind").and_then(Node::as_str);
    let version = node.get("apiVersion").and_then(Node::as_str);
    let known = KINDS
        .iter()
        .find(|info| Some(info.name) == kind && Some(info.api_version().as_str()) == version);
    let Some(info) = known else { return false };
    match Object::from_node(info.kind(), node) {
        Ok(object) => {
            let wire = object.to_value();
            let again = Object::from_node(info.kind(), &Node::from_value(&wire));
            assert_eq!(again.expect("what was accepted is accepted again").to_value(), wire);
            true
        }
        Err(error) => {
            assert!(!error.faults.is_empty() && !error.to_string().is_empty(), "{error:?}");
            false
        }
    }
}

/// Up to three JSON documents, a line each: an object, a patch or a second object, a third.
pub fn patches(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    let mut documents = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let Some(object) = documents.next() else { return };
    let Some(second) = documents.next() else { return };
    let third = documents.next().unwrap_or_else(|| object.clone());
    let merged = patch::json_merge(object.clone(), second.clone());
    // Merging is done when it is done once, and a difference leads where it says.
    assert_eq!(patch::json_merge(merged.clone(), second.clone()), merged);
    drop(patch::json_merge_three_way(&third, &second, &object));
    drop(patch::json_patch(object.clone(), &second));
    let named = |value: &Value| KINDS.iter().find(|info| value["kind"] == info.name);
    let kind = named(&object).map(KindInfo::kind);
    drop(patch::strategic_merge(kind, object.clone(), second.clone()));
    for kind in [kind.unwrap_or(Kind::Pod), Kind::Deployment] {
        drop(patch::three_way(kind, &third, &second, &object));
        if let Ok(delta) = patch::two_way(kind, &object, &second) {
            drop(patch::strategic_merge(Some(kind), object.clone(), delta));
        }
    }
}

/// A label selector, as text and as the API has it.
pub fn selectors(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    let labels: Labels = [("app", "web"), ("tier", "a.b/c"), ("x", "")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    match Selector::parse(text) {
        Ok(selector) => {
            let plain = selector.matches(Some(&labels));
            assert_eq!(Selector::parse(text).map(|again| again.matches(Some(&labels))), Ok(plain));
            assert!(!selector.is_everything() || plain);
        }
        Err(message) => assert!(!message.is_empty()),
    }
}

/// What templates are printed with.
fn pods() -> Value {
    let pod = |name: &str, ip: &str| {
        json!({ "metadata": { "name": name, "labels": { "app": "web", "a.b/c": "d" } },
            "spec": { "containers": [{ "name": "app", "ports": [{ "containerPort": 80 }] }] },
            "status": { "podIP": ip, "restarts": 3, "ready": true, "none": null, "ratio": 1.5 } })
    };
    json!({ "kind": "List", "items": [pod("one", "10.244.1.2"), pod("two", "10.244.2.2"), pod("日本", "")] })
}

/// A template of `-o jsonpath`.
pub fn jsonpath(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    match Template::parse(text) {
        Ok(template) => drop(template.print(&pods())),
        Err(error) => assert!(!error.0.is_empty()),
    }
}

/// A template of `-o go-template`.
pub fn gotemplate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    match gotemplate::Template::parse(text) {
        Ok(template) => drop(template.print(&pods(), true)),
        Err(message) => assert!(!message.is_empty()),
    }
}

/// What is typed at the prompt, in a world where something runs.
pub fn shell(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data.get(..BYTES_MAX).unwrap_or(data)) else { return };
    let sandbox = Sandbox::new(world());
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(80));
    drop(session.complete(text));
    session.submit(text);
    for _ in 0..STEPS_MAX {
        if session.poll().is_some() || !session.is_running() {
            break;
        }
        sandbox.drive(Cluster::step);
    }
    session.interrupt();
    drop(session.take_output());
}

/// A world with Pods, the same every time.
fn world() -> Cluster {
    thread_local! {
        static WORLD: OnceCell<Cluster> = const { OnceCell::new() };
    }
    WORLD.with(|world| world.get_or_init(world_with_pods).clone())
}

/// Three Pods behind a Service, and a file.
fn world_with_pods() -> Cluster {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(80));
    session.run_script(
        "kubectl create deploy web --image=nginx:1.27 --replicas=3; kubectl expose deploy web --port=80; sleep 60",
    );
    while session.is_running() {
        session.poll();
        if sandbox.drive(Cluster::step).is_none() {
            sandbox.drive(|cluster| cluster.advance_to(cluster.now() + Duration::from_secs(1)));
        }
    }
    sandbox.read(Cluster::clone)
}

/// What comes from outside as a whole: saves, lessons, archives, links.
pub fn files(data: &[u8]) {
    if let Ok(entries) = archive::read(data) {
        for entry in entries {
            drop(archive::clean_path(&entry.name));
        }
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(save) = journal::Save::read(text) {
        drop(save.salvage());
        assert!(save.acts() <= text.lines().count());
    }
    if let Ok(lesson) = lesson::compiled(text) {
        let again = lesson::compiled(&lesson::encode(&lesson).to_string());
        assert!(again.is_ok_and(|again| again == lesson), "it reads back otherwise");
    }
    drop(lesson::definition("id", text));
    drop(view::link::route(text));
    assert_eq!(
        view::link::lang(text, ""),
        view::link::lang(&format!("?{}", text.trim_start_matches('?')), "")
    );
}
