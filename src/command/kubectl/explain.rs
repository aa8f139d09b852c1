//! `kubectl explain TYPE.field.field`: what a kind's fields mean.
//!
//! Models kubectl `pkg/cmd/explain/explain.go` and `pkg/explain/explain.go`. The descriptions are outside the sandbox
//! (`shell::Asking`), the layout is `output::explain`. *Differs:* the older layout (`plaintext-openapiv2`) is not there.

use super::call::Call;
use super::failure::Failure;
use super::kinds;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::official::{RESOURCES, Resource};
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
        let asking = std::rc::Rc::clone(call.sandbox().asking());
        let head = explain::head(&question);
        match asking.ask(question).await {
            Ok(text) => call.out(text),
            // What the template had printed by then stands.
            Err(problem) if problem.starts_with("field ") => Err(Failure::Shown(head, problem)),
            Err(problem) => Err(Failure::Plain(problem)),
        }
    })
}

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
    let (resource, fields) = resource_and_fields(word, version.is_empty())?;
    match call.flags.text("output") {
        "plaintext" => {}
        "plaintext-openapiv2" => {
            return Err(Failure::not_simulated("The output format plaintext-openapiv2"));
        }
        other => return Err(Failure::plain(format!("unrecognized format: {other}"))),
    }
    let api_version = if version.is_empty() { resource.api_version } else { version };
    check_version(resource, api_version)?;
    Ok(Question {
        api_version: api_version.to_owned(),
        kind: resource.kind.to_owned(),
        fields,
        recursive: call.flags.on("recursive"),
    })
}

/// `deployments.apps.spec.replicas`: the group may stand behind a resource's full name.
fn resource_and_fields(
    word: &str,
    with_group: bool,
) -> Result<(&'static Resource, Vec<String>), Failure> {
    let fields = path(word)?;
    let Some((first, rest)) = fields.split_first() else {
        return Err(Failure::plain("invalid jsonpath syntax, first node must be field node"));
    };
    let mut named = RESOURCES.iter().filter(|resource| resource.plural == first);
    let whole = |resource: &&Resource| with_group && word.starts_with(&resource.qualified());
    if let Some(found) = named.find(whole) {
        let rest = word.strip_prefix(&found.qualified()).unwrap_or_default();
        let rest = path(rest.strip_prefix('.').unwrap_or(rest))?;
        return Ok((found, rest));
    }
    let found = kinds::resource(first).filter(|_| !first.contains('.'));
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
fn check_version(resource: &Resource, api_version: &str) -> Result<(), Failure> {
    let shown = |api_version: &str| {
        let slash = if api_version.contains('/') { "" } else { "/" };
        format!("{slash}{api_version}, Resource={}", resource.plural)
    };
    let old = api_version == "autoscaling/v1";
    if !old && !RESOURCES.iter().any(|resource| resource.api_version == api_version) {
        return Err(Failure::plain(format!(
            "couldn't find resource for \"{}\"",
            shown(api_version)
        )));
    }
    let there = RESOURCES
        .iter()
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
            let (resource, fields) = resource_and_fields(word, true).map_err(|f| f.text())?;
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
