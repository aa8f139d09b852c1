//! `kubectl set image`: other images for the containers of a template. Models kubectl `pkg/cmd/set/set_image.go`.

use serde_json::{Value, json};

use super::apply::said;
use super::call::Call;
use super::common::{DRY_RUN, DryRun, PRINT, SELECTOR, read_file};
use super::failure::Failure;
use super::format::Format;
use super::resource::{self, NOTHING_GIVEN, Request};
use super::server;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Kind, Object};
use crate::store::{PatchType, patch};

/// The verb.
pub(super) static SET: Verb = Verb {
    name: "set",
    group: Group::Beginner,
    summary: "Set specific features on objects",
    details: &["These commands help you make changes to existing application resources."],
    usage: "set SUBCOMMAND",
    verbs: &[
        not_yet("env", "Update environment variables on a pod template"),
        IMAGE,
        not_yet("resources", "Update resource requests/limits on objects with pod templates"),
        not_yet("selector", "Set the selector on a resource"),
        not_yet("serviceaccount", "Update the service account of a resource"),
        not_yet(
            "subject",
            "Update the user, group, or service account in a role binding or cluster role binding",
        ),
    ],
    ..Verb::BASE
};

const fn not_yet(name: &'static str, summary: &'static str) -> Verb {
    Verb { name, summary, simulated: false, ..Verb::BASE }
}

const IMAGE: Verb = Verb {
    name: "image",
    summary: "Update the image of a pod template",
    usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    examples: &[
        (
            "Set a Deployment's container named web to another image",
            "kubectl set image deployment/web web=nginx:1.28",
        ),
        ("Set every container to one image", "kubectl set image deployment/web '*=nginx:1.28'"),
    ],
    flags: &[FLAGS, SELECTOR, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { image(&call) }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[Flag::switch(
    "all",
    "Select all resources, in the namespace of the specified resource types",
)];

fn image(call: &Call) -> Outcome {
    let at = call.args().iter().position(|arg| arg.contains('=')).unwrap_or(call.args().len());
    let (resources, pairs) = call.args().split_at_checked(at).unwrap_or_default();
    let images: Vec<(&str, &str)> = pairs.iter().filter_map(|pair| pair.split_once('=')).collect();
    let dry_run = DryRun::of(call)?;
    let request = resource::request(resources)?;
    let all = call.flags.on("all") || !call.flags.text("selector").is_empty();
    match &request {
        Request::Nothing => return Err(Failure::plain(NOTHING_GIVEN)),
        Request::Lists(_) if !all => {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
        Request::Lists(_) | Request::Names(_) => {}
    }
    if images.is_empty() {
        return Err(Failure::plain("at least one image update is required"));
    }
    let found = resource::find_request(call, &request)?;
    let mut failures = found.failures;
    for object in &found.objects {
        if let Err(failure) = one(call, object, &images, dry_run) {
            failures.push(failure);
        }
    }
    Failure::all(failures)
}

/// Where a kind's containers stand.
fn pod_spec_path(object: &Object) -> Option<&'static str> {
    match object.kind() {
        Kind::Pod => Some("/spec"),
        Kind::Deployment | Kind::ReplicaSet => Some("/spec/template/spec"),
        Kind::ConfigMap
        | Kind::Event
        | Kind::Namespace
        | Kind::Node
        | Kind::Secret
        | Kind::ServiceAccount
        | Kind::Service
        | Kind::Lease
        | Kind::EndpointSlice => None,
    }
}

fn one(call: &Call, object: &Object, images: &[(&str, &str)], dry_run: DryRun) -> Outcome {
    let before = object.to_value();
    let path = pod_spec_path(object).ok_or_else(|| {
        Failure::plain(format!(
            "the object is not a pod or does not have a pod template: {}",
            object.name()
        ))
    })?;
    let mut after = before.clone();
    let spec = after.pointer_mut(path).unwrap_or(&mut Value::Null).take();
    let mut spec = spec;
    for (name, image) in images {
        let mut found = false;
        for list in ["initContainers", "containers"] {
            for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
            {
                if *name == "*" || container["name"] == **name {
                    container["image"] = json!(image);
                    found = true;
                }
            }
        }
        if !found {
            return Err(Failure::plain(format!("unable to find container named {name:?}")));
        }
    }
    if let Some(place) = after.pointer_mut(path) {
        *place = spec;
    }
    if before == after {
        return Ok(());
    }
    let change = patch::two_way(object.kind().info().name, &before, &after)
        .map_err(|error| Failure::plain(error.0))?;
    let format = Format::parse_of_writer(call.flags.text("output"), |path| read_file(call, path))?;
    if dry_run != DryRun::Client {
        let done = server::patch(call, dry_run, &object.key(), PatchType::Strategic, &change);
        after = done
            .map_err(|error| {
                Failure::plain(format!("failed to patch image update to pod template: {error}"))
            })?
            .to_value();
    }
    match format {
        Some(format) => call.out(format.print(&after)?),
        None => call.line(said(object.kind(), object.name(), "image updated", dry_run)),
    }
}
