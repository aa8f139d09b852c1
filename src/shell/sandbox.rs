//! The handle through which commands reach the world: the cluster and, beside it, the files.
//!
//! Borrows end inside each method, so no command can hold one while it waits.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use crate::cluster::Cluster;
use crate::store::Client;
use crate::time::Duration;

/// A shared handle to one world; clones mean the same world.
#[derive(Clone, Debug)]
pub struct Sandbox {
    cluster: Rc<RefCell<Cluster>>,
}

impl Sandbox {
    /// A handle to this cluster.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster: Rc::new(RefCell::new(cluster)) }
    }

    /// Reads the cluster.
    pub fn read<T>(&self, read: impl FnOnce(&Cluster) -> T) -> T {
        read(&self.cluster.borrow())
    }

    /// Drives the cluster: for the owner of the clock, not for commands.
    pub fn drive<T>(&self, drive: impl FnOnce(&mut Cluster) -> T) -> T {
        drive(&mut self.cluster.borrow_mut())
    }

    /// Writes as the user; one call is one act.
    pub fn act<T>(&self, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
        self.cluster.borrow_mut().act(work)
    }

    /// Waits until `ready` has an answer; asked after every step of the cluster.
    pub async fn until<T>(&self, mut ready: impl FnMut(&Cluster) -> Option<T>) -> T {
        poll_fn(|_| ready(&self.cluster.borrow()).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Waits for virtual time to pass.
    pub async fn sleep(&self, duration: Duration) {
        let end = self.read(Cluster::now) + duration;
        self.drive(|cluster| cluster.wake_at(end));
        self.until(|cluster| (cluster.now() >= end).then_some(())).await;
    }
}
