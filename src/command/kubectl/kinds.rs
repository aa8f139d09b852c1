//! What a word for a kind means: `pods`, `po`, `Deployment`, `deploy.apps`, `deployments.v1.apps`, `pods.v1.`, `all`.
//!
//! Models client-go's `RESTMapper` as kubectl uses it (apimachinery `pkg/api/meta/restmapper.go`): capitals do not count;
//! plural, singular and short names do; where groups share a name, the one served first wins.

use super::failure::Failure;
use crate::object::official::{RESOURCES, Resource};
use crate::object::{KINDS, Kind};

/// The kinds that a comma-separated list of words means, each once.
pub(super) fn of_list(words: &str) -> Result<Vec<Kind>, Failure> {
    let mut kinds: Vec<Kind> = Vec::new();
    for word in words.split(',') {
        let found = if word == "all" { all().collect() } else { vec![of_word(word)?] };
        for kind in found {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    Ok(kinds)
}

/// The category `all`, in the order in which `kubectl get all` shows it.
fn all() -> impl Iterator<Item = Kind> {
    KINDS.iter().filter(|info| info.in_all).map(|info| info.kind)
}

/// The kind that a word means.
pub(super) fn of_word(word: &str) -> Result<Kind, Failure> {
    simulated(resource(word).ok_or_else(|| unknown(word))?)
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
    Failure::not_simulated(&format!("The kind {} ({})", resource.kind, resource.api_version))
}

/// The resource that a word means.
pub(super) fn resource(word: &str) -> Option<&'static Resource> {
    let word = word.to_lowercase();
    if let Some(found) = RESOURCES.iter().find(|resource| is_called(resource, &word)) {
        return Some(found);
    }
    let (name, group) = word.split_once('.')?;
    RESOURCES.iter().find(|resource| {
        is_called(resource, name)
            && (resource.group() == group
                || format!("{}.{}", resource.version(), resource.group()) == group)
    })
}

fn is_called(resource: &Resource, word: &str) -> bool {
    resource.plural == word
        || resource.kind.to_lowercase() == word
        || resource.short_names.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let kinds = of_list("all,pods").unwrap();
        let names: Vec<_> = kinds.iter().map(|kind| kind.info().name).collect();
        assert_eq!(
            names.join(" "),
            "Pod ReplicationController Service DaemonSet Deployment ReplicaSet StatefulSet HorizontalPodAutoscaler CronJob Job"
        );
    }
}
