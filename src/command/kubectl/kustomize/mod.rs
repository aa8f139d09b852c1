//! `kubectl kustomize` and `-k`: what a folder's `kustomization.yaml` makes of the manifests that it names.
//!
//! Resources are read (`target`), generated (`generate`), changed (`transform`), and at the end named: generated objects
//! get the hash of what they hold (`hash`), and whatever named an object by its old name names it by its new one
//! (`names`). Models kubernetes-sigs/kustomize `api/krusty/kustomizer.go` and kubectl `pkg/cmd/kustomize`. *Differs:*
//! plugins, Helm charts, replacements, vars and remote bases are refused by name.

mod fields;
mod generate;
mod hash;
mod names;
mod resource;
mod schema;
mod target;
mod transform;

use super::call::Call;
use super::failure::Failure;
use super::verb::{Flag, Group, Outcome, Verb};
use crate::output::yaml;
use crate::shell::resolve;

use self::resource::Resource;
use self::target::Builder;

/// The verb.
pub(super) static KUSTOMIZE: Verb = Verb {
    name: "kustomize",
    group: Group::Advanced,
    summary: "Build a kustomization target from a directory or URL",
    long: "Build a set of KRM resources using a 'kustomization.yaml' file. The DIR argument must be a path to a directory containing 'kustomization.yaml'. If DIR is omitted, '.' is assumed.",
    usage: "kustomize DIR",
    examples: &[
        ("Build the current folder", "kubectl kustomize"),
        ("Build the overlay for production", "kubectl kustomize overlays/production"),
    ],
    flags: &[FLAGS],
    run: |call| Box::pin(async move { kustomize(&call) }),
    ..Verb::BASE
};

static FLAGS: &[Flag] = &[
    Flag::switch("as-current-user", "use the uid and gid of the command executor"),
    Flag::switch("enable-alpha-plugins", "enable kustomize plugins"),
    Flag::switch("enable-helm", "Enable use of the Helm chart inflator generator."),
    Flag::array("env", "a list of environment variables to be used by functions").letter('e'),
    Flag::text(
        "load-restrictor",
        "LoadRestrictionsRootOnly",
        "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root.",
    ),
    Flag::switch("network", "enable network access for functions that declare it"),
    Flag::text("output", "", "If specified, write output to this path.").letter('o'),
    Flag::array(
        "helm-api-versions",
        "Kubernetes api versions used by Helm for Capabilities.APIVersions",
    ),
    Flag::text("helm-command", "helm", "helm command (path to executable)"),
    Flag::switch("helm-debug", "Enable debug output from the Helm chart inflator generator."),
    Flag::text(
        "helm-kube-version",
        "",
        "Kubernetes version used by Helm for Capabilities.KubeVersion",
    ),
    Flag::array("mount", "a list of storage options read from the filesystem"),
    Flag::text("network-name", "bridge", "the docker network to run the container in"),
    Flag::text("reorder", "legacy", "Reorder the resources just before output."),
];

fn kustomize(call: &Call) -> Outcome {
    if call.flags.given("reorder") {
        call.err("Flag --reorder has been deprecated, use the new 'sortOptions' field in kustomization.yaml instead.")?;
    }
    for flag in ["enable-alpha-plugins", "enable-helm", "network"] {
        if call.flags.on(flag) {
            return Err(Failure::not_simulated(&format!("kubectl kustomize --{flag}")));
        }
    }
    let path = match call.args() {
        [] => ".",
        [path] => path,
        _ => return Err(Failure::plain("specify one path to kustomization.yaml")),
    };
    let text = build(call, path)?;
    let output = call.flags.text("output");
    if output.is_empty() {
        return call.out(text);
    }
    let absolute = resolve(&call.shell.cwd, output);
    let now = call.now();
    let written = call.sandbox().files_mut(|files| files.write(&absolute, text.into_bytes(), now));
    written.map_err(|error| Failure::plain(format!("open {output}: {error}")))
}

/// What the kustomization in a folder makes, as YAML.
pub(super) fn build(call: &Call, path: &str) -> Result<String, Failure> {
    let free = match call.flags.text("load-restrictor") {
        "" | "LoadRestrictionsRootOnly" => false,
        "LoadRestrictionsNone" => true,
        other => {
            return Err(Failure::plain(format!(
                "illegal flag value --load-restrictor {other}; legal values: [LoadRestrictionsRootOnly LoadRestrictionsNone]"
            )));
        }
    };
    let unordered = match call.flags.text("reorder") {
        "" | "legacy" => false,
        "none" => true,
        other => {
            return Err(Failure::plain(format!(
                "illegal flag value --reorder {other}; legal values: [legacy none]"
            )));
        }
    };
    if path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/") {
        return Err(Failure::plain(format!(
            "unable to fetch {path:?}: the sandbox has no way out to the internet"
        )));
    }
    let mut warnings = Vec::new();
    let built = call.sandbox().files(|files| {
        let (cwd, warnings) = (&*call.shell.cwd, &mut warnings);
        let mut builder = Builder { files, cwd, free, unordered, warnings };
        builder.build(path)
    });
    for warning in warnings {
        call.err(warning)?;
    }
    let resources = built.map_err(Failure::plain)?;
    Ok(printed(&resources))
}

fn printed(resources: &[Resource]) -> String {
    let texts: Vec<String> = resources.iter().map(|one| yaml::print(&one.value)).collect();
    texts.join("---\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::Files;
    use crate::time::Time;

    fn build(files: &[(&str, &str)], path: &str) -> Result<String, String> {
        let mut all = Files::default();
        for (name, text) in files {
            let path = format!("/home/student/{name}");
            let (folder, _) = crate::shell::split(&path);
            all.make_folders(folder, Time::START).unwrap();
            all.write(&path, text.as_bytes().to_vec(), Time::START).unwrap();
        }
        let mut warnings = Vec::new();
        let mut builder = Builder {
            files: &all,
            cwd: "/home/student",
            free: false,
            unordered: false,
            warnings: &mut warnings,
        };
        builder.build(path).map(|resources| printed(&resources))
    }

    const WEB: &str = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web, labels: {a: yes}}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: web, image: 'nginx:1.27', envFrom: [{configMapRef: {name: conf}}]}\n      - {name: api, image: 'r.io:5000/api'}\n";

    #[test]
    fn an_overlay_changes_what_its_base_makes() {
        let files = [
            ("base/web.yaml", WEB),
            (
                "base/kustomization.yaml",
                "resources: [web.yaml]\nconfigMapGenerator: [{name: conf, literals: [a=1]}]\n",
            ),
            (
                "dev/kustomization.yaml",
                "resources: [../base]\nnamePrefix: dev-\nnamespace: shop\nimages: [{name: nginx, newTag: '1.28'}]\nreplicas: [{name: web, count: 3}]\nlabels: [{pairs: {t: x}, includeTemplates: true}]\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: api, args: [x]}]}}}\n",
            ),
        ];
        let expected = "apiVersion: v1\ndata:\n  a: \"1\"\nkind: ConfigMap\nmetadata:\n  labels:\n    t: x\n  name: dev-conf-h29d89cmmt\n  namespace: shop\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    a: \"yes\"\n    t: x\n  name: dev-web\n  namespace: shop\nspec:\n  replicas: 3\n  template:\n    metadata:\n      labels:\n        t: x\n    spec:\n      containers:\n      - args:\n        - x\n        image: r.io:5000/api\n        name: api\n      - envFrom:\n        - configMapRef:\n            name: dev-conf-h29d89cmmt\n        image: nginx:1.28\n        name: web\n";
        assert_eq!(build(&files, "dev"), Ok(expected.to_owned()));
    }

    #[test]
    fn mistakes_have_kustomizes_words() {
        let cm = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let of =
            |text: &str| build(&[("kustomization.yaml", text), ("cm.yaml", cm)], ".").unwrap_err();
        for (text, problem) in [
            ("", "kustomization.yaml is empty"),
            ("resource: []", "invalid Kustomization: json: unknown field \"resource\""),
            (
                "images: [{newTag: 1.5}]",
                "invalid Kustomization: json: cannot unmarshal number into Go struct field Kustomization.images.0.newTag of type string",
            ),
            (
                "resources: [no.yaml]",
                "accumulating resources: accumulation err='accumulating resources from 'no.yaml': evalsymlink failure on '/home/student/no.yaml' : lstat /home/student/no.yaml: no such file or directory': must build at directory: not a valid directory: evalsymlink failure on '/home/student/no.yaml' : lstat /home/student/no.yaml: no such file or directory",
            ),
            (
                "resources: [cm.yaml, cm.yaml]",
                "accumulating resources: accumulation err='merging resources from 'cm.yaml': may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]': must build at directory: '/home/student/cm.yaml': file is not directory",
            ),
            (
                "resources: [cm.yaml]\npatches: [{patch: '{kind: Pod, apiVersion: v1, metadata: {name: x}}'}]",
                "no resource matches strategic merge patch \"Pod.v1.[noGrp]/x.[noNs]\": no matches for Id Pod.v1.[noGrp]/x.[noNs]; failed to find unique target for patch Pod.v1.[noGrp]/x.[noNs]",
            ),
        ] {
            assert_eq!(of(text), problem, "{text}");
        }
        assert_eq!(
            build(&[("a/b", "")], "a").unwrap_err(),
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '/home/student/a'"
        );
    }
}
