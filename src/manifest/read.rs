//! A tree into a value of a Kubernetes type, as strictly as the API server.
//!
//! Nothing stops the reading: a fault is noted and nothing stands in for what could not be read, as Go's decoder leaves a
//! zero value. Told is the first quantity, time or kind that cannot be read, else the first wrong type, else all unknown
//! fields, in the order of sorted keys. Every fault has a path and a place, unknown fields a suggestion where one is near.
//!
//! The value holds only what the type takes: numbers within its bounds, quantities in canonical form, times and base64
//! that can be read, no nulls outside of free parts. So [`super::fill`] can make a wire struct of it without failing.
//!
//! Models sigs.k8s.io/json (`internal/golang/encoding/json/decode.go`, strict mode) as the API server uses it.

use serde_json::{Map, Value};

use super::base64;
use super::fault::{DecodeError, Fault};
use super::go_time::{self, Layout};
use super::node::{Data, Entry, Node, Number};
use super::report::{State, go_kind};
use super::types::{self, Field, Shape, Struct, Type};
use crate::quantity::Quantity;

/// Reads a whole object of a type, which must have this `apiVersion` if it tells one, and the kind that is the type's name.
pub fn read(node: &Node, of: Type, api_version: &str) -> Result<Value, DecodeError> {
    let mut reader = Reader { state: State::default(), api_version };
    let value = reader.value(node, of).unwrap_or_else(|| Value::Object(Map::new()));
    reader.state.verdict().map(|()| value)
}

/// Decodes an object's metadata and nothing else, as kubectl itself does before it sends; the error is what kubectl says
/// behind `unable to decode`. Models cli-runtime `pkg/resource/metadata_decoder.go`.
pub fn check_metadata(node: &Node) -> Result<(), DecodeError> {
    let mut reader = Reader { state: State::default(), api_version: "" };
    reader.state.in_struct = "metadataOnlyObject";
    let metadata = types::of_struct("meta", "ObjectMeta");
    match (&node.data, metadata) {
        (Data::Mapping(_), Some(of)) => {
            let found = node.sorted_entries().into_iter().find(|entry| entry.key == "metadata");
            if let Some(entry) = found {
                let outside = reader.state.enter(entry, Some(("metadata", None)));
                reader.value(&entry.value, of);
                reader.state.leave(outside);
            }
        }
        (Data::Null, _) => {}
        _ => {
            reader.state.in_struct = "";
            reader.state.mistype(node, go_kind(node), "resource.metadataOnlyObject");
        }
    }
    match reader.state.verdict() {
        Err(error) if !error.strict => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads an object's metadata and nothing else; beside it come its unknown fields.
pub fn read_metadata(node: &Node) -> Result<(Value, Vec<Fault>), DecodeError> {
    let mut reader = Reader { state: State::default(), api_version: "" };
    let mut metadata = None;
    let found = node.sorted_entries().into_iter().find(|entry| entry.key == "metadata");
    if let (Some(entry), Some(of)) = (found, types::of_struct("meta", "ObjectMeta")) {
        let outside = reader.state.enter(entry, Some(("metadata", None)));
        metadata = reader.value(&entry.value, of);
        reader.state.leave(outside);
    }
    let metadata = metadata.unwrap_or_else(|| Value::Object(Map::new()));
    match reader.state.verdict() {
        Ok(()) => Ok((metadata, Vec::new())),
        Err(error) if error.strict => Ok((metadata, error.faults)),
        Err(error) => Err(error),
    }
}

struct Reader<'a> {
    state: State,
    api_version: &'a str,
}

impl Reader<'_> {
    /// The value; none for null and where there is a fault.
    fn value(&mut self, node: &Node, of: Type) -> Option<Value> {
        let shape = of.shape();
        match (&node.data, shape) {
            (_, Shape::Any) => Some(node.to_value()).filter(|value| !value.is_null()),
            (_, Shape::Quantity) => Some(Value::String(self.quantity(node)?)),
            (_, Shape::Time) => self.time(node, Layout::Seconds),
            (_, Shape::MicroTime) => self.time(node, Layout::Micros),
            (_, Shape::IntOrString) => self.text_or_number(node),
            (Data::Null, _) => None,
            (Data::Bool(flag), Shape::Bool) => Some(Value::Bool(*flag)),
            (Data::String(text), Shape::String) => Some(Value::String(text.clone())),
            (Data::String(text), Shape::Bytes) => self.bytes(node, text),
            (Data::Number(number), Shape::Int32) => {
                self.whole(node, number, of, i32::MIN.into(), i32::MAX.into())
            }
            (Data::Number(number), Shape::Int64) => {
                self.whole(node, number, of, i64::MIN, i64::MAX)
            }
            (Data::Number(_), Shape::Float64) => Some(node.to_value()),
            (Data::Sequence(items), Shape::List(item)) => Some(self.items(items, item)),
            (Data::Mapping(_), Shape::Map(value)) => Some(self.entries(node, value)),
            (Data::Mapping(_), Shape::Struct(of)) => Some(self.fields(node, of)),
            _ => {
                self.state.mistype(node, go_kind(node), &of.go());
                None
            }
        }
    }

    fn items(&mut self, items: &[Node], of: Type) -> Value {
        let read = |(index, item)| {
            let outside = self.state.enter_item(index);
            let value = self.value(item, of).unwrap_or_else(|| zero(of));
            self.state.leave(outside);
            value
        };
        Value::Array(items.iter().enumerate().map(read).collect())
    }

    fn entries(&mut self, node: &Node, of: Type) -> Value {
        let mut map = Map::new();
        for entry in node.sorted_entries() {
            let outside = self.state.enter(entry, None);
            let value = self.value(&entry.value, of).unwrap_or_else(|| zero(of));
            self.state.leave(outside);
            map.insert(entry.key.clone(), value);
        }
        Value::Object(map)
    }

    fn fields(&mut self, node: &Node, of: &'static Struct) -> Value {
        let outermost = self.state.path.is_empty();
        let in_struct = std::mem::replace(&mut self.state.in_struct, of.name);
        let mut map = Map::new();
        for entry in node.sorted_entries() {
            let Some(field) = of.field(&entry.key) else {
                self.state.unknown_field(entry, &of.fields);
                continue;
            };
            if outermost && matches!(field.name, "apiVersion" | "kind") {
                self.identity(entry, of);
            } else if let Some(value) = self.field(entry, field) {
                map.insert(entry.key.clone(), value);
            }
        }
        self.state.in_struct = in_struct;
        Value::Object(map)
    }

    fn field(&mut self, entry: &Entry, field: &Field) -> Option<Value> {
        let outside = self.state.enter(entry, Some((field.name, field.embedded)));
        let value = self.value(&entry.value, field.of);
        self.state.leave(outside);
        value
    }

    /// What an object says it is must be what it is read as.
    fn identity(&mut self, entry: &Entry, of: &Struct) {
        match entry.key.as_str() {
            "kind" => self.state.check_identity(entry, of.name),
            _ => self.state.check_identity(entry, self.api_version),
        }
    }

    /// A whole number within bounds.
    fn whole(
        &mut self,
        node: &Node,
        number: &Number,
        of: Type,
        min: i64,
        max: i64,
    ) -> Option<Value> {
        let whole = match number {
            Number::Int(whole) if (min..=max).contains(whole) => Some(Value::from(*whole)),
            Number::Int(_) | Number::Unsigned(_) | Number::Float(_) => None,
        };
        if whole.is_none() {
            self.state.mistype(node, &format!("number {number}"), &of.go());
        }
        whole
    }

    /// Bytes in base64, as they are written again.
    fn bytes(&mut self, node: &Node, text: &str) -> Option<Value> {
        match base64::decode(text) {
            Ok(bytes) => Some(Value::String(base64::encode(&bytes))),
            Err(error) => {
                self.state.mistype_as(node, error.to_string());
                None
            }
        }
    }

    /// `resource.Quantity`, in its canonical form.
    fn quantity(&mut self, node: &Node) -> Option<String> {
        let text = match &node.data {
            Data::Null => return None,
            Data::String(text) => text.trim().to_owned(),
            Data::Number(number) => number.to_string(),
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => String::new(),
        };
        match Quantity::parse(&text) {
            Ok(quantity) => Some(quantity.to_string()),
            Err(error) => {
                self.state.fatal(node, error.to_string());
                None
            }
        }
    }

    /// `metav1.Time` and `metav1.MicroTime`.
    fn time(&mut self, node: &Node, layout: Layout) -> Option<Value> {
        let problem = match &node.data {
            Data::Null => return None,
            Data::String(text) => match go_time::check(text, layout) {
                // What Go can read and the type cannot: years and zones at the edge.
                Ok(()) => match text.parse::<jiff::Timestamp>() {
                    Ok(_) => return Some(Value::String(text.clone())),
                    Err(error) => error.to_string(),
                },
                Err(message) => message,
            },
            Data::Bool(_) | Data::Number(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.state.cannot_unmarshal(go_kind(node), "string")
            }
        };
        self.state.fatal(node, problem);
        None
    }

    /// `intstr.IntOrString`: the text, or the number.
    fn text_or_number(&mut self, node: &Node) -> Option<Value> {
        let bad = match &node.data {
            Data::String(text) => return Some(Value::String(text.clone())),
            Data::Null => return None,
            Data::Number(Number::Int(whole)) if i32::try_from(*whole).is_ok() => {
                return Some(Value::from(*whole));
            }
            Data::Number(number) => format!("number {number}"),
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => go_kind(node).to_owned(),
        };
        let message = self.state.cannot_unmarshal(&bad, "int32");
        self.state.fatal(node, message);
        None
    }
}

/// What stands in a list or a map where null was written, or what cannot be read: the type's zero value.
fn zero(of: Type) -> Value {
    match of.shape() {
        Shape::String | Shape::Bytes => Value::String(String::new()),
        Shape::Bool => Value::Bool(false),
        Shape::Int32 | Shape::Int64 | Shape::Float64 | Shape::IntOrString => Value::from(0),
        Shape::Time | Shape::MicroTime => Value::String(go_time::ZERO.to_owned()),
        Shape::Quantity => Value::String("0".to_owned()),
        Shape::Any => Value::Null,
        Shape::List(_) => Value::Array(Vec::new()),
        Shape::Map(_) | Shape::Struct(_) => Value::Object(Map::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::documents;

    fn pod(text: &str) -> Result<Value, DecodeError> {
        let node = documents(text.as_bytes()).next().unwrap().unwrap();
        read(&node, types::of_kind("", "v1", "Pod").unwrap(), "v1")
    }

    #[test]
    fn unknown_fields_are_told_sorted_with_place_and_suggestion() {
        let error = pod(
            "kind: Pod\nspec:\n  replicas: 2\n  containers:\n  - name: web\n    imagepullpolicy: Always\n",
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "strict decoding error: unknown field \"spec.containers[0].imagepullpolicy\", unknown field \"spec.replicas\""
        );
        let first = &error.faults[0];
        assert_eq!(first.suggestion, Some("imagePullPolicy"));
        assert_eq!(first.span.start.to_string(), "line 6, column 5");
        assert_eq!(error.faults[1].suggestion, None);
    }

    #[test]
    fn wrong_types_are_told_as_go_does() {
        let refused = |spec: &str| pod(&format!("spec: {{{spec}}}")).unwrap_err().to_string();
        for (spec, error) in [
            (
                "containers: {}",
                "object into Go struct field PodSpec.spec.containers of type []v1.Container",
            ),
            (
                "containers: [x]",
                "string into Go struct field PodSpec.spec.containers of type v1.Container",
            ),
            (
                "containers: [{command: [1]}]",
                "number into Go struct field Container.spec.containers.command of type string",
            ),
            (
                "containers: [{resources: {limits: 1}}]",
                "number into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
            ),
            (
                "nodeSelector: x",
                "string into Go struct field PodSpec.spec.nodeSelector of type map[string]string",
            ),
            (
                "volumes: [{image: 1}]",
                "number into Go struct field Volume.spec.volumes.VolumeSource.image of type v1.ImageVolumeSource",
            ),
            (
                "tolerations: [{effect: []}]",
                "array into Go struct field Toleration.spec.tolerations.effect of type v1.TaintEffect",
            ),
            (
                "priority: 1.5",
                "number 1.5 into Go struct field PodSpec.spec.priority of type int32",
            ),
            (
                "containers: [{livenessProbe: {tcpSocket: {port: {}}}}]",
                "object into Go struct field TCPSocketAction.spec.containers.livenessProbe.ProbeHandler.tcpSocket.port of type int32",
            ),
        ] {
            assert_eq!(refused(spec), format!("json: cannot unmarshal {error}"), "{spec}");
        }
    }

    #[test]
    fn values_that_read_themselves_go_before_all_others() {
        let quantity = pod("spec: {containers: 3, overhead: {cpu: 1 core}}").unwrap_err();
        assert!(quantity.to_string().starts_with("quantities must match the regular expression"));
        let node = documents(&b"data: {password: secret}"[..]).next().unwrap().unwrap();
        let secret = read(&node, types::of_kind("", "v1", "Secret").unwrap(), "v1").unwrap_err();
        assert_eq!(secret.to_string(), "illegal base64 data at input byte 4");
        assert_eq!(secret.faults[0].path, "data.password");
    }

    #[test]
    fn null_is_left_out_and_quantities_become_canonical() {
        let read =
            pod("spec: {hostname: null, containers: [null, {resources: {limits: {cpu: 1000m}}}]}");
        let containers = serde_json::json!([{}, { "resources": { "limits": { "cpu": "1" } } }]);
        assert_eq!(read.unwrap(), serde_json::json!({ "spec": { "containers": containers } }));
    }
}
