//! The same world natively and in a browser: same seed and script, same output, same state to the last bit.
//!
//! The native run writes what it found to `target/tmp/worlds.txt`; the run in the browser, which reads no files, gets it
//! when it is compiled, in `KOBUNE_WORLDS`, and compares. `./dev test` runs the one after the other.

use std::fmt::{self, Write};

use kobune::cluster::{Cluster, Profile, Settings};
use kobune::command::COMMANDS;
use kobune::shell::{Patience, Sandbox, Screen, Session};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// A little of everything: what is read and refused, rollouts, probes, crashes, requests, an hour of rest.
const SCRIPT: &str = include_str!("platforms.sh");

const SEEDS: [u64; 3] = [1, 2, 77];

/// FNV-1a, 64 bits, over whatever is written to it.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes
            .iter()
            .fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}

/// What a world is at the end of the script: hashes of all that was printed and of the whole state.
fn world(seed: u64) -> String {
    let sandbox =
        Sandbox::new(Cluster::new(Settings { seed, nodes: 4, profile: Profile::Default }));
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(0));
    session.set_patience(Patience::HEADLESS);
    session.run_script(SCRIPT);
    let (mut output, mut bytes) = (Hash::new(), 0);
    let code = session.finish(|chunk| {
        output.add(&chunk.bytes);
        bytes += chunk.bytes.len();
    });
    assert!(
        bytes > 20_000,
        "the script did not get far: {bytes} bytes of output, exit code {code}"
    );
    let mut state = Hash::new();
    sandbox.read(|cluster| write!(state, "{cluster:?}")).expect("a hash takes everything");
    format!("seed {seed}: output {:016x}, state {:016x}", output.0, state.0)
}

fn worlds() -> Vec<String> {
    SEEDS.map(world).into()
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_world_is_the_same_twice() {
    let worlds = worlds();
    assert_eq!(worlds, self::worlds());
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/worlds.txt"), worlds.join("\n"))
        .expect("cargo made the folder");
}

#[cfg(target_arch = "wasm32")]
#[test]
fn the_world_is_the_same_as_natively() {
    let Some(native) = option_env!("KOBUNE_WORLDS") else {
        panic!("`./dev test` hands over what the native run found");
    };
    assert_eq!(worlds(), native.lines().collect::<Vec<_>>());
}
