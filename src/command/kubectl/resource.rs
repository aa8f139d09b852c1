//! Which objects the arguments name: `pods`, `pod web api`, `deploy,rs`, `pod/web svc/api`, with `-l` and `-A`.
//!
//! Models cli-runtime `pkg/resource/builder.go`; its sentences are kept.

use std::sync::Arc;

use super::call::Call;
use super::failure::Failure;
use super::fields::FieldSelector;
use super::kinds::{self, Known};
use crate::object::custom::in_version;
use crate::object::{ENDPOINTS_DEPRECATED, Key, Kind, Object, Reason, Selector, StatusError};
use crate::store::{Store, not_served};

/// What verbs say that need to be told which objects they are about.
pub(super) const NOTHING_GIVEN: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// What the arguments ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// No arguments.
    Nothing,
    /// Every object of these kinds that the selectors let through.
    Lists(Vec<Kind>),
    /// These objects.
    Names(Vec<(Kind, String)>),
}

/// Reads `TYPE[,TYPE] [NAME...]` or `TYPE/NAME ...`.
pub(super) fn request(known: Known<'_>, args: &[String]) -> Result<Request, Failure> {
    let Some((first, names)) = args.split_first() else { return Ok(Request::Nothing) };
    if args.iter().any(|arg| arg.contains('/')) {
        return slashed(known, args);
    }
    let kinds = kinds::of_list(known, first)?;
    if names.is_empty() {
        return Ok(Request::Lists(kinds));
    }
    if let Some(empty) = names.iter().find(|name| name.is_empty()) {
        return Err(Failure::plain(format!("resource name may not be empty: {empty:?}")));
    }
    let pairs = kinds.iter().flat_map(|kind| names.iter().map(|name| (*kind, name.clone())));
    Ok(Request::Names(pairs.collect()))
}

fn slashed(known: Known<'_>, args: &[String]) -> Result<Request, Failure> {
    let mut pairs = Vec::new();
    for arg in args {
        let parts: Vec<&str> = arg.split('/').collect();
        let (kind, name) = match parts.as_slice() {
            [kind, name] => (*kind, *name),
            [_] => {
                return Err(Failure::plain(
                    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
                ));
            }
            _ => {
                return Err(Failure::plain(
                    "arguments in resource/name form may not have more than one slash",
                ));
            }
        };
        if kind.is_empty() || name.is_empty() || kind.contains(',') {
            return Err(Failure::plain(
                "arguments in resource/name form must have a single resource and name",
            ));
        }
        pairs.push((kinds::of_word(known, kind)?, name.to_owned()));
    }
    Ok(Request::Names(pairs))
}

/// What `-l` and `--field-selector` let through.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// What does not parse is for the server to refuse.
    labels: Option<Result<Selector, String>>,
    fields: FieldSelector,
}

impl Selection {
    /// Reads the selectors of a call.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        let text = call.flags.text("selector");
        let labels = (!text.is_empty()).then(|| Selector::parse(text));
        Ok(Self { labels, fields: FieldSelector::parse(call.flags.text("field-selector"))? })
    }

    /// Why the label selector does not parse, for verbs that say so themselves.
    pub(super) fn problem(&self) -> Option<&str> {
        self.labels.as_ref()?.as_ref().err().map(String::as_str)
    }

    /// Whether it lets everything through.
    pub(super) fn is_everything(&self) -> bool {
        self.labels.is_none() && self.fields.is_empty()
    }

    /// Refuses a selector that does not parse, and fields that the server does not select this kind by
    /// (`EnhanceListError`).
    pub(super) fn check(&self, call: &Call, kind: Kind) -> Result<(), StatusError> {
        let labels = call.flags.text("selector");
        if !call.read(|store| store.serves(kind)) {
            return Err(self.cannot_list(kind, labels));
        }
        let problem = match &self.labels {
            Some(Err(problem)) => problem.clone(),
            Some(Ok(_)) | None => match self.fields.unknown(kind) {
                Some(problem) => problem,
                None => return Ok(()),
            },
        };
        let info = kind.info();
        let message = format!(
            "Unable to find \"{}/{}, Resource={}\" that match label selector {labels:?}, field selector {:?}: {problem}",
            info.group,
            info.version,
            info.plural,
            self.fields.text()
        );
        Err(StatusError::new(Reason::BadRequest, message))
    }

    /// The answer to a list of a kind that is gone.
    fn cannot_list(&self, kind: Kind, labels: &str) -> StatusError {
        let info = kind.info();
        let gone = not_served("list", &Key::cluster(kind, "")).message;
        let what = format!("\"{}, Resource={}\"", info.api_version(), info.plural);
        let message = if self.is_everything() {
            format!("Unable to list {what}: {gone}")
        } else {
            let fields = self.fields.text();
            format!(
                "Unable to find {what} that match label selector {labels:?}, field selector {fields:?}: {gone}"
            )
        };
        StatusError::new(Reason::NotFound, message)
    }

    /// Whether it lets an object through.
    pub(super) fn lets(&self, object: &Object) -> bool {
        let labels = object.meta.labels.as_ref();
        let labelled = match &self.labels {
            None => true,
            Some(Ok(selector)) => selector.matches(labels),
            Some(Err(_)) => false,
        };
        labelled && self.fields.matches(object)
    }
}

/// The objects of one kind that a call's namespace and selectors let through, in order of key.
pub(super) fn list(
    store: &Store,
    kind: Kind,
    call: &Call,
    selection: &Selection,
) -> Vec<Arc<Object>> {
    let namespace = if kind.info().namespaced && !call.all_namespaces() {
        Some(call.namespace())
    } else {
        None
    };
    let objects = store.list(kind, namespace).filter(|object| selection.lets(object));
    objects.map(|object| in_version(Arc::clone(object), kind)).collect()
}

/// The key that stands for all objects of a kind that a call speaks of.
fn list_key(call: &Call, kind: Kind) -> Key {
    if call.all_namespaces() { Key::new(kind, "", "") } else { call.key(kind, "") }
}

/// What verbs say that are told both files and objects.
pub(super) const PATHS_AND_ARGUMENTS: &str = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The objects, in the order asked for.
    pub objects: Vec<Arc<Object>>,
    /// What the server did not have.
    pub failures: Vec<Failure>,
    /// Whether autoscalers are to be told in their older version.
    pub older: bool,
    /// Whether exactly one object was asked for by name.
    pub single: bool,
}

/// The objects that are asked for, and what is missing among them. `Nothing` gives nothing.
pub(super) fn find_request(call: &Call, request: &Request) -> Result<Found, Failure> {
    let selection = Selection::of(call)?;
    let older = call.args().first().is_some_and(|word| kinds::is_older(word));
    let mut found = Found { older, ..Found::default() };
    let deprecated = match request {
        Request::Nothing => false,
        Request::Lists(kinds) => kinds.contains(&Kind::Endpoints),
        Request::Names(pairs) => pairs.iter().any(|(kind, _)| *kind == Kind::Endpoints),
    };
    if deprecated {
        call.warn(ENDPOINTS_DEPRECATED)?;
    }
    match request {
        Request::Nothing => {}
        Request::Names(pairs) => {
            if !selection.is_everything() {
                return Err(Failure::plain("name cannot be provided when a selector is specified"));
            }
            if call.all_namespaces() {
                return Err(Failure::plain(
                    "a resource cannot be retrieved by name across all namespaces",
                ));
            }
            found.single = pairs.len() == 1;
            for (kind, name) in pairs {
                let key = call.key(*kind, name);
                // What is deleted by name is not looked up before.
                let verb = if call.verb.name == "delete" { "delete" } else { "get" };
                if let Err(refused) = call.check(verb, &key) {
                    found.failures.push(refused.into());
                    continue;
                }
                match call.get(&key) {
                    Some(object) => found.objects.push(object),
                    None => found.failures.push(StatusError::not_found(&key).into()),
                }
            }
        }
        Request::Lists(kinds) => {
            for kind in kinds {
                let checked = selection.check(call, *kind);
                match checked.and_then(|()| call.check("list", &list_key(call, *kind))) {
                    Ok(()) => found
                        .objects
                        .extend(call.read(|store| list(store, *kind, call, &selection))),
                    Err(error) => found.failures.push(error.into()),
                }
            }
        }
    }
    Ok(found)
}

/// Objects by key, with the server's refusal for those that are not there.
pub(super) fn must_get(call: &Call, key: &Key) -> Result<Arc<Object>, Failure> {
    call.check("get", key)?;
    call.get(key).ok_or_else(|| StatusError::not_found(key).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Request, String> {
        let args: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        request(Known::Built, &args).map_err(|failure| failure.text())
    }

    #[test]
    fn types_and_names_in_every_form() {
        assert_eq!(read(""), Ok(Request::Nothing));
        assert_eq!(read("deploy,rs"), Ok(Request::Lists(vec![Kind::Deployment, Kind::ReplicaSet])));
        let names = |pairs: &[(Kind, &str)]| {
            let pairs = pairs.iter().map(|(kind, name)| (*kind, (*name).to_owned()));
            Ok(Request::Names(pairs.collect()))
        };
        assert_eq!(read("po a b"), names(&[(Kind::Pod, "a"), (Kind::Pod, "b")]));
        assert_eq!(read("pod/a svc/b"), names(&[(Kind::Pod, "a"), (Kind::Service, "b")]));
        assert_eq!(read("po,svc a"), names(&[(Kind::Pod, "a"), (Kind::Service, "a")]));
    }

    #[test]
    fn mistakes_have_the_real_words() {
        assert_eq!(
            read("pod/x/y").unwrap_err(),
            "error: arguments in resource/name form may not have more than one slash\n"
        );
        assert_eq!(
            read("pod/").unwrap_err(),
            "error: arguments in resource/name form must have a single resource and name\n"
        );
        assert!(read("pod pod/a").unwrap_err().contains("no need to specify a resource type"));
    }
}
