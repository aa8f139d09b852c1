//! The kubeconfig: clusters, users and contexts, and which context is meant.
//!
//! As long as `~/.kube/config` does not exist, one cluster, one user and one context stand in for it; the first change
//! writes the file. `--kubeconfig` and `KUBECONFIG` name other files. Models client-go `tools/clientcmd` (`loader.go`,
//! `client_config.go`, `validation.go`). *Differs:* of several files in `KUBECONFIG` the first that exists counts.

use serde_json::{Value, json};

use super::failure::Failure;
use super::flags::Flags;
use crate::manifest::{Node, documents};
use crate::output::yaml;
use crate::shell::{HOME, Invocation, Sandbox, resolve};

/// The address of the API server.
const SERVER: &str = "https://127.0.0.1:6443";
/// Where nobody listens: what kubectl asks if it is told of no cluster.
const NOWHERE: &str = "localhost:8080";

/// A kubeconfig and where it is written.
pub(super) struct Kubeconfig {
    pub(super) path: String,
    pub(super) value: Value,
}

/// The lists of a kubeconfig, and the key under which each entry holds what it is.
pub(super) const LISTS: [(&str, &str); 3] =
    [("clusters", "cluster"), ("contexts", "context"), ("users", "user")];

fn own() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubernetes", "cluster": {
            "certificate-authority-data": "UExBQ0VIT0xERVI=", "server": SERVER,
        }}],
        "contexts": [{"name": "kubernetes-admin@kubernetes", "context": {
            "cluster": "kubernetes", "namespace": "default", "user": "kubernetes-admin",
        }}],
        "current-context": "kubernetes-admin@kubernetes",
        "users": [{"name": "kubernetes-admin", "user": {
            "client-certificate-data": "UExBQ0VIT0xERVI=", "client-key-data": "UExBQ0VIT0xERVI=",
        }}],
    })
}

fn empty() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Config", "clusters": null, "contexts": null,
        "current-context": "", "users": null,
    })
}

impl Kubeconfig {
    /// Reads the one that a call means; `must_exist` if a file that was named has to be there.
    pub(super) fn read(
        shell: &Invocation,
        flags: &Flags,
        must_exist: bool,
    ) -> Result<Self, Failure> {
        let named = flags.text("kubeconfig");
        let exists = |path: &str| {
            let path = resolve(&shell.cwd, path);
            shell.sandbox.files(|files| files.exists(&path))
        };
        let listed = shell.env.get("KUBECONFIG").map(String::as_str).unwrap_or_default();
        let mut listed = listed.split(':').filter(|path| !path.is_empty());
        let (shown, default) = if !named.is_empty() {
            if must_exist && !exists(named) {
                return Err(Failure::plain(format!("stat {named}: no such file or directory")));
            }
            (named.to_owned(), false)
        } else if let Some(first) = listed.clone().next() {
            (listed.find(|path| exists(path)).unwrap_or(first).to_owned(), false)
        } else {
            (format!("{HOME}/.kube/config"), true)
        };
        Self::load(&shell.sandbox, &shell.cwd, shown, default)
    }

    /// Reads one file; `default` if it is the one that our own stands in for.
    fn load(sandbox: &Sandbox, cwd: &str, shown: String, default: bool) -> Result<Self, Failure> {
        let path = resolve(cwd, &shown);
        let Ok(bytes) = sandbox.files(|files| files.read(&path)) else {
            return Ok(Self { path: shown, value: if default { own() } else { empty() } });
        };
        let mut value = match documents(&bytes).next() {
            None => Value::Null,
            Some(Ok(node)) => Node::to_value(&node),
            Some(Err(error)) => {
                let problem = error.message.trim_start_matches("error converting YAML to JSON: ");
                return Err(Failure::plain(format!(
                    "error loading config file {shown:?}: {problem}"
                )));
            }
        };
        if let (Value::Object(all), Value::Object(read)) = (&mut value, empty()) {
            for (key, none) in read {
                all.entry(key).or_insert(none);
            }
            all.remove("preferences");
        } else {
            value = empty();
        }
        Ok(Self { path: shown, value })
    }

    /// Writes it to its file.
    pub(super) fn write(&self, shell: &Invocation) -> Result<(), Failure> {
        let path = resolve(&shell.cwd, &self.path);
        let (folder, _) = crate::shell::split(&path);
        let (now, bytes) = (shell.sandbox.now(), yaml::print(&self.value).into_bytes());
        let written = shell.sandbox.files_mut(|files| {
            files.make_folders(folder, now)?;
            files.write(&path, bytes, now)
        });
        written.map_err(|error| {
            Failure::plain(format!("open {}: {}", self.path, error.to_string().to_lowercase()))
        })
    }

    /// The entries of a list: their names and what they hold.
    pub(super) fn entries(&self, list: &str) -> impl Iterator<Item = (&str, &Value)> {
        let key = LISTS.iter().find(|(name, _)| *name == list).map_or("", |(_, key)| *key);
        let items = self.value.get(list).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(move |item| Some((item.get("name")?.as_str()?, item.get(key)?)))
    }

    /// What an entry holds.
    pub(super) fn entry(&self, list: &str, name: &str) -> Option<&Value> {
        self.entries(list).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// What an entry holds, made if it is not there; true if it was.
    pub(super) fn entry_mut(&mut self, list: &str, name: &str) -> (bool, &mut Value) {
        let key = LISTS.iter().find(|(known, _)| *known == list).map_or("", |(_, key)| *key);
        let place = &mut self.value[list];
        if !place.is_array() {
            *place = json!([]);
        }
        let items = place.as_array_mut().expect("made a list above");
        let named = |item: &Value| item.get("name").and_then(Value::as_str) == Some(name);
        let at = items.iter().position(named);
        let known = at.is_some();
        if at.is_none() {
            let inner =
                if key == "context" { json!({"cluster": "", "user": ""}) } else { json!({}) };
            items.push(json!({"name": name, key: inner}));
        }
        let at = at.unwrap_or(items.len() - 1);
        (known, &mut items[at][key])
    }

    /// Takes an entry out; false if it was not there.
    pub(super) fn remove(&mut self, list: &str, name: &str) -> bool {
        let Some(items) = self.value.get_mut(list).and_then(Value::as_array_mut) else {
            return false;
        };
        let before = items.len();
        items.retain(|item| item.get("name").and_then(Value::as_str) != Some(name));
        let gone = items.len() < before;
        if items.is_empty() {
            self.value[list] = Value::Null;
        }
        gone
    }

    /// The name of the current context; empty if there is none.
    pub(super) fn current(&self) -> &str {
        self.value.get("current-context").and_then(Value::as_str).unwrap_or_default()
    }
}

/// The names in a list of `~/.kube/config`, for completion.
pub(super) fn home_names(sandbox: &Sandbox, list: &str) -> Vec<String> {
    let config = Kubeconfig::load(sandbox, HOME, ".kube/config".to_owned(), true).ok();
    let entries = config.iter().flat_map(|config| config.entries(list));
    entries.map(|(name, _)| name.to_owned()).collect()
}

/// The namespace of the current context of `~/.kube/config`, for completion and the editor.
pub fn home_namespace(sandbox: &Sandbox) -> String {
    let config = Kubeconfig::load(sandbox, HOME, ".kube/config".to_owned(), true).ok();
    let context = config.as_ref().and_then(|config| config.entry("contexts", config.current()));
    let namespace = context.and_then(|context| context.get("namespace")).and_then(Value::as_str);
    namespace.filter(|name| !name.is_empty()).unwrap_or("default").to_owned()
}

/// The namespace of the context that a call means, and whether its cluster can be reached.
/// `hides_user` if the verb has a `--user` of its own.
pub(super) fn namespace(
    shell: &Invocation,
    flags: &Flags,
    hides_user: bool,
) -> Result<String, Failure> {
    let config = Kubeconfig::read(shell, flags, true)?;
    let named = flags.text("context");
    let context = match named {
        "" => config.entry("contexts", config.current()),
        name => Some(config.entry("contexts", name).ok_or_else(|| {
            Failure::Bare(format!(
                "Error in configuration: context was not found for specified context: {name}"
            ))
        })?),
    };
    let of = |key: &str| {
        let text = context.and_then(|context| context.get(key)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let cluster = match flags.text("cluster") {
        "" => of("cluster"),
        name if config.entry("clusters", name).is_none() => {
            return Err(Failure::plain(format!("no server found for cluster {name:?}")));
        }
        name => name.to_owned(),
    };
    let user = flags.text("user");
    if !hides_user && !user.is_empty() && config.entry("users", user).is_none() {
        return Err(Failure::plain(format!("auth info {user:?} does not exist")));
    }
    let server = config.entry("clusters", &cluster).and_then(|cluster| cluster.get("server"));
    let server = match flags.text("server") {
        "" => server.and_then(Value::as_str).unwrap_or(NOWHERE),
        given => given,
    };
    if server.trim_end_matches('/') != SERVER {
        let host = server.split_once("://").map_or(server, |(_, host)| host);
        return Err(Failure::Bare(format!(
            "The connection to the server {host} was refused - did you specify the right host or port?"
        )));
    }
    let namespace = of("namespace");
    Ok(if namespace.is_empty() { "default".to_owned() } else { namespace })
}
