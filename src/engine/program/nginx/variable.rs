//! Variables in nginx's configuration: `$host`, `${uri}`, the groups of a pattern, what `set` put aside.
//!
//! Models nginx `src/http/ngx_http_variables.c`. *Differs:* an unknown variable is empty, where nginx does not start.

use super::site::Visit;

/// A text with its variables filled in, `$name` and `${name}`; a dollar before what has no value stays.
pub(super) fn filled_in(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braced = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let (name, next) = braced.unwrap_or_else(|| {
            let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            after.split_at(after.find(|letter| !word(letter)).unwrap_or(after.len()))
        });
        rest = if let Some(value) = value(name) {
            out.push_str(&value);
            next
        } else {
            out.push('$');
            after
        };
    }
    out + rest
}

impl Visit<'_> {
    /// A text of the configuration for a request that has come to a path.
    pub(super) fn expand(&self, text: &str, path: &str) -> String {
        filled_in(text, &|name| (!name.is_empty()).then(|| self.variable(name, path)))
    }

    fn variable(&self, name: &str, path: &str) -> String {
        let request = self.request;
        let host = || request.host.split(':').next().unwrap_or_default().to_owned();
        if let Some((_, value)) = self.variables.iter().find(|(own, _)| own == name) {
            return value.clone();
        }
        match name {
            "host" => host(),
            "http_host" => request.host.clone(),
            "hostname" => self.hostname.to_owned(),
            "uri" | "document_uri" => path.to_owned(),
            "request_uri" => request.path.clone(),
            "args" | "query_string" => {
                request.path.split_once('?').map_or(String::new(), |(_, query)| query.to_owned())
            }
            "is_args" => {
                if request.path.contains('?') {
                    "?".to_owned()
                } else {
                    String::new()
                }
            }
            "request_method" => request.method.clone(),
            "remote_addr" | "proxy_add_x_forwarded_for" => request.client.to_string(),
            "scheme" => "http".to_owned(),
            "server_port" => request.port.to_string(),
            "server_name" => self
                .server
                .words("server_name")
                .and_then(<[String]>::first)
                .cloned()
                .unwrap_or_default(),
            "server_protocol" => "HTTP/1.1".to_owned(),
            "http_user_agent" => request.user_agent.clone(),
            "time_iso8601" => self.now.format("%Y-%m-%dT%H:%M:%S+00:00"),
            _ => {
                let header = name.strip_prefix("http_").unwrap_or_default().replace('_', "-");
                let mut all = request.headers.iter();
                let found =
                    all.find(|(own, _)| !header.is_empty() && own.eq_ignore_ascii_case(&header));
                found.map(|(_, value)| value.clone()).unwrap_or_default()
            }
        }
    }
}
