//! Which slices to create, change and delete so that they hold the wanted endpoints, touching as few as possible.
//!
//! Models kubernetes `staging/src/k8s.io/endpointslice/reconciler.go` (`reconcileByPortMapping`): endpoints stay in the
//! slice where they are; new ones fill first the slices that change anyway, then any with room, then new slices.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::ServiceSpec;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointPort, EndpointSlice};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{MANAGED_BY, MANAGER, SERVICE_NAME};
use crate::controller::owner::controller_ref;
use crate::object::{Body, Key, Object};
use crate::order;
use crate::time::Time;

/// How many endpoints one slice holds (`--max-endpoints-per-slice`).
const ENDPOINTS_MAX: usize = 100;
const TRIGGER_TIME: &str = "endpoints.kubernetes.io/last-change-trigger-time";
const HEADLESS: &str = "service.kubernetes.io/headless";

/// Endpoints that have the same ports.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) ports: Vec<EndpointPort>,
    pub(super) endpoints: Vec<Endpoint>,
}

/// What to write.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) create: Vec<Object>,
    pub(super) update: Vec<Object>,
    pub(super) delete: Vec<Key>,
}

/// A slice as it will be.
struct Draft {
    object: Arc<Object>,
    endpoints: Vec<Endpoint>,
    changed: bool,
}

/// Compares what there should be with what there is.
pub(super) fn plan(
    service: &Object,
    spec: &ServiceSpec,
    groups: Vec<Group>,
    existing: &[Arc<Object>],
    now: Time,
) -> Plan {
    let labels = labels(service, spec);
    let mut plan = Plan::default();
    let mut drafts: Vec<(usize, Draft)> = Vec::new();
    let mut groups: Vec<Wanted> = groups.into_iter().map(Wanted::new).collect();
    if groups.is_empty() {
        groups.push(Wanted::new(Group { ports: Vec::new(), endpoints: Vec::new() }));
    }
    for object in existing {
        let Body::EndpointSlice(slice) = &object.body else { continue };
        let ports = slice.ports.as_deref().unwrap_or_default();
        match groups.iter().position(|group| group.ports == ports) {
            Some(group) => drafts.push((group, keep(object, slice, &mut groups[group], &labels))),
            None => plan.delete.push(object.key()),
        }
    }
    let alone = groups.len() == 1;
    for (index, group) in groups.into_iter().enumerate() {
        let mut drafts: Vec<Draft> =
            drafts.extract_if(.., |(at, _)| *at == index).map(|(_, draft)| draft).collect();
        let mut rest = group.endpoints.into_iter().flatten().peekable();
        for changed in [true, false] {
            for draft in drafts.iter_mut().filter(|draft| draft.changed == changed) {
                while rest.peek().is_some() && draft.endpoints.len() < ENDPOINTS_MAX {
                    draft.endpoints.extend(rest.next());
                    draft.changed = true;
                }
            }
        }
        let mut placeholder = drafts.is_empty() && rest.peek().is_none() && alone;
        while rest.peek().is_some() || placeholder {
            let endpoints: Vec<_> = rest.by_ref().take(ENDPOINTS_MAX).collect();
            plan.create.push(new_slice(service, spec, &labels, &group.ports, endpoints, now));
            placeholder = false;
        }
        retire(&mut plan, drafts, alone, &labels, now);
    }
    reuse(&mut plan, existing);
    plan
}

/// Instead of a slice that would be deleted and one that would be created, one takes the other's place (`finalize`).
fn reuse(plan: &mut Plan, existing: &[Arc<Object>]) {
    let mut left = Vec::new();
    for key in std::mem::take(&mut plan.delete) {
        let old = existing.iter().find(|object| object.key() == key);
        let (Some(old), Some(new)) = (old, plan.create.pop_if(|_| old.is_some())) else {
            left.push(key);
            continue;
        };
        let mut next = Object::clone(old);
        let meta = Arc::make_mut(&mut next.meta);
        meta.labels.clone_from(&new.meta.labels);
        meta.annotations.clone_from(&new.meta.annotations);
        next.body = new.body;
        plan.update.push(next);
    }
    plan.delete = left;
}

/// A group while its endpoints are given to slices.
struct Wanted {
    ports: Vec<EndpointPort>,
    /// `None` once it stands in a slice.
    endpoints: Vec<Option<Endpoint>>,
    /// The place of each by its Pod's uid.
    by_uid: BTreeMap<String, usize>,
}

impl Wanted {
    fn new(group: Group) -> Self {
        let places = group.endpoints.iter().enumerate();
        let by_uid = order::map(places.map(|(at, one)| (uid(one).to_owned(), at)));
        let endpoints = group.endpoints.into_iter().map(Some).collect();
        Self { ports: group.ports, endpoints, by_uid }
    }
}

fn uid(endpoint: &Endpoint) -> &str {
    endpoint.target_ref.as_ref().and_then(|target| target.uid.as_deref()).unwrap_or_default()
}

/// Takes from a group what an existing slice holds already.
fn keep(
    object: &Arc<Object>,
    slice: &EndpointSlice,
    group: &mut Wanted,
    labels: &BTreeMap<String, String>,
) -> Draft {
    let mut changed = object.meta.labels.as_ref() != Some(labels);
    let mut endpoints = Vec::new();
    for old in slice.endpoints.iter().flatten() {
        match group.by_uid.get(uid(old)).and_then(|at| group.endpoints[*at].take()) {
            Some(wanted) => {
                changed |= wanted != *old;
                endpoints.push(wanted);
            }
            None => changed = true,
        }
    }
    Draft { object: Arc::clone(object), endpoints, changed }
}

/// Writes the changed slices and deletes the empty ones, but keeps one as placeholder.
fn retire(
    plan: &mut Plan,
    drafts: Vec<Draft>,
    alone: bool,
    labels: &BTreeMap<String, String>,
    now: Time,
) {
    let mut any_left =
        !alone || !plan.create.is_empty() || drafts.iter().any(|draft| !draft.endpoints.is_empty());
    for draft in drafts {
        if draft.endpoints.is_empty() && any_left {
            plan.delete.push(draft.object.key());
            continue;
        }
        any_left = true;
        if !draft.changed {
            continue;
        }
        let mut next = Object::clone(&draft.object);
        let meta = Arc::make_mut(&mut next.meta);
        meta.labels = Some(labels.clone());
        meta.annotations.get_or_insert_default().insert(TRIGGER_TIME.to_owned(), now.to_string());
        if let Body::EndpointSlice(slice) = &mut next.body {
            Arc::make_mut(slice).endpoints = Some(draft.endpoints);
        }
        plan.update.push(next);
    }
}

fn labels(service: &Object, spec: &ServiceSpec) -> BTreeMap<String, String> {
    let mut labels = service.meta.labels.clone().unwrap_or_default();
    labels.remove(HEADLESS);
    if spec.cluster_ip.as_deref() == Some("None") {
        labels.insert(HEADLESS.to_owned(), String::new());
    }
    labels.insert(SERVICE_NAME.to_owned(), service.name().to_owned());
    labels.insert(MANAGED_BY.to_owned(), MANAGER.to_owned());
    labels
}

fn new_slice(
    service: &Object,
    spec: &ServiceSpec,
    labels: &BTreeMap<String, String>,
    ports: &[EndpointPort],
    endpoints: Vec<Endpoint>,
    now: Time,
) -> Object {
    let trigger = [(TRIGGER_TIME.to_owned(), now.to_string())];
    let meta = ObjectMeta {
        generate_name: Some(format!("{}-", service.name())),
        namespace: service.meta.namespace.clone(),
        labels: Some(labels.clone()),
        annotations: Some(trigger.into()),
        owner_references: Some(vec![controller_ref(service)]),
        ..ObjectMeta::default()
    };
    let families = spec.ip_families.as_deref().unwrap_or_default();
    let slice = EndpointSlice {
        address_type: families.first().map_or("IPv4", String::as_str).to_owned(),
        endpoints: (!endpoints.is_empty()).then_some(endpoints),
        ports: (!ports.is_empty()).then(|| ports.to_vec()),
        metadata: ObjectMeta::default(),
    };
    Object::new(meta, Body::EndpointSlice(slice.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::ObjectReference;

    fn endpoints(range: (usize, usize)) -> Vec<Endpoint> {
        let one = |number: usize| Endpoint {
            addresses: vec![format!("10.0.{}.{}", number / 256, number % 256)],
            target_ref: Some(ObjectReference {
                uid: Some(number.to_string()),
                ..ObjectReference::default()
            }),
            ..Endpoint::default()
        };
        (range.0..range.1).map(one).collect()
    }

    /// What a Service of these slices does for these endpoints: sizes created, updated, and how many deleted.
    fn sizes(existing: &[(usize, usize)], wanted: (usize, usize)) -> String {
        let meta = ObjectMeta { name: Some("web".to_owned()), ..ObjectMeta::default() };
        let service = Object::new(meta, Body::Service(crate::object::Split::default()));
        let spec = ServiceSpec::default();
        let labels = labels(&service, &spec);
        let existing: Vec<_> = existing
            .iter()
            .map(|range| {
                let endpoints = endpoints(*range);
                let mut slice = new_slice(&service, &spec, &labels, &[], endpoints, Time::START);
                Arc::make_mut(&mut slice.meta).name = Some(format!("web-{}", range.0));
                Arc::new(slice)
            })
            .collect();
        let groups = if wanted.0 == wanted.1 {
            Vec::new()
        } else {
            vec![Group { ports: Vec::new(), endpoints: endpoints(wanted) }]
        };
        let plan = plan(&service, &spec, groups, &existing, Time::START);
        let size = |object: &Object| {
            let slice = object.as_endpoint_slice();
            slice.map_or(0, |slice| slice.endpoints.iter().flatten().count())
        };
        let list = |objects: &[Object]| objects.iter().map(size).collect::<Vec<_>>();
        format!("{:?} {:?} {}", list(&plan.create), list(&plan.update), plan.delete.len())
    }

    #[test]
    fn a_slice_with_other_ports_takes_the_place_of_one_that_goes() {
        let meta = ObjectMeta { name: Some("web".to_owned()), ..ObjectMeta::default() };
        let service = Object::new(meta, Body::Service(crate::object::Split::default()));
        let spec = ServiceSpec::default();
        let labels = labels(&service, &spec);
        let mut old = new_slice(&service, &spec, &labels, &[], Vec::new(), Time::START);
        Arc::make_mut(&mut old.meta).name = Some("web-old".to_owned());
        let ports = vec![EndpointPort { port: Some(80), ..EndpointPort::default() }];
        let groups = vec![Group { ports: ports.clone(), endpoints: endpoints((0, 2)) }];
        let plan = plan(&service, &spec, groups, &[Arc::new(old)], Time::START);
        assert!(plan.create.is_empty() && plan.delete.is_empty());
        let [slice] = &plan.update[..] else { panic!("one is written") };
        assert_eq!(slice.name(), "web-old");
        assert_eq!(slice.as_endpoint_slice().and_then(|slice| slice.ports.clone()), Some(ports));
    }

    #[test]
    fn slices_are_touched_as_little_as_possible() {
        let table: [(&[(usize, usize)], _, _); 6] = [
            (&[], (0, 0), "[0] [] 0"),
            (&[], (0, 250), "[100, 100, 50] [] 0"),
            (&[(0, 100), (100, 150)], (0, 151), "[] [51] 0"),
            (&[(0, 100), (100, 150)], (0, 100), "[] [] 1"),
            (&[(0, 3)], (0, 0), "[] [0] 0"),
            (&[(0, 3)], (0, 3), "[] [] 0"),
        ];
        for (existing, wanted, expected) in table {
            assert_eq!(sizes(existing, wanted), expected, "{existing:?} to {wanted:?}");
        }
    }
}
