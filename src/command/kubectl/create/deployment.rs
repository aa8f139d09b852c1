//! `kubectl create deployment NAME --image=IMAGE`. Models kubectl `pkg/cmd/create/create_deployment.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, command, generate};
use crate::random::Random;

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
    run: |call| generate(call, &DEPLOYMENTS),
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::list(
        "image",
        "Image names to run. A deployment can have multiple images set for multi-container pod.",
    ),
    Flag::int32("port", "-1", "The containerPort that this deployment exposes."),
    Flag::int32("replicas", "1", "Number of replicas to create. Default is 1.").letter('r'),
];

static DEPLOYMENTS: Generator = Generator {
    group: "apps",
    kind: "Deployment",
    required: &["image"],
    make: deployment,
    refused: "failed to create deployment: ",
};

fn deployment(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let (images, command) = (call.flags.list("image"), command(call));
    if images.len() > 1 && !command.is_empty() {
        return Err(Failure::plain("cannot specify multiple --image options and command"));
    }
    let port = call.flags.int("port");
    let mut random = Random::new(call.now().micros().unsigned_abs()).split(name);
    let mut containers = Vec::new();
    for image in images {
        let mut container = json!({
            "name": container_name(image, &mut random),
            "image": image,
            "resources": {},
        });
        if port >= 0 && containers.is_empty() {
            container["ports"] = json!([{"containerPort": port}]);
        }
        if !command.is_empty() {
            container["command"] = json!(command);
        }
        containers.push(container);
    }
    let labels = json!({"app": name});
    body["metadata"]["labels"] = labels.clone();
    body["spec"] = json!({
        "replicas": call.flags.int("replicas"),
        "selector": {"matchLabels": labels},
        "strategy": {},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
    });
    body["status"] = json!({});
    Ok(())
}

/// The image's last part without tag and digest; one with letters that a name cannot have gets a random end
/// (`buildPodSpec`, `sanitizeAndUniquify`).
fn container_name(image: &str, random: &mut Random) -> String {
    let last = image.rsplit('/').next().unwrap_or_default();
    let name = last.split(['@', ':']).next().unwrap_or_default();
    if name.contains(['_', '.']) {
        format!("{}-{}", name.replace(['_', '.'], "-"), random.suffix(5))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_after_their_image() {
        let mut random = Random::new(1);
        for (image, name) in [
            ("nginx", "nginx"),
            ("nginx:1.27", "nginx"),
            ("ghcr.io/acme/api@sha256:aaaa", "api"),
            ("localhost:5000/MyApp:2", "MyApp"),
        ] {
            assert_eq!(container_name(image, &mut random), name);
        }
        let name = container_name("acme/my_app.web:2", &mut random);
        assert_eq!(
            name.rsplit_once('-').map(|(head, end)| (head, end.len())),
            Some(("my-app-web", 5))
        );
    }
}
