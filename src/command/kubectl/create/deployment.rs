//! `kubectl create deployment NAME --image=IMAGE`. Models kubectl `pkg/cmd/create/create_deployment.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::{failed_to_create, finish, name_of, require};
use crate::command::kubectl::common::{DRY_RUN, PRINT, WRITE};
use crate::object::{Kind, names};

pub(super) const DEPLOYMENT: Verb = Verb {
    name: "deployment",
    aliases: &["deploy"],
    summary: "Create a deployment with the specified name",
    usage: "NAME --image=image -- [COMMAND] [args...]",
    examples: &[
        ("Create a Deployment that runs nginx", "kubectl create deployment web --image=nginx:1.27"),
        (
            "Create one with three replicas and a port",
            "kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80",
        ),
        (
            "Create one that runs a command",
            "kubectl create deployment naps --image=busybox:1.36 -- sleep 3600",
        ),
    ],
    flags: &[FLAGS, DRY_RUN, PRINT, WRITE],
    run: |call| Box::pin(async move { run(&call) }),
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::list(
        "image",
        "Image names to run. A deployment can have multiple images set for multi-container pod.",
    ),
    Flag::int("port", "-1", "The containerPort that this deployment exposes."),
    Flag::int("replicas", "1", "Number of replicas to create. Default is 1.").letter('r'),
];

fn run(call: &Call) -> Outcome {
    require(call, "image")?;
    let name = name_of(call)?;
    let images = call.flags.list("image");
    let command = call.flags.dash.and_then(|at| call.args().get(at..)).unwrap_or_default();
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::plain("cannot specify multiple --image options and command"));
    }
    let port = call.flags.int("port");
    if call.flags.given("port") && !(1..=65_535).contains(&port) {
        return Err(Failure::plain(format!(
            "invalid port number: {port}, must be between 1 and 65535"
        )));
    }
    let containers: Vec<Value> = images
        .iter()
        .map(|image| {
            let mut container = json!({
                "name": container_name(image),
                "image": image,
                "resources": {},
            });
            if call.flags.given("port") && images.first() == Some(image) {
                container["ports"] = json!([{"containerPort": port}]);
            }
            if !command.is_empty() {
                container["command"] = json!(command);
            }
            container
        })
        .collect();
    let labels = json!({"app": name});
    let body = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": call.flags.int("replicas"),
            "selector": {"matchLabels": labels},
            "strategy": {},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        },
        "status": {},
    });
    finish(call, Kind::Deployment, body, failed_to_create("deployment"))
}

/// The image's last part without tag and digest, made fit for a name (`buildPodSpec`).
fn container_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split(['@', ':']).next().unwrap_or_default();
    let name: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' { c } else { '-' })
        .collect();
    let name = name.trim_matches('-');
    if names::dns1123_label(name).is_empty() { name.to_owned() } else { "container".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_after_their_image() {
        for (image, name) in [
            ("nginx", "nginx"),
            ("nginx:1.27", "nginx"),
            ("ghcr.io/acme/api@sha256:aaaa", "api"),
            ("localhost:5000/my_app:2", "my-app"),
        ] {
            assert_eq!(container_name(image), name);
        }
    }
}
