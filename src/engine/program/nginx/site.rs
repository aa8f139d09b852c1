//! What nginx's configuration makes of a request: the server, the location, and what is done there.
//!
//! Models nginx `src/http/ngx_http_core_module.c` (`ngx_http_core_find_location`, `ngx_http_core_try_files_phase`),
//! `ngx_http_rewrite_module.c` and `ngx_http_static_module.c`. *Differs:* locations within locations are not looked into.

use regex_lite::Captures;

use super::config::Directive;
use crate::bash::regex::{Syntax, compile};
use crate::engine::http::Relay;
use crate::engine::{Request, Response};
use crate::time::Time;

/// How often a request may be sent on within before nginx gives up (`NGX_HTTP_MAX_URI_CHANGES`).
const TURNS_MAX: usize = 10;

/// What the kernel says of a file that is not there.
const NO_SUCH_FILE: &str = "(2: No such file or directory)";

/// What comes of a request.
pub(super) enum Outcome {
    Response(Response),
    /// Somebody else is asked.
    Relay(Box<Relay>),
}

/// A request on its way through the configuration.
pub(super) struct Visit<'a> {
    pub(super) http: &'a Directive,
    pub(super) server: &'a Directive,
    pub(super) request: &'a Request,
    /// The text of a file, if there is one; an empty text for a folder stands with a slash at its end.
    pub(super) file: &'a dyn Fn(&str) -> Option<String>,
    pub(super) hostname: &'a str,
    pub(super) now: Time,
    /// What `set` and a matching pattern put aside.
    pub(super) variables: Vec<(String, String)>,
    /// Whether the last `rewrite` said `break`: the path is looked up where it is.
    pub(super) stays: bool,
    /// What goes to the error log.
    pub(super) errors: Vec<Complaint>,
}

/// What goes wrong with a request.
pub(super) struct Complaint {
    pub(super) text: String,
    /// The address of the other server that it is about, if it is about one.
    pub(super) upstream: Option<String>,
}

/// The blocks `http`, and in it the server for a port and a name (the first one of the port, if none has the name).
pub(super) fn server<'a>(
    root: &'a Directive,
    port: u16,
    host: &str,
) -> Option<(&'a Directive, &'a Directive)> {
    let http = root.all("http").last()?;
    let host = host.split(':').next().unwrap_or_default();
    let mut here = http.all("server").filter(|one| ports(one).contains(&port));
    let named = |one: &&Directive| {
        one.all("server_name").flat_map(|names| &names.args).any(|name| {
            name == host
                || name.strip_prefix("*.").is_some_and(|end| {
                    host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'))
                })
                || name.strip_prefix('~').is_some_and(|pattern| {
                    compile(pattern, Syntax::Perl, true).is_ok_and(|regex| regex.is_match(host))
                })
        })
    };
    let default = |one: &&Directive| {
        one.all("listen").any(|listen| listen.args.iter().any(|word| word == "default_server"))
    };
    let all: Vec<&Directive> = here.by_ref().collect();
    let found = all.iter().copied().find(named).or_else(|| all.iter().copied().find(default));
    Some((http, found.or_else(|| all.first().copied())?))
}

/// The ports that a server listens on: 80 if it says nothing.
pub(super) fn ports(server: &Directive) -> Vec<u16> {
    let listens = server.all("listen").map(|listen| listen.arg(0));
    let ports = listens.filter_map(|address| address.rsplit(':').next()?.parse().ok().or(Some(80)));
    let ports: Vec<u16> = ports.collect();
    if ports.is_empty() { vec![80] } else { ports }
}

/// What a location's modifier and pattern make of a path: how well it fits, and the groups of a pattern.
fn matches(location: &Directive, path: &str) -> Option<(Fit, Vec<String>)> {
    let (modifier, pattern) = match location.args.as_slice() {
        [modifier, pattern] => (modifier.as_str(), pattern.as_str()),
        [pattern] => ("", pattern.as_str()),
        _ => return None,
    };
    match modifier {
        "=" => (path == pattern).then(|| (Fit::Exact, Vec::new())),
        "~" | "~*" => {
            let regex = compile(pattern, Syntax::Perl, modifier == "~*").ok()?;
            Some((Fit::Pattern, texts(&regex.captures(path)?)))
        }
        _ => path
            .starts_with(pattern)
            .then(|| (Fit::Prefix(pattern.len(), modifier == "^~"), Vec::new())),
    }
}

/// What the groups of a pattern matched, the whole first.
fn texts(groups: &Captures<'_>) -> Vec<String> {
    groups.iter().map(|one| one.map_or("", |one| one.as_str()).to_owned()).collect()
}

/// How a location fits a path: a prefix by its length, and whether it keeps patterns out.
#[derive(PartialEq, Eq)]
enum Fit {
    Exact,
    Pattern,
    Prefix(usize, bool),
}

impl<'a> Visit<'a> {
    /// The location of a path: the same, else the longest prefix unless a pattern fits.
    fn location(&mut self, path: &str) -> Option<&'a Directive> {
        let mut longest: Option<(usize, bool, &'a Directive)> = None;
        let mut pattern = None;
        for one in self.server.all("location") {
            if one.arg(0).starts_with('@') {
                continue;
            }
            match matches(one, path) {
                Some((Fit::Exact, _)) => return Some(one),
                Some((Fit::Prefix(length, keeps), _))
                    if longest.is_none_or(|(before, ..)| length > before) =>
                {
                    longest = Some((length, keeps, one));
                }
                Some((Fit::Pattern, groups)) if pattern.is_none() => pattern = Some((one, groups)),
                Some(_) | None => {}
            }
        }
        match (longest, pattern) {
            (Some((_, true, one)), _) | (Some((.., one)), None) => Some(one),
            (_, Some((one, groups))) => {
                self.groups(groups);
                Some(one)
            }
            (None, None) => None,
        }
    }

    fn groups(&mut self, groups: Vec<String>) {
        self.variables
            .retain(|(name, _)| !name.starts_with(|letter: char| letter.is_ascii_digit()));
        let groups = groups.into_iter().enumerate();
        self.variables.extend(groups.map(|(at, text)| (at.to_string(), text)));
    }

    /// Where a directive may stand that is handed down, the nearest first: the location, the server, `http`.
    fn places(
        &self,
        location: Option<&'a Directive>,
    ) -> impl Iterator<Item = &'a Directive> + use<'a> {
        [location, Some(self.server), Some(self.http)].into_iter().flatten()
    }

    /// The nearest block that has a directive that is handed down.
    pub(super) fn nearest(
        &self,
        location: Option<&'a Directive>,
        name: &'a str,
    ) -> Option<&'a Directive> {
        self.places(location).find(|place| place.words(name).is_some())
    }

    /// What a directive that is handed down says.
    fn words(&self, location: Option<&'a Directive>, name: &'a str) -> Option<&'a [String]> {
        self.nearest(location, name)?.words(name)
    }

    /// A request's answer.
    pub(super) fn answer(&mut self) -> Outcome {
        let mut path = self.request.route().to_owned();
        let mut named = None;
        for _ in 0..TURNS_MAX {
            let mut location = named.take();
            if location.is_none() {
                if let Some(outcome) = self.rewrites(self.server, &mut path) {
                    return outcome;
                }
                location = self.location(&path);
            }
            let before = path.clone();
            if let Some(location) = location
                && let Some(outcome) = self.rewrites(location, &mut path)
            {
                return outcome;
            }
            if path != before && !self.stays {
                continue;
            }
            match self.content(location, &path) {
                Content::Done(outcome) => return outcome,
                Content::Path(next) => path = next,
                Content::Named(name) => {
                    named = self.server.all("location").find(|one| one.arg(0) == name);
                    if named.is_none() {
                        return self.status(location, 500, &path);
                    }
                }
            }
        }
        self.status(None, 500, &path)
    }

    /// `return`, `rewrite` and `set` of a block.
    fn rewrites(&mut self, block: &'a Directive, path: &mut String) -> Option<Outcome> {
        self.stays = false;
        for one in &block.block {
            match one.name.as_str() {
                "set" => {
                    let value = self.expand(one.arg(1), path);
                    let name = one.arg(0).trim_start_matches('$').to_owned();
                    self.variables.retain(|(own, _)| *own != name);
                    self.variables.push((name, value));
                }
                "return" => return Some(self.returned(block, one, path)),
                "rewrite" => {
                    let Ok(regex) = compile(one.arg(0), Syntax::Perl, false) else { continue };
                    let Some(groups) = regex.captures(path) else { continue };
                    self.groups(texts(&groups));
                    let target = self.expand(one.arg(1), path);
                    let code = match one.arg(2) {
                        "permanent" => 301,
                        "redirect" => 302,
                        _ if target.starts_with("http") => 302,
                        flag => {
                            *path = target;
                            self.stays = flag == "break";
                            if flag.is_empty() {
                                continue;
                            }
                            return None;
                        }
                    };
                    return Some(self.moved(code, &target));
                }
                _ => {}
            }
        }
        None
    }

    fn returned(&mut self, block: &'a Directive, one: &'a Directive, path: &str) -> Outcome {
        let (first, text) = (one.arg(0), one.args.get(1));
        let Ok(code) = first.parse::<u16>() else { return self.moved(302, first) };
        let location = (block.name == "location").then_some(block);
        match text {
            Some(text) if matches!(code, 301 | 302 | 303 | 307 | 308) => {
                let target = self.expand(text, path);
                self.moved(code, &target)
            }
            Some(text) => {
                let body = self.expand(text, path);
                let kind = self.kind(location, "");
                Outcome::Response(self.finish(location, Response::new(code, &kind, body)))
            }
            None => self.status(location, code, path),
        }
    }

    fn moved(&mut self, code: u16, target: &str) -> Outcome {
        let target = self.expand(target, self.request.route());
        let host = &self.request.host;
        let target =
            if target.starts_with('/') { format!("http://{host}{target}") } else { target };
        Outcome::Response(super::error_page(code).header("Location", &target))
    }

    /// What a location does with a path.
    fn content(&mut self, location: Option<&'a Directive>, path: &str) -> Content {
        let done = |outcome| Content::Done(outcome);
        if let Some(to) = location.and_then(|one| one.words("proxy_pass")) {
            return done(self.relay(location, to.first().map_or("", String::as_str), path));
        }
        let denied = self.words(location, "deny").is_some_and(|all| all == ["all"]);
        if denied && self.words(location, "allow").is_none() {
            return done(self.status(location, 403, path));
        }
        if location.is_some_and(|one| one.words("stub_status").is_some()) {
            let text = "Active connections: 1 \nserver accepts handled requests\n 1 1 1 \nReading: 0 Writing: 1 Waiting: 0 \n";
            return done(Outcome::Response(Response::new(200, "text/plain", text)));
        }
        if !matches!(self.request.method.as_str(), "GET" | "HEAD") {
            return done(self.status(location, 405, path));
        }
        if let Some(words) = self.words(location, "try_files")
            && let Some((last, tried)) = words.split_last()
        {
            for word in tried {
                let wanted = self.expand(word, path);
                if (self.file)(&self.disk(location, &wanted)).is_some() {
                    return done(self.page(location, &wanted));
                }
            }
            if let Some(code) = last.strip_prefix('=').and_then(|code| code.parse().ok()) {
                return done(self.status(location, code, path));
            }
            if last.starts_with('@') {
                return Content::Named(last.clone());
            }
            return Content::Path(self.expand(last, path));
        }
        done(self.page(location, path))
    }

    /// The path on the disk of a path in the address.
    fn disk(&self, location: Option<&'a Directive>, path: &str) -> String {
        let alias = location.and_then(|one| Some((one.words("alias")?.first()?, one.args.last()?)));
        if let Some((alias, prefix)) = alias
            && let Some(rest) = path.strip_prefix(prefix.as_str())
        {
            return format!("{alias}{rest}");
        }
        let root = self.words(location, "root").and_then(<[String]>::first);
        let root =
            root.map_or_else(|| "/etc/nginx/html".to_owned(), |root| self.expand(root, path));
        format!("{}{path}", root.trim_end_matches('/'))
    }

    /// A file, or the index of a folder.
    fn page(&mut self, location: Option<&'a Directive>, path: &str) -> Outcome {
        let disk = self.disk(location, path);
        if !path.ends_with('/') {
            if let Some(text) = (self.file)(&disk) {
                let kind = self.kind(location, path);
                let response = Response::new(200, &kind, text);
                return Outcome::Response(self.finish(location, response));
            }
            if (self.file)(&format!("{disk}/")).is_some() {
                return self.moved(301, &format!("{path}/"));
            }
            self.complain(format!("open() \"{disk}\" failed {NO_SUCH_FILE}"));
            return self.status(location, 404, path);
        }
        let index = self.words(location, "index").unwrap_or_default();
        let index = if index.is_empty() { &["index.html".to_owned()][..] } else { index };
        for name in index {
            if let Some(text) = (self.file)(&format!("{disk}{name}")) {
                let kind = self.kind(location, name);
                let response = Response::new(200, &kind, text);
                return Outcome::Response(self.finish(location, response));
            }
        }
        if (self.file)(&disk).is_some() {
            self.complain(format!("directory index of \"{disk}\" is forbidden"));
            return self.status(location, 403, path);
        }
        let name = index.first().map_or("", String::as_str);
        self.complain(format!("\"{disk}{name}\" is not found {NO_SUCH_FILE}"));
        self.status(location, 404, path)
    }

    fn complain(&mut self, text: String) {
        self.errors.push(Complaint { text, upstream: None });
    }

    /// An error page: nginx's own, or that of `error_page`.
    pub(super) fn status(
        &mut self,
        location: Option<&'a Directive>,
        code: u16,
        path: &str,
    ) -> Outcome {
        let text = code.to_string();
        let pages = self.places(location).flat_map(|place| place.all("error_page"));
        let mut own = pages.filter(|one| one.args.contains(&text));
        if let Some(one) = own.next()
            && let Some(target) =
                one.args.last().filter(|target| target.starts_with('/') && *target != path)
        {
            let place = self.location(target);
            if let Some(body) = (self.file)(&self.disk(place, target)) {
                let changed = one.args.iter().find_map(|word| word.strip_prefix('=')?.parse().ok());
                let kind = self.kind(place, target);
                let response = Response::new(changed.unwrap_or(code), &kind, body);
                return Outcome::Response(self.finish(place, response));
            }
        }
        Outcome::Response(super::error_page(code))
    }

    /// The content type of a name.
    fn kind(&self, location: Option<&'a Directive>, name: &str) -> String {
        let known = match name.rsplit_once('.').map_or("", |(_, end)| end) {
            "html" | "htm" => "text/html",
            "css" => "text/css",
            "js" => "application/javascript",
            "json" => "application/json",
            "txt" => "text/plain",
            "xml" => "text/xml",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "ico" => "image/x-icon",
            _ => "",
        };
        let default = self.words(location, "default_type").and_then(<[String]>::first);
        match (known, default) {
            ("", Some(default)) => default.clone(),
            ("", None) => "text/plain".to_owned(),
            (known, _) => known.to_owned(),
        }
    }

    /// Adds what `add_header` says.
    pub(super) fn finish(
        &self,
        location: Option<&'a Directive>,
        mut response: Response,
    ) -> Response {
        let Some(place) = self.nearest(location, "add_header") else { return response };
        for one in place.all("add_header") {
            let always = one.arg(2) == "always";
            if always || matches!(response.status, 200 | 201 | 204 | 206 | 301..=304 | 307 | 308) {
                let value = self.expand(one.arg(1), self.request.route());
                let own = one.arg(0);
                response.headers.retain(|(name, _)| {
                    !(name.eq_ignore_ascii_case(own) && own.eq_ignore_ascii_case("Content-Type"))
                });
                response.headers.push((own.to_owned(), value));
            }
        }
        response
    }
}

/// What a location comes to: an end, another path, or another location.
enum Content {
    Done(Outcome),
    Path(String),
    Named(String),
}
