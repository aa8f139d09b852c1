//! Jobs and CronJobs that users of the seeded worlds apply.

use kobune::random::Random;
use serde_json::{Value, json};

use super::{once_in, one_of};

/// Commands that end well, within a minute.
const QUICK: &[&str] = &["true", "sleep 3", "sleep 25", "echo done; sleep 8"];
/// Commands that do not.
const TROUBLED: &[&str] = &["exit 1", "sleep 5; exit 3", "sleep 4000"];

/// Whether a command is one of those that end well.
pub(crate) fn is_quick(command: &str) -> bool {
    QUICK.contains(&command)
}

fn job_spec(random: &mut Random) -> Value {
    let command = if once_in(random, 4) { one_of(random, TROUBLED) } else { one_of(random, QUICK) };
    let container =
        json!({ "name": "app", "image": "busybox:1.36", "command": ["sh", "-c", command] });
    let restart = one_of(random, &["Never", "OnFailure"]);
    let mut spec =
        json!({ "template": { "spec": { "containers": [container], "restartPolicy": restart } } });
    if once_in(random, 2) {
        spec["completions"] = (1 + random.below(5)).into();
        spec["parallelism"] = random.below(4).into();
        if once_in(random, 3) {
            spec["completionMode"] = "Indexed".into();
        }
    }
    if once_in(random, 4) {
        spec["podReplacementPolicy"] = "Failed".into();
    } else if restart == "Never" && once_in(random, 3) {
        let action = one_of(random, &["FailJob", "Ignore", "Count"]);
        let codes = json!({ "operator": "In", "values": [1] });
        spec["podFailurePolicy"] = json!({ "rules": [{ "action": action, "onExitCodes": codes }] });
    }
    if spec["completionMode"] == "Indexed" && restart == "Never" && once_in(random, 2) {
        spec["backoffLimitPerIndex"] = random.below(2).into();
    }
    if spec["completionMode"] == "Indexed" && once_in(random, 3) {
        spec["successPolicy"] = json!({ "rules": [{ "succeededIndexes": "0" }] });
    }
    if once_in(random, 2) {
        spec["backoffLimit"] = random.below(4).into();
    }
    if once_in(random, 6) {
        spec["activeDeadlineSeconds"] = (20 + random.below(100)).into();
    }
    if once_in(random, 4) {
        spec["ttlSecondsAfterFinished"] = random.below(90).into();
    }
    spec
}

/// A Job.
pub(crate) fn job(random: &mut Random, name: &str) -> Value {
    let mut spec = job_spec(random);
    if once_in(random, 8) {
        spec["suspend"] = true.into();
    }
    json!({ "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name }, "spec": spec })
}

/// A CronJob.
pub(crate) fn cron_job(random: &mut Random, name: &str) -> Value {
    let schedule = one_of(random, &["* * * * *", "*/2 * * * *", "*/7 * * * *"]);
    let concurrency = one_of(random, &["Allow", "Forbid", "Replace"]);
    json!({ "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": name },
        "spec": { "schedule": schedule, "concurrencyPolicy": concurrency,
            "successfulJobsHistoryLimit": random.below(3), "failedJobsHistoryLimit": random.below(2),
            "jobTemplate": { "spec": job_spec(random) } } })
}
