//! Ports of the user's own machine that lead into Pods, as `kubectl port-forward` opens them.
//!
//! A port is open as long as somebody holds its [`Forward`]; the world knows it only by a weak handle.

use std::cell::Cell;
use std::rc::Rc;

use super::Output;
use crate::object::Key;

/// One open port.
#[derive(Debug)]
pub struct Forward {
    /// The port.
    pub port: u16,
    /// The Pod it leads to.
    pub pod: Key,
    /// Which Pod of that name.
    pub uid: String,
    /// The port in the Pod.
    pub remote: u16,
    out: Output,
    err: Output,
    lost: Cell<bool>,
}

impl Forward {
    /// A port that tells of its connections on these streams.
    pub fn new(port: u16, pod: Key, uid: &str, remote: u16, out: &Output, err: &Output) -> Self {
        let (out, err) = (out.clone(), err.clone());
        Self { port, pod, uid: uid.to_owned(), remote, out, err, lost: Cell::new(false) }
    }

    /// Says that somebody came.
    pub fn handle(&self) {
        // Whoever read this may be gone.
        self.out.write(&format!("Handling connection for {}\n", self.port)).unwrap_or(());
    }

    /// Says that nothing listens at the other end; that is the end of the way.
    pub fn lose(&self) {
        let Self { port, remote, pod, .. } = self;
        let text = format!(
            "E0401 00:00:00.000000       1 portforward.go:424] \"Unhandled Error\" err=\"an error occurred forwarding {port} -> {remote}: error forwarding port {remote} to pod {}, uid : failed to execute portforward in network namespace: failed to connect to localhost:{remote} inside namespace, IPv4: dial tcp4 127.0.0.1:{remote}: connect: connection refused IPv6 dial tcp6 [::1]:{remote}: connect: connection refused \"\n",
            pod.name
        );
        self.err.write(&text).unwrap_or(());
        self.lost.set(true);
    }

    /// Whether its way has ended.
    pub fn is_lost(&self) -> bool {
        self.lost.get()
    }
}

/// All open ports, as far as somebody still holds them.
#[derive(Clone, Debug, Default)]
pub(super) struct Forwards(Rc<std::cell::RefCell<Vec<std::rc::Weak<Forward>>>>);

impl Forwards {
    pub(super) fn add(&self, forward: Forward) -> Rc<Forward> {
        let forward = Rc::new(forward);
        let mut all = self.0.borrow_mut();
        all.retain(|weak| weak.strong_count() > 0);
        all.push(Rc::downgrade(&forward));
        forward
    }

    pub(super) fn at(&self, port: u16) -> Option<Rc<Forward>> {
        let all = self.0.borrow();
        let mut held = all.iter().filter_map(std::rc::Weak::upgrade);
        held.find(|forward| forward.port == port && !forward.is_lost())
    }
}
