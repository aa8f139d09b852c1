//! stress: takes as much memory as it is told, for demonstrations of memory limits. Models the `stress` 1.0.4 of the image
//! polinux/stress as far as memory goes.

use super::{Next, Program, Start, Term, flag, stderr, stdout};
use crate::engine::process::Launch;
use crate::time::Duration;

pub(super) const PROGRAM: Program = Program {
    name: "stress",
    images: &["docker.io/polinux/stress"],
    executables: &["stress"],
    start,
    serve: None,
    on_term: Term::Ignored,
    cpu_milli: 1000,
    request_micros: 0,
    memory_mib: 1,
};

fn start(_launch: &Launch, argv: &[String]) -> Start {
    let count =
        |name: &str| flag(argv, name).and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
    let (vm, cpu) = (count("vm").max(count("m")), count("cpu").max(count("c")));
    if vm == 0 && cpu == 0 {
        let line = "`stress' imposes certain types of compute stress on your system";
        return Start {
            lines: stdout(&[line]),
            next: Next::Exit { code: 0, after: Duration::ZERO },
        };
    }
    let bytes = flag(argv, "vm-bytes").unwrap_or("256M");
    let Some(each) = mebibytes(bytes) else {
        let line = format!("stress: FAIL: [1] (244) unrecognized suffix: {bytes}");
        return Start {
            lines: stderr(&[&line]),
            next: Next::Exit { code: 1, after: Duration::ZERO },
        };
    };
    let line = format!("stress: info: [1] dispatching hogs: {cpu} cpu, 0 io, {vm} vm, 0 hdd");
    let mebibytes = each.saturating_mul(vm).saturating_add(1);
    Start {
        lines: stdout(&[&line]),
        next: Next::Hold { mebibytes, cpu_milli: vm.saturating_add(cpu).saturating_mul(1000) },
    }
}

/// `250M`, `1G`, `1024K`, bytes.
fn mebibytes(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    let bytes = match text.strip_prefix(digits)? {
        "" | "B" => number,
        "K" => number.checked_mul(1 << 10)?,
        "M" => number.checked_mul(1 << 20)?,
        "G" => number.checked_mul(1 << 30)?,
        _ => return None,
    };
    u32::try_from(bytes >> 20).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_memory() {
        for (text, amount) in [
            ("250M", Some(250)),
            ("1G", Some(1024)),
            ("2097152", Some(2)),
            ("1x", None),
            ("", None),
        ] {
            assert_eq!(mebibytes(text), amount, "{text}");
        }
    }
}
