//! The registry's answer to a pull: an image's configuration, or containerd's error text.
//!
//! Known repositories have known tags; near-misspellings of known names do not exist; any other repository answers with
//! a generic web app, so that a student's own manifests work. Error texts are those of containerd 2's CRI plugin
//! (`internal/cri/server/images/image_pull.go`, `core/remotes/docker/resolver.go`).

use std::sync::Arc;

use super::catalogue::KnownImage;
use super::{ImageRef, Rules, Userland};

/// What is in an image: enough to start a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageConfig {
    /// The reference in full.
    pub reference: ImageRef,
    /// `sha256:…` of its manifest.
    pub digest: String,
    /// Compressed bytes.
    pub bytes: u64,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub cmd: Vec<String>,
    /// `EXPOSE`.
    pub ports: Vec<u16>,
    /// Whether the sandbox knows the image by name; others are a generic web app.
    pub known: bool,
    /// Whose tools it has.
    pub userland: Userland,
    /// `USER`; root if empty. What the sandbox does not know is taken for an image that minds its users.
    pub user: &'static str,
}

/// Why a pull failed: the text that follows `Failed to pull image "…": `.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError(pub String);

/// Asks the registry.
pub fn resolve(rules: Rules, reference: &ImageRef) -> Result<Arc<ImageConfig>, PullError> {
    if !rules.can_pull(reference) {
        return Err(not_found(reference));
    }
    let name = reference.name();
    let known = KnownImage::find(&name);
    if rules.checks_names() {
        let tag = reference.tag.as_deref();
        match known {
            Some(image) if tag.is_some_and(|tag| !image.has_tag(tag)) => {
                return Err(not_found(reference));
            }
            None if KnownImage::misspelt(&name).is_some() => return Err(denied(reference)),
            Some(_) | None => {}
        }
    }
    Ok(Arc::new(config(rules, reference, known)))
}

fn config(rules: Rules, reference: &ImageRef, known: Option<&KnownImage>) -> ImageConfig {
    let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect();
    let tag = reference.tag.as_deref().unwrap_or("latest");
    let digest = reference.digest.clone().unwrap_or_else(|| digest_of(&reference.to_string()));
    ImageConfig {
        digest,
        bytes: rules.image_bytes().unwrap_or_else(|| match known {
            Some(image) => image.bytes(tag),
            None => generic_bytes(&reference.to_string()),
        }),
        entrypoint: known.map_or_else(Vec::new, |image| words(image.entrypoint)),
        cmd: known.map_or_else(|| vec!["/app".to_owned()], |image| words(image.cmd)),
        ports: known.map_or_else(Vec::new, |image| image.ports.to_vec()),
        known: known.is_some(),
        userland: match known {
            Some(image) => Userland::of(image.name, tag, image.shell),
            None => Userland::BusyBox,
        },
        user: known.map_or("1000", |image| image.user),
        reference: reference.clone(),
    }
}

/// A repository that exists and a tag (or digest) that does not.
fn not_found(reference: &ImageRef) -> PullError {
    PullError(format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{reference}\": failed to resolve reference \"{reference}\": {reference}: not found"
    ))
}

/// From a machine without a network no name is resolved.
pub fn unreachable(reference: &ImageRef) -> PullError {
    let host = match reference.registry.as_str() {
        "docker.io" => "registry-1.docker.io",
        other => other,
    };
    let version = reference.digest.as_deref().or(reference.tag.as_deref()).unwrap_or("latest");
    let path = &reference.repository;
    PullError(format!(
        "failed to pull and unpack image \"{reference}\": failed to resolve reference \"{reference}\": failed to do request: Head \"https://{host}/v2/{path}/manifests/{version}\": dial tcp: lookup {host}: i/o timeout"
    ))
}

/// Registries do not tell a missing repository from one that needs a login.
fn denied(reference: &ImageRef) -> PullError {
    PullError(format!(
        "failed to pull and unpack image \"{reference}\": failed to resolve reference \"{reference}\": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
    ))
}

/// 64 hexadecimal digits that depend on the text alone. *Differs:* not a SHA-256 of anything.
pub(super) fn digest_of(text: &str) -> String {
    let mut random = crate::random::Random::new(0x0069_6d61_6765).split(text);
    "sha256:".to_owned() + &random.hex(64)
}

/// Between 40 and 160 MB, by name.
fn generic_bytes(text: &str) -> u64 {
    40_000_000 + crate::random::Random::new(0x0073_697a_6500).split(text).next_u64() % 120_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pull(image: &str) -> Result<(), String> {
        let reference = ImageRef::parse(image).unwrap();
        resolve(Rules::Real, &reference).map(|_| ()).map_err(|error| error.0)
    }

    #[test]
    fn what_can_be_pulled() {
        let digest = format!("redis@{}", digest_of("redis"));
        for image in ["nginx", "nginx:1.27", "acme/shop:v1.2.0", "my-web-app", &digest] {
            assert_eq!(pull(image), Ok(()), "{image}");
        }
    }

    #[test]
    fn what_cannot() {
        assert_eq!(
            pull("nginx:1.99").unwrap_err(),
            "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/nginx:1.99\": failed to resolve reference \"docker.io/library/nginx:1.99\": docker.io/library/nginx:1.99: not found"
        );
        assert!(pull("ngnix").unwrap_err().contains(
            "pull access denied, repository does not exist or may require authorization"
        ));
    }
}
