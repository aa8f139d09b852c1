//! A lesson's world as the learner finds it, and scripts run in it to their end.
//!
//! The world of step n is the lesson's own beginning and the solutions of all steps before n, so a link to a step leads
//! into a world in which it makes sense; the same lesson always gives the same bytes.

use super::Lesson;
use super::check::{Outcome, WOULD_WAIT};
use crate::cluster::Settings;
use crate::command::COMMANDS;
use crate::journal::{self, Act, News, Run};
use crate::shell::{HOME, Patience, Sandbox, Screen, Session, Stream};
use crate::time::Duration;

/// How far a world in which nothing is due is moved on.
const STILL_WORLD_STEP: Duration = Duration::from_secs(1);
/// The longest that one command may take before the learner comes, in virtual time.
const STAGE_PATIENCE: Duration = Duration::from_hours(2);

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

/// The world in which a step begins, counted from 0, made by acts that its journal holds; if one of them fails, which
/// and how.
pub fn stage(lesson: &Lesson, step: usize) -> Result<Run, (String, Outcome)> {
    let settings = Settings { nodes: lesson.nodes, seed: lesson.seed, ..Settings::default() };
    let mut run = Run::new(&world_name(&lesson.id), settings);
    for (name, text) in &lesson.files {
        let path = format!("{HOME}/{name}");
        if let journal::Outcome::Refused(error) =
            run.act(Act::Write { path: path.clone(), text: text.clone() })
        {
            let outcome = Outcome { code: 1, stdout: String::new(), stderr: error.to_string() };
            return Err((path, outcome));
        }
    }
    let setup = Some(&lesson.setup).filter(|setup| !setup.is_empty());
    let earlier = lesson.steps.iter().take(step).flat_map(|step| &step.solution);
    for script in setup.into_iter().chain(earlier) {
        let outcome = perform(&mut run, script);
        if outcome.code != 0 {
            return Err((script.clone(), outcome));
        }
    }
    Ok(run)
}

/// What a lesson's world is called in its save.
pub fn world_name(lesson: &str) -> String {
    format!("lesson-{lesson}")
}

/// Enters a script and moves the world until it has ended.
fn perform(run: &mut Run, script: &str) -> Outcome {
    let patience = run.now() + STAGE_PATIENCE;
    let mut outcome = Outcome { code: WOULD_WAIT, stdout: String::new(), stderr: String::new() };
    run.act(Act::Enter(script.to_owned()));
    loop {
        for news in run.take_news() {
            match news {
                News::Wrote { stream: Stream::Stdout, text, .. } => outcome.stdout.push_str(&text),
                News::Wrote { stream: Stream::Stderr, text, .. } => outcome.stderr.push_str(&text),
                News::Ended { exit, .. } => {
                    outcome.code = exit;
                    return outcome;
                }
                News::Began { .. } | News::Unsimulated { .. } | News::Cleared => {}
            }
        }
        if run.step().is_none() || run.now() > patience {
            return outcome;
        }
    }
}
