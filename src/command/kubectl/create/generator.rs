//! What the subcommands of `kubectl create` have in common: a name and flags become an object, which is printed or sent.
//!
//! An object is made as a value, whether the sandbox simulates its kind or not, so that `--dry-run=client -o yaml` writes
//! a manifest of any kind; only sending one needs a kind that the server has. Models kubectl `pkg/cmd/create/create*.go`
//! (`Complete`, `Validate`, `Run` of each).

use serde_json::{Map, Value, json};

use super::super::apply::LAST_APPLIED;
use super::super::call::Call;
use super::super::common::DryRun;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::kinds;
use super::super::server;
use super::super::verb::Outcome;
use crate::object::official::{self, Resource};
use crate::output::json;
use crate::shell::LocalFuture;

/// How one subcommand makes its object.
pub(super) struct Generator {
    /// The group of the kind it makes, empty for the core group.
    pub group: &'static str,
    /// The kind it makes.
    pub kind: &'static str,
    /// Flags that must be given, in alphabetical order.
    pub required: &'static [&'static str],
    /// Makes the object, but for its `apiVersion`, `kind`, name and namespace, which stand there already.
    pub make: fn(&Call, &str, &mut Value) -> Outcome,
    /// What stands before the server's sentence when it refuses; empty where it stands by itself.
    pub refused: &'static str,
}

/// Runs a subcommand.
#[expect(clippy::needless_pass_by_value, reason = "a verb owns its call")]
pub(super) fn generate(call: Call, generator: &'static Generator) -> LocalFuture<Outcome> {
    Box::pin(std::future::ready(run(&call, generator)))
}

fn run(call: &Call, generator: &Generator) -> Outcome {
    require(call, generator.required)?;
    let name = name_of(call)?;
    let dry_run = DryRun::of(call)?;
    let format = Format::of_writer(call)?;
    let resource = official::find(generator.group, generator.kind)
        .ok_or_else(|| Failure::plain(format!("no kind {}", generator.kind)))?;
    let mut body = head(call, resource, &name, dry_run);
    (generator.make)(call, &name, &mut body)?;
    if call.flags.on("save-config") {
        let text = json::compact_typed(&body) + "\n";
        body["metadata"]["annotations"][LAST_APPLIED] = Value::from(text);
    }
    if dry_run != DryRun::Client {
        let kind = kinds::simulated(resource)?;
        body = server::create(call, dry_run, kind, &body)
            .map_err(|error| refused(generator.refused, error.into()))?
            .to_value();
    }
    let name = body.pointer("/metadata/name").and_then(Value::as_str).unwrap_or(&name);
    let Some(format) = format else {
        let kind = resource.qualified_singular();
        return call.line(format!("{kind}/{name} created{}", dry_run.suffix()));
    };
    call.out(format.print_typed(&body)?)
}

/// What every object begins with. The server fills in the namespace; a dry run of the client shows one that was given.
fn head(call: &Call, resource: &Resource, name: &str, dry_run: DryRun) -> Value {
    let mut body = json!({
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": name},
    });
    if resource.namespaced && (dry_run != DryRun::Client || call.namespace_given()) {
        body["metadata"]["namespace"] = Value::from(call.namespace());
    }
    body
}

/// The server's sentence behind what was being done, where the generator says so.
pub(super) fn refused(before: &str, failure: Failure) -> Failure {
    if let Failure::Server(error) = &failure
        && !before.is_empty()
    {
        return Failure::plain(format!("{before}{}", error.message));
    }
    failure
}

/// `required flag(s) "image", "schedule" not set`, for those that are not.
pub(in super::super) fn require(call: &Call, flags: &[&str]) -> Outcome {
    let missing: Vec<&str> = flags.iter().copied().filter(|flag| !call.flags.given(flag)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::plain(format!("required flag(s) \"{}\" not set", missing.join("\", \""))))
}

/// The one name that a generator takes (`NameFromCommandArgs`).
pub(super) fn name_of(call: &Call) -> Result<String, Failure> {
    let before_dash = call.flags.dash.unwrap_or(call.args().len());
    match call.args().split_at_checked(before_dash) {
        Some(([name], _)) => Ok(name.clone()),
        _ => Err(call.usage(format!("exactly one NAME is required, got {before_dash}"))),
    }
}

/// What stands after the name: the command that containers run.
pub(super) fn command(call: &Call) -> &[String] {
    call.args().get(1..).unwrap_or_default()
}

/// A text as a number where it is one (`intstr.Parse`).
pub(super) fn int_or_string(text: &str) -> Value {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let number = digits.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i32>() {
        Ok(value) if number => Value::from(value),
        _ => Value::from(text),
    }
}

/// A map of texts.
pub(super) fn text_map<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let mut map = Map::new();
    for (key, value) in entries {
        map.insert(key.to_owned(), Value::from(value));
    }
    Value::Object(map)
}
