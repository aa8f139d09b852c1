//! Images, the registry they come from, and the programs that run inside containers.
//!
//! An image reference is parsed ([`ImageRef`]), resolved against the catalogue of known public images ([`resolve`]),
//! and started as a [`Process`]: a small deterministic state machine that listens, answers, logs and ends. Nothing here
//! knows of Pods: the kubelet owns the processes and moves them.
//!
//! *Differs:* programs are imitations with the faces that a cluster sees (ports, answers, logs, exit codes). Code inside
//! an image is never run.

mod ask;
mod catalogue;
mod client;
mod cpu;
mod exec;
mod executable;
mod http;
mod image;
mod log;
mod process;
mod pull;
mod rules;
mod script;
mod userland;

pub mod program;

pub use ask::{Answered, Ask, Wanted};
pub use catalogue::{CATALOGUE, KnownImage};
pub use cpu::{NEVER, WINDOW, last_reading};
pub use exec::{EXEC_MAX, Exec, ExecError, ExecSession, ExecState};
pub use http::{Relay, Request, Response};
pub use image::ImageRef;
pub use log::{LogLine, Logs, Stream};
pub use process::{Connection, Exit, Launch, Process, Signal, StartError, launch};
pub use pull::{ImageConfig, PullError, resolve, unreachable};
pub use rules::Rules;
pub use userland::Userland;
