//! `kubectl set image`: other images for the containers of a template. Models kubectl `pkg/cmd/set/set_image.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::change::resources_and_pairs;
use super::super::common::{DRY_RUN, DryRun, FILES, PRINT, RECORD, SELECTOR};
use super::super::failure::Failure;
use super::super::verb::{Arguments, Outcome, Verb};
use super::{Change, SHARED, begin, check, each, nothing_named, pod_spec, targets};

pub(super) const IMAGE: Verb = Verb {
    name: "image",
    summary: "Update the image of a pod template",
    long: "Update existing container image(s) of resources.",
    details: &[
        "Possible resources include (case insensitive):",
        " pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    ],
    usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
    examples: &[
        (
            "Set a Deployment's container named web to another image",
            "kubectl set image deployment/web web=nginx:1.28",
        ),
        ("Set every container to one image", "kubectl set image deployment/web '*=nginx:1.28'"),
    ],
    flags: &[SHARED, FILES, SELECTOR, DRY_RUN, PRINT, RECORD],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

async fn run(call: &Call) -> Outcome {
    let dry_run = begin(call)?;
    let (resources, pairs) = resources_and_pairs(call, "image")?;
    let bad: Vec<&str> =
        pairs.iter().map(String::as_str).filter(|pair| !pair.contains('=')).collect();
    if !bad.is_empty() {
        return Err(Failure::plain(format!("invalid image pairs: {}", bad.join(", "))));
    }
    let images: Vec<(&str, &str)> = pairs.iter().filter_map(|pair| pair.split_once('=')).collect();
    let targets = targets(call, &resources).await?;
    validate(call, &resources, &images, dry_run)?;
    let change = Change {
        done: "image updated",
        failed: "failed to patch image update to pod template:",
        quiet: true,
        apply: &|target, value, failures| {
            let spec = pod_spec(target, value)?;
            for (name, image) in &images {
                if !set_image(spec, name, image) {
                    let text = format!("error: unable to find container named {name:?}");
                    failures.push(Failure::plain(text));
                }
            }
            Ok(())
        },
    };
    each(call, &targets, dry_run, &change)
}

fn validate(
    call: &Call,
    resources: &[String],
    images: &[(&str, &str)],
    dry_run: DryRun,
) -> Outcome {
    check(call, dry_run)?;
    let mut problems = Vec::new();
    if nothing_named(call, resources)? {
        problems.push(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        );
    }
    if images.is_empty() {
        problems.push("at least one image update is required");
    } else if images.len() > 1 && images.iter().any(|(name, _)| *name == "*") {
        problems.push("all containers are already specified by *, but saw more than one container_name=container_image pairs");
    }
    Failure::all(problems.into_iter().map(Failure::plain).collect())
}

/// Whether there was a container of this name (`*` is any).
fn set_image(spec: &mut Value, name: &str, image: &str) -> bool {
    let mut found = false;
    for list in ["initContainers", "containers"] {
        for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if name == "*" || container["name"] == *name {
                container["image"] = json!(image);
                found = true;
            }
        }
    }
    found
}
