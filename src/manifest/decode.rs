//! A tree into a Kubernetes type, as strictly as the API server.
//!
//! Wrong types do not stop the reading: the first is noted and a zero value stands in for it, as Go's decoder does.
//! A quantity or time that cannot be read does stop it. Where no fault is told, unknown fields are: all of them, in the
//! order of sorted keys. Every fault has a path and a place, unknown fields a suggestion where one is near.
//!
//! Models sigs.k8s.io/json (`internal/golang/encoding/json/decode.go`, strict mode) as the API server uses it.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::fault::{DecodeError, Fault};
use super::go_time::{self, Layout};
use super::node::{Data, Entry, Node, Number, Span};
use super::probe::{Empty, Probe, ProbeMap, ProbeSeq};
use super::suggest::nearest;
use super::{base64, go_type};
use crate::quantity::Quantity;
use crate::quote::quote;

/// Fills a type: `fill` is its `Deserialize`, given the one deserializer there is.
pub fn decode<T>(
    node: &Node,
    fill: impl FnOnce(Decoder<'_, '_>) -> Result<T, Stop>,
) -> Result<T, DecodeError> {
    let mut state = State::default();
    let result = fill(Decoder { node, state: &mut state });
    if let Err(Stop(message)) = &result {
        let fault = match state.fatal.take() {
            Some(fault) => fault,
            None => state.fault_at(message.clone(), node.span),
        };
        return Err(DecodeError { faults: vec![fault], strict: false });
    }
    if let Some(fault) = state.mistyped.take() {
        return Err(DecodeError { faults: vec![fault], strict: false });
    }
    if !state.unknown.is_empty() {
        return Err(DecodeError { faults: state.unknown, strict: true });
    }
    result.map_err(|Stop(message)| DecodeError {
        faults: vec![State::default().fault_at(message, node.span)],
        strict: false,
    })
}

/// Decoding cannot go on; the fault is noted elsewhere, or this is a type's own complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop(String);

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stop {}

impl de::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Unknown fields are told up to this number, as upstream does.
const UNKNOWN_MAX: usize = 100;

/// Where the decoder is and what it met.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The path as strict errors print it, with indices: the lengths before each step are kept by the callers.
    path: String,
    /// The path as Go's type errors print it: field names, and those of embedded structs.
    go_path: Vec<&'static str>,
    /// The struct being filled and its field.
    pub(super) in_struct: &'static str,
    pub(super) field: &'static str,
    unknown: Vec<Fault>,
    /// The first wrong type.
    mistyped: Option<Fault>,
    /// What stopped the reading.
    fatal: Option<Fault>,
}

impl State {
    fn fault_at(&self, message: String, span: Span) -> Fault {
        Fault { message, path: self.path.clone(), span, suggestion: None }
    }

    fn cannot_unmarshal(&self, value: &str, go_type: &str) -> String {
        if self.in_struct.is_empty() {
            return format!("json: cannot unmarshal {value} into Go value of type {go_type}");
        }
        let path = self.go_path.join(".");
        format!(
            "json: cannot unmarshal {value} into Go struct field {}.{path} of type {go_type}",
            self.in_struct
        )
    }

    fn mistype(&mut self, node: &Node, value: &str, go_type: &str) {
        if self.mistyped.is_none() {
            let message = self.cannot_unmarshal(value, go_type);
            self.mistyped = Some(self.fault_at(message, node.span));
        }
    }

    fn stop(&mut self, node: &Node, message: String) -> Stop {
        self.fatal = Some(self.fault_at(message, node.span));
        Stop(String::new())
    }

    fn unknown_field(&mut self, entry: &Entry, fields: &'static [&'static str]) {
        let mut path = self.path.clone();
        push_key(&mut path, &entry.key);
        let message = format!("unknown field {}", quote(&path));
        if self.unknown.len() < UNKNOWN_MAX {
            let suggestion = nearest(&entry.key, fields);
            self.unknown.push(Fault { message, path, span: entry.key_span, suggestion });
        }
    }
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// Fills types from a tree. It lives for one value.
#[derive(Debug)]
pub struct Decoder<'a, 'de> {
    node: &'de Node,
    state: &'a mut State,
}

/// Go's word for what a node is.
fn go_kind(node: &Node) -> &'static str {
    match &node.data {
        Data::Null => "null",
        Data::Bool(_) => "bool",
        Data::Number(_) => "number",
        Data::String(_) => "string",
        Data::Sequence(_) => "array",
        Data::Mapping(_) => "object",
    }
}

impl<'de> Decoder<'_, 'de> {
    fn mistype(&mut self, go_type: &str) {
        self.state.mistype(self.node, go_kind(self.node), go_type);
    }

    /// A whole number within bounds; 0, and a note, where it is not one.
    fn whole<T: TryFrom<i64> + TryFrom<u64> + Default>(&mut self, go_type: &str) -> T {
        let Data::Number(number) = &self.node.data else {
            if self.node.data != Data::Null {
                self.mistype(go_type);
            }
            return T::default();
        };
        let fits = match number {
            Number::Int(number) => T::try_from(*number).ok(),
            Number::Unsigned(number) => T::try_from(*number).ok(),
            Number::Float(_) => None,
        };
        fits.unwrap_or_else(|| {
            self.state.mistype(self.node, &format!("number {number}"), go_type);
            T::default()
        })
    }

    fn text<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Stop> {
        let go_type = go_type::text(self.state.in_struct, self.state.field);
        match &self.node.data {
            Data::String(text) if go_type == go_type::BYTES => match base64::decode(text) {
                Ok(_) if text.contains(['\r', '\n']) => {
                    visitor.visit_string(text.replace(['\r', '\n'], ""))
                }
                Ok(_) => visitor.visit_borrowed_str(text),
                Err(error) => {
                    if self.state.mistyped.is_none() {
                        let fault = self.state.fault_at(error.to_string(), self.node.span);
                        self.state.mistyped = Some(fault);
                    }
                    visitor.visit_str("")
                }
            },
            Data::String(text) => visitor.visit_borrowed_str(text),
            Data::Null => visitor.visit_str(""),
            Data::Bool(_) | Data::Number(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype(go_type);
                visitor.visit_str("")
            }
        }
    }

    /// `resource.Quantity`, in its canonical form.
    fn quantity(self) -> Result<String, Stop> {
        let text = match &self.node.data {
            Data::Null => return Ok("0".to_owned()),
            Data::String(text) => text.trim().to_owned(),
            Data::Number(number) => number.to_string(),
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => String::new(),
        };
        match Quantity::parse(&text) {
            Ok(quantity) => Ok(quantity.to_string()),
            Err(error) => Err(self.state.stop(self.node, error.to_string())),
        }
    }

    /// `metav1.Time` and `metav1.MicroTime`.
    fn time(self, layout: Layout) -> Result<&'de str, Stop> {
        match &self.node.data {
            Data::Null => Ok("0001-01-01T00:00:00Z"),
            Data::String(text) => match go_time::check(text, layout) {
                Ok(()) => Ok(text),
                Err(message) => Err(self.state.stop(self.node, message)),
            },
            Data::Bool(_) | Data::Number(_) | Data::Sequence(_) | Data::Mapping(_) => {
                let message = self.state.cannot_unmarshal(go_kind(self.node), "string");
                Err(self.state.stop(self.node, message))
            }
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty, $go:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Stop> {
            visitor.$visit(self.whole::<$type>($go))
        }
    )+};
}

impl<'de> Deserializer<'de> for Decoder<'_, 'de> {
    type Error = Stop;

    whole_numbers! {
        deserialize_i8 visit_i8 i8, "int8";
        deserialize_i16 visit_i16 i16, "int16";
        deserialize_i32 visit_i32 i32, "int32";
        deserialize_i64 visit_i64 i64, "int64";
        deserialize_u8 visit_u8 u8, "uint8";
        deserialize_u16 visit_u16 u16, "uint16";
        deserialize_u32 visit_u32 u32, "uint32";
        deserialize_u64 visit_u64 u64, "uint64";
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Stop> {
        let flag = match &self.node.data {
            Data::Bool(flag) => *flag,
            Data::Null => false,
            Data::Number(_) | Data::String(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype("bool");
                false
            }
        };
        visitor.visit_bool(flag)
    }

    fn deserialize_f64<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Stop> {
        let number = match &self.node.data {
            Data::Number(number) => number.to_string().parse().unwrap_or_default(),
            Data::Null => 0.0,
            Data::Bool(_) | Data::String(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype("float64");
                0.0
            }
        };
        visitor.visit_f64(number)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        if self.node.data == Data::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match &self.node.data {
            Data::Sequence(items) => {
                visitor.visit_seq(Items { items: items.iter().enumerate(), state: self.state })
            }
            Data::Null => visitor.visit_seq(Empty),
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Mapping(_) => {
                let mut item = String::new();
                let probe = Probe::new(self.state, &mut item);
                let value = visitor.visit_seq(ProbeSeq::new(probe))?;
                self.state.mistype(self.node, go_kind(self.node), &format!("[]{item}"));
                Ok(value)
            }
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        match &self.node.data {
            Data::Mapping(_) => visitor.visit_map(Entries::of(self.node, &[], self.state)),
            Data::Null => visitor.visit_map(Empty),
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Sequence(_) => {
                let mut item = String::new();
                let probe = Probe::new(self.state, &mut item);
                let value = visitor.visit_map(ProbeMap::new(probe))?;
                self.state.mistype(self.node, go_kind(self.node), &go_type::map_of(&item));
                Ok(value)
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match &self.node.data {
            Data::Mapping(_) => {
                let outside = (self.state.in_struct, self.state.field);
                self.state.in_struct = name;
                let value = visitor.visit_map(Entries::of(self.node, fields, self.state));
                if value.is_ok() {
                    (self.state.in_struct, self.state.field) = outside;
                }
                value
            }
            Data::Null => visitor.visit_map(Empty),
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Sequence(_) => {
                self.mistype(&go_type::of_struct(name));
                visitor.visit_map(Empty)
            }
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        match name {
            "Quantity" => {
                let text = self.quantity()?;
                visitor.visit_newtype_struct(IntoDeserializer::<Stop>::into_deserializer(text))
            }
            "Time" | "MicroTime" => {
                let layout = if name == "Time" { Layout::Seconds } else { Layout::Micros };
                let text = self.time(layout)?;
                visitor.visit_newtype_struct(StrDeserializer::<Stop>::new(text))
            }
            _ => visitor.visit_newtype_struct(Raw(self.node)),
        }
    }

    /// `intstr.IntOrString` is the only type that asks so.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let bad = match &self.node.data {
            Data::String(text) => return visitor.visit_borrowed_str(text),
            Data::Null => return visitor.visit_i64(0),
            Data::Number(Number::Int(number)) if i32::try_from(*number).is_ok() => {
                return visitor.visit_i64(*number);
            }
            Data::Number(number) => format!("number {number}"),
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => go_kind(self.node).to_owned(),
        };
        let message = self.state.cannot_unmarshal(&bad, "int32");
        Err(self.state.stop(self.node, message))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

/// The items of a sequence.
struct Items<'a, 'de> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Node>>,
    state: &'a mut State,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        use fmt::Write as _;
        let Some((index, node)) = self.items.next() else { return Ok(None) };
        let length = self.state.path.len();
        write!(self.state.path, "[{index}]").expect("a String takes everything");
        let value = seed.deserialize(Decoder { node, state: self.state })?;
        self.state.path.truncate(length);
        Ok(Some(value))
    }
}

/// The entries of a mapping or (with fields) of a struct.
struct Entries<'a, 'de> {
    rest: std::vec::IntoIter<&'de Entry>,
    /// The struct's fields; a map has none.
    fields: &'static [&'static str],
    value: Option<&'de Entry>,
    state: &'a mut State,
}

impl<'a, 'de> Entries<'a, 'de> {
    fn of(node: &'de Node, fields: &'static [&'static str], state: &'a mut State) -> Self {
        Self { rest: node.sorted_entries().into_iter(), fields, value: None, state }
    }

    /// The struct's field that an entry names.
    fn field_of(&self, entry: &Entry) -> Option<&'static str> {
        self.fields.iter().find(|field| **field == entry.key).copied()
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        let Some(entry) = self.rest.next() else { return Ok(None) };
        self.value = Some(entry);
        if !self.fields.is_empty() && self.field_of(entry).is_none() {
            self.state.unknown_field(entry, self.fields);
        }
        seed.deserialize(StrDeserializer::<Stop>::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        let entry = self.value.take().expect("serde asks for a key before its value");
        let (length, go_length) = (self.state.path.len(), self.state.go_path.len());
        push_key(&mut self.state.path, &entry.key);
        if let Some(field) = self.field_of(entry) {
            self.state.field = field;
            self.state.go_path.extend(go_type::embedded(self.state.in_struct, field));
            self.state.go_path.push(field);
        }
        let value = seed.deserialize(Decoder { node: &entry.value, state: self.state })?;
        self.state.path.truncate(length);
        self.state.go_path.truncate(go_length);
        Ok(value)
    }
}

/// A part that keeps whatever JSON it has (`fieldsV1`).
struct Raw<'de>(&'de Node);

impl<'de> Deserializer<'de> for Raw<'de> {
    type Error = Stop;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        serde_json::Value::into_deserializer(self.0.to_value())
            .deserialize_any(visitor)
            .map_err(|error| Stop(error.to_string()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::documents;
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::{Pod, Secret};
    use serde::Deserialize;

    fn refused<T: for<'de> Deserialize<'de>>(text: &str) -> DecodeError {
        let node = documents(text.as_bytes()).next().unwrap().unwrap();
        decode(&node, |decoder| T::deserialize(decoder)).err().expect("it is refused")
    }

    #[test]
    fn unknown_fields_are_told_sorted_with_place_and_suggestion() {
        let error = refused::<Pod>(
            "kind: Pod\nspec:\n  replicas: 2\n  containers:\n  - name: web\n    imagepullpolicy: Always\n",
        );
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
        let refused = |spec: &str| refused::<Pod>(&format!("spec: {{{spec}}}")).to_string();
        let tail = |text: &str| format!("json: cannot unmarshal {text}");
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
            assert_eq!(refused(spec), tail(error), "{spec}");
        }
    }

    #[test]
    fn values_that_read_themselves_stop_the_reading() {
        let quantity = refused::<Pod>("spec: {containers: 3, overhead: {cpu: 1 core}}");
        assert!(quantity.to_string().starts_with("quantities must match the regular expression"));
        let secret = refused::<Secret>("data: {password: secret}");
        assert_eq!(secret.to_string(), "illegal base64 data at input byte 4");
        assert_eq!(secret.faults[0].path, "data.password");
    }

    #[test]
    fn null_is_the_zero_value_and_quantities_become_canonical() {
        let text = "spec: {replicas: null, template: {spec: {containers: [null, {resources: {limits: {cpu: 1000m}}}]}}}";
        let node = documents(text.as_bytes()).next().unwrap().unwrap();
        let deployment = decode(&node, |decoder| Deployment::deserialize(decoder)).unwrap();
        let spec = deployment.spec.unwrap();
        assert_eq!(spec.replicas, None);
        let containers = spec.template.spec.unwrap().containers;
        let limits = containers[1].resources.as_ref().unwrap().limits.as_ref().unwrap();
        assert_eq!(limits["cpu"].0, "1");
    }
}
