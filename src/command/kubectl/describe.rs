//! `kubectl describe`. Models kubectl `pkg/cmd/describe/describe.go`; what is shown is in `output::describe`.

use std::sync::Arc;

use super::call::Call;
use super::common::{ALL_NAMESPACES, FILES, SELECTOR};
use super::failure::Failure;
use super::manifests;
use super::resource::{self, Found, Request};
use super::verb::{Arguments, Flag, Group, Outcome, Verb};
use crate::object::Object;
use crate::output::describe;
use crate::shell::LocalFuture;

/// The verb.
pub(super) static DESCRIBE: Verb = Verb {
    name: "describe",
    group: Group::Troubleshooting,
    summary: "Show details of a specific resource or group of resources",
    details: &[
        "Print a detailed description of the selected resources, including related resources such as events. You may select a single object by name, all objects of that type, provide a name prefix, or label selector.",
    ],
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    examples: &[
        ("Describe a node", "kubectl describe node node-1"),
        ("Describe a Pod", "kubectl describe pods/web"),
        ("Describe all Pods with a label", "kubectl describe pods -l app=web"),
        ("Describe every Pod whose name begins with web", "kubectl describe pods web"),
    ],
    flags: &[FLAGS, FILES, SELECTOR, ALL_NAMESPACES],
    run,
    arguments: Arguments::Resources,
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::int("chunk-size", "500", "Return large lists in chunks rather than all at once."),
    Flag::switch("show-events", "If true, display events related to the described object.")
        .or("true"),
];

fn run(call: Call) -> LocalFuture<Outcome> {
    Box::pin(async move { show(&call).await })
}

async fn show(call: &Call) -> Outcome {
    let found = if call.flags.given("filename") || call.flags.given("kustomize") {
        manifests::live(call).await?
    } else {
        from_args(call)?
    };
    // Unless asked for, Events are those of one object alone.
    let alone = found.objects.len() <= 1 && found.failures.is_empty();
    let asked = call.flags.given("show-events");
    let events = if asked { call.flags.on("show-events") } else { alone };
    if !found.failures.is_empty() {
        let matching = with_prefix(call)?;
        if !matching.is_empty() {
            return call.out(describe(call, &matching, events).join("\n") + "\n");
        }
    }
    let pages = describe(call, &found.objects, events);
    call.out(pages.join("\n\n"))?;
    if pages.is_empty() && found.failures.is_empty() {
        if call.all_namespaces() {
            call.err("No resources found")?;
        } else {
            call.err(format!("No resources found in {} namespace.", call.namespace()))?;
        }
    }
    Failure::all(found.failures)
}

fn describe(call: &Call, objects: &[Arc<Object>], events: bool) -> Vec<String> {
    call.sandbox().read(|cluster| {
        let page = |object: &Arc<Object>| {
            describe::describe(cluster.store(), object, cluster.now(), events)
        };
        objects.iter().map(page).collect()
    })
}

fn from_args(call: &Call) -> Result<Found, Failure> {
    let request = resource::request(call.known(), call.args())?;
    if request == Request::Nothing {
        return Err(Failure::plain(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    resource::find_request(call, &request)
}

/// The objects whose names begin with what was asked for: `describe pod we`, where there is no `we`.
fn with_prefix(call: &Call) -> Result<Vec<Arc<Object>>, Failure> {
    let [_, prefix] = call.args() else { return Ok(Vec::new()) };
    let Request::Names(pairs) = resource::request(call.known(), call.args())? else {
        return Ok(Vec::new());
    };
    let [(kind, _)] = pairs.as_slice() else { return Ok(Vec::new()) };
    let namespace = kind.info().namespaced.then(|| call.namespace());
    Ok(call.read(|store| {
        let objects = store.list(*kind, namespace);
        objects.filter(|object| object.name().starts_with(prefix.as_str())).cloned().collect()
    }))
}
