//! One number for a whole state: two worlds with the same history have the same, natively and in wasm.
//!
//! FNV-1a over what the API server would send of every object, in key order, and over the revision.

use super::Store;

/// FNV-1a, 64 bits.
struct Fnv(u64);

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl Store {
    /// The digest of the state. Costs a serialization of every object: for tests and bug reports.
    pub fn digest(&self) -> u64 {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.write(&self.revision.to_le_bytes());
        for key in self.keys.iter() {
            hash.write(key.to_string().as_bytes());
            hash.write(self.objects[key].to_value().to_string().as_bytes());
        }
        hash.0
    }
}

#[cfg(test)]
mod tests {
    use crate::store::testing::{CAUSE, pod, store};
    use crate::store::{Client, Store};
    use crate::time::Time;

    #[test]
    fn a_digest_tells_states_apart() {
        let with = |names: &[&str]| -> Store {
            let mut store = store();
            for name in names {
                Client::new(&mut store, Time::START, CAUSE).create(pod(name)).unwrap();
            }
            store
        };
        assert_eq!(with(&["a", "b"]).digest(), with(&["a", "b"]).digest());
        assert_ne!(with(&["a", "b"]).digest(), with(&["b", "a"]).digest());
        assert_ne!(with(&["a"]).digest(), with(&[]).digest());
    }
}
