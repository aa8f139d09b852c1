//! Image references: `nginx`, `nginx:1.27`, `ghcr.io/acme/api@sha256:…`, and their full form.
//!
//! Models distribution's `reference/normalize.go`: a first part without a dot, a colon or the name `localhost` is no
//! registry; Docker Hub is `docker.io`, its single-word repositories live under `library/`; the default tag is `latest`.

use std::fmt;

/// A parsed reference, with registry and repository in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRef {
    /// `docker.io`, `registry.k8s.io`, `localhost:5000`.
    pub registry: String,
    /// `library/nginx`.
    pub repository: String,
    /// `1.27`; `latest` where neither tag nor digest is given.
    pub tag: Option<String>,
    /// `sha256:…`.
    pub digest: Option<String>,
}

impl ImageRef {
    /// Reads a reference as it stands in a manifest; the error is distribution's sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = split_registry(path);
        if repository.chars().any(|c| c.is_ascii_uppercase()) {
            return Err("invalid reference format: repository name (".to_owned()
                + &repository
                + ") must be lowercase");
        }
        let digest_ok = digest.is_none_or(valid_digest);
        if !valid_repository(&repository) || !tag.is_none_or(valid_tag) || !digest_ok {
            return Err("invalid reference format".to_owned());
        }
        let tag = match (tag, digest) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, None) => Some("latest".to_owned()),
            (None, Some(_)) => None,
        };
        Ok(Self { registry, repository, tag, digest: digest.map(str::to_owned) })
    }

    /// Registry and repository: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}

/// `docker.io/library/nginx:1.27`.
impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn split_registry(path: &str) -> (String, String) {
    match path.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(|c| c.is_ascii_uppercase()) =>
        {
            let registry = if first == "index.docker.io" { "docker.io" } else { first };
            let repository = if registry == "docker.io" && !rest.contains('/') {
                format!("library/{rest}")
            } else {
                rest.to_owned()
            };
            (registry.to_owned(), repository)
        }
        Some(_) => ("docker.io".to_owned(), path.to_owned()),
        None => ("docker.io".to_owned(), format!("library/{path}")),
    }
}

/// Parts of lower-case letters and digits, joined by `.`, `_`, `__` or dashes, separated by slashes.
fn valid_repository(repository: &str) -> bool {
    repository.split('/').all(|part| {
        let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        part.starts_with(alphanumeric)
            && part.ends_with(alphanumeric)
            && part.chars().all(|c| alphanumeric(c) || matches!(c, '.' | '_' | '-'))
            && !part.contains("..")
            && !part.contains("___")
    })
}

fn valid_tag(tag: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    tag.len() <= 128
        && tag.starts_with(word)
        && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
}

fn valid_digest(digest: &str) -> bool {
    digest.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
            && hex.len() >= 32
            && hex.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_full() {
        for (given, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("hashicorp/http-echo", "docker.io/hashicorp/http-echo:latest"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
            ("docker.io/redis:7", "docker.io/library/redis:7"),
            (
                "web@sha256:0123456789abcdef0123456789abcdef",
                "docker.io/library/web@sha256:0123456789abcdef0123456789abcdef",
            ),
        ] {
            assert_eq!(ImageRef::parse(given).unwrap().to_string(), full, "{given}");
        }
    }

    #[test]
    fn references_that_are_none() {
        for given in ["", "web:", "Web", "web:a b", "-web", "ghcr.io/acme/api@sha256:aaaa", "a//b"]
        {
            assert!(ImageRef::parse(given).is_err(), "{given}");
        }
    }
}
