//! `kubectl explain TYPE.field.field`: what a kind's fields mean.
//!
//! Models kubectl `pkg/cmd/explain/explain.go` and `pkg/explain/explain.go`. The descriptions are outside the sandbox
//! (`shell::Asking`), the layout is `output::explain`. *Differs:* the older layout (`plaintext-openapiv2`) is not there.

use serde_json::{Value, json};

use super::call::Call;
use super::failure::Failure;
use super::kinds::{self, Known};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::KindInfo;
use crate::object::custom::{definition_of, schema_of};
use crate::object::official::Resource;
use crate::output::explain::{self, Question};
use crate::output::jsonpath;
use crate::shell::LocalFuture;

/// The verb.
pub(super) static EXPLAIN: Verb = Verb {
    name: "explain",
    group: Group::Intermediate,
    summary: "Get documentation for a resource",
    long: "Describe fields and structure of various resources.",
    details: &[
        "Fields are named by a path: <type>.<fieldName>[.<fieldName>]. Their descriptions are those that the API server publishes.",
        "Use \"kubectl api-resources\" for a complete list of supported resources.",
    ],
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]",
    examples: &[
        ("Read what a Pod is made of", "kubectl explain pods"),
        ("See the names of all its fields, however deep", "kubectl explain pods --recursive"),
        ("Read about one field", "kubectl explain pods.spec.containers"),
        ("Read about a certain version", "kubectl explain deployments --api-version=apps/v1"),
    ],
    flags: &[FLAGS],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::text("api-version", "", "Use this version of the kind (API group/version)."),
    Flag::text("output", "plaintext", "The layout: plaintext or plaintext-openapiv2.").letter('o'),
    Flag::switch("recursive", "Name the fields of fields too.").letter('R'),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move {
        let question = question(&call)?;
        if let Some(text) = custom(&call, &question)? {
            return call.out(text);
        }
        let asking = std::rc::Rc::clone(call.sandbox().asking());
        let head = explain::head(&question);
        // What metadata is made of is in any document.
        let asked = if of_custom(&call, &question).is_some() {
            let (api_version, kind) = ("v1".to_owned(), "Pod".to_owned());
            Question { api_version, kind, ..question }
        } else {
            question
        };
        let other = explain::head(&asked);
        match asking.ask(asked).await {
            Ok(text) if other == head => call.out(text),
            Ok(text) => call.out(text.replacen(&other, &head, 1)),
            // What the template had printed by then stands.
            Err(problem) if problem.starts_with("field ") => Err(Failure::Shown(head, problem)),
            Err(problem) => Err(Failure::Plain(problem)),
        }
    })
}

/// The kind's line, if a definition made it.
fn of_custom(call: &Call, question: &Question) -> Option<&'static KindInfo> {
    let asked = |resource: &&Resource| {
        resource.kind == question.kind && resource.api_version == question.api_version
    };
    call.known().all().find(asked)?.custom
}

/// What a definition's schema says, if that is what is asked for.
fn custom(call: &Call, question: &Question) -> Result<Option<String>, Failure> {
    let Some(info) = of_custom(call, question) else { return Ok(None) };
    if question.fields.len() > 1 && question.fields[0] == "metadata" {
        return Ok(None);
    }
    let gone = || Failure::plain(format!("couldn't find resource for {:?}", info.resource()));
    let definition = definition_of(info.kind()).and_then(|key| call.get(&key)).ok_or_else(gone)?;
    let mut root = schema_of(&definition, info.version).clone();
    if let Some(properties) = root.pointer_mut("/properties").and_then(Value::as_object_mut) {
        for (name, of, words) in COMMON {
            let mut field = json!({ "description": words });
            let of = if of == "string" {
                ("type", json!(of))
            } else {
                ("allOf", json!([{ "$ref": of }]))
            };
            field[of.0] = of.1;
            properties.insert(name.to_owned(), field);
        }
    }
    let document = json!({ "root": info.name, "schemas": { (info.name): root, "ObjectMeta": { "type": "object" } } });
    match explain::answer(question, &document.to_string()) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.starts_with("field ") => {
            Err(Failure::Shown(explain::head(question), problem))
        }
        Err(problem) => Err(Failure::Plain(problem)),
    }
}

/// The fields that all objects have, as the server describes those of custom ones
/// (apiextensions-apiserver `pkg/controller/openapi/builder`).
const COMMON: [(&str, &str, &str); 3] = [
    (
        "apiVersion",
        "string",
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources",
    ),
    (
        "kind",
        "string",
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds",
    ),
    (
        "metadata",
        "ObjectMeta",
        "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
    ),
];

fn question(call: &Call) -> Result<Question, Failure> {
    let word = match call.args() {
        [] => {
            return Err(Failure::plain(
                "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
            ));
        }
        [word] => word.strip_suffix('.').unwrap_or(word),
        _ => return Err(Failure::plain("We accept only this format: explain RESOURCE\n")),
    };
    let version = call.flags.text("api-version");
    let (resource, fields) = resource_and_fields(call.known(), word, version.is_empty())?;
    match call.flags.text("output") {
        "plaintext" => {}
        "plaintext-openapiv2" => {
            return Err(Failure::not_simulated("The output format plaintext-openapiv2"));
        }
        other => return Err(Failure::plain(format!("unrecognized format: {other}"))),
    }
    let api_version = if version.is_empty() { resource.api_version } else { version };
    check_version(call.known(), resource, api_version)?;
    Ok(Question {
        api_version: api_version.to_owned(),
        kind: resource.kind.to_owned(),
        fields,
        recursive: call.flags.on("recursive"),
    })
}

/// `deployments.apps.spec.replicas`: the group may stand behind a resource's full name.
fn resource_and_fields(
    known: Known<'_>,
    word: &str,
    with_group: bool,
) -> Result<(&'static Resource, Vec<String>), Failure> {
    let fields = path(word)?;
    let Some((first, rest)) = fields.split_first() else {
        return Err(Failure::plain("invalid jsonpath syntax, first node must be field node"));
    };
    let whole = |resource: &&'static Resource| {
        with_group && resource.plural == first && word.starts_with(&resource.qualified())
    };
    if let Some(found) = known.all().find(whole) {
        let rest = word.strip_prefix(&found.qualified()).unwrap_or_default();
        let rest = path(rest.strip_prefix('.').unwrap_or(rest))?;
        return Ok((found, rest));
    }
    let found = kinds::resource(known, first).filter(|_| !first.contains('.'));
    let found = found.ok_or_else(|| {
        Failure::Bare(format!("the server doesn't have a resource type {first:?}"))
    })?;
    Ok((found, rest.to_vec()))
}

/// A path of fields, read as `JSONPath`.
fn path(text: &str) -> Result<Vec<String>, Failure> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let template = jsonpath::Template::parse(&format!("{{.{text}}}"))
        .map_err(|error| Failure::plain(error.to_string()))?;
    template
        .fields()
        .ok_or_else(|| Failure::plain("invalid jsonpath syntax, first node must be field node"))
}

/// Whether the server has this version, and the resource in it.
fn check_version(known: Known<'_>, resource: &Resource, api_version: &str) -> Result<(), Failure> {
    let shown = |api_version: &str| {
        let slash = if api_version.contains('/') { "" } else { "/" };
        format!("{slash}{api_version}, Resource={}", resource.plural)
    };
    let old = api_version == "autoscaling/v1";
    if !old && !known.all().any(|resource| resource.api_version == api_version) {
        return Err(Failure::plain(format!(
            "couldn't find resource for \"{}\"",
            shown(api_version)
        )));
    }
    let there = known
        .all()
        .any(|other| other.plural == resource.plural && other.api_version == api_version);
    if there || old && resource.kind == "HorizontalPodAutoscaler" {
        return Ok(());
    }
    Err(Failure::plain(format!("GVR ({}) not found in OpenAPI schema", shown(api_version))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_resource_and_fields() {
        let read = |word: &str| {
            let (resource, fields) =
                resource_and_fields(Known::Built, word, true).map_err(|f| f.text())?;
            Ok::<_, String>(format!("{} {}", resource.qualified(), fields.join(".")))
        };
        assert_eq!(read("deploy.spec.replicas").unwrap(), "deployments.apps spec.replicas");
        assert_eq!(read("deployments.apps.spec").unwrap(), "deployments.apps spec");
        assert_eq!(read("pod").unwrap(), "pods ");
        assert_eq!(
            read("nope.spec").unwrap_err(),
            "the server doesn't have a resource type \"nope\"\n"
        );
        assert!(read("pod[0]").unwrap_err().contains("first node must be field node"));
    }
}
