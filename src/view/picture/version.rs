//! Colours of versions: every image gets a look when it is seen for the first time, and keeps it.
//!
//! A look is a colour and a mark. Versions of one repository take the marks in turn, so that old and new can be told
//! apart without colours; the colours are given out in turn.

use k8s_openapi::api::core::v1::PodSpec;

use super::TINTS;

/// How many marks there are.
const MARKS: u8 = 3;

/// How a version looks.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// Its colour, below [`TINTS`].
    pub tint: u8,
    /// Its mark, of a few: none, a bar, a broken bar.
    pub mark: u8,
}

/// The looks given so far, in the order in which they were given.
#[derive(Debug, Default)]
pub(super) struct Versions(Vec<(String, Look)>);

impl Versions {
    /// The look of an image; a new one if it was never seen.
    pub(super) fn look(&mut self, image: &str) -> Look {
        if let Some((_, look)) = self.0.iter().find(|(known, _)| known == image) {
            return *look;
        }
        let sisters = self.0.iter().filter(|(known, _)| repository(known) == repository(image));
        let mark = u8::try_from(sisters.count() % usize::from(MARKS)).unwrap_or(0);
        let tint = u8::try_from(self.0.len() % usize::from(TINTS)).unwrap_or(0);
        let look = Look { tint, mark };
        self.0.push((image.to_owned(), look));
        look
    }
}

/// The image of a Pod's first container, by which its version is told.
pub(super) fn image(spec: &PodSpec) -> &str {
    let first = spec.containers.first().and_then(|container| container.image.as_deref());
    first.unwrap_or_default()
}

/// An image without its tag or digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The tag of an image, the head of its digest, or `latest`.
pub(super) fn version(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or(image);
    if let Some((_, digest)) = last.split_once('@') {
        return digest.split_once(':').map_or(digest, |(_, hex)| hex);
    }
    last.split_once(':').map_or("latest", |(_, tag)| tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_the_tag() {
        for (image, tag) in [
            ("nginx", "latest"),
            ("nginx:1.27", "1.27"),
            ("localhost:5000/web", "latest"),
            ("localhost:5000/web:2", "2"),
            ("web@sha256:abcd", "abcd"),
        ] {
            assert_eq!(version(image), tag, "{image}");
        }
    }

    #[test]
    fn the_next_version_differs_in_colour_and_in_mark() {
        let mut versions = Versions::default();
        let old = versions.look("localhost:5000/web:1");
        let other = versions.look("redis:7");
        let new = versions.look("localhost:5000/web:2");
        assert_eq!((old.mark, other.mark, new.mark), (0, 0, 1));
        assert!(old.tint != new.tint && other.tint != new.tint);
        assert_eq!(versions.look("localhost:5000/web:1"), old, "a version keeps its look");
    }
}
