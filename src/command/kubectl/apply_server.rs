//! `kubectl apply --server-side`: the server puts the configuration over the object and keeps who manages which field.
//!
//! Models kubectl `pkg/cmd/apply/apply.go` (`applyOneObject`, the server's side).

use serde_json::Value;

use super::call::Call;
use super::common::DryRun;
use super::failure::Failure;
use super::manifests::Info;
use super::server;
use crate::manifest::Node;
use crate::object::{Key, Reason};
use crate::store::ApplyOptions;

/// What is said below a conflict.
const ADVICE: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// The object after its configuration was applied by the server.
pub(super) fn apply(call: &Call, info: &Info, dry_run: DryRun) -> Result<Value, Failure> {
    let kind = info.kind.info();
    if let Err(error) = call.read(|store| store.decode(info.kind, &Node::from_value(&info.value)))
        && let Some(fault) = error.faults.first().filter(|_| error.strict)
    {
        return Err(Failure::Bare(format!(
            "Error from server: failed to create typed patch object ({}/{}; {}, Kind={}): .{}: field not declared in schema",
            info.namespace,
            info.name,
            kind.api_version(),
            kind.name,
            fault.path
        )));
    }
    let given = call.flags.given("field-manager");
    let options = ApplyOptions {
        field_manager: if given { call.flags.text("field-manager") } else { "kubectl" },
        force: call.flags.on("force-conflicts"),
    };
    let key = Key::new(info.kind, info.namespace.as_str(), info.name.as_str());
    let applied = server::act(call, dry_run, |client| client.apply(&key, &info.value, options));
    match applied {
        Ok(object) => {
            server::note_unsimulated(call, dry_run, info.kind, &info.value);
            Ok(object.to_value())
        }
        Err(error) if error.reason == Reason::Conflict && error.message.starts_with("Apply") => {
            Err(Failure::plain(format!("{}\n{ADVICE}", error.message)))
        }
        Err(error) => Err(error.into()),
    }
}
