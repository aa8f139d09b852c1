//! What the kubelet says in Events about a Pod and its containers.
//!
//! Models kubernetes `pkg/kubelet/container/ref.go` (`GenerateContainerRef`): an Event about a container is about its Pod,
//! with the container as the field.

use super::worker::Worker;
use super::{Host, World};
use crate::store::{EventOrigin, EventType};

impl Worker {
    /// Records an Event about the Pod as a whole.
    pub(super) fn say(
        &self,
        host: &Host,
        world: &mut World<'_>,
        event: EventType,
        reason: &str,
        message: String,
    ) {
        let origin = EventOrigin { host: &host.node, field_path: "" };
        world.record(&self.pod, origin, event, reason, message);
    }

    /// Records a normal Event about a container.
    pub(super) fn normal(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.say_of(index, host, world, EventType::Normal, reason, message.into());
    }

    /// Records a warning about a container.
    pub(super) fn warning(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.say_of(index, host, world, EventType::Warning, reason, message.into());
    }

    fn say_of(
        &self,
        index: usize,
        host: &Host,
        world: &mut World<'_>,
        event: EventType,
        reason: &str,
        message: String,
    ) {
        let field_path = self.field_path(index);
        let origin = EventOrigin { host: &host.node, field_path: &field_path };
        world.record(&self.pod, origin, event, reason, message);
    }
}
