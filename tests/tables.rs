//! The recorded tables of pure functions, row by row, where they are at hand.

use std::path::Path;

use kobune::manifest;
use kobune::object::{KINDS, Kind, Object, Quantity, Selector, names, patch};
use kobune::output::jsonpath::Template;
use serde_json::{Value, json};

fn check(table: &str, answer: impl Fn(&Value) -> Value) {
    let path = Path::new("../shared/oracle/tables").join(format!("{table}.jsonl"));
    let Ok(rows) = std::fs::read_to_string(path) else { return };
    let mut wrong = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        let got = answer(&row);
        for (key, value) in got.as_object().expect("an answer is an object") {
            if row.get(key).unwrap_or(&Value::Null) != value {
                wrong.push(format!("{} {key}:\n  {value}, not\n  {}", row["in"], row[key]));
            }
        }
    }
    assert!(wrong.is_empty(), "{table}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn quantities() {
    check("quantity", |row| match Quantity::parse(row["in"].as_str().expect("text")) {
        Ok(quantity) => json!({
            "canonical": quantity.to_string(), "ceil": quantity.value(), "milli": quantity.milli_value(), "error": null
        }),
        Err(error) => json!({ "error": error.to_string() }),
    });
}

#[test]
fn name_rules() {
    check("names", |row| {
        let name = row["in"].as_str().expect("text");
        let list =
            |messages: Vec<String>| if messages.is_empty() { Value::Null } else { json!(messages) };
        json!({
            "label": list(names::dns1123_label(name)),
            "subdomain": list(names::dns1123_subdomain(name)),
            "service": list(names::dns1035_label(name)),
            "qualified": list(names::qualified_name(name)),
            "labelValue": list(names::label_value(name)),
            "configMapKey": list(names::config_map_key(name)),
            "envName": list(names::env_name(name)),
            "port": list(names::port_name(name)),
        })
    });
}

#[test]
fn label_selectors() {
    check("label-selector", |row| match Selector::parse(row["in"].as_str().expect("text")) {
        Ok(selector) => {
            let sets = row["labels"].as_array().expect("label sets");
            let matches: Vec<bool> = sets
                .iter()
                .map(|set| {
                    selector.matches(Some(&serde_json::from_value(set.clone()).expect("labels")))
                })
                .collect();
            json!({ "canonical": selector.to_string(), "matches": matches, "error": null })
        }
        Err(error) => json!({ "error": error }),
    });
}

#[test]
fn jsonpaths() {
    check("jsonpath", |row| {
        let printed = Template::parse(row["template"].as_str().expect("text"))
            .and_then(|template| template.print(&row["object"]));
        match printed {
            Ok(out) => json!({ "out": out, "error": null }),
            Err(error) => json!({ "error": error.to_string() }),
        }
    });
}

#[test]
fn strategic_merges() {
    check("strategic-merge", |row| {
        match patch::strategic_merge(Kind::Deployment, &row["original"], &row["patch"]) {
            Ok(result) => json!({ "result": result, "error": null }),
            Err(error) => json!({ "error": error }),
        }
    });
}

#[test]
fn three_way_patches() {
    check("three-way-apply", |row| {
        let (last, manifest, live) = (&row["lastApplied"], &row["manifest"], &row["live"]);
        let patch = match patch::three_way(Kind::Deployment, last, manifest, live) {
            Ok(patch) => patch,
            Err(error) => return json!({ "error": error }),
        };
        match patch::strategic_merge(Kind::Deployment, live, &patch) {
            Ok(result) => json!({ "patch": patch, "result": result, "error": null }),
            Err(error) => json!({ "error": error }),
        }
    });
}

/// What the server says of a manifest that it cannot decode; the rest of the row is for others.
#[test]
fn refused_manifests() {
    let path = Path::new("../shared/oracle/tables/manifests.jsonl");
    let Ok(rows) = std::fs::read_to_string(path) else { return };
    let mut wrong = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        let text = row["manifest"].as_str().expect("text");
        let wanted = row["stderr"].as_str().expect("text");
        let said = first_fault(text);
        let decodes = ["error parsing", "unable to decode", "cannot be handled as"];
        let elsewhere = ["may not be empty", "not set", "Object 'Kind' is missing"];
        let right = match &said {
            Some(said) => wanted.contains(said) || elsewhere.iter().any(|one| wanted.contains(one)),
            None => {
                let kind =
                    KINDS.iter().any(|info| wanted.contains(&format!("as a {}:", info.name)));
                !kind || !decodes.iter().any(|one| wanted.contains(one))
            }
        };
        if !right {
            wrong.push(format!("{said:?}\n  {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// The first fault of syntax, metadata or decoding; `None` if there is none or the kind is not simulated.
fn first_fault(text: &str) -> Option<String> {
    for document in manifest::documents(text.as_bytes()) {
        let node = match document {
            Ok(node) => node,
            Err(error) => return Some(format!("error parsing m.yaml: {error}")),
        };
        if let Err(error) = manifest::check_metadata(&node) {
            return Some(format!("unable to decode \"m.yaml\": {error}"));
        }
        let (kind, version) = (node.get("kind")?.as_str()?, node.get("apiVersion")?.as_str()?);
        let info = KINDS.iter().find(|info| info.name == kind && info.api_version() == version)?;
        if let Err(error) = Object::from_node(info.kind, &node) {
            return Some(format!("cannot be handled as a {kind}: {error}"));
        }
    }
    None
}
