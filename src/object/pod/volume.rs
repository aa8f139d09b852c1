//! Volumes and their sources.
//!
//! Models `ValidateVolumes` and `validateVolumeSource` of kubernetes `pkg/apis/core/validation/validation.go`.
//! *Differs:* sources of particular storage vendors are counted, but their own fields are not validated.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, HostPathVolumeSource, KeyToPath, ProjectedVolumeSource, Volume,
    VolumeProjection,
};

use super::environment::{FILE_FIELDS, validate_field_ref, validate_resource_ref};
use super::text;
use crate::object::field::{Errors, Path};
use crate::object::{TOKEN_VOLUME, names};
use crate::quantity::Quantity;

/// Whether no part of a path is `..`.
pub(super) fn no_backsteps(path: &str) -> bool {
    path.split('/').all(|part| part != "..")
}

/// A relative path without `..`.
pub(super) fn local_path(errors: &mut Errors, target: &str, path: &Path<'_>) {
    if target.starts_with('/') {
        errors.invalid(path, target, "must be a relative path");
    }
    if !no_backsteps(target) {
        errors.invalid(path, target, "must not contain '..'");
    }
}

/// A local path whose first part does not begin with `..`, which the atomic writer keeps for itself.
fn local_file(errors: &mut Errors, target: &str, path: &Path<'_>) {
    local_path(errors, target, path);
    if target.starts_with("..") && !target.starts_with("../") {
        errors.invalid(path, target, "must not start with '..'");
    }
}

fn file_mode(errors: &mut Errors, mode: Option<i32>, path: &Path<'_>) {
    if let Some(mode) = mode.filter(|mode| !(0..=0o777).contains(mode)) {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.invalid(path, &mode, detail);
    }
}

/// Validates the volumes of a Pod and returns the good ones by name.
pub(super) fn validate_volumes<'a>(
    errors: &mut Errors,
    volumes: &'a [Volume],
    path: &Path<'_>,
) -> BTreeMap<&'a str, &'a Volume> {
    let mut good = BTreeMap::new();
    for (index, volume) in volumes.iter().enumerate() {
        let here = path.index(index);
        let name_path = here.child("name");
        let mut found = Errors::new();
        validate_source(&mut found, volume, &here);
        if volume.name.is_empty() {
            found.required(&name_path, "");
        } else if volume.name != TOKEN_VOLUME {
            // The token volume's name is good; its suffix stands apart (see `PodOwn`).
            found.invalid_each(&name_path, &volume.name, names::dns1123_label(&volume.name));
        }
        if good.contains_key(volume.name.as_str()) {
            found.duplicate(&name_path, &volume.name);
        }
        if found.is_empty() {
            good.insert(volume.name.as_str(), volume);
        }
        errors.extend(found);
    }
    good
}

/// The sources in upstream's order of checking, by the name of their field.
fn sources(volume: &Volume) -> [(&'static str, bool); 30] {
    [
        ("emptyDir", volume.empty_dir.is_some()),
        ("hostPath", volume.host_path.is_some()),
        ("gitRepo", volume.git_repo.is_some()),
        ("gcePersistentDisk", volume.gce_persistent_disk.is_some()),
        ("awsElasticBlockStore", volume.aws_elastic_block_store.is_some()),
        ("secret", volume.secret.is_some()),
        ("nfs", volume.nfs.is_some()),
        ("iscsi", volume.iscsi.is_some()),
        ("glusterfs", volume.glusterfs.is_some()),
        ("flocker", volume.flocker.is_some()),
        ("persistentVolumeClaim", volume.persistent_volume_claim.is_some()),
        ("rbd", volume.rbd.is_some()),
        ("cinder", volume.cinder.is_some()),
        ("cephFS", volume.cephfs.is_some()),
        ("quobyte", volume.quobyte.is_some()),
        // Upstream's spelling.
        ("downwarAPI", volume.downward_api.is_some()),
        ("fc", volume.fc.is_some()),
        ("flexVolume", volume.flex_volume.is_some()),
        ("configMap", volume.config_map.is_some()),
        ("azureFile", volume.azure_file.is_some()),
        ("vsphereVolume", volume.vsphere_volume.is_some()),
        ("photonPersistentDisk", volume.photon_persistent_disk.is_some()),
        ("portworxVolume", volume.portworx_volume.is_some()),
        ("azureDisk", volume.azure_disk.is_some()),
        ("storageos", volume.storageos.is_some()),
        ("projected", volume.projected.is_some()),
        ("scaleIO", volume.scale_io.is_some()),
        ("csi", volume.csi.is_some()),
        ("ephemeral", volume.ephemeral.is_some()),
        ("image", volume.image.is_some()),
    ]
}

fn validate_source(errors: &mut Errors, volume: &Volume, path: &Path<'_>) {
    let mut first = None;
    for (field, set) in sources(volume) {
        if !set {
            continue;
        }
        if first.is_some() {
            errors.forbidden(&path.child(field), "may not specify more than 1 volume type");
            continue;
        }
        first = Some(field);
        validate_fields(errors, volume, field, path);
    }
    if first.is_none() {
        errors.required(path, "must specify a volume type");
    }
}

/// Validates the fields of the one source that counts.
fn validate_fields(errors: &mut Errors, volume: &Volume, field: &str, path: &Path<'_>) {
    let here = path.child(field);
    if let Some(source) = &volume.empty_dir {
        let limit = source.size_limit.as_ref().and_then(|limit| Quantity::parse(&limit.0).ok());
        if limit.is_some_and(|limit| limit.is_negative()) {
            let detail = "SizeLimit field must be a valid resource quantity";
            errors.forbidden(&here.child("sizeLimit"), detail);
        }
    } else if let Some(source) = &volume.host_path {
        validate_host_path(errors, source, &here);
    } else if let Some(source) = &volume.git_repo {
        if source.repository.is_empty() {
            errors.required(&here.child("repository"), "");
        }
        local_path(errors, text(source.directory.as_ref()), &here.child("directory"));
    } else if let Some(source) = &volume.secret {
        if text(source.secret_name.as_ref()).is_empty() {
            errors.required(&here.child("secretName"), "");
        }
        validate_items(errors, source.default_mode, source.items.as_deref(), &here);
    } else if let Some(source) = &volume.nfs {
        for (field, value) in [("server", &source.server), ("path", &source.path)] {
            if value.is_empty() {
                errors.required(&here.child(field), "");
            }
        }
        if !source.path.starts_with('/') {
            errors.invalid(&here.child("path"), &source.path, "must be an absolute path");
        }
    } else if let Some(source) = &volume.persistent_volume_claim {
        if source.claim_name.is_empty() {
            errors.required(&here.child("claimName"), "");
        }
    } else if let Some(source) = &volume.downward_api {
        let here = path.child("downwardAPI");
        file_mode(errors, source.default_mode, &here.child("defaultMode"));
        for file in source.items.iter().flatten() {
            validate_downward_file(errors, file, &here);
        }
    } else if let Some(source) = &volume.config_map {
        if source.name.is_empty() {
            errors.required(&here.child("name"), "");
        }
        validate_items(errors, source.default_mode, source.items.as_deref(), &here);
    } else if let Some(source) = &volume.projected {
        validate_projected(errors, source, &here);
    } else if let Some(source) = &volume.csi {
        validate_driver(errors, &source.driver, &here.child("driver"));
    } else if let Some(source) = &volume.ephemeral {
        if source.volume_claim_template.is_none() {
            errors.required(&here.child("volumeClaimTemplate"), "");
        }
    } else if let Some(source) = &volume.image
        && text(source.reference.as_ref()).is_empty()
    {
        errors.required(&here.child("reference"), "");
    }
}

/// `ValidateCSIDriverName`; what is not there is not a name either.
pub(crate) fn validate_driver(errors: &mut Errors, driver: &str, path: &Path<'_>) {
    if driver.is_empty() {
        errors.required(path, "");
    }
    if driver.len() > 63 {
        errors.too_long(path, 63);
    }
    errors.invalid_each(path, driver, names::dns1123_subdomain(&driver.to_lowercase()));
}

pub(crate) fn validate_host_path(
    errors: &mut Errors,
    source: &HostPathVolumeSource,
    path: &Path<'_>,
) {
    const TYPES: &[&str] = &[
        "",
        "BlockDevice",
        "CharDevice",
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
    ];
    if source.path.is_empty() {
        errors.required(&path.child("path"), "");
        return;
    }
    if !no_backsteps(&source.path) {
        errors.invalid(&path.child("path"), &source.path, "must not contain '..'");
    }
    let kind = text(source.type_.as_ref());
    if !TYPES.contains(&kind) {
        errors.not_supported(&path.child("type"), kind, TYPES);
    }
}

fn validate_items(
    errors: &mut Errors,
    mode: Option<i32>,
    items: Option<&[KeyToPath]>,
    path: &Path<'_>,
) {
    file_mode(errors, mode, &path.child("defaultMode"));
    let items_path = path.child("items");
    for (index, item) in items.into_iter().flatten().enumerate() {
        validate_item(errors, item, &items_path.index(index));
    }
}

fn validate_item(errors: &mut Errors, item: &KeyToPath, path: &Path<'_>) {
    if item.key.is_empty() {
        errors.required(&path.child("key"), "");
    }
    if item.path.is_empty() {
        errors.required(&path.child("path"), "");
    }
    local_file(errors, &item.path, &path.child("path"));
    file_mode(errors, item.mode, &path.child("mode"));
}

fn validate_downward_file(errors: &mut Errors, file: &DownwardAPIVolumeFile, path: &Path<'_>) {
    if file.path.is_empty() {
        errors.required(&path.child("path"), "");
    }
    local_file(errors, &file.path, &path.child("path"));
    match (&file.field_ref, &file.resource_field_ref) {
        (Some(field), other) => {
            validate_field_ref(errors, field, FILE_FIELDS, &path.child("fieldRef"));
            if other.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(path, "resource", detail);
            }
        }
        (None, Some(field)) => {
            validate_resource_ref(errors, field, &path.child("resourceFieldRef"), true);
        }
        (None, None) => errors.required(path, "one of fieldRef and resourceFieldRef is required"),
    }
    file_mode(errors, file.mode, &path.child("mode"));
}

fn validate_projected(errors: &mut Errors, source: &ProjectedVolumeSource, path: &Path<'_>) {
    file_mode(errors, source.default_mode, &path.child("defaultMode"));
    let mut taken = BTreeSet::new();
    let sources_path = path.child("sources");
    for (index, projection) in source.sources.iter().flatten().enumerate() {
        let here = sources_path.index(index);
        let count = validate_projection(errors, projection, &mut taken, &here, path);
        if count > 1 {
            errors.forbidden(&here, "may not specify more than 1 volume type per source");
        }
    }
}

/// Validates one projection and returns how many sources it names. A path that two files want is reported at `volume`.
fn validate_projection<'a>(
    errors: &mut Errors,
    projection: &'a VolumeProjection,
    taken: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
    volume: &Path<'_>,
) -> usize {
    let mut count = 0;
    let secret = projection.secret.as_ref().map(|one| ("secret", &one.name, &one.items));
    let config_map = projection.config_map.as_ref().map(|one| ("configMap", &one.name, &one.items));
    for (field, name, items) in [secret, config_map].into_iter().flatten() {
        count += 1;
        let here = path.child(field);
        if name.is_empty() {
            errors.required(&here.child("name"), "");
        }
        let items_path = here.child("items");
        for (index, item) in items.iter().flatten().enumerate() {
            validate_item(errors, item, &items_path.index(index));
            if !item.path.is_empty() && !taken.insert(&item.path) {
                errors.invalid(volume, name, "conflicting duplicate paths");
            }
        }
    }
    if let Some(source) = &projection.downward_api {
        count += 1;
        for file in source.items.iter().flatten() {
            validate_downward_file(errors, file, &path.child("downwardAPI"));
            if !file.path.is_empty() && !taken.insert(&file.path) {
                errors.invalid(volume, &file.path, "conflicting duplicate paths");
            }
        }
    }
    if let Some(token) = &projection.service_account_token {
        count += 1;
        let here = path.child("serviceAccountToken");
        let seconds = token.expiration_seconds.unwrap_or(0);
        if seconds < 600 {
            let detail = "may not specify a duration less than 10 minutes";
            errors.invalid(&here.child("expirationSeconds"), &seconds, detail);
        }
        if seconds > 1 << 32 {
            let detail = "may not specify a duration larger than 2^32 seconds";
            errors.invalid(&here.child("expirationSeconds"), &seconds, detail);
        }
        if token.path.is_empty() {
            errors.required(&volume.child("path"), "");
        } else {
            local_file(errors, &token.path, &volume.child("path"));
        }
    }
    if projection.cluster_trust_bundle.is_some() {
        count += 1;
    }
    if projection.pod_certificate.is_some() {
        count += 1;
    }
    count
}
