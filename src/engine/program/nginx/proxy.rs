//! `proxy_pass`: a request is sent on to another server, whose answer is passed on.
//!
//! Models nginx `src/http/modules/ngx_http_proxy_module.c` (`ngx_http_proxy_create_request`) and
//! `src/http/ngx_http_upstream.c`. *Differs:* of several servers of an `upstream` the time chooses; what a probe asks of
//! another server counts as answered.

use super::config::Directive;
use super::site::{Complaint, Outcome, Visit};
use crate::engine::http::Relay;
use crate::engine::{Answered, Request};

/// For how long one server of an `upstream` is asked: short, and even with no usual rate of requests.
const TURN_MICROS: i64 = 7;

impl<'a> Visit<'a> {
    /// `proxy_pass`: asks another server, or tells what it answered.
    pub(super) fn relay(
        &mut self,
        location: Option<&'a Directive>,
        to: &str,
        path: &str,
    ) -> Outcome {
        let to = self.expand(to, path);
        let address = to.split_once("://").map_or(&*to, |(_, rest)| rest);
        let (place, uri) = match address.find('/') {
            Some(at) => address.split_at(at),
            None => (address, ""),
        };
        let prefix = location.and_then(|one| one.args.last()).map_or("", String::as_str);
        let own = path.strip_prefix(prefix).filter(|_| !uri.is_empty());
        let mut target = own.map_or_else(|| path.to_owned(), |rest| format!("{uri}{rest}"));
        if let Some((_, query)) = self.request.path.split_once('?') {
            target.extend(["?", query]);
        }
        let (host, port) = address_of(&self.backend(place));
        let (code, text, at) = match &self.request.relayed {
            None => {
                let mut request = Request { path: target, relayed: None, ..self.request.clone() };
                place.clone_into(&mut request.host);
                self.set_headers(location, &mut request, path);
                return Outcome::Relay(Box::new(Relay { host, port, request }));
            }
            Some(Answered::Response(_, response)) => {
                let mut response = response.clone();
                response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("server"));
                return Outcome::Response(self.finish(location, response));
            }
            Some(Answered::TimedOut(at)) => {
                (504, "upstream timed out (110: Operation timed out)", at)
            }
            Some(Answered::NoName) => (502, "could not be resolved (3: Host not found)", &host),
            Some(Answered::Open(at)) => (502, "upstream prematurely closed connection", at),
            Some(Answered::Refused(at) | Answered::Address(at)) => {
                (502, "connect() failed (111: Connection refused)", at)
            }
        };
        let at = if at.is_empty() { &host } else { at };
        let text = format!("{text} while connecting to upstream");
        let upstream = Some(format!("http://{at}:{port}{target}"));
        self.errors.push(Complaint { text, upstream });
        self.status(location, code, path)
    }

    fn set_headers(&self, location: Option<&'a Directive>, request: &mut Request, path: &str) {
        let Some(block) = self.nearest(location, "proxy_set_header") else { return };
        for one in block.all("proxy_set_header") {
            let (name, value) = (one.arg(0), self.expand(one.arg(1), path));
            if name.eq_ignore_ascii_case("host") {
                request.host = value;
                continue;
            }
            request.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            if !value.is_empty() {
                request.headers.push((name.to_owned(), value));
            }
        }
    }

    /// The server behind the name of an `upstream`, or what was named.
    fn backend(&self, place: &str) -> String {
        let group = self.http.all("upstream").find(|one| one.arg(0) == place);
        let servers = group.into_iter().flat_map(|group| group.all("server"));
        let servers: Vec<&str> = servers
            .filter(|one| !one.args.iter().any(|word| word == "down" || word == "backup"))
            .map(|one| one.arg(0))
            .collect();
        let count = i64::try_from(servers.len()).unwrap_or(1).max(1);
        let turn = (self.now.micros() / TURN_MICROS).rem_euclid(count);
        let turn = usize::try_from(turn).unwrap_or(0);
        servers.get(turn).map_or(place, |one| one).to_owned()
    }
}

/// Host and port of an address; 80 if it names none.
pub(super) fn address_of(text: &str) -> (String, u16) {
    match text.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => {
            (host.to_owned(), port.parse().unwrap_or(80))
        }
        _ => (text.to_owned(), 80),
    }
}
