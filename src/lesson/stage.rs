//! A lesson's world as the learner finds it, and scripts run in it to their end.
//!
//! The world of step n is the lesson's own beginning and the solutions of all steps before n, so a link to a step leads
//! into a world in which it makes sense; the same lesson always gives the same bytes.

use super::Lesson;
use super::check::Outcome;
use crate::cluster::{Cluster, Settings};
use crate::command::COMMANDS;
use crate::shell::{HOME, Patience, Sandbox, Screen, Session, Stream};
use crate::time::{Duration, Time};

/// How far a world in which nothing is due is moved on.
const STILL_WORLD_STEP: Duration = Duration::from_secs(1);

/// A shell in a world that nobody watches: time passes as its commands need it.
#[derive(Debug)]
pub struct Runner {
    world: Sandbox,
    session: Session,
}

impl Runner {
    /// A shell in this world.
    pub fn new(world: &Sandbox) -> Self {
        let mut session = Session::new(world.clone(), COMMANDS, Screen::new(0));
        session.set_patience(Patience::HEADLESS);
        Self { world: world.clone(), session }
    }

    /// Runs a script to its end; `each` is called after each step of the world.
    pub fn run(&mut self, script: &str, each: &mut dyn FnMut(&Sandbox)) -> Outcome {
        self.session.run_script(script);
        let code = loop {
            let done = self.session.poll();
            each(&self.world);
            if let Some(code) = done {
                break code;
            }
            step(&self.world);
        };
        let (mut stdout, mut stderr) = (String::new(), String::new());
        for chunk in self.session.take_output() {
            match chunk.stream {
                Stream::Stdout => stdout.push_str(&String::from_utf8_lossy(&chunk.bytes)),
                Stream::Stderr => stderr.push_str(&String::from_utf8_lossy(&chunk.bytes)),
            }
        }
        Outcome { code, stdout, stderr }
    }
}

/// Moves a world to its next event.
pub(super) fn step(world: &Sandbox) {
    world.drive(|cluster| {
        if cluster.step().is_none() {
            let later = cluster.now() + STILL_WORLD_STEP;
            cluster.advance_to(later);
        }
    });
}

/// The world in which a step begins, counted from 0; if something in it fails, what and how.
pub fn stage(lesson: &Lesson, step: usize) -> Result<Sandbox, (String, Outcome)> {
    let settings = Settings { nodes: lesson.nodes, seed: lesson.seed, ..Settings::default() };
    let world = Sandbox::new(Cluster::new(settings));
    for (name, text) in &lesson.files {
        let path = format!("{HOME}/{name}");
        let bytes = text.as_bytes().to_vec();
        if let Err(error) = world.files_mut(|files| files.write(&path, bytes, Time::START)) {
            let outcome = Outcome { code: 1, stdout: String::new(), stderr: error.to_string() };
            return Err((path, outcome));
        }
    }
    let mut runner = Runner::new(&world);
    let earlier = lesson.steps.iter().take(step).flat_map(|step| &step.solution);
    for script in Some(&lesson.setup).into_iter().chain(earlier) {
        let outcome = runner.run(script, &mut |_| {});
        if outcome.code != 0 {
            return Err((script.clone(), outcome));
        }
    }
    Ok(world)
}
