//! `kubectl cp`: files into containers and out of them.
//!
//! Upstream runs `tar` in the container; here `cat`, `ls` and `mkdir` do its work, and what `tar` would say is said.
//! Models kubectl `pkg/cmd/cp/cp.go`. *Differs:* bytes that are no UTF-8 are replaced; `--retries` and `--no-preserve` have
//! nothing to do.

use std::sync::Arc;

use super::call::Call;
use super::exec;
use super::failure::Failure;
use super::podcmd::container;
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::{Key, Kind, Object, StatusError};
use crate::shell::{FileError, resolve};

/// The verb.
pub(super) static CP: Verb = Verb {
    name: "cp",
    group: Group::Troubleshooting,
    summary: "Copy files and directories to and from containers",
    usage: "cp <file-spec-src> <file-spec-dest>",
    details: &["Requires that the 'tar' binary is present in your container image."],
    examples: &[
        ("Copy a file into a Pod", "kubectl cp page.html web:/usr/share/nginx/html/index.html"),
        (
            "Copy a file out of a Pod in another namespace",
            "kubectl cp shop/web:/etc/nginx/nginx.conf ./nginx.conf",
        ),
    ],
    flags: &[FLAGS],
    run: |call| Box::pin(async move { copy(&call).await }),
    arguments: Arguments::Pods,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::text("container", "", "Container name.").letter('c'),
    Flag::switch(
        "no-preserve",
        "The copied file/directory's ownership and permissions will not be preserved in the container",
    ),
    Flag::int(
        "retries",
        "0",
        "Set number of retries to complete a copy operation from a container.",
    ),
];

/// How deep folders may nest.
const DEPTH_MAX: usize = 32;

/// One end of a copy.
struct Spec {
    /// Namespace and name of the Pod; none for a file of the user's machine.
    pod: Option<(String, String)>,
    path: String,
}

fn spec(call: &Call, text: &str) -> Result<Spec, Failure> {
    let wrong =
        || Failure::plain("filespec must match the canonical format: [[namespace/]pod:]file/path");
    let Some((pod, path)) = text.split_once(':') else {
        return Ok(Spec { pod: None, path: text.to_owned() });
    };
    let (namespace, name) = match pod.split('/').collect::<Vec<_>>().as_slice() {
        [""] => return Err(wrong()),
        [name] => (call.namespace().to_owned(), (*name).to_owned()),
        [namespace, name] => ((*namespace).to_owned(), (*name).to_owned()),
        _ => return Err(wrong()),
    };
    Ok(Spec { pod: Some((namespace, name)), path: path.to_owned() })
}

/// A container of a Pod.
struct Place<'a> {
    call: &'a Call,
    pod: Arc<Object>,
    container: String,
}

async fn copy(call: &Call) -> Outcome {
    let [from, to] = call.args() else {
        return Err(Failure::plain("source and destination are required"));
    };
    let (from, to) = (spec(call, from)?, spec(call, to)?);
    if from.pod.is_some() && to.pod.is_some() {
        return Err(Failure::plain("one of src or dest must be a local file specification"));
    }
    if from.path.is_empty() || to.path.is_empty() {
        return Err(Failure::plain("filepath can not be empty"));
    }
    match (&from.pod, &to.pod) {
        (Some(pod), _) => place(call, pod)?.take(&from.path, &to.path).await,
        (None, Some(pod)) => {
            let local = resolve(&call.shell.cwd, &from.path);
            if !call.sandbox().files(|files| files.exists(&local)) {
                return Err(Failure::plain(format!(
                    "{} doesn't exist in local filesystem",
                    from.path
                )));
            }
            place(call, pod)?.put(&local, &to.path).await
        }
        (None, None) => {
            Err(Failure::plain("one of src or dest must be a remote file specification"))
        }
    }
}

fn place<'a>(call: &'a Call, (namespace, name): &(String, String)) -> Result<Place<'a>, Failure> {
    let key = Key::new(Kind::Pod, namespace.as_str(), name.as_str());
    let pod = call.get(&key).ok_or_else(|| StatusError::not_found(&key))?;
    let container = container(call, &pod, "exec into")?;
    Ok(Place { call, pod, container })
}

impl Place<'_> {
    /// Runs a tool; its exit code and what it wrote.
    async fn run(&self, argv: &[&str], input: &str) -> Result<(i32, String), Failure> {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let done = exec::quietly(self.call, &self.pod, &self.container, &argv, input.to_owned());
        done.await.map_err(|failure| {
            let text = failure.text();
            // What would be missing is tar.
            let tool = argv.first().map_or("", String::as_str);
            let text = text.replace(&format!("{tool:?}"), "\"tar\"");
            Failure::Bare(text)
        })
    }

    async fn is_folder(&self, path: &str) -> Result<bool, Failure> {
        Ok(self.run(&["test", "-d", path], "").await?.0 == 0)
    }

    /// Whether its tools are GNU's; others are `BusyBox`'s.
    async fn gnu(&self) -> Result<bool, Failure> {
        let (code, text) = self.run(&["cat", "/etc/os-release"], "").await?;
        Ok(code == 0 && !text.to_lowercase().contains("alpine"))
    }

    /// How `tar` fails.
    async fn missing(&self, path: &str) -> Result<Failure, Failure> {
        let (text, code) = if self.gnu().await? {
            let text = format!(
                "tar: {path}: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors"
            );
            (text, 2)
        } else {
            (
                format!(
                    "tar: {path}: No such file or directory\ntar: error exit delayed from previous errors"
                ),
                1,
            )
        };
        self.call.err(text)?;
        self.call.err(format!("command terminated with exit code {code}"))?;
        Ok(Failure::Exit(code))
    }

    /// Copies out of the container.
    async fn take(&self, path: &str, to: &str) -> Outcome {
        let folder = self.is_folder(path).await?;
        if !folder && self.run(&["test", "-e", path], "").await?.0 != 0 {
            return Err(self.missing(path).await?);
        }
        if path.starts_with('/') {
            let gnu = self.gnu().await?;
            self.call.line(if gnu {
                "tar: Removing leading `/' from member names"
            } else {
                "tar: removing leading '/' from member names"
            })?;
        }
        let local = resolve(&self.call.shell.cwd, to);
        let mut rest = vec![(path.trim_end_matches('/').to_owned(), local, folder, 0)];
        while let Some((path, local, folder, depth)) = rest.pop() {
            let now = self.call.now();
            let files = |change: Result<(), FileError>| {
                change.map_err(|error| {
                    Failure::plain(format!("open {to}: {}", error.to_string().to_lowercase()))
                })
            };
            if !folder {
                let (_, text) = self.run(&["cat", &path], "").await?;
                let sandbox = self.call.sandbox();
                files(sandbox.files_mut(|all| all.write(&local, text.into_bytes(), now)))?;
                continue;
            }
            files(self.call.sandbox().files_mut(|all| all.make_folders(&local, now)))?;
            let (_, names) = self.run(&["ls", "-1", &path], "").await?;
            for name in names.lines().filter(|name| !name.is_empty()) {
                let inner = format!("{path}/{name}");
                let folder = self.is_folder(&inner).await?;
                if depth < DEPTH_MAX {
                    rest.push((inner, format!("{local}/{name}"), folder, depth + 1));
                }
            }
        }
        Ok(())
    }

    /// Copies into the container.
    async fn put(&self, local: &str, to: &str) -> Outcome {
        let base = local.rsplit('/').next().unwrap_or_default();
        let to = to.trim_end_matches('/');
        let to = if to.is_empty() || self.is_folder(to).await? {
            format!("{to}/{base}")
        } else {
            to.to_owned()
        };
        let parent = to.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !parent.is_empty() && !self.is_folder(parent).await? {
            self.call.err(format!("tar: {parent}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now"))?;
            self.call.err("command terminated with exit code 2")?;
            return Err(Failure::Exit(2));
        }
        let entries: Vec<(String, Option<Vec<u8>>)> = self.call.sandbox().files(|files| {
            let own = files.get(local).map(|entry| (String::new(), entry));
            let below = files.below(local).map(|(name, entry)| (format!("/{name}"), entry));
            own.into_iter()
                .chain(below)
                .map(|(name, entry)| (name, entry.bytes.as_ref().map(|bytes| bytes.to_vec())))
                .collect()
        });
        for (name, bytes) in entries {
            let path = format!("{to}{name}");
            let (code, said) = match bytes {
                None => self.run(&["mkdir", "-p", &path], "").await?,
                Some(bytes) => {
                    let line = format!("cat > '{}'", path.replace('\'', "'\\''"));
                    self.run(&["sh", "-c", &line], &String::from_utf8_lossy(&bytes)).await?
                }
            };
            if code != 0 {
                let why = said.rsplit(": ").next().unwrap_or_default().trim_end();
                let name = to.rsplit('/').next().unwrap_or_default();
                self.call.err(format!("tar: {name}: Cannot open: {why}\ntar: Exiting with failure status due to previous errors"))?;
                self.call.err("command terminated with exit code 2")?;
                return Err(Failure::Exit(2));
            }
        }
        Ok(())
    }
}
