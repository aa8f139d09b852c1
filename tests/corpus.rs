//! What fuzzing found worth keeping, replayed: `fuzz/corpus/TARGET/` holds small inputs, the entry functions are the fuzzer's own.

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "to the fuzzer it is a crate")]
mod targets;

use std::fs;
use std::path::Path;

use targets::TARGETS;

#[test]
fn the_corpus_is_answered() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in TARGETS {
        let files = fs::read_dir(root.join(name)).expect("each target has a folder");
        let mut count = 0;
        for file in files {
            let path = file.expect("its entries can be read").path();
            let data = fs::read(&path).expect("it can be read");
            let guard = Guard(&path);
            target(&data);
            std::mem::forget(guard);
            count += 1;
        }
        assert!(count > 0, "{name}: an empty corpus tries nothing");
    }
}

/// Says what was being tried when something panics.
struct Guard<'a>(&'a Path);

impl Drop for Guard<'_> {
    #[expect(clippy::print_stderr, reason = "a failing test has to show what failed")]
    fn drop(&mut self) {
        eprintln!("failed on {}", self.0.display());
    }
}
