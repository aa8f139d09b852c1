//! nginx's configuration as a tree of directives, read and checked as nginx does when it starts.
//!
//! Models nginx `src/core/ngx_conf_file.c` (`ngx_conf_read_token`, `ngx_conf_handler`), with its words for what is wrong.
//! Files that the image brings stand beneath those that are mounted; a folder that is mounted hides what was there.
//! *Differs:* of a directive's values only their number is checked, and the ports of `listen`.

use std::sync::{Arc, OnceLock};

use super::variable::filled_in;
use crate::engine::process::Launch;
use crate::engine::userland;
use crate::order;

/// A directive with what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) args: Vec<String>,
    /// What stands in its braces.
    pub(super) block: Vec<Self>,
    /// Where its last word stands: `/etc/nginx/nginx.conf:3`.
    pub(super) place: String,
}

impl Directive {
    /// The directives of this name within.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.block.iter().filter(move |one| one.name == name)
    }

    /// The words of the last directive of this name within.
    pub(super) fn words<'a>(&'a self, name: &'a str) -> Option<&'a [String]> {
        self.all(name).last().map(|one| one.args.as_slice())
    }

    /// A word, or nothing.
    pub(super) fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }
}

/// Where directives may stand.
const MAIN: u8 = 1;
const EVENTS: u8 = 2;
const HTTP: u8 = 4;
const SERVER: u8 = 8;
const LOCATION: u8 = 16;
const UPSTREAM: u8 = 32;
/// In a block of words that are no directives.
const FREE: u8 = 64;
const WEB: u8 = HTTP | SERVER | LOCATION;
/// Any number of words.
const ANY: u8 = u8::MAX;

/// Directives: names, where they may stand, the fewest and the most words, and what their braces hold (0 for none).
const KNOWN: &[(&str, u8, u8, u8, u8)] = &[
    ("events", MAIN, 0, 0, EVENTS),
    ("http", MAIN, 0, 0, HTTP),
    ("server", HTTP, 0, 0, SERVER),
    ("upstream", HTTP, 1, 1, UPSTREAM),
    ("location", SERVER | LOCATION, 1, 2, LOCATION),
    ("if", SERVER | LOCATION, 1, ANY, LOCATION),
    ("limit_except", LOCATION, 1, ANY, LOCATION),
    ("types", WEB, 0, 0, FREE),
    ("map", HTTP, 2, 2, FREE),
    ("geo", HTTP, 1, 2, FREE),
    ("server", UPSTREAM, 1, ANY, 0),
    ("least_conn ip_hash", UPSTREAM, 0, 0, 0),
    ("keepalive", UPSTREAM, 1, 1, 0),
    ("zone hash random", UPSTREAM, 0, 3, 0),
    ("user", MAIN, 1, 2, 0),
    ("worker_processes pid daemon load_module worker_rlimit_nofile master_process", MAIN, 1, 1, 0),
    ("worker_connections multi_accept use", EVENTS, 1, 1, 0),
    ("error_log", MAIN | WEB, 1, 2, 0),
    ("log_format", HTTP, 2, ANY, 0),
    ("access_log", WEB, 1, ANY, 0),
    ("listen", SERVER, 1, ANY, 0),
    ("server_name", SERVER, 1, ANY, 0),
    ("return", SERVER | LOCATION, 1, 2, 0),
    ("rewrite", SERVER | LOCATION, 2, 3, 0),
    ("set", SERVER | LOCATION, 2, 2, 0),
    ("root default_type charset", WEB, 1, 1, 0),
    ("alias proxy_pass", LOCATION, 1, 1, 0),
    ("index", WEB, 1, ANY, 0),
    ("try_files", SERVER | LOCATION, 2, ANY, 0),
    ("error_page", WEB, 2, ANY, 0),
    ("add_header", WEB, 2, 3, 0),
    ("stub_status", SERVER | LOCATION, 0, 1, 0),
    ("internal", LOCATION, 0, 0, 0),
    ("allow deny", WEB, 1, 1, 0),
    ("proxy_set_header", WEB, 2, 2, 0),
    ("proxy_redirect proxy_cookie_path keepalive_timeout", WEB, 1, 2, 0),
    (
        "proxy_next_upstream proxy_cache_bypass proxy_no_cache proxy_buffers gzip_types gzip_proxied expires",
        WEB,
        1,
        ANY,
        0,
    ),
    (
        "proxy_http_version proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_buffering proxy_buffer_size proxy_pass_request_headers proxy_hide_header proxy_request_buffering proxy_intercept_errors proxy_cache proxy_busy_buffers_size proxy_ssl_server_name proxy_ssl_verify",
        WEB,
        1,
        1,
        0,
    ),
    (
        "sendfile tcp_nopush tcp_nodelay keepalive_requests gzip gzip_vary gzip_min_length gzip_comp_level gzip_static gzip_disable client_max_body_size client_body_buffer_size client_body_timeout client_header_timeout client_header_buffer_size send_timeout server_tokens autoindex etag log_not_found types_hash_max_size server_names_hash_bucket_size absolute_redirect port_in_redirect server_name_in_redirect merge_slashes open_file_cache_valid real_ip_header set_real_ip_from auth_basic auth_basic_user_file recursive_error_pages underscores_in_headers",
        WEB,
        1,
        1,
        0,
    ),
    (
        "resolver limit_req limit_conn limit_req_zone limit_conn_zone proxy_cache_path fastcgi_param fastcgi_pass fastcgi_index sub_filter open_file_cache auth_request",
        WEB,
        1,
        ANY,
        0,
    ),
    (
        "ssl_certificate ssl_certificate_key ssl_session_timeout ssl_ciphers ssl_prefer_server_ciphers ssl_session_cache ssl_session_tickets ssl_dhparam",
        HTTP | SERVER,
        1,
        1,
        0,
    ),
    ("ssl_protocols", HTTP | SERVER, 1, ANY, 0),
];

/// Directives that change what a client gets, and are not acted upon.
pub(super) const NOT_SIMULATED: &[&str] = &[
    "if",
    "limit_except",
    "map",
    "geo",
    "auth_basic",
    "auth_request",
    "limit_req",
    "limit_conn",
    "fastcgi_pass",
    "sub_filter",
    "autoindex",
];

/// How deep blocks and included files may lie in each other.
const DEPTH_MAX: usize = 16;
/// Files of the image that hold nothing that matters here.
const IMAGES_OWN: &[&str] = &["mime.types", "fastcgi_params", "scgi_params", "uwsgi_params"];

/// The templates that the image's entrypoint fills in, each with the file it makes.
pub(super) fn templates(launch: &Launch) -> impl Iterator<Item = (&str, String)> {
    launch.files.keys().filter_map(|path| {
        let name = path.strip_prefix("/etc/nginx/templates/")?.strip_suffix(".template")?;
        Some((path.as_str(), format!("/etc/nginx/conf.d/{name}")))
    })
}

/// A file that nginx sees; a template with the variables of the environment, as `envsubst` fills them in.
fn file(launch: &Launch, path: &str) -> Option<Arc<str>> {
    if let Some((template, _)) = templates(launch).find(|(_, made)| *made == path) {
        let value = |name: &str| launch.env.get(name).cloned();
        return Some(filled_in(launch.files.get(template)?, &value).into());
    }
    launch.files.get(path).cloned().or_else(|| userland::file(launch, path))
}

/// The whole configuration, or what nginx says instead of starting. What the image brings is read once for all.
pub(super) fn load(launch: &Launch) -> Result<Arc<Directive>, String> {
    static BROUGHT: OnceLock<Arc<Directive>> = OnceLock::new();
    if changed(launch) {
        return read(launch).map(Arc::new);
    }
    if let Some(brought) = BROUGHT.get() {
        return Ok(Arc::clone(brought));
    }
    let brought = Arc::new(read(launch)?);
    Ok(Arc::clone(BROUGHT.get_or_init(|| brought)))
}

/// Whether nginx may find another configuration than its image brings.
fn changed(launch: &Launch) -> bool {
    const FOLDER: &str = "/etc/nginx";
    let covers = |mount: &String| {
        let mount = mount.trim_end_matches('/');
        FOLDER.starts_with(mount) || mount.starts_with(FOLDER)
    };
    !userland::brings(launch, "nginx")
        || launch.files.keys().any(|path| path.starts_with(FOLDER))
        || launch.mounts.iter().any(covers)
}

fn read(launch: &Launch) -> Result<Directive, String> {
    let mut root = Directive::default();
    include(launch, "/etc/nginx/nginx.conf", None, MAIN, &mut root.block, DEPTH_MAX)?;
    Ok(root)
}

/// Reads a file, or those that a pattern names, into a block.
fn include(
    launch: &Launch,
    path: &str,
    from: Option<&str>,
    context: u8,
    block: &mut Vec<Directive>,
    depth: usize,
) -> Result<(), String> {
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/etc/nginx/{path}") };
    if let Some((folder, suffix)) = path.split_once('*') {
        let fits = |path: &str| {
            let rest = path.strip_prefix(folder);
            rest.is_some_and(|rest| rest.ends_with(suffix) && !rest.contains('/'))
        };
        let own = launch.files.keys().cloned();
        let own = own
            .chain(userland::files_of(launch).map(str::to_owned))
            .chain(templates(launch).map(|(_, made)| made));
        let mut found: Vec<String> = own.filter(|path| fits(path)).collect();
        order::sort(&mut found);
        found.dedup();
        let mut found = found.iter();
        return found.try_for_each(|path| include(launch, path, from, context, block, depth));
    }
    let Some(text) = file(launch, &path) else {
        if IMAGES_OWN.iter().any(|own| path.strip_prefix("/etc/nginx/") == Some(own))
            && file(launch, "/etc/nginx/nginx.conf").is_some()
        {
            return Ok(());
        }
        let at = from.map_or(String::new(), |from| format!(" in {from}"));
        return Err(format!("open() \"{path}\" failed (2: No such file or directory){at}"));
    };
    let mut reader = Reader { launch, path: &path, letters: text.chars().peekable(), line: 1 };
    let ended = reader.block(context, block, depth)?;
    if ended { Err(reader.wrong("unexpected \"}\"")) } else { Ok(()) }
}

/// What ends a list of words.
#[derive(PartialEq, Eq)]
enum End {
    Semicolon,
    Open,
    Close,
    File,
}

struct Reader<'a> {
    launch: &'a Launch,
    path: &'a str,
    letters: std::iter::Peekable<std::str::Chars<'a>>,
    line: usize,
}

impl Reader<'_> {
    fn wrong(&self, text: &str) -> String {
        format!("{text} in {}:{}", self.path, self.line)
    }

    /// Reads directives up to the end of the block (true) or of the file (false).
    fn block(
        &mut self,
        context: u8,
        block: &mut Vec<Directive>,
        depth: usize,
    ) -> Result<bool, String> {
        if depth == 0 {
            return Err(self.wrong("too many levels of blocks and included files"));
        }
        loop {
            let (mut words, end) = self.words()?;
            if words.is_empty() {
                match end {
                    End::Close => return Ok(true),
                    End::File => return Ok(false),
                    End::Semicolon => return Err(self.wrong("unexpected \";\"")),
                    End::Open => return Err(self.wrong("unexpected \"{\"")),
                }
            }
            match end {
                End::Close => return Err(self.wrong("unexpected \"}\"")),
                End::File => {
                    return Err(self.wrong("unexpected end of file, expecting \";\" or \"}\""));
                }
                End::Semicolon | End::Open => {}
            }
            let name = words.remove(0);
            let place = format!("{}:{}", self.path, self.line);
            let mut one = Directive { name, args: words, block: Vec::new(), place };
            if one.name == "include" && context != FREE && end == End::Semicolon {
                let [path] = one.args.as_slice() else {
                    return Err(self.wrong("invalid number of arguments in \"include\" directive"));
                };
                include(self.launch, path, Some(&one.place), context, block, depth - 1)?;
                continue;
            }
            let within = self.check(&one, context, &end)?;
            if end == End::Open && !self.block(within, &mut one.block, depth - 1)? {
                return Err(self.wrong("unexpected end of file, expecting \"}\""));
            }
            block.push(one);
        }
    }

    /// What the braces of a directive hold, or what is wrong with it (`ngx_conf_handler`).
    fn check(&self, one: &Directive, context: u8, end: &End) -> Result<u8, String> {
        if context == FREE {
            return Ok(FREE);
        }
        let name = &one.name;
        let mut known =
            KNOWN.iter().filter(|(names, ..)| names.split(' ').any(|own| own == *name)).peekable();
        if known.peek().is_none() {
            return Err(self.wrong(&format!("unknown directive \"{name}\"")));
        }
        let Some((_, _, fewest, most, within)) =
            known.find(|(_, places, ..)| places & context != 0)
        else {
            return Err(self.wrong(&format!("\"{name}\" directive is not allowed here")));
        };
        if *within == 0 && *end == End::Open {
            return Err(self.wrong(&format!("directive \"{name}\" is not terminated by \";\"")));
        }
        if *within != 0 && *end == End::Semicolon {
            return Err(self.wrong(&format!("directive \"{name}\" has no opening \"{{\"")));
        }
        let count = u8::try_from(one.args.len()).unwrap_or(ANY);
        if count < *fewest || count > *most {
            return Err(self.wrong(&format!("invalid number of arguments in \"{name}\" directive")));
        }
        Ok(*within)
    }

    /// Reads words up to what ends them.
    fn words(&mut self) -> Result<(Vec<String>, End), String> {
        let (mut words, mut word) = (Vec::new(), None::<String>);
        while let Some(letter) = self.letters.next() {
            let braces = word.as_ref().is_some_and(|word| word.ends_with('$'));
            match letter {
                '{' if braces => {
                    let rest: String =
                        self.letters.by_ref().take_while(|one| *one != '}').collect();
                    word.get_or_insert_default().extend(["{", &rest, "}"]);
                }
                ';' | '{' | '}' | ' ' | '\t' | '\r' | '\n' => {
                    words.extend(word.take());
                    let end = match letter {
                        ';' => End::Semicolon,
                        '{' => End::Open,
                        '}' => End::Close,
                        '\n' => {
                            self.line += 1;
                            continue;
                        }
                        _ => continue,
                    };
                    return Ok((words, end));
                }
                '#' if word.is_none() => {
                    while self.letters.next_if(|one| *one != '\n').is_some() {}
                }
                '"' | '\'' if word.is_none() => {
                    let text = self.quoted(letter)?;
                    // What follows a quoted word must be space or an end.
                    match self.letters.peek() {
                        None | Some(' ' | '\t' | '\r' | '\n' | ';' | '{' | ')') => words.push(text),
                        Some(other) => {
                            let text = format!("unexpected \"{other}\"");
                            return Err(self.wrong(&text));
                        }
                    }
                }
                '\\' => {
                    let word = word.get_or_insert_default();
                    word.push('\\');
                    word.extend(self.letters.next());
                }
                letter => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        Ok((words, End::File))
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        while let Some(letter) = self.letters.next() {
            match letter {
                letter if letter == quote => return Ok(text),
                '\n' => {
                    self.line += 1;
                    text.push('\n');
                }
                '\\' => match self.letters.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(other @ ('"' | '\'' | '\\')) => text.push(other),
                    Some(other) => text.extend(['\\', other]),
                    None => {}
                },
                letter => text.push(letter),
            }
        }
        Err(self.wrong("unexpected end of file, expecting \";\" or \"}\""))
    }
}
