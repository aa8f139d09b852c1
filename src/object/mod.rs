//! What a cluster holds: the registry of kinds and the form in which an object rests in the store.
//!
//! An [`Object`] is its metadata, its revision and a [`Body`]. Kinds with a spec and a status keep each in its own
//! `Arc`, the others keep their one struct in an `Arc`, so that a new version costs what changed. The structs are
//! k8s-openapi's (`v1_36`) and carry no metadata of their own here; kinds of which little is asked are JSON ([`ValueBody`]).

mod access;
mod body;
mod config;
pub mod cron;
pub mod custom;
mod daemon_set;
mod deployment;
mod difference;
mod dump;
pub mod field;
mod internal;
mod key;
mod kind;
mod labels;
pub mod meta;
mod metrics;
pub mod names;
mod node;
mod node_selector;
pub mod official;
pub mod pod;
mod replica_set;
pub mod rules;
mod selector;
pub mod service;
mod status;
mod storage;
mod toleration;
pub mod usage;
pub mod value;
mod warnings;
mod wire;

pub use body::{Body, Object, PodBody, PodOwn, Split, TOKEN_VOLUME};
pub use daemon_set::{set_template_generation, template_generation};
pub use deployment::{number_in, percent_in};
pub use dump::go_dump;
pub use key::{Key, Name};
pub use kind::{Column, Custom, KINDS, Kind, KindInfo};
pub use labels::{Labels, labels_match, selector_matches, selects_everything};
pub use metrics::{ContainerMetrics, Metrics, PodMetrics, Usage};
pub use node_selector::node_matches;
pub use selector::{Operator, Requirement, Selector};
pub use status::{Invalid, Reason, StatusError};
pub use storage::{
    BIND_COMPLETED, BOUND_BY_CONTROLLER, SELECTED_NODE, best_volume, is_bound_to, is_default_class,
    is_reachable, reserve, storage_class, unfit, waits_for_consumer,
};
pub use toleration::{Endurance, endurance, tolerates};
pub(crate) use value::note_stored_version;
pub use value::{
    ENDPOINTS_DEPRECATED, SYSTEM_PRIORITY_CLASSES, ValueBody, system_priority_classes,
};
pub use warnings::warnings;
pub use wire::as_go_writes;

pub use crate::quantity::Quantity;
