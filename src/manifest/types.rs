//! The table of Kubernetes' types: what fields a struct has, of what Go types, and how they are written and patched.
//!
//! Everything that must know more than one kind's type asks here: strict reading, Go's sentences, what an encoder leaves
//! out, which lists a patch merges. So a kind that nothing acts upon needs no code.
//!
//! The table is `types.txt`, made by `tools/types.mjs` from upstream's `types.go` (kubernetes `staging/src/k8s.io/api`,
//! apimachinery `meta/v1`, `apiextensions/v1`). A line is `package WORD`, `type NAME TYPE` (a named one), `struct NAME`, or
//! a field of the struct before it: `+ TYPE` (embedded: its fields are the struct's own), or the name in JSON, with `?`
//! where an empty value is not written, its Go type, and `go=NAME merge=KEY replace retain` where they apply.

use std::sync::OnceLock;

use crate::order;

/// The table's text.
const TEXT: &str = include_str!("types.txt");

struct Types {
    /// Sorted by package and name.
    structs: Vec<Struct>,
    /// Named types that are no structs, sorted by package and name.
    named: Vec<Named>,
}

/// A struct and its fields.
#[derive(Debug)]
pub struct Struct {
    package: &'static str,
    /// `PodSpec`.
    pub name: &'static str,
    /// In Go's order; those of embedded structs stand where these are embedded.
    pub fields: Vec<Field>,
}

struct Named {
    package: &'static str,
    name: &'static str,
    is: Type,
}

/// A field as its struct's tags describe it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in JSON.
    pub name: &'static str,
    /// The type.
    pub of: Type,
    /// Whether Go's encoder leaves an empty value out.
    pub optional: bool,
    /// What Go calls it, where that is not the name with a capital.
    pub go_name: Option<&'static str>,
    /// The embedded struct through which Go reaches it.
    pub embedded: Option<&'static str>,
    /// The key by which a patch merges this list; empty for lists of plain values.
    pub merge: Option<&'static str>,
    /// Whether a patch replaces the whole of it.
    pub replace: bool,
    /// Whether a patch names the keys that stay.
    pub retain: bool,
    /// Set where nothing here acts upon it: the one value that needs no word, or nothing. See [`super::unsimulated()`].
    pub unsimulated: Option<&'static str>,
}

/// A Go type, as its package writes it: `*[]Volume`, `meta.ObjectMeta`, `map[string]string`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Type {
    package: &'static str,
    text: &'static str,
}

/// What a type is at its outside.
#[derive(Copy, Clone, Debug)]
#[expect(missing_docs, reason = "each is the Go type of the same name")]
pub enum Shape {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    /// A slice of bytes, base64 in JSON.
    Bytes,
    Time,
    MicroTime,
    Quantity,
    IntOrString,
    /// Whatever JSON can say.
    Any,
    List(Type),
    Map(Type),
    Struct(&'static Struct),
}

/// The type of a whole object, by its group and version (`apps`, `v1`) and kind; none if the table has it not.
pub fn of_kind(group: &str, version: &str, kind: &str) -> Option<Type> {
    let word = match (group.split('.').next().unwrap_or_default(), version) {
        ("", _) => "core",
        ("autoscaling", "v1") => "autoscaling1",
        (word, _) => word,
    };
    find(word, kind).map(Struct::as_type)
}

/// The type with a name of one package, as `core`, `PodTemplateSpec`.
pub fn of_struct(package: &str, name: &str) -> Option<Type> {
    find(package, name).map(Struct::as_type)
}

fn find(package: &str, name: &str) -> Option<&'static Struct> {
    let structs = &table().structs;
    let at = structs.binary_search_by(|one| (one.package, one.name).cmp(&(package, name))).ok()?;
    structs.get(at)
}

impl Struct {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The package that it is in: `core`.
    pub fn package(&self) -> &'static str {
        self.package
    }

    /// Whether it is one of those that all kinds share (`metav1`).
    pub fn is_meta(&self) -> bool {
        self.package == "meta"
    }

    fn as_type(&self) -> Type {
        Type { package: self.package, text: self.name }
    }
}

impl Type {
    /// Whether nothing can stand for it, so that an empty value differs from none.
    pub fn is_pointer(self) -> bool {
        self.text.starts_with('*')
    }

    /// The struct that it is, or points to.
    pub fn as_struct(self) -> Option<&'static Struct> {
        match self.shape() {
            Shape::Struct(of) => Some(of),
            _ => None,
        }
    }

    /// The struct at its heart, be it in lists or maps or not.
    pub fn innermost(self) -> Option<&'static Struct> {
        match self.shape() {
            Shape::List(item) | Shape::Map(item) => item.innermost(),
            Shape::Struct(of) => Some(of),
            _ => None,
        }
    }

    /// What it is at its outside; names are looked through.
    pub fn shape(self) -> Shape {
        let text = self.text.strip_prefix('*').unwrap_or(self.text);
        let within = |text| Self { package: self.package, text };
        if let Some(item) = text.strip_prefix("[]") {
            return if item == "byte" { Shape::Bytes } else { Shape::List(within(item)) };
        }
        if let Some((_, value)) = text.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
            return Shape::Map(within(value));
        }
        match text {
            "string" | "types.UID" => Shape::String,
            "bool" => Shape::Bool,
            "int32" => Shape::Int32,
            "int64" => Shape::Int64,
            "float64" => Shape::Float64,
            "Time" => Shape::Time,
            "MicroTime" => Shape::MicroTime,
            "Quantity" => Shape::Quantity,
            "IntOrString" => Shape::IntOrString,
            _ => {
                let (package, name) = text.split_once('.').unwrap_or((self.package, text));
                match find(package, name) {
                    Some(found) => Shape::Struct(found),
                    None => find_named(package, name).map_or(Shape::Any, Self::shape),
                }
            }
        }
    }

    /// Go's name for it, as in errors: `v1.TaintEffect`, `[]v1.Container`, `map[string]string`.
    pub fn go(self) -> String {
        let text = self.text.strip_prefix('*').unwrap_or(self.text);
        if let Some(item) = text.strip_prefix("[]") {
            return match item {
                "byte" => "[]uint8".to_owned(),
                item => format!("[]{}", Self { text: item, ..self }.go()),
            };
        }
        if let Some((key, value)) = text.strip_prefix("map[").and_then(|rest| rest.split_once(']'))
        {
            let [key, value] = [key, value].map(|text| Self { text, ..self }.go());
            return format!("map[{key}]{value}");
        }
        match text {
            "string" | "types.UID" | "bool" | "int32" | "int64" | "float64" => text.to_owned(),
            "Time" | "MicroTime" => format!("v1.{text}"),
            "Quantity" => "resource.Quantity".to_owned(),
            "IntOrString" => "intstr.IntOrString".to_owned(),
            "any" => "runtime.RawExtension".to_owned(),
            _ => {
                let (package, name) = text.split_once('.').unwrap_or((self.package, text));
                let version = if package == "autoscaling" { "v2" } else { "v1" };
                format!("{version}.{name}")
            }
        }
    }
}

fn find_named(package: &str, name: &str) -> Option<Type> {
    let named = &table().named;
    let at = named.binary_search_by(|one| (one.package, one.name).cmp(&(package, name))).ok()?;
    named.get(at).map(|one| one.is)
}

/// The table; it is read once.
fn table() -> &'static Types {
    static TABLE: OnceLock<Types> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut types = read();
        order::sort_by(&mut types.structs, |a, b| (a.package, a.name).cmp(&(b.package, b.name)));
        order::sort_by(&mut types.named, |a, b| (a.package, a.name).cmp(&(b.package, b.name)));
        embed(&mut types.structs);
        mark(&mut types.structs);
        types
    })
}

fn read() -> Types {
    let mut types = Types { structs: Vec::new(), named: Vec::new() };
    let mut package = "";
    for line in TEXT.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (word, rest.split_once(' ')) {
            ("package", _) => package = rest,
            ("struct", None) => {
                types.structs.push(Struct { package, name: rest, fields: Vec::new() });
            }
            // A field may be called `type`; a named type begins with a capital.
            ("type", Some((name, text))) if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                types.named.push(Named { package, name, is: Type { package, text } });
            }
            _ => {
                if let Some(of) = types.structs.last_mut() {
                    of.fields.push(field(package, word, rest));
                }
            }
        }
    }
    types
}

/// One field's line; `+` in the place of a name says that the type is embedded.
fn field(package: &'static str, word: &'static str, rest: &'static str) -> Field {
    let mut words = rest.split(' ');
    let text = words.next().unwrap_or_default();
    let mut field = Field {
        name: word.strip_suffix('?').unwrap_or(word),
        of: Type { package, text },
        optional: word.ends_with('?'),
        go_name: None,
        embedded: None,
        merge: None,
        replace: false,
        retain: false,
        unsimulated: None,
    };
    for tag in words {
        match tag.split_once('=') {
            Some(("go", name)) => field.go_name = Some(name),
            Some(("merge", key)) => field.merge = Some(key),
            _ if tag == "replace" => field.replace = true,
            _ => field.retain = tag == "retain" || field.retain,
        }
    }
    field
}

/// Marks the fields upon which nothing acts.
fn mark(structs: &mut [Struct]) {
    for line in super::unsimulated::TEXT.lines() {
        let mut words = line.split(' ');
        let place = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Ok(at) = structs.binary_search_by(|one| (one.package, one.name).cmp(&place)) else {
            continue;
        };
        for word in words {
            let (name, plain) = word.split_once('=').unwrap_or((word, ""));
            for field in structs[at].fields.iter_mut().filter(|field| field.name == name) {
                field.unsimulated = Some(plain);
            }
        }
    }
}

/// Puts the fields of embedded structs into the place where these are embedded. No struct embeds itself.
fn embed(structs: &mut [Struct]) {
    for at in 0..structs.len() {
        while let Some(place) = structs[at].fields.iter().position(|field| field.name == "+") {
            let of = structs[at].fields[place].of;
            let (package, name) = of.text.split_once('.').unwrap_or((of.package, of.text));
            let inner = structs
                .binary_search_by(|one| (one.package, one.name).cmp(&(package, name)))
                .map_or_else(|_| Vec::new(), |inner| structs[inner].fields.clone());
            let inner = inner.into_iter().map(|field| Field { embedded: Some(name), ..field });
            structs[at].fields.splice(place..=place, inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> &'static Struct {
        find("core", "PodSpec").unwrap()
    }

    #[test]
    fn fields_have_types_and_tags() {
        let volumes = spec().field("volumes").unwrap();
        assert_eq!((volumes.merge, volumes.retain, volumes.optional), (Some("name"), true, true));
        assert_eq!(volumes.of.go(), "[]v1.Volume");
        let volume = volumes.of.innermost().unwrap();
        assert_eq!(volume.field("configMap").unwrap().embedded, Some("VolumeSource"));
        assert_eq!(volume.field("name").unwrap().embedded, None);
        assert_eq!(
            find("core", "Toleration").unwrap().field("effect").unwrap().of.go(),
            "v1.TaintEffect"
        );
        assert_eq!(spec().field("dnsPolicy").unwrap().go_name, Some("DNSPolicy"));
    }

    #[test]
    fn kinds_are_found_by_group_and_version() {
        let metrics = |version| {
            let hpa = of_kind("autoscaling", version, "HorizontalPodAutoscaler")?.as_struct()?;
            hpa.field("spec")?.of.as_struct()?.field("metrics").map(|field| field.of.go())
        };
        assert_eq!(metrics("v2").as_deref(), Some("[]v2.MetricSpec"));
        assert_eq!(metrics("v1"), None);
        assert!(of_kind("rbac.authorization.k8s.io", "v1", "Role").is_some());
        assert!(of_kind("", "v1", "Boat").is_none());
    }

    #[test]
    fn every_type_in_the_table_is_known() {
        for of in &table().structs {
            for field in &of.fields {
                let heart = field.of.text.trim_start_matches(['*', '[', ']']);
                let any = heart == "any" || find_named(of.package, heart).is_some();
                assert!(field.name != "+", "{} embeds too deep", of.name);
                assert!(
                    any || !matches!(innermost(field.of), Shape::Any),
                    "{}.{}: {}",
                    of.name,
                    field.name,
                    field.of.text
                );
            }
        }
    }

    fn innermost(of: Type) -> Shape {
        match of.shape() {
            Shape::List(item) | Shape::Map(item) => innermost(item),
            shape => shape,
        }
    }
}
