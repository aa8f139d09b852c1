//! `kubectl set env`: environment variables of containers, from the command line, standard input, a ConfigMap or Secret.
//!
//! Models kubectl `pkg/cmd/set/set_env.go` and `pkg/cmd/set/env/env_parse.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, DryRun, FILES, PRINT, SELECTOR};
use super::super::failure::Failure;
use super::super::resource;
use super::super::verb::{Arguments, Flag, Outcome, Verb};
use super::{
    CONTAINERS, Change, SHARED, begin, check, each, env_list, nothing_named, pod_spec, selected,
    targets,
};
use crate::object::{Kind, names};

pub(super) const ENV: Verb = Verb {
    name: "env",
    summary: "Update environment variables on a pod template",
    long: "Update environment variables on a pod template.",
    details: &[
        "List environment variable definitions in one or more pods, pod templates. Add, update, or remove container environment variable definitions in one or more pod templates (within replication controllers or deployment configurations). View or modify the environment variable definitions on all containers in the specified pods or pod templates, or just those that match a wildcard.",
        "If \"--env -\" is passed, environment variables can be read from STDIN using the standard env syntax.",
        "Possible resources include (case insensitive):",
        " pod (po), replicationcontroller (rc), deployment (deploy), daemonset (ds), statefulset (sts), cronjob (cj), replicaset (rs)",
    ],
    usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N",
    examples: &[
        ("Set a variable", "kubectl set env deployment/web MODE=prod"),
        ("List what is set", "kubectl set env deployment/web --list"),
        ("Take every key of a ConfigMap", "kubectl set env --from=configmap/app deployment/web"),
        ("Take a variable away", "kubectl set env deployment/web MODE-"),
    ],
    flags: &[FLAGS, SHARED, FILES, SELECTOR, DRY_RUN, PRINT],
    run: |call| Box::pin(async move { run(&call).await }),
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    CONTAINERS,
    Flag::array(
        "env",
        "Specify a key-value pair for an environment variable to set into each container.",
    )
    .letter('e'),
    Flag::text("from", "", "The name of a resource from which to inject environment variables"),
    Flag::list("keys", "Comma-separated list of keys to import from specified resource"),
    Flag::switch("list", "If true, display the environment and any changes in the standard format."),
    Flag::switch(
        "overwrite",
        "If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.",
    )
    .or("true"),
    Flag::text("prefix", "", "Prefix to append to variable names"),
    Flag::switch(
        "resolve",
        "If true, show secret or configmap references when listing variables",
    ),
];

/// What becomes of the variables: these (name and the whole variable) come, those go.
#[derive(Default)]
struct Wanted {
    set: Vec<(String, Value)>,
    remove: Vec<String>,
}

async fn run(call: &Call) -> Outcome {
    let (resources, pairs) = split(call.args())?;
    let dry_run = begin(call)?;
    validate(call, resources, dry_run)?;
    let mut wanted = parse(call, pairs).await?;
    from(call, &mut wanted)?;
    let prefix = call.flags.text("prefix");
    for (name, variable) in wanted.set.iter_mut().filter(|_| !prefix.is_empty()) {
        name.insert_str(0, prefix);
        variable["name"] = json!(name);
    }
    let targets = targets(call, resources).await?;
    let list = call.flags.on("list");
    let change = Change {
        done: "env updated",
        failed: "failed to patch env update to pod template:",
        quiet: true,
        apply: &|target, value, _| {
            let containers = call.flags.text("containers");
            let kind = target.key.kind.info().name;
            let found = selected(pod_spec(target, value)?, containers);
            if found.is_empty() {
                return call.err(format!(
                    "Warning: {kind}/{} does not have any containers matching {containers:?}",
                    target.key.name
                ));
            }
            for container in found {
                let variables = update(call, container["env"].take(), &wanted).map_err(|text| {
                    Failure::plain(format!("error: {} {text}\n", target.object_name()))
                })?;
                if list {
                    env_list::print(call, target, container, &variables)?;
                }
                container["env"] = Value::Array(variables);
                if container["env"].as_array().is_some_and(Vec::is_empty)
                    && let Some(fields) = container.as_object_mut()
                {
                    fields.remove("env");
                }
            }
            Ok(())
        },
    };
    if !list {
        return each(call, &targets, dry_run, &change);
    }
    for target in &targets {
        (change.apply)(target, &mut target.value.clone(), &mut Vec::new())?;
    }
    Ok(())
}

/// Resources, then changes (`SplitEnvironmentFromResources`).
fn split(args: &[String]) -> Result<(&[String], &[String]), Failure> {
    let is_change = |arg: &String| {
        arg.split_once('=').is_some_and(|(name, _)| !name.is_empty()) || arg.ends_with('-')
    };
    let at = args.iter().position(is_change).unwrap_or(args.len());
    let (resources, changes) = args.split_at_checked(at).unwrap_or_default();
    if changes.iter().all(is_change) {
        return Ok((resources, changes));
    }
    let args = args.join(" ");
    Err(Failure::plain(format!(
        "all resources must be specified before environment changes: {args}"
    )))
}

fn validate(call: &Call, resources: &[String], dry_run: DryRun) -> Outcome {
    check(call, dry_run)?;
    let problem = if nothing_named(call, resources)? {
        "one or more resources must be specified as <resource> <name> or <resource>/<name>"
    } else if call.flags.on("list") && !call.flags.text("output").is_empty() {
        "--list and --output may not be specified together"
    } else if call.flags.given("keys") && call.flags.text("from").is_empty() {
        "when specifying --keys, a configmap or secret must be provided with --from"
    } else {
        return Ok(());
    };
    Err(Failure::plain(problem))
}

/// Reads `NAME=value`, `NAME-` and `-` for standard input (`parseIntoEnvVar`).
async fn parse(call: &Call, pairs: &[String]) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    let mut named: Vec<&str> = Vec::new();
    for spec in call.flags.list("env").iter().chain(pairs) {
        if spec == "-" {
            let bytes = call.shell.stdin.read_to_end().await;
            for line in String::from_utf8_lossy(&bytes).lines() {
                let line = line.split('#').next().unwrap_or_default();
                if let Some((name, value)) = line.split_once('=') {
                    wanted.set.push((name.to_owned(), json!({"name": name, "value": value})));
                }
            }
        } else if let Some((name, value)) = spec.split_once('=') {
            let problems = names::env_name(name);
            if !problems.is_empty() {
                let problems = problems.join(";");
                return Err(Failure::plain(format!(
                    "{name:?} is not a valid key name: {problems}"
                )));
            }
            named.push(name);
            wanted.set.push((name.to_owned(), json!({"name": name, "value": value})));
        } else if let Some(name) = spec.strip_suffix('-') {
            wanted.remove.push(name.to_owned());
        } else {
            return Err(Failure::plain(format!("unknown environment variable: {spec}")));
        }
    }
    if wanted.remove.iter().any(|name| named.contains(&name.as_str())) {
        return Err(Failure::plain(
            "can not both modify and remove the same environment variable in the same command",
        ));
    }
    Ok(wanted)
}

/// References to the keys of what `--from` names.
fn from(call: &Call, wanted: &mut Wanted) -> Outcome {
    let from = call.flags.text("from");
    if from.is_empty() {
        return Ok(());
    }
    let found =
        resource::find_request(call, &resource::request(call.known(), &[from.to_owned()])?)?;
    Failure::all(found.failures)?;
    for object in &found.objects {
        let source = if object.kind() == Kind::ConfigMap {
            "configMapKeyRef"
        } else if object.kind() == Kind::Secret {
            "secretKeyRef"
        } else {
            return Err(Failure::plain("unsupported resource specified in --from"));
        };
        let value = object.to_value();
        let keys = call.flags.list("keys");
        for key in value["data"].as_object().into_iter().flat_map(serde_json::Map::keys) {
            if keys.is_empty() || keys.contains(key) {
                let name = variable_name(key);
                if name != *key {
                    call.warn(format!("key {key} transferred to {name}"))?;
                }
                let reference = json!({"key": key, "name": object.name()});
                let variable = json!({"name": name, "valueFrom": {source: reference}});
                wanted.set.push((name, variable));
            }
        }
    }
    Ok(())
}

/// `LOG_LEVEL` of `log.level` (`keyToEnvName`).
fn variable_name(key: &str) -> String {
    let name = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    key.chars().map(name).collect()
}

/// A container's variables after the change (`updateEnv`); the error is what `--overwrite=false` refuses.
fn update(call: &Call, before: Value, wanted: &Wanted) -> Result<Vec<Value>, String> {
    let Value::Array(before) = before else {
        return Ok(fresh(wanted, &mut wanted.remove.clone()));
    };
    let newer = |name: &str| wanted.set.iter().find(|(other, _)| other == name);
    let mut covered = wanted.remove.clone();
    let mut after = Vec::with_capacity(before.len());
    for variable in before {
        let name = variable["name"].as_str().unwrap_or_default().to_owned();
        let value = variable["value"].as_str().unwrap_or_default();
        let replaced = newer(&name);
        if !call.flags.on("overwrite")
            && replaced.is_some_and(|(_, new)| new["value"].as_str().unwrap_or_default() != value)
        {
            return Err(format!(
                "'{name}' already has a value ({value}), and --overwrite is false"
            ));
        }
        if covered.contains(&name) {
            continue;
        }
        match replaced {
            Some((_, new)) => {
                covered.push(name);
                after.push(new.clone());
            }
            None => after.push(variable),
        }
    }
    after.extend(fresh(wanted, &mut covered));
    Ok(after)
}

/// The variables that were not there before, once each.
fn fresh(wanted: &Wanted, covered: &mut Vec<String>) -> Vec<Value> {
    let mut variables = Vec::new();
    for (name, variable) in &wanted.set {
        if !covered.contains(name) {
            covered.push(name.clone());
            variables.push(variable.clone());
        }
    }
    variables
}
