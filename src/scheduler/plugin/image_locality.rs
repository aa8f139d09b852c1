//! `ImageLocality`: prefers nodes that already have the Pod's images, the larger and the more common the better.
//!
//! Models kubernetes `plugins/imagelocality/image_locality.go`.

use crate::scheduler::batch::Seen;
use crate::scheduler::framework::{Cycle, MAX_NODE_SCORE, Plugin};
use crate::scheduler::node_info::NodeInfo;

/// The plugin's line in the list.
pub(super) const IMAGE_LOCALITY: Plugin =
    Plugin { weight: 1, score: Some(score), local: true, ..Plugin::named("ImageLocality") };

/// Below this sum a node scores 0, in bytes (23 MiB).
const THRESHOLD_MIN: i64 = 23 * 1024 * 1024;
/// Above this sum for each container a node scores 100, in bytes (1000 MiB).
const THRESHOLD_MAX_PER_CONTAINER: i64 = 1000 * 1024 * 1024;

fn score(cycle: &Cycle<'_>, Seen { node, .. }: &Seen) -> i64 {
    let spec = cycle.pod.spec();
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let (mut sum, mut count) = (0_i64, 0);
    for container in containers {
        count += 1;
        sum += image_score(cycle, node, &with_tag(container.image.as_deref().unwrap_or_default()));
    }
    let threshold_max = THRESHOLD_MAX_PER_CONTAINER * count;
    let sum = sum.max(THRESHOLD_MIN).min(threshold_max);
    MAX_NODE_SCORE * (sum - THRESHOLD_MIN) / (threshold_max - THRESHOLD_MIN).max(1)
}

/// The image's size if the node has it, scaled by the share of the nodes that do.
#[expect(clippy::float_arithmetic, reason = "upstream scales in floats, then cuts to integers")]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "as upstream casts"
)]
fn image_score(cycle: &Cycle<'_>, node: &NodeInfo, image: &str) -> i64 {
    let images = node.status().images.iter().flatten();
    let found = images
        .filter(|one| one.names.iter().flatten().any(|name| name == image))
        .find_map(|one| one.size_bytes);
    let (Some(size), Some(nodes)) = (found, cycle.around.images.get(image)) else { return 0 };
    let spread = *nodes as f64 / cycle.around.nodes.len() as f64;
    (size as f64 * spread) as i64
}

/// The image's name with its tag, `latest` if none is given.
fn with_tag(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or_default();
    if name.contains(':') { image.to_owned() } else { format!("{image}:latest") }
}
