//! What a command line starts in a container: a script, or one of the programs that the sandbox imitates.

use super::Rules;
use super::process::Process;
use super::program::{self, Program};
use super::script::{self, Script};
use super::userland::{self, Userland};

impl Process {
    /// The script that a command line stands for: a shell with `-c` or a file, a tool by itself, a file that is a script;
    /// `None` for other programs.
    pub(super) fn script_of(&self, argv: &[String]) -> Option<Result<Script, String>> {
        if self.launch.image.userland == Userland::Bare {
            return None;
        }
        let file = argv.first()?;
        let name = file.rsplit('/').next()?;
        let has = |name: &str| userland::has(&self.launch, self.rules, name, true);
        let text = if script::is_shell(name) && has(name) {
            match script::of_shell(argv, &self.files) {
                Ok(text) => text,
                Err(message) => return Some(Err(message)),
            }
        } else if !self.rules.ends_command(name) {
            return None;
        } else if script::is_tool(name) && has(name) {
            script::quoted(argv)
        } else {
            self.files
                .get(file)
                .filter(|text| text.starts_with("#!") && text.contains("sh"))?
                .to_string()
        };
        let mut variables: script::Variables =
            self.launch.env.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        variables.insert("PWD".to_owned(), self.launch.folder.clone());
        if !variables.contains_key("HOME") {
            variables.insert("HOME".to_owned(), "/root".to_owned());
        }
        let compiled = script::compile(&text).map(|ops| Script::new(ops, variables));
        Some(compiled.map_err(|error| format!("sh: {error}\n")))
    }

    /// The program that a command line starts.
    pub(super) fn program_of(&self, argv: &[String]) -> Option<(usize, &'static Program)> {
        if self.rules == Rules::Recorded {
            return Some((program::ANY, &program::PROGRAMS[program::ANY]));
        }
        let image = &self.launch.image;
        program::find(&image.reference.name(), image.known, argv)
    }
}
