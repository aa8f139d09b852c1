//! Every command that can be typed, besides the shell's own builtins.
//!
//! A command is one value in [`COMMANDS`]; help and completion are derived from the list. `tool` holds what the small
//! ones share: reading options, GNU's messages, files or standard input.

pub mod kubectl;

mod awk;
mod basic;
mod cat;
mod columns;
mod curl;
mod date;
mod diff;
mod files;
mod grep;
mod lines;
mod load;
mod machine;
mod node;
mod pod;
mod print;
mod sed;
mod settle;
mod test;
mod timed;
mod tool;
mod xargs;

use crate::shell::Command;

/// The commands, in order of name.
pub static COMMANDS: &[Command] = &[
    test::BRACKET,
    awk::AWK,
    basic::BASE64,
    files::BASENAME,
    cat::CAT,
    basic::CLEAR,
    columns::COLUMN,
    files::CP,
    curl::CURL,
    lines::CUT,
    date::DATE,
    diff::DIFF,
    files::DIRNAME,
    print::ECHO,
    grep::EGREP,
    xargs::ENV,
    basic::FALSE,
    grep::FGREP,
    machine::FIND,
    grep::GREP,
    cat::HEAD,
    basic::HELP,
    machine::HOSTNAME,
    machine::ID,
    kubectl::KUBECTL,
    cat::LESS,
    load::LOAD,
    files::LS,
    files::MKDIR,
    cat::MORE,
    files::MV,
    columns::NL,
    node::NODE,
    columns::PASTE,
    pod::POD,
    machine::PRINTENV,
    print::PRINTF,
    files::PWD,
    columns::REV,
    files::RM,
    files::RMDIR,
    sed::SED,
    basic::SEQ,
    settle::SETTLE,
    basic::SLEEP,
    lines::SORT,
    machine::SUDO,
    columns::TAC,
    cat::TAIL,
    cat::TEE,
    test::TEST,
    timed::TIMEOUT,
    files::TOUCH,
    lines::TR,
    basic::TRUE,
    machine::UNAME,
    lines::UNIQ,
    timed::WATCH,
    cat::WC,
    machine::WHICH,
    machine::WHOAMI,
    xargs::XARGS,
];

/// A command by its name.
pub(crate) fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Cluster, Settings};
    use crate::shell::{BUILTINS, Sandbox, Screen, Session};

    #[test]
    fn names_are_in_order_and_once() {
        for pair in COMMANDS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} stands before {}", pair[0].name, pair[1].name);
        }
        for builtin in BUILTINS {
            assert!(find(builtin.name).is_none(), "{} is a builtin and a command", builtin.name);
        }
    }

    /// What a script shows in a fresh world, and its exit code where that is not 0.
    pub(super) fn shown(script: &str) -> String {
        let settings = Settings { nodes: 0, ..Settings::default() };
        let sandbox = Sandbox::new(Cluster::new(settings));
        let mut session = Session::new(sandbox.clone(), COMMANDS, Screen::new(0));
        session.run_script(script);
        let mut code = session.poll();
        for _ in 0..10_000 {
            if code.is_some() {
                break;
            }
            sandbox.drive(Cluster::step);
            code = session.poll();
        }
        let bytes: Vec<u8> =
            session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match code {
            Some(0) => text,
            Some(code) => format!("{text}[{code}]"),
            None => format!("{text}[goes on]"),
        }
    }

    /// Scripts, and what they show.
    const SHOWN: &[(&str, &str)] = &[
        ("echo a  'b  c' \"$HOME\" $((2+3))", "a b  c /home/student 5\n"),
        ("echo -n a; echo -e 'b\\tc'", "ab\tc\n"),
        ("printf '%s=%d\\n' a 1 b 2; printf '%-5s|%05d' ab 42", "a=1\nb=2\nab   |00042"),
        ("printf '%05d|%+d|%.1s|%*d|' -42 7 abc 4 1", "-0042|+7|a|   1|"),
        ("printf 'b\\na\\nb\\n' | sort | uniq -c", "      1 a\n      2 b\n"),
        (
            "printf '10 x\\n9 y\\n' | sort -n; printf 'a:2\\nb:1\\n' | sort -t: -k2",
            "9 y\n10 x\nb:1\na:2\n",
        ),
        (
            "seq 20 | head -3; seq 20 | tail -n 2; seq 5 | tail -n +4; seq 3 | head -n -1",
            "1\n2\n3\n19\n20\n4\n5\n1\n2\n",
        ),
        ("seq 3 | wc -l; echo a b | wc", "3\n      1       2       4\n"),
        ("seq 12 > f; wc f; wc -l f; wc -l < f", "12 12 27 f\n12 f\n12\n"),
        ("cat nope", "cat: nope: No such file or directory\n[1]"),
        ("cat < nope", "bash: nope: No such file or directory\n[1]"),
        (
            "mkdir d; cat d; cd d; pwd; cd ..; rmdir d; ls",
            "cat: d: Is a directory\n/home/student/d\n",
        ),
        ("rm x", "rm: cannot remove 'x': No such file or directory\n[1]"),
        ("ls x", "ls: cannot access 'x': No such file or directory\n[2]"),
        (
            "mkdir -p a/b; touch a/b/c a/d; ls a; ls -R a; cp -r a z; ls z/b; rm -r a; mv z y; ls",
            "b\nd\na:\nb\nd\n\na/b:\nc\nc\ny\n",
        ),
        ("cp a b", "cp: cannot stat 'a': No such file or directory\n[1]"),
        (
            "ls --nope",
            "ls: unrecognized option '--nope'\nTry 'ls --help' for more information.\n[2]",
        ),
        (
            "head -n",
            "head: option requires an argument -- 'n'\nTry 'head --help' for more information.\n[1]",
        ),
        ("seq 10 | grep -n '[13]$'", "1:1\n3:3\n"),
        (
            "seq 10 | grep -c 1; seq 3 | grep -v 2; echo aXb | grep -io x; seq 3 | grep 9",
            "2\n1\n3\nX\n[1]",
        ),
        ("seq 9 | grep -A1 -B1 -E '^(2|7)$'", "1\n2\n3\n--\n6\n7\n8\n"),
        ("seq 12 | sed -n '/3/,/5/p;$p'", "3\n4\n5\n12\n"),
        ("seq 12 | sed -n '/Events/,$p;11,$p'", "11\n12\n"),
        ("echo nginx:1.27 > w; sed -i 's/1.27/1.28/' w; cat w", "nginx:1.28\n"),
        (
            "echo 'a b a' | sed 's/a/[&]/g; s/b/\\n/'; echo path/x | sed 's|/|.|'",
            "[a] \n [a]\npath.x\n",
        ),
        ("echo ab | sed -E 's/(a)(b)/\\2\\1/'; seq 3 | sed 2d; seq 3 | sed '2!d'", "ba\n1\n3\n2\n"),
        ("seq 3 | sed '2i x' ; seq 2 | sed '1{s/1/a/;p}'", "1\nx\n2\n3\na\na\n2\n"),
        ("sed 's/a'", "sed: -e expression #1, char 3: unterminated `s' command\n[1]"),
        (
            "echo a:b:c | cut -d: -f2; echo a:b:c | cut -d : -f 1,3; echo abc | cut -c2-",
            "b\na:c\nbc\n",
        ),
        ("echo abc | tr a-c A-C; echo a-b | tr -d -; echo 'a  b' | tr -s ' '", "ABC\nab\na b\n"),
        ("echo -n hi | base64; echo aGk= | base64 -d; echo", "aGk=\nhi\n"),
        (
            "[ 1 -lt 2 ] && echo yes; test -f nope || echo no; [ a = a -a b = b ] && echo both; [ x",
            "yes\nno\nboth\nbash: [: missing `]'\n[2]",
        ),
        (
            "seq 3 | xargs echo a; seq 2 | xargs -I{} echo x{}y; seq 3 | xargs -n 2",
            "a 1 2 3\nx1y\nx2y\n1 2\n3\n",
        ),
        ("date; sleep 90; date -u +%H:%M:%S", "Wed Apr  1 00:00:00 UTC 2026\n00:01:30\n"),
        (
            "sleep x",
            "sleep: invalid time interval 'x'\nTry 'sleep --help' for more information.\n[1]",
        ),
        (
            "cat <<EOF | tee f g > h; cat f g h\na $HOME\nEOF",
            "a /home/student\na /home/student\na /home/student\n",
        ),
        ("while read a b; do echo $b $a; done <<< 'x y'", "y x\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done | head -2", "1\n2\n"),
        ("while true; do echo y; done | head -n 2", "y\ny\n"),
        (
            "for f in *.yaml; do echo $f; done; touch a.yaml b.yaml; echo *.yaml \"*\"",
            "*.yaml\na.yaml b.yaml *\n",
        ),
        (
            "echo a > /nope/f; echo b 2>&1 > f; cat f",
            "bash: /nope/f: No such file or directory\nb\n",
        ),
        ("x=$(echo a; echo b); echo \"$x\" $x; echo `echo c`", "a\nb a b\nc\n"),
        ("A=1 env | grep ^A=; export B=2; env | grep ^B", "A=1\nB=2\n"),
        ("set -e; false; echo no", "[1]"),
        ("false | true; echo $?; set -o pipefail; false | true; echo $?", "0\n1\n"),
        (
            "cat > s.sh <<'E'\necho $1-$#\nexit 3\nE\nbash s.sh a b; echo $?; ./s.sh c",
            "a-2\n3\nc-1\n[3]",
        ),
        ("echo one; )", "bash: syntax error near unexpected token `)'\n[2]"),
        ("echo one\necho )", "one\nbash: syntax error near unexpected token `)'\n[2]"),
        ("basename /a/b.yaml .yaml; dirname /a/b.yaml", "b\n/a\n"),
        ("curl nope", "curl: (6) Could not resolve host: nope\n[6]"),
        ("curl -s localhost:8080; echo $?", "7\n"),
        (
            "curl 10.99.1.1 -m 2; date +%S",
            "curl: (28) Connection timed out after 2000 milliseconds\n02\n",
        ),
        (
            "curl -s -o /dev/null -w '%{http_code}\\n' nope; curl https://a",
            "000\ncurl: (1) Protocol \"https\" not supported or disabled in libcurl\n[1]",
        ),
        (
            "printf 'a 1/2 x\\nb 3/4 y\\n' > p; awk '{print $1, $NF}' p; awk -F/ 'NR>1{print $2}' p; awk '$1==\"b\"' p",
            "a x\nb y\n4 y\nb 3/4 y\n",
        ),
        (
            "seq 4 | awk '{s+=$1; c[$1%2]++} /3/{n=NR} END{print s, s/NR, c[0], n; for (k in c) print k}'",
            "10 2.5 2 3\n0\n1\n",
        ),
        (
            "awk 'BEGIN{printf \"%-3s|%5.2f|%03d\\n\", \"a\", 1/3, 7; print 1e6, 0.1+0.2, length(\"abc\") substr(\"hello\",2,3)}'",
            "a  | 0.33|007\n1000000 0.3 3ell\n",
        ),
        (
            "seq 5 | awk 'NR==2,NR==3'; echo a-b | awk '{gsub(/-/,\"+\"); n=split($0,p,\"+\"); print n p[2]; $1=\"z\"; print}'",
            "2\n3\n2b\nz\n",
        ),
        ("awk '{print'", "awk: cmd. line:1: unexpected end of the program\n[1]"),
        ("awk 'BEGIN{while(1){}}'", "awk: cmd. line:1: fatal: the program runs too long\n[2]"),
        ("awk 'BEGIN{print 1/0}'", "awk: cmd. line:1: fatal: division by zero\n[2]"),
        (
            "timeout 5 sleep 9; echo $?; timeout 5 sleep 1; echo $?; timeout x y",
            "124\n0\ntimeout: invalid time interval 'x'\nTry 'timeout --help' for more information.\n[125]",
        ),
        (
            "seq 3 | paste - -; seq 3 | paste -sd,; seq 2 | tac; echo abc | rev; echo a | nl",
            "1\t2\n3\t\n1,2,3\n2\n1\ncba\n     1\ta\n",
        ),
        ("printf 'a bb\\nccc d\\n' | column -t", "a    bb\nccc  d\n"),
        (
            "seq 3 > a; seq 2 4 > b; diff a b; diff a a; diff -q a b",
            "1d0\n< 1\n3a3\n> 4\nFiles a and b differ\n[1]",
        ),
        (
            "mkdir -p d/e; touch d/x.yaml d/e/y.yaml; find d -name '*.yaml' -type f; find d -maxdepth 1; which cat nope",
            "d/e/y.yaml\nd/x.yaml\nd\nd/e\nd/x.yaml\n/usr/bin/cat\n[1]",
        ),
        (
            "echo x | xargs -I{} sh -c 'echo [{}]'; sudo echo y; echo ax | grep -P 'a\\w'",
            "[x]\ny\nax\n",
        ),
        ("watch -n 60 -t -g date", "Wed Apr  1 00:00:00 UTC 2026\nWed Apr  1 00:01:00 UTC 2026\n"),
        ("sleep 2 && echo b & echo a; wait; date +%S", "a\nb\n02\n"),
        ("false; x=$?; echo $x; y=$(false); echo $?; z=1; echo $?", "1\n1\n0\n"),
        (
            "diff <(seq 3) <(seq 2 4); ls /tmp; source <(echo A=1; echo B=2); echo $A$B",
            "1d0\n< 1\n3a3\n> 4\n12\n",
        ),
        (
            "source <(kubectl completion bash); kubectl completion fish | head -1",
            "# fish completion for kubectl\n",
        ),
        ("kubectl_nope", "bash: kubectl_nope: command not found\n[127]"),
    ];

    #[test]
    fn tools_do_what_gnu_tools_do() {
        for (script, want) in SHOWN {
            assert_eq!(shown(script), *want, "{script}");
        }
    }
}
