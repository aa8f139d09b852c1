//! Image references: `nginx`, `nginx:1.27`, `ghcr.io/acme/api@sha256:…`, and their full form.
//!
//! Models distribution's `reference/normalize.go`: a first part without a dot, a colon or the name `localhost` is no
//! registry; Docker Hub is `docker.io`, its single-word repositories live under `library/`; the default tag is `latest`.

use std::fmt;

/// The most characters of a repository's name (`RepositoryNameTotalLengthMax`).
const NAME_MAX: usize = 255;

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
        let (registry, rest) = split_registry(text);
        let remote = rest.split(':').next().unwrap_or_default();
        if remote.chars().any(char::is_uppercase) {
            return Err("invalid reference format: repository name (".to_owned()
                + remote
                + ") must be lowercase");
        }
        let (named, digest) = match rest.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (rest.as_str(), None),
        };
        let (repository, tag) = match named.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (named, None),
        };
        let wrong = if !valid_registry(&registry)
            || !valid_repository(repository)
            || !tag.is_none_or(valid_tag)
            || !digest.is_none_or(valid_digest)
        {
            Some("invalid reference format")
        } else if repository.len() > NAME_MAX {
            Some("repository name must not be more than 255 characters")
        } else {
            digest.and_then(digest_fault)
        };
        if let Some(wrong) = wrong {
            return Err(wrong.to_owned());
        }
        let tag = match (tag, digest) {
            (Some(tag), _) => Some(tag.to_owned()),
            (None, None) => Some("latest".to_owned()),
            (None, Some(_)) => None,
        };
        let repository = repository.to_owned();
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

/// Registry, and what follows it (`splitDockerDomain`).
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

/// A host's name of labels of letters, digits and inner dashes, or an IPv6 address in brackets; perhaps a port.
fn valid_registry(registry: &str) -> bool {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (registry, None),
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let address =
        |inner: &str| !inner.is_empty() && inner.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
    let host_ok = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => address(inner),
        None => host.split('.').all(label),
    };
    host_ok && port.is_none_or(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()))
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

/// Why a digest of the right form is none of an algorithm that is known, by go-digest's `Validate`.
fn digest_fault(digest: &str) -> Option<&'static str> {
    let (algorithm, hex) = digest.split_once(':')?;
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Some("unsupported digest algorithm"),
    };
    if hex.len() != length {
        return Some("invalid checksum digest length");
    }
    let upper = hex.chars().any(|c| c.is_ascii_uppercase());
    upper.then_some("invalid checksum digest format")
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
            ("[2001:db8::1]:5000/web", "[2001:db8::1]:5000/web:latest"),
        ] {
            assert_eq!(ImageRef::parse(given).unwrap().to_string(), full, "{given}");
        }
        let digest = "web@sha256:".to_owned() + &"0123456789abcdef".repeat(4);
        let full = "docker.io/library/".to_owned() + &digest;
        assert_eq!(ImageRef::parse(&digest).unwrap().to_string(), full);
    }

    #[test]
    fn references_that_are_none() {
        let lower = "invalid reference format: repository name (library/Web) must be lowercase";
        let long = "a".repeat(256);
        for (given, error) in [
            ("", "invalid reference format"),
            ("web:", "invalid reference format"),
            ("Web", lower),
            ("Web:1.27:x", lower),
            ("web:a b", "invalid reference format"),
            ("-web", "invalid reference format"),
            ("a//b", "invalid reference format"),
            ("a..b/web", "invalid reference format"),
            ("ghcr.io/acme/api@sha256:aaaa", "invalid reference format"),
            ("web@sha256:0123456789abcdef0123456789abcdef", "invalid checksum digest length"),
            ("web@md5:0123456789abcdef0123456789abcdef", "unsupported digest algorithm"),
            (&long, "repository name must not be more than 255 characters"),
        ] {
            assert_eq!(ImageRef::parse(given).unwrap_err(), error, "{given}");
        }
    }
}
