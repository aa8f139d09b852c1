//! What a program inside a container asks of the network, and how its tool puts the answer: `wget`, `curl`, `nc`,
//! `nslookup` as `BusyBox` and curl word them.
//!
//! The program stops until the answer comes; whoever owns it carries the question out.

use super::{Response, Stream, client};
use crate::time::Duration;

/// What is wanted of the network.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The address of a name.
    Address,
    /// An open port.
    Port,
    /// An HTTP answer.
    Answer,
}

/// A question to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The tool that asks.
    pub tool: String,
    /// What it wants.
    pub wanted: Wanted,
    /// The host, as written.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path, for HTTP.
    pub path: String,
    /// How long it waits for a connection.
    pub patience: Duration,
    /// What else was said to a database's client.
    args: Vec<String>,
    /// Whether it keeps its remarks to itself.
    quiet: bool,
    /// Whether it counts an HTTP error as a failure.
    strict: bool,
    /// The file it writes to; `-` for standard output.
    file: Option<String>,
}

/// What the network answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// No such name.
    NoName,
    /// The name's address; that was all that was wanted, or nothing listens there.
    Address(String),
    /// Nothing listens at the address.
    Refused(String),
    /// Nobody answers at the address.
    TimedOut(String),
    /// The port is open, but what is behind it speaks no HTTP.
    Open(String),
    /// An HTTP answer from the address.
    Response(String, Response),
}

/// Exit code, output, and the file to write with its text.
pub(super) type Told = (i32, Vec<(Stream, String)>, Option<(String, String)>);

/// How long a tool waits by default: the kernel's tries to connect.
const PATIENCE: Duration = Duration::from_secs(130);

impl Ask {
    /// The question for a name's address, by a program.
    pub(super) fn address(host: &str) -> Self {
        Self {
            tool: String::new(),
            wanted: Wanted::Address,
            host: host.to_owned(),
            port: 0,
            path: String::new(),
            patience: PATIENCE,
            args: Vec::new(),
            quiet: true,
            strict: true,
            file: None,
        }
    }

    /// The question that a command line stands for, if it is one; an error is the tool's own.
    pub(super) fn parse(words: &[String]) -> Result<Option<Self>, String> {
        let Some((tool, args)) = words.split_first() else { return Ok(None) };
        let tool = tool.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some((host, port)) = client::target(&tool, args) {
            return Ok(Some(Self {
                tool,
                wanted: Wanted::Port,
                host,
                port,
                path: String::new(),
                patience: PATIENCE,
                args: args.to_vec(),
                quiet: false,
                strict: true,
                file: None,
            }));
        }
        if !matches!(tool.as_str(), "curl" | "nc" | "nslookup" | "wget") {
            return Ok(None);
        }
        let line = Line::read(args);
        // curl's -w is a format, the others' a time.
        let waits: &[&str] = if tool == "curl" {
            &["-m", "--connect-timeout", "--max-time"]
        } else {
            &["-T", "-w", "--timeout"]
        };
        let secs = line.option(waits).and_then(|secs| secs.parse().ok());
        let (wanted, host, port, path) = target(&tool, &line.operands)?;
        let spider = line.flags.contains("--spider");
        let file = line.option(&["-O", "-o"]).map(str::to_owned);
        Ok(Some(Self {
            args: Vec::new(),
            quiet: line.flags.contains('q') || line.flags.contains('s'),
            strict: tool != "curl"
                || ["-f", "sf", "fs"].iter().any(|flag| line.flags.contains(flag)),
            tool,
            wanted,
            host,
            port,
            path,
            patience: secs.map_or(PATIENCE, Duration::from_secs),
            file: if spider { Some("/dev/null".to_owned()) } else { file },
        }))
    }

    /// What the tool makes of the answer.
    pub(super) fn tell(&self, answer: &Answered) -> Told {
        if client::target(&self.tool, &[]).is_some() {
            let up = matches!(answer, Answered::Open(_) | Answered::Response(..));
            let (code, lines) = client::tell(&self.tool, &self.args, &self.host, self.port, up);
            return (code, lines, None);
        }
        match self.tool.as_str() {
            "curl" => self.curl(answer),
            "nslookup" => self.nslookup(answer),
            tool => {
                let failed = |text: String| (1, vec![(Stream::Stderr, text)], None);
                match answer {
                    Answered::NoName => failed(format!("{tool}: bad address '{}'\n", self.host)),
                    Answered::Refused(address) => failed(format!(
                        "{tool}: can't connect to remote host ({address}): Connection refused\n"
                    )),
                    Answered::TimedOut(address) => failed(format!(
                        "{tool}: can't connect to remote host ({address}): Connection timed out\n"
                    )),
                    Answered::Open(_) | Answered::Address(_) if tool == "nc" => {
                        (0, Vec::new(), None)
                    }
                    Answered::Open(_) | Answered::Address(_) => {
                        failed(format!("{tool}: error getting response\n"))
                    }
                    Answered::Response(_, response) if response.status >= 400 => failed(format!(
                        "{tool}: server returned error: HTTP/1.1 {} {}\n",
                        response.status,
                        response.reason()
                    )),
                    Answered::Response(address, response) => {
                        let mut lines = Vec::new();
                        if !self.quiet {
                            let text =
                                format!("Connecting to {} ({address}:{})\n", self.host, self.port);
                            lines.push((Stream::Stderr, text));
                        }
                        self.save("index.html", &response.body, lines)
                    }
                }
            }
        }
    }

    fn curl(&self, answer: &Answered) -> Told {
        let failed = |code: i32, text: String| {
            let lines = if self.quiet {
                Vec::new()
            } else {
                vec![(Stream::Stderr, format!("curl: ({code}) {text}\n"))]
            };
            (code, lines, None)
        };
        let unreachable = format!(
            "Failed to connect to {} port {} after 1 ms: Could not connect to server",
            self.host, self.port
        );
        match answer {
            Answered::NoName => failed(6, format!("Could not resolve host: {}", self.host)),
            Answered::Refused(_) => failed(7, unreachable),
            Answered::TimedOut(_) => failed(28, "Connection timed out".to_owned()),
            Answered::Open(_) | Answered::Address(_) => {
                failed(52, "Empty reply from server".to_owned())
            }
            Answered::Response(_, response) if self.strict && response.status >= 400 => {
                failed(22, format!("The requested URL returned error: {}", response.status))
            }
            Answered::Response(_, response) => self.save("-", &response.body, Vec::new()),
        }
    }

    fn nslookup(&self, answer: &Answered) -> Told {
        let server = "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n".to_owned();
        match answer {
            Answered::NoName => {
                let text = format!("{server}** server can't find {}: NXDOMAIN\n\n", self.host);
                (1, vec![(Stream::Stdout, text)], None)
            }
            Answered::Address(address)
            | Answered::Refused(address)
            | Answered::TimedOut(address)
            | Answered::Open(address)
            | Answered::Response(address, _) => {
                let text = format!("{server}Name:\t{}\nAddress: {address}\n\n", self.host);
                (0, vec![(Stream::Stdout, text)], None)
            }
        }
    }

    fn save(&self, default: &str, body: &str, mut lines: Vec<(Stream, String)>) -> Told {
        match self.file.as_deref().unwrap_or(default) {
            "-" => {
                lines.push((Stream::Stdout, body.to_owned()));
                (0, lines, None)
            }
            "/dev/null" => (0, lines, None),
            file => {
                let path = if file.starts_with('/') { file.to_owned() } else { format!("/{file}") };
                (0, lines, Some((path, body.to_owned())))
            }
        }
    }
}

/// A command line, sorted.
#[derive(Default)]
struct Line<'a> {
    operands: Vec<&'a str>,
    flags: String,
    options: Vec<(&'a str, &'a str)>,
}

/// Options of any of the tools that are followed by a value.
const OPTIONS: &[&str] = &[
    "-O",
    "-o",
    "-T",
    "-w",
    "-m",
    "--connect-timeout",
    "--max-time",
    "-H",
    "-X",
    "-d",
    "-t",
    "--timeout",
    "--header",
];

impl<'a> Line<'a> {
    fn read(args: &'a [String]) -> Self {
        let mut line = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if OPTIONS.contains(&arg.as_str()) {
                line.options.push((arg, rest.next().map_or("", String::as_str)));
            } else if let Some(flags) = arg.strip_suffix("O-").filter(|rest| rest.starts_with('-'))
            {
                line.flags.push_str(flags);
                line.options.push(("-O", "-"));
            } else if arg.starts_with('-') {
                line.flags.push_str(arg);
                line.flags.push(' ');
            } else {
                line.operands.push(arg);
            }
        }
        line
    }

    fn option(&self, names: &[&str]) -> Option<&'a str> {
        self.options.iter().find(|(name, _)| names.contains(name)).map(|(_, text)| *text)
    }
}

/// What is wanted of which host, port and path.
fn target(tool: &str, operands: &[&str]) -> Result<(Wanted, String, u16, String), String> {
    let missing = || format!("{tool}: missing operand\n");
    let first = *operands.first().ok_or_else(missing)?;
    match tool {
        "nslookup" => Ok((Wanted::Address, first.to_owned(), 0, String::new())),
        "nc" => {
            let port = operands.get(1).and_then(|port| port.parse().ok()).ok_or_else(missing)?;
            Ok((Wanted::Port, first.to_owned(), port, String::new()))
        }
        _ => {
            let url = first.strip_prefix("http://").unwrap_or(first);
            let (address, path) = url.split_once('/').unwrap_or((url, ""));
            let (host, port) = match address.rsplit_once(':') {
                Some((host, port)) => {
                    let number =
                        port.parse().map_err(|_error| format!("{tool}: bad port '{port}'\n"));
                    (host, number?)
                }
                None => (address, 80),
            };
            Ok((Wanted::Answer, host.to_owned(), port, format!("/{path}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn tools_ask_and_tell() {
        let page = || Answered::Response("10.96.0.9".to_owned(), Response::text(200, "hi\n"));
        let gone = || Answered::Response("10.96.0.9".to_owned(), Response::text(404, "no\n"));
        for (line, answer, expected) in [
            ("wget -q -O - http://web:8080/x", page(), (0, "hi\n")),
            ("wget -qO- web", page(), (0, "hi\n")),
            ("wget -qO- web", gone(), (1, "wget: server returned error: HTTP/1.1 404 Not Found\n")),
            ("wget -qO- web", Answered::NoName, (1, "wget: bad address 'web'\n")),
            ("wget --spider -q web", page(), (0, "")),
            ("curl -s http://web/", gone(), (0, "no\n")),
            ("curl -sf http://web/", gone(), (22, "")),
            ("curl http://web/", Answered::NoName, (6, "curl: (6) Could not resolve host: web\n")),
            ("nc -z db 5432", Answered::Open("10.0.0.1".to_owned()), (0, "")),
            (
                "nc -z db 5432",
                Answered::Refused("10.0.0.1".to_owned()),
                (1, "nc: can't connect to remote host (10.0.0.1): Connection refused\n"),
            ),
        ] {
            let ask = Ask::parse(&words(line)).unwrap().unwrap();
            let (code, lines, _) = ask.tell(&answer);
            let text: String = lines.into_iter().map(|(_, text)| text).collect();
            assert_eq!((code, text.as_str()), expected, "{line}");
        }
        let ask = Ask::parse(&words("wget -T 3 -O- web:81/a")).unwrap().unwrap();
        assert_eq!((ask.port, ask.path.as_str(), ask.patience.as_secs()), (81, "/a", 3));
    }
}
