//! `kubectl create job`, also from a `CronJob`, and `kubectl create cronjob`.
//!
//! Models kubectl `pkg/cmd/create/create_job.go` and `create_cronjob.go`.

use serde_json::{Value, json};

use super::super::call::Call;
use super::super::common::{DRY_RUN, PRINT, WRITE};
use super::super::failure::Failure;
use super::super::resource::{self, Request};
use super::super::verb::{Flag, Outcome, Verb};
use super::generator::{Generator, command, generate};

pub(super) const JOB: Verb = Verb {
    name: "job",
    summary: "Create a job with the specified name",
    usage: "NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]",
    examples: &[
        (
            "Create a Job that runs a command",
            "kubectl create job once --image=busybox:1.36 -- date",
        ),
        ("Run what a CronJob runs, now", "kubectl create job backup-now --from=cronjob/backup"),
    ],
    flags: &[IMAGE, FROM, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &JOBS),
    ..Verb::BASE
};

pub(super) const CRON_JOB: Verb = Verb {
    name: "cronjob",
    aliases: &["cj"],
    summary: "Create a cron job with the specified name",
    usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
    examples: &[(
        "Create a CronJob that runs a command every hour",
        "kubectl create cronjob tick --image=busybox:1.36 --schedule=@hourly -- date",
    )],
    flags: &[IMAGE, CRON, DRY_RUN, PRINT, WRITE],
    run: |call| generate(call, &CRON_JOBS),
    ..Verb::BASE
};

static JOBS: Generator = Generator {
    group: "batch",
    kind: "Job",
    required: &[],
    make: job,
    refused: "failed to create job: ",
};

static CRON_JOBS: Generator = Generator {
    group: "batch",
    kind: "CronJob",
    required: &["image", "schedule"],
    make: |call, name, body| {
        cron_job(call, name, body);
        Ok(())
    },
    refused: "failed to create cronjob: ",
};

static IMAGE: &[Flag] = &[Flag::text("image", "", "Image name to run.")];

static FROM: &[Flag] =
    &[Flag::text("from", "", "The resource to create a Job from (only CronJob is supported).")];

static CRON: &[Flag] = &[
    Flag::text("restart", "", "The Job's restart policy: OnFailure (the default) or Never"),
    Flag::text("schedule", "", "When to run the Job, in the Cron format."),
];

fn job(call: &Call, name: &str, body: &mut Value) -> Outcome {
    let (image, from) = (call.flags.text("image"), call.flags.text("from"));
    if image.is_empty() == from.is_empty() {
        return Err(Failure::plain("either --image or --from must be specified"));
    }
    if from.is_empty() {
        body["spec"] = json!({"template": template(call, name, "Never")});
    } else {
        if !command(call).is_empty() {
            return Err(Failure::plain("cannot specify --from and command"));
        }
        from_cron_job(call, from, body)?;
    }
    body["status"] = json!({});
    Ok(())
}

fn cron_job(call: &Call, name: &str, body: &mut Value) {
    let restart = match call.flags.text("restart") {
        "" => "OnFailure",
        given => given,
    };
    let job = json!({"template": template(call, name, restart)});
    body["spec"] = json!({
        "jobTemplate": {"metadata": {"name": name}, "spec": job},
        "schedule": call.flags.text("schedule"),
    });
    body["status"] = json!({});
}

/// The Pods of a Job with one container.
fn template(call: &Call, name: &str, restart: &str) -> Value {
    let mut container = json!({"image": call.flags.text("image"), "name": name, "resources": {}});
    if !command(call).is_empty() {
        container["command"] = json!(command(call));
    }
    json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}})
}

/// The Job that a `CronJob` would make, owned by it (`createJobFromCronJob`).
fn from_cron_job(call: &Call, from: &str, body: &mut Value) -> Outcome {
    let pairs = match resource::request(call.known(), &[from.to_owned()])? {
        Request::Names(pairs) => pairs,
        Request::Nothing | Request::Lists(_) => {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
    };
    let [(kind, name)] = pairs.as_slice() else {
        return Err(Failure::plain("from must be an existing cronjob"));
    };
    let found = resource::must_get(call, &call.key(*kind, name))?;
    let cron_job = found.to_value();
    let info = kind.info();
    if info.name != "CronJob" {
        return Err(Failure::plain(format!("unknown object type *{}.{}", info.version, info.name)));
    }
    let template = |path: &str| cron_job.pointer(&format!("/spec/jobTemplate{path}")).cloned();
    let mut annotations = json!({"cronjob.kubernetes.io/instantiate": "manual"});
    if let Some(Value::Object(more)) = template("/metadata/annotations") {
        for (key, value) in more {
            annotations[key] = value;
        }
    }
    body["metadata"]["annotations"] = annotations;
    if let Some(labels) = template("/metadata/labels") {
        body["metadata"]["labels"] = labels;
    }
    body["metadata"]["ownerReferences"] = json!([{
        "apiVersion": info.api_version(),
        "controller": true,
        "kind": info.name,
        "name": found.name(),
        "uid": cron_job.pointer("/metadata/uid"),
    }]);
    body["spec"] = template("/spec").unwrap_or_else(|| json!({}));
    Ok(())
}
