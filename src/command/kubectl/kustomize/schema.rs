//! What a `kustomization.yaml` may say: its fields and their types, checked as strictly as Go's decoder would.
//!
//! Models kustomize `api/types/kustomization.go` (`Unmarshal`, `CheckDeprecatedFields`, `EnforceFields`) and the structs
//! beside it.

use serde_json::Value;

use crate::manifest::{Node, documents};

/// Structs, their Go names and fields. A type is `s` (text), `b`, `i`, `{}` (free), another struct's name, or one of
/// these in a list `[..]` or, by key, in a map `{..}`.
static STRUCTS: &[(&str, &str, &str)] = &[
    (
        "Kustomization",
        "types.Kustomization",
        "apiVersion:s kind:s metadata:{} openapi:{s} namePrefix:s nameSuffix:s namespace:s commonLabels:{s} labels:[Label] commonAnnotations:{s} patchesStrategicMerge:[s] patchesJson6902:[Patch] patches:[Patch] images:[Image] imageTags:[Image] replacements:[{}] replicas:[Replica] vars:[{}] sortOptions:SortOptions resources:[s] components:[s] crds:[s] bases:[s] configMapGenerator:[Generator] secretGenerator:[Secret] helmGlobals:{} helmCharts:[{}] helmChartInflationGenerator:[{}] generatorOptions:Options configurations:[s] generators:[s] transformers:[s] validators:[s] inventory:{} buildMetadata:[s]",
    ),
    ("Label", "types.Label", "pairs:{s} includeSelectors:b includeTemplates:b fields:[FieldSpec]"),
    ("FieldSpec", "types.FieldSpec", "group:s version:s kind:s path:s create:b"),
    ("Patch", "types.Patch", "path:s patch:s target:Selector options:{b}"),
    (
        "Selector",
        "types.Selector",
        "group:s version:s kind:s name:s namespace:s annotationSelector:s labelSelector:s",
    ),
    ("Image", "types.Image", "name:s newName:s tagSuffix:s newTag:s digest:s"),
    ("Replica", "types.Replica", "name:s count:i"),
    ("SortOptions", "types.SortOptions", "order:s legacySortOptions:{}"),
    (
        "Generator",
        "types.ConfigMapArgs",
        "namespace:s name:s behavior:s literals:[s] files:[s] envs:[s] env:s options:Options",
    ),
    (
        "Secret",
        "types.SecretArgs",
        "namespace:s name:s behavior:s literals:[s] files:[s] envs:[s] env:s options:Options type:s",
    ),
    (
        "Options",
        "types.GeneratorOptions",
        "labels:{s} annotations:{s} disableNameSuffixHash:b immutable:b",
    ),
];

/// Fields that ask for what is not there.
const NOT_YET: [&str; 13] = [
    "replacements",
    "vars",
    "crds",
    "helmGlobals",
    "helmCharts",
    "helmChartInflationGenerator",
    "configurations",
    "generators",
    "transformers",
    "validators",
    "inventory",
    "openapi",
    "buildMetadata",
];

/// Fields with newer names, in the order in which they are warned of.
const DEPRECATED: [(&str, &str, &str); 6] = [
    ("bases", "resources", ""),
    ("commonLabels", "labels", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

/// Reads a kustomization; warnings are for standard error.
pub(super) fn read(bytes: &[u8], root: &str, warnings: &mut Vec<String>) -> Result<Value, String> {
    let value = match documents(bytes).next() {
        Some(Ok(node)) => Node::to_value(&node),
        Some(Err(error)) => {
            let problem = error.message.trim_start_matches("error converting YAML to JSON: ");
            return Err(format!("invalid Kustomization: {problem}"));
        }
        None => Value::Null,
    };
    if !value.is_null() {
        check(&value, "Kustomization", "")
            .map_err(|problem| format!("invalid Kustomization: {problem}"))?;
    }
    for (old, new, note) in DEPRECATED {
        if value.get(old).is_some_and(|value| !value.is_null()) {
            warnings.push(format!(
                "# Warning: '{old}' is deprecated. Please use '{new}' instead. {note}Run 'kustomize edit fix' to update your Kustomization automatically."
            ));
        }
    }
    let fields = value.as_object().into_iter().flatten();
    let mut said = fields
        .filter(|(key, value)| !value.is_null() && !matches!(key.as_str(), "apiVersion" | "kind"));
    if said.next().is_none() {
        return Err("kustomization.yaml is empty".to_owned());
    }
    enforce(&value, root)?;
    let asks = |field: &&&str| match value.get(**field) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    match NOT_YET.iter().find(asks) {
        Some(field) => Err(format!(
            "The field '{field}' of a kustomization is part of real Kubernetes, but is not simulated yet"
        )),
        None => Ok(value),
    }
}

fn enforce(value: &Value, root: &str) -> Result<(), String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = if text("kind").is_empty() { "Kustomization" } else { text("kind") };
    let mut problems = Vec::new();
    if !matches!(kind, "Kustomization" | "Component") {
        problems.push("kind should be Kustomization or Component".to_owned());
    }
    let version = if kind == "Component" { "v1alpha1" } else { "v1beta1" };
    let required = format!("kustomize.config.k8s.io/{version}");
    if !text("apiVersion").is_empty() && text("apiVersion") != required {
        problems.push(format!("apiVersion for {kind} should be {required}"));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(format!("Failed to read kustomization file under {root}:\n{}", problems.join("\n")))
}

/// The first thing that Go's decoder would complain of.
fn check(value: &Value, of: &str, path: &str) -> Result<(), String> {
    let mistyped = || {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        Err(match path {
            "" => format!("json: cannot unmarshal {kind} into Go value of type {}", go(of)),
            path => format!(
                "json: cannot unmarshal {kind} into Go struct field Kustomization.{path} of type {}",
                go(of)
            ),
        })
    };
    let below = |step: &str| {
        if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
    };
    match (of, value) {
        (_, Value::Null) | ("{}", _) | ("s", Value::String(_)) | ("b", Value::Bool(_)) => Ok(()),
        ("i", Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(()),
        ("s" | "b" | "i", _) => mistyped(),
        _ => match (inner(of, '[', ']'), inner(of, '{', '}'), value) {
            (Some(of), _, Value::Array(items)) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| check(item, of, &below(&index.to_string())))
            }
            (_, Some(of), Value::Object(map)) => {
                map.iter().try_for_each(|(key, value)| check(value, of, &below(key)))
            }
            (None, None, Value::Object(map)) => map.iter().try_for_each(|(key, value)| {
                let of = field(of, key).ok_or_else(|| format!("json: unknown field {key:?}"))?;
                check(value, of, &below(key))
            }),
            _ => mistyped(),
        },
    }
}

fn inner(of: &str, open: char, close: char) -> Option<&str> {
    of.strip_prefix(open)?.strip_suffix(close)
}

/// The type of a struct's field.
fn field(of: &str, key: &str) -> Option<&'static str> {
    let (_, _, fields) = STRUCTS.iter().find(|(name, ..)| *name == of)?;
    fields.split(' ').find_map(|field| field.strip_prefix(key)?.strip_prefix(':'))
}

fn go(of: &str) -> String {
    match of {
        "s" => "string".to_owned(),
        "b" => "bool".to_owned(),
        "i" => "int64".to_owned(),
        _ => match (inner(of, '[', ']'), inner(of, '{', '}')) {
            (Some(of), _) => format!("[]{}", go(of)),
            (_, Some(of)) => format!("map[string]{}", go(of)),
            _ => {
                let found = STRUCTS.iter().find(|(name, ..)| *name == of);
                found.map_or("interface {}", |(_, go, _)| go).to_owned()
            }
        },
    }
}
