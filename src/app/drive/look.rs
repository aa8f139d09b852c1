//! What is read from the world for the page: the picture, and the object that the inspector looks at.
//!
//! Both are kept where they came out as before, so that drawing can compare by pointer.

use std::rc::Rc;

use kobune::view::inspector;

use super::Room;
use crate::app::browser;

impl Room {
    pub(super) fn look(&mut self) {
        let picture = self.sandbox.read(|cluster| self.watcher.look(cluster));
        self.picture = Rc::new(picture);
    }

    pub(super) fn inspect(&mut self) {
        let Some((key, sheet)) = self.focus.as_ref().filter(|_| browser::is_whole()) else {
            self.inspection = None;
            return;
        };
        let (stored, inspection) = self.sandbox.read(|cluster| {
            let inspection = inspector::inspect(cluster, key, *sheet, self.last.as_ref());
            (cluster.store().get(key).cloned(), inspection)
        });
        if stored.is_some() {
            self.last = stored;
        }
        if self.inspection.as_deref() != inspection.as_ref() {
            self.inspection = inspection.map(Rc::new);
        }
    }
}
