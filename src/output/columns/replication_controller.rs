//! ReplicationControllers and PodTemplates. Models `printReplicationController` and `printPodTemplate`.

use k8s_openapi::api::core::v1::PodTemplateSpec;

use super::{Cell, Columns, always, containers, created, name, replicaset};
use crate::manifest::fill;
use crate::object::Object;
use crate::object::value::look::number;
use crate::output::table;
use crate::time::Time;

pub(super) const COLUMNS: Columns = Columns { columns: replicaset::NAMES, cells };

pub(super) const POD_TEMPLATE: Columns = Columns {
    columns: &[always("Name"), always("Containers"), always("Images"), always("Pod Labels")],
    cells: |object, _| {
        let Some(body) = object.as_value() else { return Vec::new() };
        let template: PodTemplateSpec = fill(body.field("template"));
        let (names, images) = containers(template.spec.as_ref());
        let labels = template.metadata.and_then(|meta| meta.labels);
        vec![name(object), names, images, table::labels(labels.as_ref()).into()]
    },
};

fn cells(object: &Object, now: Time) -> Vec<Cell<'_>> {
    let Some(body) = object.as_value() else { return Vec::new() };
    let template = body.template();
    let (names, images) = containers(template.as_ref().and_then(|template| template.spec.as_ref()));
    let count = |field: &str| number(&body.status, field).unwrap_or(0).to_string().into();
    vec![
        name(object),
        number(body.spec(), "replicas").unwrap_or(0).to_string().into(),
        count("replicas"),
        count("readyReplicas"),
        created(object, now),
        names,
        images,
        table::labels(body.selector().match_labels.as_ref()).into(),
    ]
}
