//! The sandbox without a page: `run` a script, compare with a `transcript`, `replay` a save, try and build `lessons`.
//!
//! Only this module (and the tests) reads files and arguments of the machine it runs on; nothing is written back, but for what
//! `lessons build` and `explain build` make.

mod explain;
mod lessons;
mod replay;
mod run;
mod transcript;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: kobune run SCRIPT|- [--files DIR] [--nodes N] [--seed S] [--profile default|oracle]
       kobune transcript FILE... [-v]
       kobune replay SAVE
       kobune lessons [--in DIR] [ID...]
       kobune lessons [--in DIR] build OUT
       kobune explain build OUT

run         executes a shell script in a fresh sandbox; - reads it from standard input
  --files     a folder that is copied in as the current folder; it is never written back
  --nodes     how many machines there are (default 3)
  --seed      the seed of everything left to chance (default 1)
  --profile   the sandbox's own world, or the one in which the reference transcripts were recorded
transcript  replays recorded transcripts and says how many steps match; -v shows what differs
replay      does again what a save from the page tells, and says where it ended
lessons     tries lessons: the start must not pass, the solution must, known mistakes are noticed
  build       writes what the page fetches to a folder
explain
  build       writes what `kubectl explain` fetches in the page to a folder
";

/// The exit code of a call that was not understood, or of files that could not be read.
const USAGE_ERROR: u8 = 2;

/// Does what the arguments ask for.
pub(crate) fn main(arguments: &[String]) -> ExitCode {
    let outcome = match arguments.split_first() {
        Some((command, rest)) if command == "run" => run::main(rest),
        Some((command, rest)) if command == "transcript" => transcript::main(rest),
        Some((command, rest)) if command == "replay" => replay::main(rest),
        Some((command, rest)) if command == "lessons" => lessons::main(rest),
        Some((command, rest)) if command == "explain" => explain::main(rest),
        Some((flag, _)) if flag == "--help" || flag == "-h" || flag == "help" => {
            print(USAGE.as_bytes());
            Ok(0)
        }
        Some((other, _)) => Err(format!("unknown command \"{other}\"\n\n{USAGE}")),
        None => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            complain(&format!("kobune: {}\n", message.trim_end()));
            ExitCode::from(USAGE_ERROR)
        }
    }
}

/// Writes to this process's standard output; a closed one ends the process quietly.
fn print(bytes: &[u8]) {
    use std::io::Write;
    let mut stdout = std::io::stdout();
    if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(kobune::shell::BROKEN_PIPE);
    }
}

/// Writes to this process's standard error.
fn complain(text: &str) {
    use std::io::Write;
    // There is nobody left to tell.
    drop(std::io::stderr().write_all(text.as_bytes()));
}
