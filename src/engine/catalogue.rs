//! Public images that the sandbox knows by name: tags, sizes, default commands, and the program inside.
//!
//! Sizes are compressed megabytes (10^6 bytes) of the linux/amd64 images as the registries list them, rounded; they set
//! how long a pull takes. A tag is known if it is one of `words`, or a listed version, a more or a less precise one
//! (`1.27`, `1.27.3`, `1`), each with or without one of `suffixes`.

/// One line of the catalogue.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// Registry and repository in full.
    pub name: &'static str,
    /// Tags that are words.
    pub words: &'static [&'static str],
    /// Versions, as precise as needed to tell the released ones.
    pub versions: &'static [&'static str],
    /// What may follow a version after a dash, or stand alone.
    pub suffixes: &'static [&'static str],
    /// Compressed megabytes.
    pub megabytes: u32,
    /// Compressed megabytes of the variants whose suffix begins with `alpine`.
    pub alpine_megabytes: u32,
    /// `ENTRYPOINT`.
    pub entrypoint: &'static [&'static str],
    /// `CMD`.
    pub cmd: &'static [&'static str],
    /// `EXPOSE`.
    pub ports: &'static [u16],
    /// Whether there is a shell with the usual tools.
    pub shell: bool,
    /// `USER`; root if empty.
    pub user: &'static str,
}

const ALPINE: &[&str] = &["alpine"];
const DEBIAN: &[&str] = &["alpine", "slim", "bookworm", "bullseye", "trixie", "slim-bookworm"];

const fn hub(
    name: &'static str,
    versions: &'static [&'static str],
    megabytes: u32,
    cmd: &'static [&'static str],
) -> KnownImage {
    KnownImage {
        name,
        words: &["latest"],
        versions,
        suffixes: ALPINE,
        megabytes,
        alpine_megabytes: megabytes,
        entrypoint: &[],
        cmd,
        ports: &[],
        shell: true,
        user: "",
    }
}

/// Every known image, in order of name.
pub static CATALOGUE: &[KnownImage] = &[
    KnownImage {
        entrypoint: &["/http-echo"],
        ports: &[5678],
        user: "65532",
        shell: false,
        suffixes: &[],
        ..hub("docker.io/hashicorp/http-echo", &["0.2.1", "0.2.2", "0.2.3", "1.0"], 3, &[])
    },
    KnownImage {
        words: &["latest", "edge"],
        ..hub(
            "docker.io/library/alpine",
            &["3.17", "3.18", "3.19", "3.20", "3.21", "3.22"],
            4,
            &["/bin/sh"],
        )
    },
    KnownImage {
        words: &["latest", "stable", "musl", "glibc", "uclibc"],
        suffixes: &["musl", "glibc", "uclibc"],
        ..hub("docker.io/library/busybox", &["1.34", "1.35", "1.36", "1.37"], 2, &["sh"])
    },
    KnownImage {
        words: &[
            "latest",
            "stable",
            "stable-slim",
            "bookworm",
            "bookworm-slim",
            "bullseye",
            "bullseye-slim",
            "trixie",
            "trixie-slim",
        ],
        suffixes: &["slim"],
        ..hub("docker.io/library/debian", &["11", "12", "13"], 48, &["bash"])
    },
    KnownImage {
        suffixes: &["alpine", "bookworm"],
        alpine_megabytes: 21,
        ports: &[80],
        ..hub("docker.io/library/httpd", &["2.4"], 58, &["httpd-foreground"])
    },
    KnownImage {
        suffixes: DEBIAN,
        alpine_megabytes: 42,
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[3306],
        words: &["latest", "lts"],
        ..hub("docker.io/library/mariadb", &["10.6", "10.11", "11.4", "11.8"], 115, &["mariadbd"])
    },
    KnownImage {
        suffixes: DEBIAN,
        alpine_megabytes: 4,
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[11211],
        user: "memcache",
        ..hub("docker.io/library/memcached", &["1.5", "1.6"], 31, &["memcached"])
    },
    KnownImage {
        suffixes: &["jammy", "noble"],
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[27017],
        ..hub("docker.io/library/mongo", &["4.4", "5.0", "6.0", "7.0", "8.0"], 250, &["mongod"])
    },
    KnownImage {
        suffixes: &["oracle", "debian", "bookworm"],
        words: &["latest", "lts", "innovation"],
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[3306],
        ..hub("docker.io/library/mysql", &["5.7", "8.0", "8.4", "9.0", "9.1"], 160, &["mysqld"])
    },
    KnownImage {
        words: &["latest", "stable", "mainline", "stable-alpine", "mainline-alpine"],
        suffixes: &["alpine", "alpine-slim", "bookworm", "perl", "alpine-perl", "otel"],
        alpine_megabytes: 20,
        entrypoint: &["/docker-entrypoint.sh"],
        ports: &[80],
        versions: &[
            "1.14", "1.15", "1.16", "1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23", "1.24",
            "1.25", "1.26", "1.27", "1.28", "1.29",
        ],
        ..hub("docker.io/library/nginx", &[], 72, &["nginx", "-g", "daemon off;"])
    },
    KnownImage {
        words: &["latest", "lts", "current", "lts-alpine", "lts-slim", "current-alpine"],
        suffixes: DEBIAN,
        alpine_megabytes: 52,
        entrypoint: &["docker-entrypoint.sh"],
        ..hub("docker.io/library/node", &["14", "16", "18", "20", "22", "24"], 390, &["node"])
    },
    KnownImage {
        suffixes: DEBIAN,
        alpine_megabytes: 108,
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[5432],
        ..hub(
            "docker.io/library/postgres",
            &["12", "13", "14", "15", "16", "17", "18"],
            155,
            &["postgres"],
        )
    },
    KnownImage {
        suffixes: DEBIAN,
        alpine_megabytes: 17,
        words: &["latest", "slim"],
        ..hub(
            "docker.io/library/python",
            &["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"],
            365,
            &["python3"],
        )
    },
    KnownImage {
        suffixes: &["alpine", "management", "management-alpine"],
        words: &["latest", "management"],
        alpine_megabytes: 60,
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[5672],
        ..hub(
            "docker.io/library/rabbitmq",
            &["3.11", "3.12", "3.13", "4.0", "4.1"],
            105,
            &["rabbitmq-server"],
        )
    },
    KnownImage {
        suffixes: &["alpine", "bookworm"],
        alpine_megabytes: 17,
        entrypoint: &["docker-entrypoint.sh"],
        ports: &[6379],
        ..hub(
            "docker.io/library/redis",
            &["5", "6.0", "6.2", "7.0", "7.2", "7.4", "8.0", "8.2"],
            48,
            &["redis-server"],
        )
    },
    KnownImage {
        words: &["latest", "focal", "jammy", "noble"],
        suffixes: &[],
        ..hub(
            "docker.io/library/ubuntu",
            &["18.04", "20.04", "22.04", "24.04", "25.04"],
            30,
            &["/bin/bash"],
        )
    },
    KnownImage {
        words: &["latest"],
        suffixes: &[],
        ..hub("docker.io/polinux/stress", &["1.0.4"], 4, &["stress"])
    },
    KnownImage {
        entrypoint: &["/whoami"],
        ports: &[80],
        shell: false,
        suffixes: &[],
        versions: &["v1.8", "v1.9", "v1.10", "v1.11"],
        ..hub("docker.io/traefik/whoami", &[], 3, &[])
    },
    KnownImage {
        ports: &[80],
        suffixes: &[],
        ..hub("registry.k8s.io/hpa-example", &[], 160, &["apache2-foreground"])
    },
    KnownImage {
        entrypoint: &["/pause"],
        user: "65535:65535",
        shell: false,
        suffixes: &[],
        words: &["latest"],
        ..hub("registry.k8s.io/pause", &["3.2", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10"], 1, &[])
    },
];

impl KnownImage {
    /// The line of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|image| image.name == name)
    }

    /// The line whose name this one is likely a misspelling of: one letter more, less or other, or two swapped, in a
    /// name of at least five letters. Real registries have nothing under nearly all of those.
    pub fn misspelt(name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|image| {
            let short = image.name.rsplit('/').next().unwrap_or_default();
            short.len() >= 5 && near(image.name, name)
        })
    }

    /// Whether the registry has this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        if self.words.contains(&tag) || self.suffixes.contains(&tag) {
            return true;
        }
        let base = match tag.split_once('-') {
            // `alpine3.20` is `alpine` with its release.
            Some((base, suffix)) => {
                let plain = suffix.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
                if !self.suffixes.contains(&suffix) && !self.suffixes.contains(&plain) {
                    return false;
                }
                base
            }
            None => tag,
        };
        self.versions.iter().any(|version| same_line(version, base))
    }

    /// Compressed size of the image with this tag.
    pub fn bytes(&self, tag: &str) -> u64 {
        let alpine = tag.contains("alpine");
        let megabytes = if alpine { self.alpine_megabytes } else { self.megabytes };
        // A different build, a slightly different size: up to 2% by the tag's letters.
        let spread = tag.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 20_011);
        u64::from(megabytes) * 1_000_000 + u64::from(megabytes) * spread
    }
}

/// `1.27` is on the line of `1`, of `1.27` and of `1.27.3`.
fn same_line(version: &str, asked: &str) -> bool {
    let numbers = |text: &str| {
        text.chars().all(|c| c.is_ascii_digit() || c == '.') && !text.is_empty() && text.len() <= 6
    };
    version == asked
        || version.strip_prefix(asked).is_some_and(|rest| rest.starts_with('.'))
        || asked.strip_prefix(version).and_then(|rest| rest.strip_prefix('.')).is_some_and(numbers)
}

/// Whether two words differ in one place: a letter more, less or other, two swapped, or one letter for two
/// (Damerau-Levenshtein distance 1, and a little of 2).
fn near(known: &str, given: &str) -> bool {
    if known == given {
        return false;
    }
    let known: Vec<char> = known.chars().collect();
    let given: Vec<char> = given.chars().collect();
    if known.len().abs_diff(given.len()) > 1 {
        return false;
    }
    let same = |pair: &(&char, &char)| pair.0 == pair.1;
    let prefix = known.iter().zip(&given).take_while(same).count();
    let longest = known.len().min(given.len()) - prefix;
    let ends = known.iter().rev().zip(given.iter().rev());
    let suffix = ends.take(longest).take_while(same).count();
    let middles = (&known[prefix..known.len() - suffix], &given[prefix..given.len() - suffix]);
    match middles {
        ([one, two], [first, second]) => one == second && two == first,
        // `nginx` and `ngingx` differ by a letter put in, `nginx` and `ngyx` by a replacement and a loss.
        ([] | [_] | [_, _], [_]) | ([_], [] | [_, _]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_order() {
        assert!(CATALOGUE.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn tags_known_and_unknown() {
        for (name, tag, known) in [
            ("docker.io/library/nginx", "1.27", true),
            ("docker.io/library/nginx", "1.27.3-alpine", true),
            ("docker.io/library/nginx", "1", true),
            ("docker.io/library/nginx", "alpine", true),
            ("docker.io/library/nginx", "1.99", false),
            ("docker.io/library/nginx", "1.2", false),
            ("docker.io/library/nginx", "latst", false),
            ("docker.io/library/postgres", "16-alpine", true),
            ("docker.io/library/postgres", "16-alpine3.20", true),
            ("docker.io/library/postgres", "99", false),
            ("docker.io/library/redis", "7", true),
        ] {
            assert_eq!(KnownImage::find(name).unwrap().has_tag(tag), known, "{name}:{tag}");
        }
    }

    #[test]
    fn misspellings() {
        for (given, known) in [
            ("docker.io/library/ngnix", true),
            ("docker.io/library/ngingx", true),
            ("docker.io/library/ngin", true),
            ("docker.io/library/postgress", true),
            ("docker.io/library/nginx", false),
            ("docker.io/library/my-nginx", false),
            ("docker.io/library/web", false),
            ("docker.io/library/node2", false),
            ("ghcr.io/acme/nginy", false),
        ] {
            assert_eq!(KnownImage::misspelt(given).is_some(), known, "{given}");
        }
    }
}
