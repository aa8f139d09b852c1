//! The hash behind the name of a generated `ConfigMap` or Secret.
//!
//! Models kustomize `api/hasher/hasher.go`: SHA-256 (FIPS 180-4) over the object's kind and data as JSON, the first ten
//! hexadecimal digits with those exchanged that could make words. The name is not part of it: upstream looks for one under
//! a key that no object has.

use serde_json::{Value, json};

use crate::output::json::compact;

/// The hash of an object.
pub(super) fn of(value: &Value) -> String {
    let part = |path: &str| value.pointer(path).cloned().unwrap_or_else(|| json!(""));
    let mut hashed = match value.get("kind").and_then(Value::as_str) {
        Some("ConfigMap") => json!({"kind": "ConfigMap", "name": "", "data": part("/data")}),
        Some("Secret") => json!({
            "kind": "Secret", "type": part("/type"), "name": "", "data": part("/data"),
        }),
        _ => value.clone(),
    };
    for more in ["binaryData", "stringData"] {
        if let Some(map) = value.get(more).filter(|map| map.is_object()) {
            hashed[more] = map.clone();
        }
    }
    encode(&sha256(compact(&hashed).as_bytes()))
}

fn encode(digest: &[u8; 32]) -> String {
    let digits = digest.iter().take(5).flat_map(|byte| [byte >> 4, byte & 15]);
    let hex = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
    let exchange = |letter| match letter {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    hex.map(exchange).collect()
}

/// The fraction bits of the square roots of the first eight primes.
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The fraction bits of the cube roots of the first 64 primes.
const ROUNDS: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let bits = u64::try_from(bytes.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend(bits.to_be_bytes());
    let mut state = START;
    for block in padded.chunks_exact(64) {
        compress(&mut state, block);
    }
    let mut digest = [0; 32];
    for (place, word) in digest.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[expect(clippy::many_single_char_names, reason = "they are the standard's own")]
fn compress(state: &mut [u32; 8], block: &[u8]) {
    let mut words = [0_u32; 64];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    }
    for at in 16..64 {
        let (near, far) = (words[at - 2], words[at - 15]);
        let first = far.rotate_right(7) ^ far.rotate_right(18) ^ (far >> 3);
        let second = near.rotate_right(17) ^ near.rotate_right(19) ^ (near >> 10);
        words[at] =
            words[at - 16].wrapping_add(first).wrapping_add(words[at - 7]).wrapping_add(second);
    }
    let mut sums = *state;
    for (round, word) in ROUNDS.iter().zip(words) {
        let [a, b, c, _, e, f, g, h] = sums;
        let mix = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first =
            h.wrapping_add(mix).wrapping_add(choice).wrapping_add(*round).wrapping_add(word);
        let mix = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let second = mix.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        sums.rotate_right(1);
        sums[4] = sums[4].wrapping_add(first);
        sums[0] = first.wrapping_add(second);
    }
    for (old, new) in state.iter_mut().zip(sums) {
        *old = old.wrapping_add(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        for (text, start) in
            [("", 0xe3b0_c442_u32), ("abc", 0xba78_16bf), (&"a".repeat(64), 0xffe0_54fe)]
        {
            assert_eq!(sha256(text.as_bytes()).first_chunk(), Some(&start.to_be_bytes()), "{text}");
        }
    }

    #[test]
    fn names_end_as_kustomize_ends_them() {
        let value =
            json!({"kind": "ConfigMap", "metadata": {"name": "dev-conf"}, "data": {"a": "1"}});
        assert_eq!(of(&value), "h29d89cmmt");
    }
}
