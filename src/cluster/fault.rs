//! Faults of containers, as acts of the user: what goes wrong is [`crate::kubelet::Fault`].

use super::Cluster;
use crate::kubelet::Fault;
use crate::object::Key;
use crate::store::Because;

impl Cluster {
    /// Lets something go wrong in a container of a Pod, at once. The error is a sentence for the user.
    pub fn fault(&mut self, pod: &Key, container: &str, fault: Fault) -> Result<(), String> {
        let object = self.store.get(pod).cloned();
        let object = object.ok_or_else(|| format!("pod \"{}\" not found", pod.name))?;
        let node = object.as_pod().and_then(|body| body.own.node_name.clone());
        let node = node.ok_or_else(|| format!("pod \"{}\" is on no node yet", pod.name))?;
        if self.network.machine(&node).is_some_and(|machine| !machine.runs()) {
            return Err(format!("node \"{node}\" has no power: nothing runs there"));
        }
        self.acts += 1;
        let mut result = Err(format!("node \"{node}\" is not there any more"));
        self.with_kubelet(&node, Because::Act(self.acts), |kubelet, world| {
            result = kubelet.fault(&object, container, fault, world);
        });
        self.dispatch();
        result
    }
}
