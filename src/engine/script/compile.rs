//! From a shell script's text to flat steps. Parsing is brush-parser's; what cannot be run is refused here by name.

use std::sync::Arc;

use brush_parser::ast::{
    AndOr, AndOrList, Command, CommandPrefixOrSuffixItem, CompoundCommand, CompoundList,
    ElseClause, IoFd, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Pipeline,
    SeparatorOperator, SimpleCommand,
};
use brush_parser::ast::{AssignmentName, AssignmentValue};

use super::{Op, Redirect, Simple};

/// Scripts longer than this are refused; deep nesting needs length.
const BYTES_MAX: usize = 64 * 1024;
/// How deep compound commands may nest.
const DEPTH_MAX: usize = 40;

/// Compiles a script, or says what in it cannot be run.
pub(in crate::engine) fn compile(text: &str) -> Result<Arc<[Op]>, String> {
    let open = text.chars().filter(|c| matches!(c, '(' | '{')).count();
    let words = ["if", "while", "until", "for", "case"];
    let nested = text.split_whitespace().filter(|word| words.contains(word)).count();
    if text.len() > BYTES_MAX || open > 400 || nested > 200 {
        return Err("the script is too long or too deeply nested".to_owned());
    }
    let options = brush_parser::ParserOptions::default();
    let program = brush_parser::Parser::new(text.as_bytes(), &options)
        .parse_program()
        .map_err(|_error| "syntax error".to_owned())?;
    let mut compiler = Compiler::default();
    for list in &program.complete_commands {
        compiler.list(list, 0)?;
    }
    Ok(compiler.ops.into())
}

#[derive(Default)]
struct Compiler {
    ops: Vec<Op>,
    slots: usize,
    /// For `break` and `continue`: where the loop begins, and the jumps to its end that are still to be filled in.
    loops: Vec<(usize, Vec<usize>)>,
}

impl Compiler {
    fn list(&mut self, list: &CompoundList, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err("the script is too deeply nested".to_owned());
        }
        for item in &list.0 {
            if matches!(item.1, SeparatorOperator::Async) {
                return Err("background jobs (&) are not simulated".to_owned());
            }
            self.and_or(&item.0, depth)?;
        }
        Ok(())
    }

    fn and_or(&mut self, list: &AndOrList, depth: usize) -> Result<(), String> {
        self.pipeline(&list.first, depth)?;
        for next in &list.additional {
            let jump = self.ops.len();
            self.ops.push(Op::Jump(0));
            let pipeline = match next {
                AndOr::And(pipeline) | AndOr::Or(pipeline) => pipeline,
            };
            self.pipeline(pipeline, depth)?;
            let end = self.ops.len();
            self.ops[jump] = match next {
                AndOr::And(_) => Op::JumpIfFailed(end),
                AndOr::Or(_) => Op::JumpIfOk(end),
            };
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, depth: usize) -> Result<(), String> {
        if let [Command::Compound(compound, None)] = pipeline.seq.as_slice() {
            self.compound(compound, depth + 1)?;
        } else {
            let mut commands = Vec::new();
            for command in &pipeline.seq {
                match command {
                    Command::Simple(command) => commands.push(simple(command)?),
                    Command::Compound(..) => {
                        return Err(
                            "pipes and redirections of compound commands are not simulated"
                                .to_owned(),
                        );
                    }
                    Command::Function(_) => return Err("functions are not simulated".to_owned()),
                    Command::ExtendedTest(..) => return Err("[[ is not simulated".to_owned()),
                }
            }
            self.simple(commands);
        }
        if pipeline.bang {
            self.ops.push(Op::Negate);
        }
        Ok(())
    }

    fn simple(&mut self, commands: Vec<Simple>) {
        let word = match commands.as_slice() {
            [one] => one.words.first().map(String::as_str),
            _ => None,
        };
        match (word, self.loops.last_mut()) {
            (Some("break"), Some((_, breaks))) => {
                breaks.push(self.ops.len());
                self.ops.push(Op::Jump(0));
            }
            (Some("continue"), Some((start, _))) => self.ops.push(Op::Jump(*start)),
            _ => self.ops.push(Op::Run(commands)),
        }
    }

    fn compound(&mut self, compound: &CompoundCommand, depth: usize) -> Result<(), String> {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list, depth),
            CompoundCommand::Subshell(group) => self.list(&group.list, depth),
            CompoundCommand::WhileClause(clause) => {
                self.repeat(&clause.0, &clause.1.list, Op::JumpIfFailed, depth)
            }
            CompoundCommand::UntilClause(clause) => {
                self.repeat(&clause.0, &clause.1.list, Op::JumpIfOk, depth)
            }
            CompoundCommand::IfClause(clause) => {
                let elses = clause.elses.as_deref().unwrap_or_default();
                self.branch(&clause.condition, &clause.then, elses, depth)
            }
            CompoundCommand::ForClause(clause) => {
                let words: Vec<String> =
                    clause.values.iter().flatten().map(|word| word.value.clone()).collect();
                let slot = self.slots;
                self.slots += 1;
                self.ops.push(Op::ForList(slot, words));
                let start = self.ops.len();
                self.ops.push(Op::Jump(0));
                self.body(start, &clause.body.list, depth)?;
                let end = self.ops.len();
                self.ops[start] = Op::ForNext(slot, clause.variable_name.clone(), end);
                Ok(())
            }
            CompoundCommand::Arithmetic(_) | CompoundCommand::ArithmeticForClause(_) => {
                Err("arithmetic is not simulated".to_owned())
            }
            CompoundCommand::CaseClause(_) => Err("case is not simulated".to_owned()),
            CompoundCommand::Coprocess(_) => Err("coprocesses are not simulated".to_owned()),
        }
    }

    fn repeat(
        &mut self,
        condition: &CompoundList,
        body: &CompoundList,
        leave: fn(usize) -> Op,
        depth: usize,
    ) -> Result<(), String> {
        let start = self.ops.len();
        self.list(condition, depth)?;
        let jump = self.ops.len();
        self.ops.push(Op::Jump(0));
        self.body(start, body, depth)?;
        self.ops[jump] = leave(self.ops.len());
        self.ops.push(Op::Status(0));
        Ok(())
    }

    /// A loop's body and the jump back to its start.
    fn body(&mut self, start: usize, body: &CompoundList, depth: usize) -> Result<(), String> {
        self.loops.push((start, Vec::new()));
        self.list(body, depth)?;
        self.ops.push(Op::Jump(start));
        let (_, breaks) = self.loops.pop().expect("the loop was pushed above");
        let end = self.ops.len();
        for at in breaks {
            self.ops[at] = Op::Jump(end);
        }
        Ok(())
    }

    fn branch(
        &mut self,
        condition: &CompoundList,
        then: &CompoundList,
        elses: &[ElseClause],
        depth: usize,
    ) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err("the script is too deeply nested".to_owned());
        }
        self.list(condition, depth)?;
        let jump = self.ops.len();
        self.ops.push(Op::Jump(0));
        self.list(then, depth)?;
        let leave = self.ops.len();
        self.ops.push(Op::Jump(0));
        self.ops[jump] = Op::JumpIfFailed(self.ops.len());
        match elses.split_first() {
            Some((first, rest)) => match &first.condition {
                Some(condition) => self.branch(condition, &first.body, rest, depth + 1)?,
                None => self.list(&first.body, depth)?,
            },
            None => self.ops.push(Op::Status(0)),
        }
        self.ops[leave] = Op::Jump(self.ops.len());
        Ok(())
    }
}

fn simple(command: &SimpleCommand) -> Result<Simple, String> {
    let mut simple = Simple::default();
    for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
        item_of(item, &mut simple, true)?;
    }
    simple.words.extend(command.word_or_name.iter().map(|word| word.value.clone()));
    for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
        item_of(item, &mut simple, false)?;
    }
    Ok(simple)
}

fn item_of(
    item: &CommandPrefixOrSuffixItem,
    simple: &mut Simple,
    prefix: bool,
) -> Result<(), String> {
    match item {
        CommandPrefixOrSuffixItem::Word(word) => simple.words.push(word.value.clone()),
        CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
            match (&assignment.name, &assignment.value) {
                (AssignmentName::VariableName(name), AssignmentValue::Scalar(value)) if prefix => {
                    simple.assignments.push((name.clone(), value.value.clone()));
                }
                _ if prefix => return Err("arrays are not simulated".to_owned()),
                _ => simple.words.push(word.value.clone()),
            }
        }
        CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
            simple.redirects.push(redirect_of(redirect)?);
        }
        CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
            return Err("process substitution is not simulated".to_owned());
        }
    }
    Ok(())
}

fn redirect_of(redirect: &IoRedirect) -> Result<Redirect, String> {
    let write = |fd: Option<IoFd>, append, file: &str| match fd {
        None | Some(1) => Ok(Redirect::Write(1, append, file.to_owned())),
        Some(2) => Ok(Redirect::Write(2, append, file.to_owned())),
        Some(_) => Err("only streams 0, 1 and 2 are simulated".to_owned()),
    };
    match redirect {
        IoRedirect::File(fd, kind, IoFileRedirectTarget::Filename(file)) => match kind {
            IoFileRedirectKind::Read => Ok(Redirect::Read(file.value.clone())),
            IoFileRedirectKind::Write | IoFileRedirectKind::Clobber => {
                write(*fd, false, &file.value)
            }
            IoFileRedirectKind::Append => write(*fd, true, &file.value),
            IoFileRedirectKind::ReadAndWrite
            | IoFileRedirectKind::DuplicateInput
            | IoFileRedirectKind::DuplicateOutput => {
                Err("this redirection is not simulated".to_owned())
            }
        },
        IoRedirect::File(fd, IoFileRedirectKind::DuplicateOutput, target) => {
            let to = match target {
                IoFileRedirectTarget::Fd(to) => to.to_string(),
                IoFileRedirectTarget::Duplicate(word) => word.value.clone(),
                IoFileRedirectTarget::Filename(_)
                | IoFileRedirectTarget::ProcessSubstitution(..) => String::new(),
            };
            match (fd, to.as_str()) {
                (Some(2), "1") => Ok(Redirect::ErrorToOutput),
                (None | Some(1), "2") => Ok(Redirect::OutputToError),
                _ => Err("this redirection is not simulated".to_owned()),
            }
        }
        IoRedirect::OutputAndError(..) | IoRedirect::File(..) => {
            Err("this redirection is not simulated".to_owned())
        }
        IoRedirect::HereDocument(..) | IoRedirect::HereString(..) => {
            Err("here-documents are not simulated".to_owned())
        }
    }
}
