//! The file that `kubectl edit` lets somebody edit: a command that `KUBE_EDITOR` or `EDITOR` names, or the editor beside
//! the terminal.
//!
//! Models kubectl `pkg/cmd/util/editor/editor.go` and the comment stripping of `pkg/cmd/util/helpers.go`. *Differs:*
//! editors that fill a terminal (`vi`, `nano`...) stand for the editor beside the terminal.

use super::call::Call;
use super::failure::Failure;
use crate::manifest::{Node, documents};
use crate::shell::{BUILTINS, Invocation, run_script};

/// Editors that take the whole terminal, for which the page's own stands in.
const FULL_SCREEN: [&str; 7] = ["vi", "vim", "nvim", "nano", "emacs", "code", "pico"];

/// A file that is being edited.
#[derive(Debug)]
pub(super) struct EditedFile {
    path: String,
}

/// What an editor left.
pub(super) struct Edited {
    pub(super) file: EditedFile,
    pub(super) text: String,
}

impl EditedFile {
    /// Where it lies.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Takes it away.
    pub(super) fn remove(&self, call: &Call) {
        // It may be gone already; what matters is that it is gone.
        call.sandbox().files_mut(|files| files.remove(&self.path)).unwrap_or(());
    }

    /// Writes a new file, has it edited, and takes the one before it away.
    pub(super) async fn edit(
        call: &Call,
        before: Option<Self>,
        as_json: bool,
        text: &str,
    ) -> Result<Edited, Failure> {
        let ending = if as_json { ".json" } else { ".yaml" };
        let file = Self { path: free_path(call, "kubectl-edit-", ending) };
        file.write(call, text)?;
        let launched = file.launch(call, text).await;
        if let Err(failure) = launched {
            file.remove(call);
            return Err(failure);
        }
        if let Some(before) = before {
            before.remove(call);
        }
        let text = super::common::read_file(call, &file.path)?;
        Ok(Edited { file, text })
    }

    fn write(&self, call: &Call, text: &str) -> Result<(), Failure> {
        let (bytes, now) = (text.as_bytes().to_vec(), call.now());
        let written = call.sandbox().files_mut(|files| files.write(&self.path, bytes, now));
        written.map_err(|error| {
            Failure::plain(format!("open {}: {}", self.path, error.to_string().to_lowercase()))
        })
    }

    async fn launch(&self, call: &Call, text: &str) -> Result<(), Failure> {
        let given =
            ["KUBE_EDITOR", "EDITOR"].into_iter().filter_map(|name| call.shell.env.get(name));
        let editor = given.map(String::as_str).find(|editor| !editor.is_empty()).unwrap_or("vi");
        let program = editor.split(' ').next().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default();
        if FULL_SCREEN.contains(&name) {
            let editing = std::rc::Rc::clone(call.sandbox().editing());
            if !editing.is_offered() {
                return Err(Failure::plain(format!("unable to launch the editor {editor:?}")));
            }
            if !editing.edit(self.path.clone()).await {
                self.write(call, text)?;
            }
            return Ok(());
        }
        let quoted = editor.contains(['"', '\'', '\\']);
        if !quoted && !exists(call, program) {
            return Err(Failure::plain(format!("unable to launch the editor {editor:?}")));
        }
        let line = if quoted {
            format!("{editor} {:?}", self.path)
        } else {
            // Without quotes no shell reads it: each word stands as it is.
            let words = editor.split(' ').chain([self.path.as_str()]);
            let quoted: Vec<String> = words.map(|word| format!("'{word}'")).collect();
            quoted.join(" ")
        };
        let shell = Invocation { args: Vec::new(), ..call.shell.clone() };
        if run_script(shell, crate::command::COMMANDS, line).await == 0 {
            return Ok(());
        }
        let shown = if quoted { format!("/bin/bash -c {editor}") } else { editor.to_owned() };
        Err(Failure::plain(format!("there was a problem with the editor {shown:?}")))
    }
}

/// Whether a word is a program: a command, or the path of a script.
fn exists(call: &Call, program: &str) -> bool {
    let path = crate::shell::resolve(&call.shell.cwd, program);
    crate::command::COMMANDS.iter().any(|command| command.name == program)
        || BUILTINS.iter().any(|builtin| builtin.name == program)
        || (program.contains('/') && call.sandbox().files(|files| files.read(&path).is_ok()))
}

/// `/tmp/kubectl-edit-1234567890.yaml`, of a name that no file has (Go's `os.CreateTemp`).
pub(super) fn free_path(call: &Call, prefix: &str, ending: &str) -> String {
    let mut seed = call.now().micros().unsigned_abs();
    loop {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let path = format!("/tmp/{prefix}{}{ending}", seed >> 32);
        if !call.sandbox().files(|files| files.exists(&path)) {
            return path;
        }
    }
}

/// The text without lines that are comments.
pub(super) fn without_comments(text: &str) -> String {
    let lines = text.split('\n').filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether two texts say the same (`StripComments` of both).
pub(super) fn same(left: &str, right: &str) -> bool {
    let read = |text: &str| -> Option<Vec<serde_json::Value>> {
        documents(text.as_bytes()).map(|document| Some(Node::to_value(&document.ok()?))).collect()
    };
    match (read(left), read(right)) {
        (Some(left), Some(right)) => left == right,
        _ => without_comments(left) == without_comments(right),
    }
}

/// Whether a text has more than comments.
pub(super) fn has_lines(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_do_not_count() {
        let text = "# a\nkind: Pod\n  # b\nspec: {}\n";
        assert_eq!(without_comments(text), "kind: Pod\nspec: {}\n");
        assert!(same(text, "spec: {}\nkind: Pod\n"));
        assert!(!same(text, "kind: Pod\n"));
        assert!(same("a: [", "a: [\n# x") && !same("a: [", "a: [ "));
        assert!(has_lines(text) && !has_lines("# a\n\n  # b\n"));
    }
}
