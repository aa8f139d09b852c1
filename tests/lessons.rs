//! Lessons as their authors meet them: `kobune lessons` passes every lesson of the repository, and says where each kind of
//! fault stands, in file and line.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn kobune(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kobune"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_lesson_can_be_passed_and_not_by_accident() {
    let output = kobune(&["lessons"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && stderr.is_empty(), "{stdout}{stderr}");
    let order =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/order.txt"))
            .expect("the order of lessons");
    let told: Vec<_> =
        stdout.lines().filter_map(|line| line.strip_prefix("ok ")?.split(':').next()).collect();
    assert_eq!(told, order.lines().collect::<Vec<_>>());
}

const YAML: &str = "\
nodes: 1
steps:
- id: make
  prediction:
    choices: [a, b]
    answer: echo a
  goals:
  - id: there
    when: end
    check: kubectl get configmap x
  - id: calm
    when: always
    check: '! kubectl get secret x'
  mistakes:
  - id: other
    script: kubectl create configmap y
    sign: kubectl get configmap y
  - id: secret
    script: kubectl create secret generic x
    breaks: calm
";
const WORDS: &str = "\
# T

## S

### PREDICTION

Q

- `a` A
- `b` B

### DO

```run
kubectl create configmap x
```

See [T](#/lesson/one).

### GOALS

- `there` G
- `calm` C
  - B

### MISTAKES

- `other` M

### HINTS

- H

### WHY

W
";
const SOLUTION: &str = "# step make\nkubectl create configmap x\n";

/// A folder with one lesson, in which one text was replaced in one file.
fn lesson(name: &str, file: &str, from: &str, to: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lessons").join(name);
    let folder = root.join("one");
    std::fs::create_dir_all(&folder).expect("a folder for the lesson");
    let names = ["PREDICTION", "DO", "GOALS", "MISTAKES", "HINTS", "WHY"];
    let in_words = |words: [&str; 6]| {
        names.iter().zip(words).fold(WORDS.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    for (other, content) in [
        ("lesson.yaml", YAML.to_owned()),
        ("ja.md", in_words(["予想", "やってみる", "ゴール", "つまずき", "ヒント", "なぜ"])),
        ("en.md", in_words(["Prediction", "Do", "Goals", "Mistakes", "Hints", "Why"])),
        ("solution.sh", SOLUTION.to_owned()),
    ] {
        let edited = if other == file { content.replacen(from, to, 1) } else { content.clone() };
        assert!(other != file || edited != content, "{name}: {from:?} stands in {file}");
        std::fs::write(folder.join(other), edited).expect("a file of the lesson");
    }
    std::fs::write(root.join("order.txt"), "one\n").expect("the order");
    root
}

/// What is wrong, and what is said of it.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    // Files that cannot be read: file, line, reason. These fail the build too.
    (
        "lesson.yaml",
        "when: end",
        "when: soon",
        "one/lesson.yaml:8: when is end, once or always, not \"soon\"",
    ),
    ("lesson.yaml", "nodes: 1", "nodes: [1", "one/lesson.yaml:"),
    (
        "ja.md",
        "### ヒント",
        "### ひんと",
        "one/ja.md:30: a part of a step is one of 予想, やってみる, ゴール, つまずき, ヒント, なぜ, not \"ひんと\"",
    ),
    (
        "en.md",
        "## S",
        "## S\n\n## S2",
        "one/en.md:5: lesson.yaml has 1 steps; this is one too many",
    ),
    (
        "en.md",
        "Q\n",
        "<b>Q</b>\n",
        "one/en.md:7: words may be plain, code, strong, stressed or a link, and nothing else",
    ),
    ("en.md", "- `a` A", "- A", "one/en.md:9: an item begins with its id, as `id`"),
    ("en.md", "kubectl create configmap x", "if", "one/en.md:14: the command `if` has no end"),
    (
        "solution.sh",
        "# step make",
        "# step male",
        "one/solution.sh:1: the next step is make, not male",
    ),
    ("solution.sh", "configmap x", "configmap 'x", "one/solution.sh:2: this command has no end"),
    // Lessons that cannot be taught.
    (
        "lesson.yaml",
        "kubectl get configmap x",
        "'true'",
        "step make: its goals are met before anything is done",
    ),
    ("solution.sh", "configmap x", "configmap z", "step make: the solution does not reach there"),
    ("solution.sh", "configmap x", "secret generic x", "step make: the solution breaks calm"),
    (
        "lesson.yaml",
        "sign: kubectl get configmap y",
        "sign: kubectl get configmap z",
        "step make: the mistake other is not noticed",
    ),
    (
        "lesson.yaml",
        "script: kubectl create secret generic x",
        "script: echo",
        "step make: the mistake secret is not noticed",
    ),
    (
        "lesson.yaml",
        "answer: echo a",
        "answer: echo c",
        "step make: the answer to its prediction is none of the choices: c",
    ),
    (
        "lesson.yaml",
        "'! kubectl get secret x'",
        "sleep 1",
        "step make: the goal calm waits: a check takes no time",
    ),
    ("en.md", "- `there` G", "- `their` G", "step make: en.md: the goal there has no words"),
    ("en.md", "- `b` B", "- `c` C", "step make: en.md: the choice b has no words"),
    (
        "en.md",
        "kubectl create",
        "kubectrl create",
        "step make: en.md: `kubectrl create configmap x`: there is no command kubectrl",
    ),
    (
        "ja.md",
        "kubectl create configmap x",
        "kubectl get pods",
        "step make: the commands to run differ between ja.md and en.md",
    ),
    (
        "ja.md",
        "#/lesson/one",
        "#/lesson/two",
        "step make: ja.md: the link #/lesson/two leads nowhere",
    ),
    ("ja.md", "- H", "- H\n- I", "step make: ja.md and en.md have different numbers of hints"),
    ("ja.md", "  - B\n", "", "step make: ja.md: the goal calm can break and has no words for it"),
    ("ja.md", "W\n", "", "step make: ja.md: there is no closing why"),
];

#[test]
fn faults_are_told_with_their_places() {
    let good = lesson("good", "en.md", "# T", "# Title");
    let output = kobune(&["lessons", "--in", &good.to_string_lossy()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut missed = Vec::new();
    for (index, (file, from, to, wanted)) in FAULTS.iter().enumerate() {
        let folder = lesson(&format!("fault-{index}"), file, from, to);
        let output = kobune(&["lessons", "--in", &folder.to_string_lossy()]);
        let stderr = text(&output.stderr);
        if output.status.code() != Some(1) || !stderr.contains(wanted) {
            missed.push(format!("wanted: {wanted}\ntold: {stderr}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn the_build_writes_a_file_a_lesson_and_stops_at_a_fault() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lessons/out");
    let folder = lesson("build", "en.md", "# T", "# Title");
    std::fs::create_dir_all(&out).expect("a folder to write to");
    std::fs::write(out.join("old.json"), "{}").expect("a file of an earlier build");
    let build = |folder: &Path| {
        kobune(&["lessons", "--in", &folder.to_string_lossy(), "build", &out.to_string_lossy()])
    };
    assert!(build(&folder).status.success());
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_default();
    assert_eq!(read("index.json"), r#"{"lessons":[{"en":"Title","id":"one","ja":"T","steps":1}]}"#);
    assert!(!out.join("old.json").exists(), "what there is no lesson for is removed");
    let taught = kobune::lesson::compiled(&read("one.json")).expect("the page can read it");
    assert_eq!((taught.id.as_str(), taught.steps[0].en.hints.len()), ("one", 1));

    let bad = lesson("bad-build", "lesson.yaml", "when: end", "when: soon");
    let output = build(&bad);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("one/lesson.yaml:8: "), "{}", text(&output.stderr));
}

#[test]
fn a_lesson_nobody_wrote_is_named() {
    let output = kobune(&["lessons", "no-such"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no lesson no-such; there are self-healing"));
}
