//! Flags that several verbs share, and what they mean.

use serde_json::Value;

use super::call::Call;
use super::failure::Failure;
use super::verb::Flag;
use crate::cluster::Cluster;
use crate::shell::resolve;

/// `-f`, `-k`, `-R`.
pub(super) static FILES: &[Flag] = &[
    Flag::list("filename", "The files that contain the manifests.").letter('f'),
    Flag::text("kustomize", "", "Process a kustomization directory.").letter('k'),
    Flag::switch("recursive", "Process the folder used in -f, --filename recursively.").letter('R'),
];

/// `--dry-run`.
pub(super) static DRY_RUN: &[Flag] = &[Flag::text(
    "dry-run",
    "none",
    "Must be \"none\", \"server\", or \"client\". If client, only print the object that would be sent; if server, have the server check it without keeping it.",
)
.alone("unchanged")];

/// `--allow-missing-template-keys`.
pub(super) const ALLOW_MISSING_TEMPLATE_KEYS: Flag =
    Flag::switch("allow-missing-template-keys", "If true, ignore fields missing from the object.")
        .or("true");

/// `--show-managed-fields`.
pub(super) const SHOW_MANAGED_FIELDS: Flag =
    Flag::switch("show-managed-fields", "Keep the managedFields when printing JSON or YAML.");

/// `--template`.
pub(super) const TEMPLATE: Flag =
    Flag::text("template", "", "Template to use with -o=go-template.");

/// `-o` of verbs that write, and what goes with it.
pub(super) static PRINT: &[Flag] = &[
    ALLOW_MISSING_TEMPLATE_KEYS,
    Flag::text("output", "", "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).").letter('o'),
    SHOW_MANAGED_FIELDS,
    TEMPLATE,
];

/// `-f` and `-R` without `-k`; folders are read with all that is in them unless told otherwise.
pub(super) static FILES_BELOW_PLAIN: &[Flag] = &[FILES[0], Flag { default: "true", ..FILES[2] }];

/// What `create` and its generators take.
pub(super) static WRITE: &[Flag] = &[
    manager("kubectl-create"),
    SAVE_CONFIG,
    Flag::text("validate", "strict", "Must be one of: strict (or true), warn, ignore (or false).")
        .alone("strict"),
];

/// `--field-manager` with a verb's own name.
pub(super) const fn manager(name: &'static str) -> Flag {
    Flag::text("field-manager", name, "Name of the manager used to track field ownership.")
}

/// `--save-config`.
pub(super) const SAVE_CONFIG: Flag =
    Flag::switch("save-config", "Save the configuration in an annotation, for a later apply.");

/// `--pod-running-timeout` (`AddPodRunningTimeoutFlag`).
pub(super) const fn pod_running_timeout(default: &'static str) -> Flag {
    Flag::duration(
        "pod-running-timeout",
        default,
        "The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running",
    )
}

/// Waits for what a command needs of Pods that may still have to start, as long as `--pod-running-timeout` says.
pub(super) async fn within_pod_running_timeout<T>(
    call: &Call,
    ready: impl FnMut(&Cluster) -> Option<T>,
) -> Result<T, Failure> {
    let timeout = call.flags.duration("pod-running-timeout").positive().unwrap_or_default();
    let found = call.sandbox().until_within(timeout, ready).await;
    found.ok_or_else(|| Failure::plain("timed out waiting for the condition"))
}

/// `--detach-keys`.
pub(super) const DETACH_KEYS: Flag = Flag::text(
    "detach-keys",
    "ctrl-p,ctrl-q",
    "Override the key sequence for detaching a container",
);

/// `--overrides`.
pub(super) const OVERRIDES: Flag = Flag::text(
    "overrides",
    "",
    "An inline JSON override for the generated object. If this is non-empty, it is used to override the generated object.",
);

/// `--override-type`.
pub(super) const OVERRIDE_TYPE: Flag = Flag::text(
    "override-type",
    "merge",
    "The method used to override the generated object: json, merge, or strategic.",
);

/// A generated object with what `--overrides` says (`cmdutil.NewOverrider`).
pub(super) fn overridden(call: &Call, value: Value) -> Result<Value, Failure> {
    let text = call.flags.text("overrides");
    if text.is_empty() {
        return Ok(value);
    }
    let parsed = crate::manifest::documents(text.as_bytes()).next();
    let patch = match parsed {
        Some(Ok(node)) => node.to_value(),
        Some(Err(error)) => return Err(Failure::plain(error.to_string())),
        None => return Ok(value),
    };
    if !patch.is_object() {
        return Err(Failure::plain("Invalid JSON Patch"));
    }
    match call.flags.text("override-type") {
        "merge" => Ok(crate::store::patch::json_merge(value, patch)),
        "json" | "strategic" => {
            let kind = call.flags.text("override-type");
            Err(Failure::not_simulated(&format!("--override-type={kind}")))
        }
        other => Err(Failure::plain(format!("invalid override type: {other}"))),
    }
}

/// `--record`.
pub(super) static RECORD: &[Flag] = &[Flag::switch(
    "record",
    "Record current kubectl command in the resource annotation. If set to false, do not record the command. If set to true, record the command.",
)];

/// `-l`.
pub(super) static SELECTOR: &[Flag] =
    &[Flag::text("selector", "", "Selector (label query) to filter on.").letter('l')];

/// `-A`.
pub(super) static ALL_NAMESPACES: &[Flag] = &[Flag::switch(
    "all-namespaces",
    "If present, list the requested object(s) across all namespaces.",
)
.letter('A')];

/// What `--dry-run` asks for.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum DryRun {
    /// Really do it.
    None,
    /// Only show what would be sent.
    Client,
    /// Have the server check it on a copy.
    Server,
}

impl DryRun {
    /// Reads the flag (`GetDryRunStrategy`).
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        match call.flags.text("dry-run") {
            "none" | "false" => Ok(Self::None),
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            "unchanged" | "true" => {
                call.err(format!(
                    "W{} helpers.go:719] --dry-run is deprecated and can be replaced with --dry-run=client.",
                    klog_time(call)
                ))?;
                Ok(Self::Client)
            }
            other => Err(Failure::plain(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        }
    }

    /// What stands behind the sentence that says what was done.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Client => " (dry run)",
            Self::Server => " (server dry run)",
        }
    }
}

/// The head of a klog line: `0401 00:00:07.000000       1`.
pub(super) fn klog_time(call: &Call) -> String {
    let text = call.now().to_string();
    let date: String = text.chars().skip(5).take(5).filter(|c| *c != '-').collect();
    let time: String = text.chars().skip(11).take(8).collect();
    format!("{date} {time}.000000       1")
}

/// A file's text, for templates and data; the path is seen from the call's folder.
pub(super) fn read_file(call: &Call, path: &str) -> Result<String, Failure> {
    let bytes = read_bytes(call, path)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file's bytes.
pub(super) fn read_bytes(call: &Call, path: &str) -> Result<Vec<u8>, Failure> {
    let absolute = resolve(&call.shell.cwd, path);
    let bytes = call.sandbox().files(|files| files.read(&absolute));
    let problem = |error: crate::shell::FileError| {
        Failure::plain(format!("open {path}: {}", error.to_string().to_lowercase()))
    };
    Ok(bytes.map_err(problem)?.to_vec())
}
