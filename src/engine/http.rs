//! The little of HTTP that passes between a client and a simulated program.

use std::net::Ipv4Addr;

use super::Answered;

/// A request as the program receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// Path with its query: `/api?x=1`.
    pub path: String,
    /// The `Host` header.
    pub host: String,
    /// The `User-Agent` header: `curl/8.5.0`, `kube-probe/1.36`.
    pub user_agent: String,
    /// Further headers, as given.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Whose address the program sees.
    pub client: Ipv4Addr,
    /// The port it came to.
    pub port: u16,
    /// What came of asking somebody else ([`Relay`]), when the program is asked again.
    pub relayed: Option<Answered>,
    /// How often it was sent on before it came here.
    pub relays: usize,
}

/// What a program sends on before it answers: it is asked again with what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// To which host.
    pub host: String,
    /// To which port.
    pub port: u16,
    /// What.
    pub request: Request,
}

impl Request {
    /// A GET.
    pub fn get(path: &str, host: &str, user_agent: &str, client: Ipv4Addr) -> Self {
        Self {
            method: "GET".to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            host: host.to_owned(),
            user_agent: user_agent.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            client,
            port: 0,
            relayed: None,
            relays: 0,
        }
    }

    /// The further headers, a line each, but for that of what is accepted.
    pub fn headers_shown(&self) -> String {
        let shown = self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("accept"));
        shown.fold(String::new(), |all, (name, value)| all + name + ": " + value + "\n")
    }

    /// The path without its query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// What the program answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// An answer with a content type and a body.
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            status,
            headers: vec![
                ("Content-Type".to_owned(), content_type.to_owned()),
                ("Content-Length".to_owned(), body.len().to_string()),
            ],
            body,
        }
    }

    /// Plain text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", body)
    }

    /// The answer with one header more, put first.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    /// The phrase that belongs to the status code.
    pub fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            201 => "Created",
            204 => "No Content",
            301 => "Moved Permanently",
            302 => "Found",
            303 => "See Other",
            304 => "Not Modified",
            308 => "Permanent Redirect",
            307 => "Temporary Redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            429 => "Too Many Requests",
            500 => "Internal Server Error",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            _ => "Unknown",
        }
    }
}
