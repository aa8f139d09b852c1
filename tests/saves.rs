//! Nothing is lost: a world done again from its save is the same to the last bit, and a damaged save is no more than that.
//!
//! Worlds are driven as the page drives them, in slices of no particular size, with acts wherever they come: while time
//! stands, in the middle of a moment, while a command runs. Seeds are printed by what fails.

use std::fmt::{self, Write};

use kobune::cluster::{Cluster, Profile, Settings};
use kobune::journal::{Act, Damage, Moment, News, Outcome, Replay, Run, Save, Wrong};
use kobune::random::Random;
use kobune::time::Duration;

const SHOP: &str = include_str!("damage/several.yaml");

/// What a student might type, some of it slow, some of it wrong.
const LINES: &[&str] = &[
    "kubectl apply -f web.yaml",
    "kubectl create deployment shop --image=nginx:1.27 --replicas=3",
    "kubectl get pods -w",
    "kubectl get pods -o wide | head -n 3",
    "kubectl delete $(kubectl get pods -o name | head -n 1)",
    "kubectl scale deployment shop --replicas=5",
    "kubectl set image deployment/shop nginx=nginx:1.28",
    "kubectl rollout status deployment shop",
    "kubectl expose deployment shop --port 80; curl -s http://shop | head -n 2",
    "while sleep 2; do date; kubectl get deployments --no-headers; done",
    "kubectl logs -f deployment/shop",
    "cat > note.txt",
    "kubectl get all -o yaml > all.yaml; wc -l all.yaml; rm -f web.yaml",
    "for i in 1 2 3; do echo $i",
    "echo '",
    "export N=$((N+1)); cd /tmp; pwd",
    "kubectl delete deployment shop",
    "nonsense --help",
    "sleep 7; kubectl cordon node-1; kubectl uncordon node-1",
    "exit 3",
];

fn settings(seed: u64) -> Settings {
    Settings { seed, nodes: 3, profile: Profile::Default }
}

/// FNV-1a over whatever is written to it.
struct Hash(u64);

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// Everything that a world is: cluster, files, and what the prompt knows.
fn hash(run: &Run) -> u64 {
    let mut hash = Hash(0xcbf2_9ce4_8422_2325);
    let sandbox = run.sandbox();
    sandbox.read(|cluster| write!(hash, "{cluster:?}")).expect("a hash takes everything");
    sandbox
        .files(|files| write!(hash, "{:?}", files.below("/").collect::<Vec<_>>()))
        .expect("a hash takes everything");
    let prompt = (run.prompt(), run.history(), run.steps(), run.now());
    write!(hash, "{prompt:?}").expect("a hash takes everything");
    hash.0
}

/// Lets a world live for a while: some steps, or up to a time between two steps.
fn live(run: &mut Run, random: &mut Random) {
    match random.below(4) {
        // Time stands: nothing at all.
        0 => {}
        // A slice that ends anywhere, also in the middle of a moment.
        1 => {
            for _ in 0..random.below(40) {
                run.step();
            }
        }
        // A frame: everything due up to a time, then on to that time.
        _ => {
            let until = run.now() + Duration::from_micros(random.below(9_000_000) as u64);
            while run.sandbox().read(Cluster::next_due).is_some_and(|due| due <= until) {
                run.step();
            }
            run.pass(until);
        }
    }
}

fn random_act(random: &mut Random) -> Act {
    let path = ["/home/student/web.yaml", "/home/student/a/b.yaml", "/tmp/小舟"][random.below(3)];
    match random.below(12) {
        0 => Act::Interrupt,
        1 => Act::Input(format!("line {}\n", random.below(9))),
        2 => Act::EndInput,
        3 => Act::Clear,
        4 | 5 => {
            let text = SHOP.replacen('3', &random.below(9).to_string(), random.below(5));
            Act::Write { path: path.to_owned(), text }
        }
        6 => Act::Rename { from: path.to_owned(), to: "/home/student/web.yaml".to_owned() },
        7 | 8 => Act::Run(LINES[random.below(LINES.len())].to_owned()),
        _ => Act::Enter(LINES[random.below(LINES.len())].to_owned()),
    }
}

/// A world with a past, and everything that its terminal showed.
fn lived(seed: u64, acts: usize) -> (Run, Vec<News>) {
    let (mut run, mut random) = (Run::new("main", settings(seed)), Random::new(seed));
    let mut news = Vec::new();
    let text = SHOP.to_owned();
    run.act(Act::Write { path: "/home/student/web.yaml".to_owned(), text });
    for _ in 0..acts {
        live(&mut run, &mut random);
        run.act(random_act(&mut random));
        news.extend(run.take_news());
    }
    live(&mut run, &mut random);
    news.extend(run.take_news());
    (run, news)
}

/// Does a save again, in slices of some size.
fn again(text: &str, slice: usize) -> (Replay, Vec<News>) {
    let mut replay = Replay::new(Save::read(text).expect("it begins as a save"));
    let mut news = Vec::new();
    loop {
        let mut left = slice;
        let done = replay.go_on(&mut || {
            left = left.saturating_sub(1);
            left > 0
        });
        news.extend(replay.take_news());
        if done {
            return (replay, news);
        }
    }
}

/// News with the pieces of one output put together: how they were cut is nobody's business.
fn joined(news: &[News]) -> String {
    let mut text = String::new();
    for news in news {
        match news {
            News::Wrote { text: wrote, .. } => text.push_str(wrote),
            News::Began { .. } | News::Unsimulated { .. } | News::Ended { .. } | News::Cleared => {
                write!(text, "{news:?}").expect("a String takes everything");
            }
        }
    }
    text
}

#[test]
fn a_world_done_again_is_the_same_to_the_last_bit() {
    for seed in 1..=12 {
        let (run, news) = lived(seed, 30);
        let text = run.save(&Moment { playing: true, speed: 30, ..Moment::default() });
        let (replay, shown) = again(&text, 1 + usize::try_from(seed).unwrap() * 7);
        assert_eq!((replay.strayed(), replay.damage()), (None, None), "seed {seed}");
        assert_eq!(joined(&shown), joined(&news), "seed {seed}");
        let (twin, _) = replay.finish();
        assert_eq!(hash(&twin), hash(&run), "seed {seed}");
        let moment = Moment { playing: true, speed: 30, ..Moment::default() };
        assert_eq!(twin.save(&moment), text, "seed {seed}");
    }
}

#[test]
fn both_live_on_alike() {
    let (mut run, _) = lived(77, 20);
    let (replay, _) = again(&run.save(&Moment::default()), 50);
    let (mut twin, _) = replay.finish();
    for run in [&mut run, &mut twin] {
        let mut random = Random::new(5);
        for _ in 0..10 {
            live(run, &mut random);
            run.act(random_act(&mut random));
        }
    }
    assert_eq!(hash(&run), hash(&twin));
}

#[test]
fn a_watch_goes_on_where_it_was_and_can_be_stopped() {
    let mut run = Run::new("main", settings(1));
    run.act(Act::Enter("kubectl create deployment web --image=nginx:1.27".to_owned()));
    run.act(Act::Enter("kubectl get pods -w".to_owned()));
    for _ in 0..200 {
        run.step();
    }
    let (replay, _) = again(&run.save(&Moment::default()), 10);
    let (mut twin, _) = replay.finish();
    twin.take_news();
    twin.act(Act::Run("kubectl scale deployment web --replicas 2".to_owned()));
    for _ in 0..400 {
        twin.step();
    }
    let shown = joined(&twin.take_news());
    assert!(shown.contains("ContainerCreating"), "the watch shows the new Pod: {shown}");
    twin.act(Act::Interrupt);
    assert!(joined(&twin.take_news()).contains("exit: 130"));
}

#[test]
fn acts_of_one_moment_keep_their_order() {
    let mut run = Run::new("main", settings(3));
    // A step or two into the first moment in which something is due, more than one task in it.
    run.act(Act::Enter("kubectl create deployment web --image=nginx:1.27 --replicas=9".to_owned()));
    for count in [1, 2, 3, 5, 8] {
        for _ in 0..count {
            run.step();
        }
        run.act(Act::Run("kubectl get pods -o wide --no-headers | sort -k 7".to_owned()));
        run.act(Act::Run("kubectl label deployment web n=1 --overwrite".to_owned()));
    }
    let text = run.save(&Moment::default());
    let (replay, shown) = again(&text, 3);
    assert_eq!(replay.strayed(), None);
    assert_eq!(joined(&shown), joined(&run.take_news()));
    assert_eq!(hash(replay.run()), hash(&run));
}

#[test]
fn a_long_paste_is_kept_once() {
    let mut run = Run::new("main", settings(1));
    let text = "k: v\n".repeat(200_000);
    for path in ["/home/student/a.yaml", "/home/student/b.yaml", "/home/student/a.yaml"] {
        run.act(Act::Write { path: path.to_owned(), text: text.clone() });
        run.act(Act::Write { path: path.to_owned(), text: format!("# one more line\n{text}") });
    }
    let save = run.save(&Moment::default());
    assert!(save.len() < text.len() * 5 / 4, "{} bytes", save.len());
    assert_eq!(hash(again(&save, 100).0.run()), hash(&run));
}

#[test]
fn a_thousand_acts_are_small() {
    let mut run = Run::new("main", Settings { nodes: 0, ..settings(1) });
    for number in 0..2000 {
        let text = format!("kind: Pod\nmetadata:\n  name: p{number}\n").repeat(50);
        run.act(Act::Write { path: "/home/student/p.yaml".to_owned(), text });
        run.act(Act::Enter(format!("echo {number}")));
    }
    let bytes: usize = run.lines().iter().map(String::len).sum();
    assert!(bytes < 2000 * 2100, "{bytes}");
    // What is typed a letter at a time costs next to nothing.
    let mut typed = String::new();
    let before = run.lines().len();
    for letter in "the quick brown fox jumps over the lazy dog\n".repeat(20).chars() {
        typed.push(letter);
        run.act(Act::Write { path: "/home/student/fox".to_owned(), text: typed.clone() });
    }
    let bytes: usize = run.lines().iter().skip(before).map(String::len).sum();
    assert!(bytes < typed.len() * 90, "{bytes} bytes for {} letters", typed.len());
}

#[test]
fn what_is_beyond_the_limit_is_done_and_not_kept() {
    let mut run = Run::new("main", Settings { nodes: 0, ..settings(1) });
    let mut random = Random::new(1);
    for number in 0..5 {
        let text: String = (0..400_000).map(|_| random.suffix(10)).collect();
        run.act(Act::Write { path: format!("/tmp/{number}"), text });
    }
    assert!(!run.is_kept());
    assert_eq!(run.moment(&Moment::default()), None);
    assert_eq!(run.act(Act::Enter("echo on".to_owned())), Outcome::Done);
    assert!(joined(&run.take_news()).contains("on\n"));
    let (replay, _) = again(&run.save(&Moment::default()), 10);
    assert_eq!((replay.strayed(), replay.damage()), (None, None));
    assert!(
        replay.run().sandbox().files(|files| files.exists("/tmp/3") && !files.exists("/tmp/4"))
    );
}

#[test]
fn damage_is_found_at_its_line_and_what_comes_before_it_is_kept() {
    let (run, _) = lived(5, 12);
    let text = run.save(&Moment::default());
    let lines: Vec<&str> = text.lines().collect();
    let acts = run.lines().len();
    for line in 2..2 + acts {
        let mut bad = lines.clone();
        let changed = bad[line].replacen('\t', "\t1", 1);
        bad[line] = &changed;
        let save = Save::read(&bad.join("\n")).expect("it begins as a save");
        assert_eq!(save.damage, Some(Damage { line: line + 1, wrong: Wrong::Changed }));
        assert_eq!(save.acts(), line - 2);
        let (replay, _) = again(&bad.join("\n"), 100);
        assert_eq!(replay.strayed(), None);

        let mut missing = lines.clone();
        missing.remove(line);
        let save = Save::read(&missing.join("\n")).expect("it begins as a save");
        assert_eq!(save.damage.map(|damage| damage.line), Some(line + 1));
    }
    for (bad, wrong) in [
        ("", Wrong::NotASave),
        ("hello", Wrong::NotASave),
        ("kobune save\tx\t1", Wrong::NotASave),
        ("kobune save\t2\t9.9.9\nwhatever", Wrong::TooNew),
        ("kobune save\t1\t0.1.0\n00000000\tworld\tmain\t1\t3\tdefault", Wrong::Changed),
    ] {
        assert_eq!(Save::read(bad).map(|_| ()).map_err(|damage| damage.wrong), Err(wrong), "{bad}");
    }
}

#[test]
fn no_damage_is_worse_than_damage() {
    let (run, _) = lived(9, 10);
    let text = run.save(&Moment { active: Some("/a".to_owned()), ..Moment::default() });
    let mut random = Random::new(99);
    for round in 0..400 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = b"\t\n\\0x9\xff"[random.below(7)],
                1 => {
                    bytes.truncate(at.max(1));
                }
                2 => {
                    let end = (at + random.below(60)).min(bytes.len());
                    bytes.drain(at..end);
                }
                _ => {
                    let piece = bytes[at..(at + random.below(60)).min(bytes.len())].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        let damaged = String::from_utf8_lossy(&bytes);
        let Ok(save) = Save::read(&damaged) else { continue };
        save.salvage();
        if round % 20 == 0 {
            again(&damaged, 1000);
        }
    }
}

/// Lines whose checks are right and whose words are not: what malice could write.
#[test]
fn senseless_lines_are_damage() {
    let (run, _) = lived(4, 3);
    let first = run.head().lines().next().expect("a head has lines");
    for fields in [
        "world\tmain\t1\t99999\tdefault",
        "world\tmain\t-1\t3\tdefault",
        "world\tmain\t1\t3\tother",
        "world",
    ] {
        let text = format!("{first}\n{}", checked(first, &[fields]));
        assert_eq!(Save::read(&text).map(|_| ()), Err(Damage { line: 2, wrong: Wrong::Senseless }));
    }
    let world = "world\tmain\t1\t0\tdefault";
    for fields in [
        "0\t0\t811c9dc5",
        "x\t0\t0\tenter\tls",
        "0\t0\tzz\tenter\tls",
        "0\t99999999999999999999\t0\tenter\tls",
    ] {
        let text = format!("{first}\n{}", checked(first, &[world, fields]));
        let save = Save::read(&text).expect("it begins as a save");
        assert_eq!(save.damage, Some(Damage { line: 3, wrong: Wrong::Senseless }), "{fields}");
    }
    for fields in [
        "0\t0\t00000000\tdance",
        "0\t0\t00000000\twrite\t/a\t/b\t0\t0\tx",
        "0\t0\t00000000\twrite\t/a\t\t1\t0\tx",
    ] {
        let text = format!("{first}\n{}", checked(first, &[world, fields]));
        let (replay, _) = again(&text, 10);
        assert_eq!(replay.damage(), Some(Damage { line: 3, wrong: Wrong::Senseless }), "{fields}");
    }
    // Farther than any clock goes.
    let far = "18446744073709551615\t18446744073709551615\t00000000\tenter\tls";
    let text = format!("{first}\n{}", checked(first, &[world, far, far]));
    let mut replay = Replay::new(Save::read(&text).expect("it begins as a save"));
    replay.go_on(&mut || false);
}

/// Lines with their checks, after a first line.
fn checked(first: &str, lines: &[&str]) -> String {
    let fnv = |hash: u32, bytes: &[u8]| {
        bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    };
    let (mut check, mut text) = (fnv(0x811c_9dc5, first.as_bytes()), String::new());
    for line in lines {
        check = fnv(fnv(0x811c_9dc5, &check.to_le_bytes()), line.as_bytes());
        writeln!(text, "{check:08x}\t{line}").expect("a String takes everything");
    }
    text
}

/// A save of another engine: the same acts, and a world that goes another way.
#[test]
fn a_world_that_goes_another_way_is_rebuilt_by_time() {
    let (run, _) = lived(6, 15);
    let text = run.save(&Moment::default());
    let other = text.replacen("main\t6\t", "main\t7\t", 1);
    let first = other.lines().next().expect("it has lines").to_owned();
    let fields: Vec<&str> = other
        .lines()
        .skip(1)
        .filter(|line| !line.contains("\tfile\t"))
        .map(|line| line.split_once('\t').expect("a check stands before").1)
        .collect();
    let (replay, _) = again(&format!("{first}\n{}", checked(&first, &fields)), 100);
    assert!(replay.strayed().is_some());
    let (twin, _) = replay.finish();
    assert_eq!(twin.now(), run.now());
    assert_eq!(twin.history(), run.history());
    // What was rebuilt is a run like any other: its own save brings it back.
    let (replay, _) = again(&twin.save(&Moment::default()), 100);
    assert_eq!(replay.strayed(), None);
    assert_eq!(hash(replay.run()), hash(&twin));
}

#[test]
fn files_and_history_can_be_had_without_doing_anything_again() {
    let (run, _) = lived(8, 25);
    let save = Save::read(&run.save(&Moment::default())).expect("it is a save");
    let salvage = save.salvage();
    for (path, text) in &salvage.files {
        let there = run.sandbox().files(|files| files.read(path)).expect("the file is there");
        assert_eq!(there.as_slice(), text.as_bytes(), "{path}");
    }
    let all = run
        .sandbox()
        .files(|files| files.below("/").filter(|(_, entry)| entry.bytes.is_some()).count());
    assert_eq!(salvage.files.len(), all);
    assert!(
        run.history().iter().all(|line| salvage.history.iter().any(|kept| kept.trim() == line))
    );
}

#[test]
fn a_fatal_act_can_be_left_out() {
    let (run, _) = lived(2, 6);
    let mut save = Save::read(&run.save(&Moment::default())).expect("it is a save");
    let acts = save.acts();
    save.forget_last();
    let mut replay = Replay::new(save);
    while !replay.go_on(&mut || true) {}
    assert_eq!(replay.strayed(), None);
    assert_eq!(replay.run().lines(), &run.lines()[..acts - 1]);
}
