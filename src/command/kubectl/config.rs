//! `kubectl config`: contexts, clusters and users of a kubeconfig file.
//!
//! Models kubectl `pkg/cmd/config`. *Differs:* `set-credentials` and `set-cluster` take texts, and embed no files.

use serde_json::{Value, json};

use super::call::Call;
use super::common::{ALLOW_MISSING_TEMPLATE_KEYS, SHOW_MANAGED_FIELDS, TEMPLATE};
use super::config_flags;
use super::config_words as words;
use super::failure::Failure;
use super::format::Format;
use super::help;
use super::kubeconfig::{Kubeconfig, LISTS};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::order;
use crate::output::tabwriter;

/// The verb about contexts.
pub(super) static CONFIG: Verb = Verb {
    name: "config",
    group: Group::Settings,
    summary: "Modify kubeconfig files",
    long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".",
    details: words::LOADING,
    usage: "config SUBCOMMAND",
    verbs: &[
        CURRENT_CONTEXT,
        DELETE_CLUSTER,
        DELETE_CONTEXT,
        DELETE_USER,
        GET_CLUSTERS,
        GET_CONTEXTS,
        GET_USERS,
        RENAME_CONTEXT,
        SET,
        SET_CLUSTER,
        SET_CONTEXT,
        SET_CREDENTIALS,
        UNSET,
        USE_CONTEXT,
        VIEW,
    ],
    ..Verb::BASE
};

/// A subcommand that is one function.
macro_rules! sub {
    ($name:literal, $summary:literal, $usage:literal, $flags:expr, $run:expr) => {
        Verb {
            name: $name,
            summary: $summary,
            usage: $usage,
            flags: $flags,
            run: |call| Box::pin(async move { $run(&call) }),
            ..Verb::BASE
        }
    };
}

const CURRENT_CONTEXT: Verb =
    sub!("current-context", "Display the current-context", "current-context", &[], current_context);
const DELETE_CLUSTER: Verb = Verb {
    arguments: Arguments::Kubeconfig("clusters"),
    ..sub!(
        "delete-cluster",
        "Delete the specified cluster from the kubeconfig",
        "delete-cluster NAME",
        &[],
        |call| delete(call, "clusters", "cluster")
    )
};
const DELETE_CONTEXT: Verb = Verb {
    arguments: Arguments::Kubeconfig("contexts"),
    ..sub!(
        "delete-context",
        "Delete the specified context from the kubeconfig",
        "delete-context NAME",
        &[],
        |call| delete(call, "contexts", "context")
    )
};
const DELETE_USER: Verb = Verb {
    arguments: Arguments::Kubeconfig("users"),
    ..sub!(
        "delete-user",
        "Delete the specified user from the kubeconfig",
        "delete-user NAME",
        &[],
        |call| delete(call, "users", "user")
    )
};
const GET_CLUSTERS: Verb = sub!(
    "get-clusters",
    "Display clusters defined in the kubeconfig",
    "get-clusters",
    &[],
    |call| names(call, "clusters")
);
const GET_USERS: Verb =
    sub!("get-users", "Display users defined in the kubeconfig", "get-users", &[], |call| names(
        call, "users"
    ));
const GET_CONTEXTS: Verb = Verb {
    arguments: Arguments::Kubeconfig("contexts"),
    ..sub!(
        "get-contexts",
        "Describe one or many contexts",
        "get-contexts [(-o|--output=)name)]",
        &[config_flags::CONTEXTS],
        contexts
    )
};
const RENAME_CONTEXT: Verb = Verb {
    long: "Renames a context from the kubeconfig file.",
    details: words::RENAME,
    examples: &[(
        "Rename the context 'old-name' to 'new-name' in your kubeconfig file",
        "kubectl config rename-context old-name new-name",
    )],
    arguments: Arguments::Kubeconfig("contexts"),
    ..sub!(
        "rename-context",
        "Rename a context from the kubeconfig file",
        "rename-context CONTEXT_NAME NEW_NAME",
        &[],
        rename
    )
};
const SET: Verb = Verb {
    details: words::SET,
    examples: words::SET_EXAMPLES,
    ..sub!(
        "set",
        "Set an individual value in a kubeconfig file",
        "set PROPERTY_NAME PROPERTY_VALUE",
        &[&[Flag::switch(
            "set-raw-bytes",
            "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 decoding.",
        )]],
        |call| set(call, true)
    )
};
const UNSET: Verb = Verb {
    details: words::UNSET,
    examples: words::UNSET_EXAMPLES,
    ..sub!(
        "unset",
        "Unset an individual value in a kubeconfig file",
        "unset PROPERTY_NAME",
        &[],
        |call| set(call, false)
    )
};
const SET_CLUSTER: Verb = sub!(
    "set-cluster",
    "Set a cluster entry in kubeconfig",
    "set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]",
    &[config_flags::CLUSTER],
    |call| entry(
        call,
        "clusters",
        "Cluster",
        &[
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority",
            "proxy-url"
        ]
    )
);
const SET_CREDENTIALS: Verb = sub!(
    "set-credentials",
    "Set a user entry in kubeconfig",
    "set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password]",
    &[config_flags::CREDENTIALS],
    |call| entry(
        call,
        "users",
        "User",
        &["token", "username", "password", "client-certificate", "client-key"]
    )
);
const SET_CONTEXT: Verb = Verb {
    arguments: Arguments::Kubeconfig("contexts"),
    ..sub!(
        "set-context",
        "Set a context entry in kubeconfig",
        "set-context [NAME | --current] [--cluster=cluster_nickname] [--user=user_nickname] [--namespace=namespace]",
        &[config_flags::CONTEXT],
        set_context
    )
};
const USE_CONTEXT: Verb = Verb {
    examples: &[(
        "Use the context for the minikube cluster",
        "kubectl config use-context minikube",
    )],
    aliases: &["use"],
    arguments: Arguments::Kubeconfig("contexts"),
    ..sub!(
        "use-context",
        "Set the current-context in a kubeconfig file",
        "use-context CONTEXT_NAME",
        &[],
        use_context
    )
};
const VIEW: Verb = sub!(
    "view",
    "Display merged kubeconfig settings or a specified kubeconfig file",
    "view",
    &[&[
        ALLOW_MISSING_TEMPLATE_KEYS,
        Flag::switch("flatten", "Flatten the resulting kubeconfig file into self-contained output"),
        Flag::switch("merge", "Merge the full hierarchy of kubeconfig files").or("true"),
        Flag::switch(
            "minify",
            "Remove all information not used by current-context from the output"
        ),
        Flag::text("output", "yaml", "Output format. One of: (json, yaml, name, jsonpath, ...).")
            .letter('o'),
        Flag::switch("raw", "Display raw byte data and sensitive data",),
        SHOW_MANAGED_FIELDS,
        TEMPLATE,
    ]],
    view
);

fn read(call: &Call) -> Result<Kubeconfig, Failure> {
    Kubeconfig::read(&call.shell, &call.flags, false)
}

/// The wrong number of words: the help, and then what is wrong.
fn unexpected(call: &Call) -> Failure {
    call.shell.stdout.write(&help::verb(call.verb, &call.path)).unwrap_or(());
    Failure::plain(format!("Unexpected args: [{}]", call.args().join(" ")))
}

fn one_name(call: &Call) -> Result<&str, Failure> {
    match call.args() {
        [name] => Ok(name),
        _ => Err(unexpected(call)),
    }
}

fn current_context(call: &Call) -> Outcome {
    match read(call)?.current() {
        "" => Err(Failure::plain("current-context is not set")),
        name => call.line(name),
    }
}

fn names(call: &Call, list: &str) -> Outcome {
    let config = read(call)?;
    let mut names: Vec<&str> = config.entries(list).map(|(name, _)| name).collect();
    names.insert(0, "NAME");
    call.out(names.join("\n") + "\n")
}

fn contexts(call: &Call) -> Outcome {
    let output = call.flags.text("output");
    if !matches!(output, "" | "name") {
        return Err(Failure::plain(format!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        )));
    }
    let config = read(call)?;
    let mut rows: Vec<(&str, &Value)> = config.entries("contexts").collect();
    order::sort_by(&mut rows, |left, right| left.0.cmp(right.0));
    let mut failures = Vec::new();
    for name in call.args() {
        if config.entry("contexts", name).is_none() {
            failures.push(Failure::plain(format!("context {name} not found")));
        }
    }
    if !call.args().is_empty() {
        rows.retain(|(name, _)| call.args().iter().any(|wanted| wanted == name));
    }
    if output == "name" {
        for (name, _) in rows {
            call.line(name)?;
        }
        return Failure::all(failures);
    }
    let headers = "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n";
    let mut text = if call.flags.on("no-headers") { String::new() } else { headers.to_owned() };
    for (name, context) in rows {
        let of = |key: &str| context.get(key).and_then(Value::as_str).unwrap_or_default();
        let mark = if name == config.current() { "*" } else { "" };
        let cells = [mark, name, of("cluster"), of("user"), of("namespace")];
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    call.out(tabwriter::align(&text, tabwriter::TABLE))?;
    Failure::all(failures)
}

fn use_context(call: &Call) -> Outcome {
    let name = one_name(call)?;
    let mut config = read(call)?;
    if config.entry("contexts", name).is_none() {
        return Err(Failure::plain(format!("no context exists with the name: {name:?}")));
    }
    config.value["current-context"] = name.into();
    config.write(&call.shell)?;
    call.line(format!("Switched to context {name:?}."))
}

fn rename(call: &Call) -> Outcome {
    let [from, to] = call.args() else { return Err(unexpected(call)) };
    let mut config = read(call)?;
    let path = config.path.clone();
    let Some(context) = config.entry("contexts", from).cloned() else {
        return Err(Failure::plain(format!(
            "cannot rename the context {from:?}, it's not in {path}"
        )));
    };
    if config.entry("contexts", to).is_some() {
        return Err(Failure::plain(format!(
            "cannot rename the context {from:?}, the context {to:?} already exists in {path}"
        )));
    }
    config.remove("contexts", from);
    *config.entry_mut("contexts", to).1 = context;
    if config.current() == from {
        config.value["current-context"] = to.as_str().into();
    }
    config.write(&call.shell)?;
    call.line(format!("Context {from:?} renamed to {to:?}."))
}

fn delete(call: &Call, list: &str, what: &str) -> Outcome {
    let name = one_name(call)?;
    let mut config = read(call)?;
    if !config.remove(list, name) {
        return Err(Failure::plain(format!("cannot delete {what} {name}, not in {}", config.path)));
    }
    if what == "context" && config.current() == name {
        call.err("warning: this removed your active context, use \"kubectl config use-context\" to select a different one")?;
    }
    config.write(&call.shell)?;
    call.line(format!("deleted {what} {name} from {}", config.path))
}

fn set_context(call: &Call) -> Outcome {
    let current = call.flags.on("current");
    let mut config = read(call)?;
    let name = match (call.args(), current) {
        ([_, _, ..], _) => return Err(unexpected(call)),
        ([_], true) => {
            return Err(Failure::plain("you cannot specify both a context name and --current"));
        }
        ([name], false) if !name.is_empty() => name.clone(),
        (_, false) => {
            return Err(Failure::plain("you must specify a non-empty context name or --current"));
        }
        (_, true) if config.current().is_empty() => {
            return Err(Failure::plain("no current context is set"));
        }
        (_, true) => config.current().to_owned(),
    };
    let (known, context) = config.entry_mut("contexts", &name);
    for field in ["cluster", "user", "namespace"] {
        if call.flags.given(field) {
            set_text(context, field, call.flags.text(field));
        }
    }
    config.write(&call.shell)?;
    let done = if known { "modified" } else { "created" };
    call.line(format!("Context {name:?} {done}."))
}

/// Sets a text; an empty one is left out, but where upstream always writes it.
fn set_text(entry: &mut Value, field: &str, text: &str) {
    match entry.as_object_mut() {
        Some(map) if text.is_empty() && field == "namespace" => drop(map.remove(field)),
        Some(map) => drop(map.insert(field.to_owned(), text.into())),
        None => {}
    }
}

fn entry(call: &Call, list: &str, what: &str, fields: &[&str]) -> Outcome {
    let name = one_name(call)?;
    let mut own = call.verb.own_flags().map(|flag| flag.name);
    if let Some(other) = own.find(|flag| call.flags.given(flag) && !fields.contains(flag)) {
        return Err(Failure::not_simulated(&format!("'{} --{other}'", call.path)));
    }
    let mut config = read(call)?;
    let (_, entry) = config.entry_mut(list, name);
    for field in fields {
        if call.flags.given(field) {
            let text = call.flags.text(field);
            entry[*field] = match *field {
                "insecure-skip-tls-verify" => Value::Bool(call.flags.on(field)),
                _ => text.into(),
            };
        }
    }
    config.write(&call.shell)?;
    call.line(format!("{what} {name:?} set."))
}

/// `set clusters.kubernetes.server VALUE` and `unset …`.
fn set(call: &Call, sets: bool) -> Outcome {
    let (name, text) = match (call.args(), sets) {
        ([name, text], true) => (name, text.as_str()),
        ([name], false) => (name, ""),
        _ => return Err(unexpected(call)),
    };
    let mut config = read(call)?;
    let unknown = || Failure::plain(format!("unable to parse {name} after [] at api.Config"));
    let done = if sets { "set" } else { "unset" };
    if name == "current-context" {
        config.value["current-context"] = text.into();
    } else {
        let (list, rest) = name.split_once('.').unwrap_or((name, ""));
        if !LISTS.iter().any(|(known, _)| *known == list) {
            return Err(unknown());
        }
        match rest.rsplit_once('.') {
            Some((entry, field)) if sets => {
                config.entry_mut(list, entry).1[field] = text.into();
            }
            Some((entry, field)) if config.entry(list, entry).is_some() => {
                if let Some(map) = config.entry_mut(list, entry).1.as_object_mut() {
                    map.remove(field);
                }
            }
            _ if !sets && !rest.is_empty() => drop(config.remove(list, rest)),
            _ if !sets => config.value[list] = Value::Null,
            _ => return Err(unknown()),
        }
    }
    config.write(&call.shell)?;
    call.line(format!("Property {name:?} {done}."))
}

fn view(call: &Call) -> Outcome {
    if !call.args().is_empty() {
        return Err(call.usage(format!("unexpected arguments: [{}]", call.args().join(" "))));
    }
    let mut config = read(call)?;
    if call.flags.on("minify") {
        minify(&mut config, call.flags.text("context"))?;
    }
    if !call.flags.on("raw") {
        hide(&mut config.value);
    }
    match Format::of_writer(call)? {
        Some(format) => call.out(format.print(&config.value)?),
        None => Ok(()),
    }
}

/// Leaves what the current context needs.
fn minify(config: &mut Kubeconfig, context: &str) -> Outcome {
    let current = if context.is_empty() { config.current() } else { context }.to_owned();
    if current.is_empty() {
        return Err(Failure::plain("current-context must exist in order to minify"));
    }
    let Some(context) = config.entry("contexts", &current).cloned() else {
        return Err(Failure::plain(format!("cannot locate context {current}")));
    };
    let of = |key: &str| context.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    for (list, name) in
        [("contexts", current.clone()), ("clusters", of("cluster")), ("users", of("user"))]
    {
        if let Some(items) = config.value.get_mut(list).and_then(Value::as_array_mut) {
            items.retain(|item| item.get("name") == Some(&json!(name)));
        }
    }
    config.value["current-context"] = current.into();
    Ok(())
}

/// Hides what nobody should see.
fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(map) => {
            for (key, value) in map {
                match key.as_str() {
                    "certificate-authority-data"
                    | "client-certificate-data"
                    | "client-key-data" => {
                        *value = "DATA+OMITTED".into();
                    }
                    "token" | "password" => *value = "REDACTED".into(),
                    _ => hide(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
