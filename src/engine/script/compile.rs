//! From a shell script's text to flat steps. The shell's own parser reads it; what a container does not run is refused
//! here by name. Nesting is bounded by the parser.

use std::sync::Arc;

use super::{Op, Piece, Redirect, Simple, Word};
use crate::bash::Parser;
use crate::bash::ast::{self, Command, Compound, Expansion, Join, List, Operator, Target};

/// Scripts longer than this are refused.
const BYTES_MAX: usize = 64 * 1024;

/// Compiles a script, or says what in it cannot be run.
pub(in crate::engine) fn compile(text: &str) -> Result<Arc<[Op]>, String> {
    if text.len() > BYTES_MAX {
        return Err("the script is too long".to_owned());
    }
    let mut parser = Parser::sh(text);
    let mut compiler = Compiler::default();
    while let Some(list) = parser.next_line().map_err(|error| error.message().to_owned())? {
        compiler.list(&list)?;
    }
    Ok(compiler.ops.into())
}

fn refuse<T>(what: &str) -> Result<T, String> {
    Err(format!("{what} not simulated in containers"))
}

#[derive(Default)]
struct Compiler {
    ops: Vec<Op>,
    slots: usize,
    /// For `break` and `continue`: where the loop begins, and the jumps to its end that are still to be filled in.
    loops: Vec<(usize, Vec<usize>)>,
}

impl Compiler {
    fn list(&mut self, list: &List) -> Result<(), String> {
        list.iter().try_for_each(|item| self.and_or(item))
    }

    fn and_or(&mut self, list: &ast::AndOr) -> Result<(), String> {
        self.pipeline(&list.first)?;
        for (join, pipeline) in &list.rest {
            let jump = self.hole();
            self.pipeline(pipeline)?;
            let end = self.ops.len();
            self.ops[jump] = match join {
                Join::And => Op::JumpIfFailed(end),
                Join::Or => Op::JumpIfOk(end),
            };
        }
        Ok(())
    }

    /// A jump whose end is not known yet.
    fn hole(&mut self) -> usize {
        self.ops.push(Op::Jump(0));
        self.ops.len() - 1
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) -> Result<(), String> {
        if let [Command::Compound(compound, redirects)] = pipeline.commands.as_slice()
            && redirects.is_empty()
        {
            self.compound(compound)?;
        } else {
            let mut commands = Vec::new();
            for command in &pipeline.commands {
                match command {
                    Command::Simple(command) => commands.push(simple(command)?),
                    Command::Compound(compound, own) => {
                        // It stands in the pipe as a function without a name.
                        let mut inner = Self::default();
                        inner.compound(compound)?;
                        let name = format!("\0{}", self.ops.len());
                        self.ops.push(Op::Define(name.clone(), inner.ops.into()));
                        let words = vec![vec![Piece::Text(name)]];
                        let redirects = redirects(own)?;
                        commands.push(Simple { words, redirects, ..Simple::default() });
                    }
                    Command::Function(name, body) => {
                        let mut inner = Self::default();
                        inner.command(body)?;
                        self.ops.push(Op::Define(name.clone(), inner.ops.into()));
                        return Ok(());
                    }
                    Command::Background(..) => return refuse("background jobs (&) are"),
                }
            }
            self.simple(commands);
        }
        if pipeline.negated {
            self.ops.push(Op::Negate);
        }
        Ok(())
    }

    /// A function's body.
    fn command(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Compound(compound, redirects) if redirects.is_empty() => {
                self.compound(compound)
            }
            Command::Simple(command) => {
                let command = simple(command)?;
                self.simple(vec![command]);
                Ok(())
            }
            Command::Compound(..) | Command::Function(..) | Command::Background(..) => {
                refuse("such functions are")
            }
        }
    }

    fn simple(&mut self, commands: Vec<Simple>) {
        let word = match commands.as_slice() {
            [one] => one.words.first().map(Vec::as_slice),
            _ => None,
        };
        let word = match word {
            Some([Piece::Text(text)]) => text.as_str(),
            _ => "",
        };
        match (word, self.loops.last_mut()) {
            ("break", Some((_, breaks))) => {
                breaks.push(self.ops.len());
                self.ops.push(Op::Jump(0));
            }
            ("continue", Some((start, _))) => self.ops.push(Op::Jump(*start)),
            _ => self.ops.push(Op::Run(commands)),
        }
    }

    fn compound(&mut self, compound: &Compound) -> Result<(), String> {
        match compound {
            Compound::Group(list) | Compound::Subshell(list) => self.list(list),
            Compound::While { until, condition, body } => {
                let start = self.ops.len();
                self.list(condition)?;
                let jump = self.hole();
                self.body(start, body)?;
                let end = self.ops.len();
                self.ops[jump] = if *until { Op::JumpIfOk(end) } else { Op::JumpIfFailed(end) };
                self.ops.push(Op::Status(0));
                Ok(())
            }
            Compound::If(branches, otherwise) => self.branches(branches, otherwise.as_ref()),
            Compound::For(name, list, body) => {
                let slot = self.slots;
                self.slots += 1;
                let list = words(list.as_deref().unwrap_or_default())?;
                self.ops.push(Op::ForList(slot, list));
                let start = self.hole();
                self.body(start, body)?;
                let end = self.ops.len();
                self.ops[start] = Op::ForNext(slot, name.clone(), end);
                Ok(())
            }
            Compound::Case(subject, arms) => self.case(subject, arms),
            Compound::Test(_) => refuse("[[ is"),
            Compound::Arithmetic(_) => refuse("(( is"),
            Compound::Count(..) => refuse("for (( is"),
        }
    }

    fn case(&mut self, subject: &ast::Word, arms: &[(Vec<ast::Word>, List)]) -> Result<(), String> {
        let subject = word(subject)?;
        let mut leave = Vec::new();
        for (patterns, body) in arms {
            let patterns = patterns.iter().map(pattern).collect::<Result<Vec<_>, _>>()?;
            let test = self.hole();
            self.ops.push(Op::Status(0));
            self.list(body)?;
            leave.push(self.hole());
            self.ops[test] = Op::JumpUnlessMatches(subject.clone(), patterns, self.ops.len());
        }
        self.ops.push(Op::Status(0));
        for at in leave {
            self.ops[at] = Op::Jump(self.ops.len());
        }
        Ok(())
    }

    /// A loop's body and the jump back to its start.
    fn body(&mut self, start: usize, body: &List) -> Result<(), String> {
        self.loops.push((start, Vec::new()));
        self.list(body)?;
        self.ops.push(Op::Jump(start));
        let (_, breaks) = self.loops.pop().expect("the loop was pushed above");
        let end = self.ops.len();
        for at in breaks {
            self.ops[at] = Op::Jump(end);
        }
        Ok(())
    }

    fn branches(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
    ) -> Result<(), String> {
        let mut leave = Vec::new();
        for (condition, then) in branches {
            self.list(condition)?;
            let jump = self.hole();
            self.list(then)?;
            leave.push(self.hole());
            self.ops[jump] = Op::JumpIfFailed(self.ops.len());
        }
        match otherwise {
            Some(list) => self.list(list)?,
            None => self.ops.push(Op::Status(0)),
        }
        for at in leave {
            self.ops[at] = Op::Jump(self.ops.len());
        }
        Ok(())
    }
}

fn simple(command: &ast::Simple) -> Result<Simple, String> {
    let assignment = |(name, value): &(String, ast::Word)| Ok((name.clone(), word(value)?));
    Ok(Simple {
        assignments: command.assignments.iter().map(assignment).collect::<Result<_, String>>()?,
        words: words(&command.words)?,
        redirects: redirects(&command.redirects)?,
    })
}

fn words(list: &[ast::Word]) -> Result<Vec<Word>, String> {
    list.iter().map(word).collect()
}

fn word(word: &ast::Word) -> Result<Word, String> {
    word.0.iter().map(piece).collect()
}

/// A pattern of `case`: what stands in quotes stands for itself.
fn pattern(word: &ast::Word) -> Result<Word, String> {
    let escaped = |piece_: &ast::Piece| match piece_ {
        ast::Piece::Quoted(text) => {
            let mut out = String::new();
            for c in text.chars() {
                if "*?[]\\".contains(c) {
                    out.push('\\');
                }
                out.push(c);
            }
            Ok(Piece::Text(out))
        }
        ast::Piece::Text(_) | ast::Piece::Tilde | ast::Piece::Expand(..) => piece(piece_),
    };
    word.0.iter().map(escaped).collect()
}

fn piece(piece: &ast::Piece) -> Result<Piece, String> {
    let (expansion, quoted) = match piece {
        ast::Piece::Text(text) | ast::Piece::Quoted(text) => return Ok(Piece::Text(text.clone())),
        ast::Piece::Tilde => return Ok(Piece::Text("/root".to_owned())),
        ast::Piece::Expand(expansion, quoted) => (&**expansion, *quoted),
    };
    Ok(match expansion {
        Expansion::Parameter(name, None) => Piece::Parameter(name.clone(), None, quoted),
        Expansion::Parameter(name, Some((operator, argument))) => match operator {
            Operator::Default(_)
            | Operator::Assign(_)
            | Operator::Alternative(_)
            | Operator::Error(_) => {
                Piece::Parameter(name.clone(), Some((*operator, word(argument)?)), quoted)
            }
            Operator::CutStart(_) | Operator::CutEnd(_) | Operator::Replace(_) => {
                Piece::Parameter(name.clone(), Some((*operator, pattern(argument)?)), quoted)
            }
            Operator::Slice | Operator::Upper(_) | Operator::Lower(_) => {
                return refuse(&format!("this expansion of ${{{name}…}} is"));
            }
        },
        Expansion::Length(name) => Piece::Length(name.clone()),
        Expansion::Command(list) => {
            let mut compiler = Compiler::default();
            compiler.list(list)?;
            Piece::Command(compiler.ops.into(), quoted)
        }
        Expansion::Process(_) => return refuse("<(…) is"),
        Expansion::Arithmetic(text) => Piece::Arithmetic(word(text)?),
    })
}

fn redirects(list: &[ast::Redirect]) -> Result<Vec<Redirect>, String> {
    let mut redirects = Vec::new();
    for redirect in list {
        let stream = redirect.stream;
        match &redirect.target {
            Target::Read(file) if stream == 0 => redirects.push(Redirect::Read(word(file)?)),
            Target::HereDocument(text) if stream == 0 => {
                let text = text.get().map(word).transpose()?;
                redirects.push(Redirect::Text(text.unwrap_or_default()));
            }
            Target::HereString(text) if stream == 0 => {
                let mut text = word(text)?;
                text.push(Piece::Text("\n".to_owned()));
                redirects.push(Redirect::Text(text));
            }
            Target::Write(file) if stream != 0 => {
                redirects.push(Redirect::Write(stream, false, word(file)?));
            }
            Target::Append(file) if stream != 0 => {
                redirects.push(Redirect::Write(stream, true, word(file)?));
            }
            Target::WriteBoth(file) => redirects
                .extend([Redirect::Write(1, false, word(file)?), Redirect::Duplicate(2, 1)]),
            Target::AppendBoth(file) => {
                redirects
                    .extend([Redirect::Write(1, true, word(file)?), Redirect::Duplicate(2, 1)]);
            }
            Target::Duplicate(to) if stream != 0 && *to != 0 => {
                redirects.push(Redirect::Duplicate(stream, *to));
            }
            Target::Read(_)
            | Target::HereDocument(_)
            | Target::HereString(_)
            | Target::Write(_)
            | Target::Append(_)
            | Target::Duplicate(_) => return refuse("this redirection is"),
        }
    }
    Ok(redirects)
}
