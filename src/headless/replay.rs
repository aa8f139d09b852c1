//! `kobune replay SAVE`: does a save again, shows what its terminal showed, and says where it ended.
//!
//! For reports of faults: what stopped the page stops here too, where a debugger can look at it.

use std::fmt::Write as _;

use kobune::cluster::Cluster;
use kobune::journal::{News, Replay, Save};
use kobune::object::Kind;
use kobune::time::Time;

use super::print;

pub(super) fn main(arguments: &[String]) -> Result<u8, String> {
    let [name] = arguments else { return Err("replay: one save, please".to_owned()) };
    let bytes = std::fs::read(name).map_err(|error| format!("replay: {name}: {error}"))?;
    let save = Save::read(&String::from_utf8_lossy(&bytes))
        .map_err(|damage| format!("replay: {name}: {damage}"))?;
    print(format!("# {} acts, {} steps\n", save.acts(), save.steps()).as_bytes());
    for note in &save.notes {
        print(format!("# noted: {note}\n").as_bytes());
    }
    let mut replay = Replay::new(save);
    loop {
        // A look now and then, so that the output comes as it was made.
        let mut looks = 0;
        let done = replay.go_on(&mut || {
            looks += 1;
            looks < 64
        });
        for news in replay.take_news() {
            print(told(news).as_bytes());
        }
        if done {
            break;
        }
    }
    print(ended(&replay).as_bytes());
    Ok(u8::from(replay.strayed().is_some() || replay.damage().is_some()))
}

fn told(news: News) -> String {
    match news {
        News::Began { at, line, .. } => {
            let secs = at.since(Time::START).as_secs_f64();
            format!("# {secs:.3} s\n$ {line}\n")
        }
        News::Wrote { text, .. } => text,
        News::Ended { exit: 0, .. } | News::Unsimulated { .. } | News::Cleared => String::new(),
        News::Ended { exit, .. } => format!("# exit code {exit}\n"),
    }
}

/// Where it ended, and whether that is where the save says.
fn ended(replay: &Replay) -> String {
    let (run, mut text) = (replay.run(), String::new());
    run.sandbox().read(|cluster: &Cluster| {
        let secs = cluster.now().since(Time::START).as_secs_f64();
        let pods = cluster.store().list(Kind::Pod, None).count();
        let (steps, revision) = (run.steps(), cluster.store().revision());
        writeln!(text, "# ended at {secs:.3} s: {steps} steps, revision {revision}, {pods} Pods")
            .expect("a String takes everything");
    });
    if let Some(damage) = replay.damage() {
        writeln!(text, "# damaged: {damage}").expect("a String takes everything");
    }
    if let Some(line) = replay.strayed() {
        writeln!(text, "# from line {line} on the world went another way than when it was saved")
            .expect("a String takes everything");
    }
    text
}
