//! `curl`: requests from the user's machine, through the real way of a Service, to the programs in Pods.
//!
//! Models curl 8.5's options, output, messages and exit codes for plain HTTP. The user's machine stands on the machines'
//! network and knows the cluster's names and addresses. *Differs:* no TLS, no progress meter; an answer takes no time
//! from the terminal, only a timeout does.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::tool::{Outcome, Spec, Tool, run, spec};
use crate::cluster::Cluster;
use crate::engine::{Request, Response};
use crate::network::{ConnectError, Exchange, Origin};
use crate::shell::{BrokenPipe, Command, Forward};
use crate::time::Duration;

/// How long Linux tries to connect where nobody answers (`tcp_syn_retries` = 6, rounded).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(134);
/// What curl calls itself.
const USER_AGENT: &str = "curl/8.5.0";
/// How many redirects `-L` follows.
const REDIRECTS_MAX: usize = 50;

static SPEC: Spec = Spec {
    usage_error: 2,
    ..spec(
        "curl",
        "Usage: curl [options...] <url>\n -d, --data <data>           HTTP POST data\n -f, --fail                  Fail fast with no output on HTTP errors\n -H, --header <header>       Pass custom header to server\n -i, --include               Include response headers in output\n -I, --head                  Show document info only\n -L, --location              Follow redirects\n -m, --max-time <seconds>    Maximum time allowed for transfer\n -o, --output <file>         Write to file instead of stdout\n -s, --silent                Silent mode\n -S, --show-error            Show error even when -s is used\n -v, --verbose               Make the operation more talkative\n -w, --write-out <format>    Output FORMAT after completion\n -X, --request <method>      Specify request method to use\n",
        "sSo:w:iIvX:H:d:fLm:kA:u:O",
        &[
            ("silent", 's'),
            ("show-error", 'S'),
            ("output", 'o'),
            ("write-out", 'w'),
            ("include", 'i'),
            ("head", 'I'),
            ("verbose", 'v'),
            ("request", 'X'),
            ("header", 'H'),
            ("data", 'd'),
            ("data-raw", 'd'),
            ("fail", 'f'),
            ("location", 'L'),
            ("max-time", 'm'),
            ("connect-timeout", 'm'),
            ("insecure", 'k'),
            ("user-agent", 'A'),
        ],
    )
};

/// `curl`
pub(super) static CURL: Command = Command {
    name: "curl",
    summary: "send HTTP requests",
    run: |invocation| run(&SPEC, invocation, curl),
    complete: |_, _| Vec::new(),
};

/// `http://HOST:PORT/PATH`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) path: String,
}

/// A failure: curl's exit code and sentence.
pub(super) struct Failure(pub(super) i32, pub(super) String);

/// Takes a URL apart.
pub(super) fn parse_url(text: &str) -> Result<Url, Failure> {
    let malformed = |why: &str| Failure(3, format!("URL rejected: {why}"));
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some((scheme, _)) => {
            return Err(Failure(
                1,
                format!("Protocol \"{scheme}\" not supported or disabled in libcurl"),
            ));
        }
        None => text,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => {
            let port = port.parse().map_err(|_invalid| {
                malformed("Port number was not a decimal number between 0 and 65535")
            })?;
            (host, port)
        }
        None => (authority, 80),
    };
    if host.is_empty() {
        return Err(malformed("No host part in the URL"));
    }
    if host.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(malformed("Malformed input to a URL function"));
    }
    let path = path.split('#').next().unwrap_or_default();
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Url { host: host.to_owned(), port, path })
}

async fn curl(tool: Tool) -> Outcome {
    if tool.operands.is_empty() {
        tool.complain("(2) no URL specified");
        tool.invocation.stderr.write("curl: try 'curl --help' for more information\n")?;
        return Ok(2);
    }
    let mut code = 0;
    for operand in tool.operands.clone() {
        code = match fetch(&tool, &operand).await {
            Ok(code) => code?,
            Err(Failure(code, message)) => {
                if !tool.has('s') || tool.has('S') {
                    tool.complain(format_args!("({code}) {message}"));
                }
                if let Some(format) = tool.value('w') {
                    tool.print(&write_out(format, None, operand.as_str()))?;
                }
                code
            }
        };
    }
    Ok(code)
}

/// One URL, with its redirects; the outer error is curl's, the inner one that nobody reads the output any more.
async fn fetch(tool: &Tool, text: &str) -> Result<Result<i32, BrokenPipe>, Failure> {
    let timeout = match tool.value('m') {
        None => CONNECT_TIMEOUT,
        Some(text) => super::basic::duration(text)
            .filter(|_| text.ends_with(|c: char| c.is_ascii_digit()))
            .ok_or_else(|| {
                Failure(
                    2,
                    "invalid number for option: expected a positive numerical argument".to_owned(),
                )
            })?,
    };
    let mut url = parse_url(text)?;
    for _ in 0..=REDIRECTS_MAX {
        let request = request(tool, &url);
        let exchange = exchange(tool, &url, request.clone());
        verbose_request(tool, &url, &request, &exchange);
        let response = match exchange.result.clone() {
            Ok(response) => response,
            Err(error) => return Err(failed(tool, &url, &error, timeout).await),
        };
        let next = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
        if let (true, 300..=399, Some((_, target))) = (tool.has('L'), response.status, next) {
            url = match target.strip_prefix('/') {
                Some(_) => Url { path: target.clone(), ..url },
                None => parse_url(target)?,
            };
            continue;
        }
        if tool.has('f') && response.status >= 400 {
            return Err(Failure(
                22,
                format!("The requested URL returned error: {}", response.status),
            ));
        }
        return Ok(show(tool, &url, &request, &response, &exchange));
    }
    Err(Failure(47, format!("Maximum ({REDIRECTS_MAX}) redirects followed")))
}

fn request(tool: &Tool, url: &Url) -> Request {
    let host = if url.port == 80 { url.host.clone() } else { format!("{}:{}", url.host, url.port) };
    let agent = tool.value('A').unwrap_or(USER_AGENT);
    let mut request = Request::get(&url.path, &host, agent, Origin::terminal().address);
    request.headers.push(("Accept".to_owned(), "*/*".to_owned()));
    let data: Vec<&str> = tool.values('d').collect();
    if tool.has('d') {
        "POST".clone_into(&mut request.method);
        request.body = data.join("&");
        request.headers.push(("Content-Length".to_owned(), request.body.len().to_string()));
        let form = "application/x-www-form-urlencoded".to_owned();
        request.headers.push(("Content-Type".to_owned(), form));
    }
    if tool.has('I') {
        "HEAD".clone_into(&mut request.method);
    }
    if let Some(method) = tool.value('X') {
        method.clone_into(&mut request.method);
    }
    for header in tool.values('H') {
        let Some((name, value)) = header.split_once(':') else { continue };
        let value = value.trim().to_owned();
        if name.eq_ignore_ascii_case("host") {
            request.host = value;
        } else {
            request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            request.headers.push((name.to_owned(), value));
        }
    }
    request
}

fn exchange(tool: &Tool, url: &Url, request: Request) -> Exchange {
    let own = url.host == "localhost" || url.host.starts_with("127.");
    if own {
        if let Some(forward) = tool.invocation.sandbox.forward(url.port) {
            return through(tool, &forward, request);
        }
        // Nothing else listens on the user's own machine.
        return Exchange {
            hops: Vec::new(),
            address: Some(Ipv4Addr::LOCALHOST),
            latency: Duration::ZERO,
            result: Err(ConnectError::Refused),
        };
    }
    let send =
        |cluster: &mut Cluster| cluster.request(&Origin::terminal(), &url.host, url.port, request);
    tool.invocation.sandbox.drive(send)
}

/// Through a forwarded port into its Pod.
fn through(tool: &Tool, forward: &Forward, request: Request) -> Exchange {
    forward.handle();
    let send =
        |cluster: &mut Cluster| cluster.request_in_pod(&forward.pod, forward.remote, request);
    let mut exchange = tool.invocation.sandbox.drive(send);
    exchange.address = Some(Ipv4Addr::LOCALHOST);
    if matches!(exchange.result, Err(ConnectError::Refused | ConnectError::TimedOut)) {
        forward.lose();
        exchange.result = Err(ConnectError::EmptyReply);
    }
    exchange
}

/// Waits as long as curl would, and says what went wrong.
async fn failed(tool: &Tool, url: &Url, error: &ConnectError, timeout: Duration) -> Failure {
    let Url { host, port, .. } = url;
    match error {
        ConnectError::CouldNotResolve { host } => {
            Failure(6, format!("Could not resolve host: {host}"))
        }
        ConnectError::Refused => Failure(
            7,
            format!(
                "Failed to connect to {host} port {port} after 0 ms: Couldn't connect to server"
            ),
        ),
        ConnectError::TimedOut => {
            tool.invocation.sandbox.sleep(timeout).await;
            let millis = timeout.as_millis();
            Failure(
                28,
                if tool.has('m') {
                    format!("Connection timed out after {millis} milliseconds")
                } else {
                    format!(
                        "Failed to connect to {host} port {port} after {millis} ms: Couldn't connect to server"
                    )
                },
            )
        }
        ConnectError::EmptyReply => Failure(52, "Empty reply from server".to_owned()),
    }
}

/// `-v`, the part before the answer.
fn verbose_request(tool: &Tool, url: &Url, request: &Request, exchange: &Exchange) {
    if !tool.has('v') {
        return;
    }
    let mut text = String::new();
    if let (Some(address), port) = (exchange.address, url.port) {
        writeln!(text, "*   Trying {address}:{port}...").expect("a String takes everything");
        if matches!(exchange.result, Ok(_) | Err(ConnectError::EmptyReply)) {
            writeln!(text, "* Connected to {} ({address}) port {port}", url.host)
                .expect("a String takes everything");
            let Request { method, path, host, user_agent, .. } = request;
            writeln!(
                text,
                "> {method} {path} HTTP/1.1\n> Host: {host}\n> User-Agent: {user_agent}"
            )
            .expect("a String takes everything");
            for (name, value) in &request.headers {
                writeln!(text, "> {name}: {value}").expect("a String takes everything");
            }
            text.push_str("> \n");
        } else {
            writeln!(text, "* connect to {address} port {port} failed\n* Closing connection")
                .expect("a String takes everything");
        }
    }
    if let Ok(response) = &exchange.result {
        writeln!(text, "< HTTP/1.1 {} {}", response.status, response.reason())
            .expect("a String takes everything");
        for (name, value) in &response.headers {
            writeln!(text, "< {name}: {value}").expect("a String takes everything");
        }
        writeln!(text, "< \n* Connection #0 to host {} left intact", url.host)
            .expect("a String takes everything");
    }
    // A reader that has gone reads no details.
    tool.invocation.stderr.write(&text).unwrap_or(());
}

fn show(
    tool: &Tool,
    url: &Url,
    request: &Request,
    response: &Response,
    exchange: &Exchange,
) -> Result<i32, BrokenPipe> {
    let mut text = String::new();
    if tool.has('i') || tool.has('I') {
        writeln!(text, "HTTP/1.1 {} {}\r", response.status, response.reason())
            .expect("a String takes everything");
        for (name, value) in &response.headers {
            writeln!(text, "{name}: {value}\r").expect("a String takes everything");
        }
        text.push_str("\r\n");
    }
    if request.method != "HEAD" {
        text.push_str(&response.body);
    }
    let target = match (tool.value('o'), tool.has('O')) {
        (Some(name), _) => Some(name.to_owned()),
        (None, true) => {
            url.path.rsplit('/').next().map(str::to_owned).filter(|name| !name.is_empty())
        }
        (None, false) => None,
    };
    if let Some(name) = target {
        let (path, now) = (tool.path(&name), tool.invocation.sandbox.now());
        let written =
            tool.invocation.sandbox.files_mut(|files| files.write(&path, text.into_bytes(), now));
        if let Err(error) = written {
            tool.complain(format_args!(
                "(23) Failure writing output to destination: {name}: {error}"
            ));
            return Ok(23);
        }
    } else {
        tool.print(&text)?;
    }
    if let Some(format) = tool.value('w') {
        tool.print(&write_out(
            format,
            Some((response, exchange)),
            &format!("http://{}{}", request.host, url.path),
        ))?;
    }
    Ok(0)
}

/// `-w`: `%{http_code}` and friends, `\n`.
fn write_out(format: &str, answer: Option<(&Response, &Exchange)>, url: &str) -> String {
    let seconds =
        |latency: Duration| format!("{}.{:06}", latency.as_secs(), latency.subsec_micros());
    let (response, exchange) = answer.unzip();
    let latency = seconds(exchange.map_or(Duration::ZERO, |exchange| exchange.latency));
    let address = exchange.and_then(|exchange| exchange.address);
    let values = [
        (
            "http_code",
            response.map_or("000".to_owned(), |response| format!("{:03}", response.status)),
        ),
        (
            "response_code",
            response.map_or("000".to_owned(), |response| format!("{:03}", response.status)),
        ),
        ("size_download", response.map_or(0, |response| response.body.len()).to_string()),
        ("time_total", latency.clone()),
        ("time_starttransfer", latency.clone()),
        ("time_connect", latency),
        ("remote_ip", address.map(|address| address.to_string()).unwrap_or_default()),
        ("url_effective", url.to_owned()),
        (
            "content_type",
            response
                .and_then(|response| {
                    response
                        .headers
                        .iter()
                        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
                })
                .map(|(_, value)| value.clone())
                .unwrap_or_default(),
        ),
    ];
    let format = format.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
    values.iter().fold(format, |text, (name, value)| text.replace(&format!("%{{{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (text, want) in [
            ("web", Some(("web", 80, "/"))),
            ("http://web:8080/a?b=1#c", Some(("web", 8080, "/a?b=1"))),
            ("10.0.0.1:30080/", Some(("10.0.0.1", 30080, "/"))),
            ("http://web?x", Some(("web", 80, "/?x"))),
            ("http://", None),
            ("web:port", None),
            ("https://web", None),
        ] {
            let url = parse_url(text).ok();
            let want = want.map(|(host, port, path)| Url {
                host: host.to_owned(),
                port,
                path: path.to_owned(),
            });
            assert_eq!(url, want, "{text}");
        }
    }
}
