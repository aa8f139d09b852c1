//! The recorded tables of pure functions, row by row, where they are at hand.

use std::path::Path;

use kobune::object::{Quantity, Selector, names};
use kobune::output::jsonpath::Template;
use kobune::store::patch;
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
        match patch::strategic_merge("Deployment", row["original"].clone(), row["patch"].clone()) {
            Ok(result) => json!({ "result": result, "error": null }),
            Err(error) => json!({ "error": error.to_string() }),
        }
    });
}

#[test]
fn three_way_patches() {
    check("three-way-apply", |row| {
        let (last, manifest, live) = (&row["lastApplied"], &row["manifest"], &row["live"]);
        let patch = match patch::three_way("Deployment", last, manifest, live) {
            Ok(patch) => patch,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        match patch::strategic_merge("Deployment", live.clone(), patch.clone()) {
            Ok(result) => json!({ "patch": patch, "result": result, "error": null }),
            Err(error) => json!({ "error": error.to_string() }),
        }
    });
}
