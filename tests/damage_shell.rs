//! Damaged command lines: whatever is typed, the shell answers, and the session goes on.
//!
//! Lines that a student types are cut, doubled, mixed and peppered with what breaks parsers, then run in one session
//! after another. A failure prints the seed and the line.

use kobune::cluster::{Cluster, Settings};
use kobune::command::COMMANDS;
use kobune::random::Random;
use kobune::shell::{Sandbox, Screen, Session, Submitted};

/// How many lines are tried.
const LINES: usize = 10_000;
/// How many lines one session takes before a fresh one begins.
const LINES_A_SESSION: usize = 500;
/// How many steps of the world a line may take before it is interrupted, as a student would with Ctrl+C.
const STEPS_MAX: usize = 40;

const GOOD: &[&str] = &[
    "kubectl apply -f web.yaml && kubectl get pods -o wide | grep web",
    "kubectl get pods -l 'app in (web,db)' -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'",
    "kubectl create deployment web --image=nginx:1.27 --replicas=3 --dry-run=client -o yaml > web.yaml",
    "for i in 1 2 3; do echo $i; kubectl scale deploy/web --replicas=$i; done",
    "if [ -f web.yaml ]; then cat web.yaml | head -n 3; else echo none >&2; fi",
    "cat <<EOF | kubectl apply -f -\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nEOF",
    "x=$(kubectl get pod web -o name 2>/dev/null); echo \"${x:-nothing}\" ${x#pod/} $((1 + ${#x}))",
    "while read -r a b; do printf '%s=%5d\\n' \"$a\" 7; done < list.txt | sort -k2 -n | uniq -c",
    "sed -i 's/nginx:1.27/nginx:1.28/' web.yaml; sed -n '/spec/,$p' web.yaml | tr a-z A-Z | cut -d: -f2",
    "curl -s -o /dev/null -w '%{http_code}\\n' http://web.default:80/ || echo failed $?",
    "f() { local n=$1; [ $n -gt 0 ] && f $((n - 1)); }; f 5; case $? in 0|1) echo ok;; *) exit 3;; esac",
    "mkdir -p a/{b,c}/d && touch a/b/*.txt; ls -lR a; cp -r a z; mv z a/b; rm -rf a; cd ..; cd -",
    "grep -rn --include x 'a\\|b' . ; grep -E '(a|b){2,3}' f; echo abc | base64 | base64 -d; seq 1 5 | xargs -n2 echo",
    "kubectl describe pod web | awk '{print $1}'; kubectl logs web --tail=5; kubectl delete pod web --now",
    "date; sleep 0.1; test -z \"$HOME\" -o 1 -eq 1; env A=b env | tail -2; history 3; type cd ls nope; help",
];

const PEPPER: &[&str] = &[
    "\"",
    "'",
    "`",
    "$",
    "$(",
    "${",
    "$((",
    ")",
    "}",
    "))",
    "|",
    "||",
    "&&",
    "&",
    ";",
    ";;",
    "(",
    "{ ",
    "<<",
    "<<<",
    ">",
    "2>&1",
    "\\",
    "\n",
    "\0",
    "#",
    "*",
    "?",
    "[",
    "]",
    "!",
    "~",
    "=",
    "{a,b}",
    "{1..9}",
    "if ",
    " then ",
    " fi",
    " do ",
    " done",
    "for ",
    "case ",
    " esac",
    "-",
    "--",
    "%s",
    "\u{1b}[",
    "漁",
    "🚢",
    "\u{202e}",
    "999999999999999999999",
    "-1",
    "\t",
    "/",
    "..",
    "EOF",
];

/// A good line, damaged a few times.
fn damaged(random: &mut Random) -> String {
    let mut line: Vec<char> = GOOD[random.below(GOOD.len())].chars().collect();
    for _ in 0..=random.below(5) {
        let at = random.below(line.len() + 1);
        let end = (at + random.below(12)).min(line.len());
        match random.below(5) {
            0 => drop(line.drain(at..end)),
            1 => {
                let doubled = line[at..end].to_vec();
                line.splice(at..at, doubled.repeat(1 + random.below(3)));
            }
            2 | 3 => {
                let pepper = PEPPER[random.below(PEPPER.len())].repeat(1 + random.below(4));
                line.splice(at..at, pepper.chars());
            }
            _ => {
                let other: Vec<char> = GOOD[random.below(GOOD.len())].chars().collect();
                let from = random.below(other.len());
                line.truncate(at);
                line.extend(&other[from..]);
            }
        }
    }
    line.into_iter().collect()
}

fn session() -> Session {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    Session::new(sandbox, COMMANDS, Screen::new(80))
}

#[test]
fn no_line_breaks_the_shell() {
    let mut random = Random::new(20_260_401);
    let mut started = 0;
    for number in 0..LINES {
        if number % LINES_A_SESSION == 0 {
            session_of_lines(&mut random, &mut started);
        }
    }
    assert!(started > LINES / 4, "only {started} lines were complete enough to run");
}

/// Runs [`LINES_A_SESSION`] damaged lines in one session.
fn session_of_lines(random: &mut Random, started: &mut usize) {
    let sandbox = Sandbox::new(Cluster::new(Settings::default()));
    let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(80));
    for _ in 0..LINES_A_SESSION {
        let line = damaged(random);
        let shown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            drop(session.complete(&line));
            let submitted = session.submit(&line);
            for _ in 0..STEPS_MAX {
                if session.poll().is_some() || !session.is_running() {
                    break;
                }
                sandbox.drive(Cluster::step);
            }
            session.interrupt();
            session.take_output();
            submitted
        }));
        assert!(shown.is_ok(), "the shell broke on {line:?}");
        *started += usize::from(shown.is_ok_and(|submitted| submitted == Submitted::Started));
    }
}

#[test]
fn depth_and_length_end_with_an_error() {
    for text in ["(", "((", "$(", "${a:-", "\"$(", "{ ", "if ", "while ", "`", "f() { "] {
        let mut session = session();
        session.submit(&text.repeat(20_000));
        session.poll();
        session.interrupt();
    }
    for line in [
        "f() { f; }; f".to_owned(),
        "f() { $(f); }; f".to_owned(),
        "f() { f | f; }; f".to_owned(),
        "a=x; for i in {1..40}; do a=$a$a; done; echo ${#a}".to_owned(),
        format!("echo {}", "{a,b}".repeat(30)),
        format!("echo {}", "x".repeat(2 << 20)),
        "echo 'bash f' > f; bash f".to_owned(),
        "e='eval $e'; eval $e".to_owned(),
    ] {
        let mut session = session();
        session.submit(&line);
        for _ in 0..STEPS_MAX {
            session.poll();
        }
        session.interrupt();
        assert_eq!(session.submit(":"), Submitted::Started);
    }
}
