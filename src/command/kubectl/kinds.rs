//! What a word for a kind means: `pods`, `po`, `Deployment`, `deploy.apps`, `deployments.v1.apps`, `pods.v1.`, `all`.
//!
//! Models client-go's `RESTMapper` as kubectl uses it (apimachinery `pkg/api/meta/restmapper.go`): capitals do not count;
//! plural, singular and short names do; where groups share a name, the one served first wins.

use super::failure::Failure;
use crate::object::official::{RESOURCES, Resource};
use crate::object::{Kind, KindInfo, Reason, StatusError};
use crate::shell::Sandbox;

/// What the server is known to serve: the kinds that every server has, and those that definitions made when it was asked
/// last. It is asked again when a word means nothing that is known, so a kind that is gone may still be known.
#[derive(Copy, Clone, Debug)]
pub(super) enum Known<'a> {
    /// What every server has.
    #[cfg(test)]
    Built,
    /// That, and what was asked of the server.
    Cached(&'a Sandbox),
    /// What the server has now; nothing is noted.
    Served(&'a Sandbox),
}

impl Known<'_> {
    /// Everything, in the order of priority.
    pub(super) fn all(self) -> impl Iterator<Item = &'static Resource> {
        let custom = match self {
            #[cfg(test)]
            Self::Built => Vec::new(),
            Self::Cached(sandbox) => sandbox.discovered(),
            Self::Served(sandbox) => sandbox.read(|cluster| cluster.store().served().to_vec()),
        };
        RESOURCES.iter().chain(custom)
    }

    /// Asks the server again; true if that told something new.
    pub(super) fn refresh(self) -> bool {
        matches!(self, Self::Cached(sandbox) if sandbox.discover())
    }

    /// The first that is asked for; the server is asked again if there is none.
    pub(super) fn find(
        self,
        wanted: impl Fn(&&'static Resource) -> bool,
    ) -> Option<&'static Resource> {
        let found = self.all().find(&wanted);
        if found.is_some() || !self.refresh() {
            return found;
        }
        self.all().find(wanted)
    }
}

/// The kinds that a comma-separated list of words means, each once.
pub(super) fn of_list(known: Known<'_>, words: &str) -> Result<Vec<Kind>, Failure> {
    let mut kinds: Vec<Kind> = Vec::new();
    for word in words.split(',') {
        let category = category(known, word);
        let found = if category.is_empty() { vec![of_word(known, word)?] } else { category };
        for kind in found {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    Ok(kinds)
}

/// The kinds of a category, in the order in which `kubectl get all` shows them.
fn category(known: Known<'_>, word: &str) -> Vec<Kind> {
    let is_in = |info: &&'static KindInfo| {
        word == "all" && info.in_all || info.custom.categories.contains(&word)
    };
    let mut kinds: Vec<Kind> = Vec::new();
    for kind in known.all().filter_map(Resource::simulated) {
        if is_in(&kind.info()) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

/// The kind that a word means.
pub(super) fn of_word(known: Known<'_>, word: &str) -> Result<Kind, Failure> {
    simulated(resource(known, word).ok_or_else(|| unknown(word))?)
}

/// The kind of a resource, if the sandbox has it.
pub(super) fn simulated(resource: &Resource) -> Result<Kind, Failure> {
    resource.simulated().ok_or_else(|| not_simulated(resource))
}

/// Of a word with a group, the group is not repeated.
fn unknown(word: &str) -> Failure {
    let name = word.split('.').next().unwrap_or_default();
    Failure::plain(format!("the server doesn't have a resource type {name:?}"))
}

fn not_simulated(resource: &Resource) -> Failure {
    // What can only be sent: questions, and where a Pod goes.
    if resource.plural == "bindings" || resource.plural.ends_with("reviews") {
        let message = "the server does not allow this method on the requested resource";
        return StatusError::new(Reason::MethodNotAllowed, message).into();
    }
    Failure::not_simulated(&format!("The kind {} ({})", resource.kind, resource.api_version))
}

/// The resource that a word means.
pub(super) fn resource(known: Known<'_>, word: &str) -> Option<&'static Resource> {
    let word = word.to_lowercase();
    known.find(|resource| {
        is_called(resource, &word)
            || word.split_once('.').is_some_and(|(name, group)| {
                is_called(resource, name) && (is_of_group(resource, group) || is_older(&word))
            })
    })
}

/// Whether a word means autoscalers in their older version: `hpa.v1.autoscaling`, `hpa.v1.autoscaling/web`.
pub(super) fn is_older(word: &str) -> bool {
    let kind = word.split('/').next().unwrap_or_default().to_lowercase();
    let name = kind.strip_suffix(".v1.autoscaling").unwrap_or_default();
    matches!(name, "hpa" | "horizontalpodautoscaler" | "horizontalpodautoscalers")
}

fn is_called(resource: &Resource, word: &str) -> bool {
    resource.plural == word || resource.singular() == word || resource.short_names.contains(&word)
}

/// Whether what stands behind the first point is its group, or its version and group.
fn is_of_group(resource: &Resource, group: &str) -> bool {
    resource.group() == group || format!("{}.{}", resource.version(), resource.group()) == group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_word(word: &str) -> Result<Kind, Failure> {
        super::of_word(Known::Built, word)
    }

    #[test]
    fn a_kind_answers_to_all_its_names() {
        for word in ["deploy", "Deployment", "deployments", "deploy.apps", "deployments.v1.apps"] {
            assert_eq!(of_word(word), Ok(Kind::Deployment), "{word}");
        }
        assert_eq!(of_word("pods.v1."), Ok(Kind::Pod));
        assert!(of_word("pods.v1").is_err());
        assert_eq!(of_word("ev"), Ok(Kind::Event));
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_not_simulated() {
        assert_eq!(
            of_word("podz").unwrap_err().text(),
            "error: the server doesn't have a resource type \"podz\"\n"
        );
        assert_eq!(
            of_word("deploy.nope").unwrap_err().text(),
            "error: the server doesn't have a resource type \"deploy\"\n"
        );
        assert!(of_word("runtimeclasses").unwrap_err().text().ends_with("is not simulated yet\n"));
    }

    #[test]
    fn all_is_in_the_order_of_the_registry_and_each_kind_counts_once() {
        let kinds = of_list(Known::Built, "all,pods").unwrap();
        let names: Vec<_> = kinds.iter().map(|kind| kind.info().name).collect();
        assert_eq!(
            names.join(" "),
            "Pod ReplicationController Service DaemonSet Deployment ReplicaSet StatefulSet HorizontalPodAutoscaler CronJob Job"
        );
    }
}
