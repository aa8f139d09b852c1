//! The handle through which commands reach the world: the cluster and, beside it, the files.
//!
//! Borrows end inside each method, so no command can hold one while it waits.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use super::Files;
use super::asking::Asking;
use super::editing::Editing;
use super::forward::{Forward, Forwards};
use crate::cluster::Cluster;
use crate::object::official::Resource;
use crate::store::Client;
use crate::time::{Duration, Time};

/// A shared handle to one world; clones mean the same world.
#[derive(Clone, Debug)]
pub struct Sandbox {
    cluster: Rc<RefCell<Cluster>>,
    files: Rc<RefCell<Files>>,
    /// The editor that stands beside the terminal, if there is one.
    editing: Rc<Editing>,
    /// Who knows what is not in the sandbox.
    asking: Rc<Asking>,
    /// The kinds that definitions made, as kubectl's cache has them (`~/.kube/cache/discovery`).
    discovered: Rc<RefCell<Vec<&'static Resource>>>,
    /// How many waits have set themselves an end.
    timed_waits: Rc<Cell<usize>>,
    /// Ports of the user's machine that lead into Pods.
    forwards: Forwards,
    /// What was sent to this cluster and is not simulated: all of it, and how much was handed on.
    unsimulated: Rc<RefCell<(Vec<String>, usize)>>,
}

/// Counts one wait with an end while it lives.
struct TimedWait(Rc<Cell<usize>>);

impl Drop for TimedWait {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Sandbox {
    /// A handle to this cluster, with an empty home folder.
    pub fn new(cluster: Cluster) -> Self {
        Self {
            cluster: Rc::new(RefCell::new(cluster)),
            files: Rc::default(),
            editing: Rc::default(),
            asking: Rc::default(),
            timed_waits: Rc::default(),
            forwards: Forwards::default(),
            discovered: Rc::default(),
            unsimulated: Rc::default(),
        }
    }

    /// An independent world that is equal to this one now.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self {
            cluster: Rc::new(RefCell::new(self.cluster.borrow().clone())),
            files: Rc::new(RefCell::new(self.files.borrow().clone())),
            editing: Rc::default(),
            asking: Rc::new(self.asking.copied()),
            timed_waits: Rc::default(),
            forwards: Forwards::default(),
            discovered: Rc::new(RefCell::new(self.discovered())),
            unsimulated: Rc::default(),
        }
    }

    /// The kinds that definitions made, as they were when [`Sandbox::discover`] was last called.
    pub fn discovered(&self) -> Vec<&'static Resource> {
        self.discovered.borrow().clone()
    }

    /// Asks the server which kinds definitions make; true if they are not those that were known.
    pub fn discover(&self) -> bool {
        let served = self.read(|cluster| cluster.store().served().to_vec());
        let old = self.discovered.replace(served);
        *self.discovered.borrow() != old
    }

    /// Notes that something was sent which the cluster keeps and does not simulate; it is told once.
    pub fn note_unsimulated(&self, what: String) {
        let (all, _) = &mut *self.unsimulated.borrow_mut();
        if !all.contains(&what) {
            all.push(what);
        }
    }

    /// What was noted since it was last asked.
    pub fn take_unsimulated(&self) -> Vec<String> {
        let (all, told) = &mut *self.unsimulated.borrow_mut();
        let from = std::mem::replace(told, all.len());
        all.get(from..).unwrap_or_default().to_vec()
    }

    /// Reads the cluster.
    pub fn read<T>(&self, read: impl FnOnce(&Cluster) -> T) -> T {
        read(&self.cluster.borrow())
    }

    /// Drives the cluster: for the owner of the clock, and for commands that act on its machines; they leave the clock alone.
    pub fn drive<T>(&self, drive: impl FnOnce(&mut Cluster) -> T) -> T {
        drive(&mut self.cluster.borrow_mut())
    }

    /// Writes as the user; one call is one act.
    pub fn act<T>(&self, work: impl FnOnce(&mut Client<'_>) -> T) -> T {
        self.cluster.borrow_mut().act(work)
    }

    /// Reads the files.
    pub fn files<T>(&self, read: impl FnOnce(&Files) -> T) -> T {
        read(&self.files.borrow())
    }

    /// Changes the files.
    pub fn files_mut<T>(&self, change: impl FnOnce(&mut Files) -> T) -> T {
        change(&mut self.files.borrow_mut())
    }

    /// The editor beside the terminal, and what is open in it for commands that wait.
    pub fn editing(&self) -> &Rc<Editing> {
        &self.editing
    }

    /// Opens a port of the user's machine, as long as what this returns is held.
    pub fn listen(&self, forward: Forward) -> Rc<Forward> {
        self.forwards.add(forward)
    }

    /// Where a port of the user's machine leads.
    pub fn forward(&self, port: u16) -> Option<Rc<Forward>> {
        self.forwards.at(port)
    }

    /// Who knows what is not in the sandbox, and what commands wait for to hear.
    pub fn asking(&self) -> &Rc<Asking> {
        &self.asking
    }

    /// The virtual time.
    pub fn now(&self) -> Time {
        self.read(Cluster::now)
    }

    /// Waits until `ready` has an answer; asked after every step of the cluster.
    pub async fn until<T>(&self, mut ready: impl FnMut(&Cluster) -> Option<T>) -> T {
        poll_fn(|_| ready(&self.cluster.borrow()).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Waits until `ready` has an answer, at most for `timeout`; `None` if the time is over first.
    pub async fn until_within<T>(
        &self,
        timeout: Duration,
        mut ready: impl FnMut(&Cluster) -> Option<T>,
    ) -> Option<T> {
        let end = self.now() + timeout;
        self.drive(|cluster| cluster.wake_at(end));
        self.timed_waits.set(self.timed_waits.get() + 1);
        let _wait = TimedWait(Rc::clone(&self.timed_waits));
        self.until(|cluster| match ready(cluster) {
            Some(answer) => Some(Some(answer)),
            None => (cluster.now() >= end).then_some(None),
        })
        .await
    }

    /// Waits for virtual time to pass.
    pub async fn sleep(&self, duration: Duration) {
        self.until_within(duration, |_| None::<()>).await;
    }

    /// Waits until nothing of weight was written for `quiet`, at most for `timeout`; false if the time is over first.
    pub async fn settled(&self, quiet: Duration, timeout: Duration) -> bool {
        let end = self.now() + timeout;
        loop {
            let (now, last) = self.read(|cluster| (cluster.now(), cluster.last_write_of_weight()));
            let settles = last + quiet;
            if settles <= now {
                return true;
            }
            if now >= end {
                return false;
            }
            self.sleep(settles.min(end) - now).await;
        }
    }

    /// Whether somebody waits who has set himself an end.
    pub fn waits_for_time(&self) -> bool {
        self.timed_waits.get() > 0
    }
}
