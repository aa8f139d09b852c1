//! Volumes of a Pod or of a template. Models `describeVolumes` and what it calls.

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, EmptyDirVolumeSource, ProjectedVolumeSource, Volume,
};

use super::page::Page;

/// The volumes under a title, which is indented for a template.
pub(super) fn describe(page: &mut Page, title: &str, volumes: Option<&[Volume]>) {
    let volumes = volumes.unwrap_or_default();
    if volumes.is_empty() {
        return page.line(0, format!("{title}:\t<none>"));
    }
    page.line(0, format!("{title}:"));
    let indent = if title.starts_with(' ') { " " } else { "" };
    for volume in volumes {
        page.line(1, format!("{indent}{}:", volume.name));
        one(page, volume);
    }
}

fn one(page: &mut Page, volume: &Volume) {
    if let Some(path) = &volume.host_path {
        page.field(2, "Type", "HostPath (bare host directory volume)");
        page.field(2, "Path", &path.path);
        page.field(2, "HostPathType", path.type_.as_deref().unwrap_or("<none>"));
    } else if let Some(empty) = &volume.empty_dir {
        empty_dir(page, empty);
    } else if let Some(secret) = &volume.secret {
        page.field(2, "Type", "Secret (a volume populated by a Secret)");
        page.field(2, "SecretName", secret.secret_name.as_deref().unwrap_or_default());
        page.field(2, "Optional", secret.optional.unwrap_or(false));
    } else if let Some(map) = &volume.config_map {
        page.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
        page.field(2, "Name", &map.name);
        page.field(2, "Optional", map.optional.unwrap_or(false));
    } else if let Some(claim) = &volume.persistent_volume_claim {
        page.field(
            2,
            "Type",
            "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        );
        page.field(2, "ClaimName", &claim.claim_name);
        page.field(2, "ReadOnly", claim.read_only.unwrap_or(false));
    } else if let Some(nfs) = &volume.nfs {
        page.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        page.field(2, "Server", &nfs.server);
        page.field(2, "Path", &nfs.path);
        page.field(2, "ReadOnly", nfs.read_only.unwrap_or(false));
    } else if let Some(downward) = &volume.downward_api {
        page.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
        page.line(2, "Items:");
        items(page, downward.items.as_deref().unwrap_or_default());
    } else if let Some(projected) = &volume.projected {
        sources(page, projected);
    } else {
        page.line(1, "<unknown>");
    }
}

fn empty_dir(page: &mut Page, empty: &EmptyDirVolumeSource) {
    page.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
    page.field(2, "Medium", empty.medium.as_deref().unwrap_or_default());
    let limit = empty.size_limit.as_ref().map(|limit| super::container::canonical(&limit.0));
    page.field(2, "SizeLimit", limit.as_deref().unwrap_or("<unset>"));
}

fn items(page: &mut Page, items: &[DownwardAPIVolumeFile]) {
    for item in items {
        if let Some(field) = &item.field_ref {
            page.line(3, format!("{} -> {}", field.field_path, item.path));
        }
        if let Some(resource) = &item.resource_field_ref {
            page.line(3, format!("{} -> {}", resource.resource, item.path));
        }
    }
}

fn sources(page: &mut Page, projected: &ProjectedVolumeSource) {
    let what = "Projected (a volume that contains injected data from multiple sources)";
    page.field(2, "Type", what);
    for source in projected.sources.iter().flatten() {
        if let Some(secret) = &source.secret {
            page.field(2, "SecretName", &secret.name);
            page.field(2, "Optional", secret.optional.unwrap_or(false));
        } else if source.downward_api.is_some() {
            page.field(2, "DownwardAPI", true);
        } else if let Some(map) = &source.config_map {
            page.field(2, "ConfigMapName", &map.name);
            page.field(2, "Optional", map.optional.unwrap_or(false));
        } else if let Some(token) = &source.service_account_token {
            page.field(2, "TokenExpirationSeconds", token.expiration_seconds.unwrap_or(3600));
        }
    }
}
