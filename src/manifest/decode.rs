//! A tree into a Kubernetes type, as strictly as the API server.
//!
//! Nothing stops the reading: a fault is noted and a zero value stands in for what could not be read, as Go's decoder
//! does with wrong types. Told is the first quantity, time or kind that cannot be read, else the first wrong type, else
//! all unknown fields, in the order of sorted keys. Every fault has a path and a place, unknown fields a suggestion
//! where one is near. That reading never fails is told to the compiler, too ([`Never`]): in code that is made once for
//! each of hundreds of types, all ways out of an error are gone. So a type must never be offered what it refuses.
//!
//! Models sigs.k8s.io/json (`internal/golang/encoding/json/decode.go`, strict mode) as the API server uses it.

use std::any::type_name;
use std::borrow::Cow;
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::fault::DecodeError;
use super::go_time::{self, Layout};
use super::node::{Data, Entry, Node, Number};
use super::parts::{Entries, Items, Raw};
use super::report::{State, go_kind};
use super::{base64, go_type};
use crate::quantity::Quantity;

/// Fills a type: `fill` is its `Deserialize`, given the one deserializer there is.
pub fn decode<T>(
    node: &Node,
    fill: impl FnOnce(Decoder<'_, '_>) -> Result<T, Never>,
) -> Result<T, DecodeError> {
    let mut state = State::default();
    let Ok(value) = fill(Decoder { node, state: &mut state });
    state.verdict().map(|()| value)
}

/// The error of what cannot fail.
#[derive(Debug)]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl de::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        unreachable!("no type is offered what it refuses")
    }
}

/// Fills types from a tree. It lives for one value.
#[derive(Debug)]
pub struct Decoder<'a, 'de> {
    pub(super) node: &'de Node,
    pub(super) state: &'a mut State,
}

impl<'de> Decoder<'_, 'de> {
    /// The same, of a whole that must have this version if it tells one.
    #[must_use]
    pub fn of_version(self, api_version: String) -> Self {
        self.state.api_version = Some(api_version);
        self
    }

    fn mistype(&mut self, go_type: &str) {
        self.state.mistype(self.node, go_kind(self.node), go_type);
    }

    /// A whole number; where it is not one, or not within bounds, 0 and a note.
    fn whole(&mut self, go_type: &str, min: i64, max: u64) -> i128 {
        self.state.answer(go_type);
        let Data::Number(number) = &self.node.data else {
            if self.node.data != Data::Null {
                self.mistype(go_type);
            }
            return 0;
        };
        let whole = match number {
            Number::Int(number) => Some(i128::from(*number)),
            Number::Unsigned(number) => Some(i128::from(*number)),
            Number::Float(_) => None,
        };
        whole.filter(|whole| (i128::from(min)..=i128::from(max)).contains(whole)).unwrap_or_else(
            || {
                self.state.mistype(self.node, &format!("number {number}"), go_type);
                0
            },
        )
    }

    fn flag(&mut self) -> bool {
        self.state.answer("bool");
        match &self.node.data {
            Data::Bool(flag) => *flag,
            Data::Null => false,
            Data::Number(_) | Data::String(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype("bool");
                false
            }
        }
    }

    fn float(&mut self) -> f64 {
        self.state.answer("float64");
        match &self.node.data {
            Data::Number(number) => super::parse_float(&number.to_string()).unwrap_or_default(),
            Data::Null => 0.0,
            Data::Bool(_) | Data::String(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype("float64");
                0.0
            }
        }
    }

    /// A text, or bytes in base64 of which the type makes bytes.
    fn text(&mut self, bytes: bool) -> Cow<'de, str> {
        let go_type = if bytes {
            go_type::BYTES
        } else {
            go_type::text(self.state.in_struct, self.state.field)
        };
        self.state.answer(go_type);
        match &self.node.data {
            Data::String(text) if bytes => match base64::decode(text) {
                Ok(_) => text.replace(['\r', '\n'], "").into(),
                Err(error) => {
                    if self.state.mistyped.is_none() {
                        let fault = self.state.fault_at(error.to_string(), self.node.span);
                        self.state.mistyped = Some(fault);
                    }
                    "".into()
                }
            },
            Data::String(text) => text.into(),
            Data::Null => "".into(),
            Data::Bool(_) | Data::Number(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.mistype(go_type);
                "".into()
            }
        }
    }

    /// What a type reads that its name alone tells from others: a quantity in its canonical form, or a time.
    fn named(&mut self, name: &str) -> Cow<'de, str> {
        if name == "Quantity" {
            self.state.answer(go_type::QUANTITY);
            self.quantity().into()
        } else {
            self.state.answer(&go_type::of_struct(name));
            let layout = if name == "Time" { Layout::Seconds } else { Layout::Micros };
            self.time(layout).into()
        }
    }

    /// `resource.Quantity`, in its canonical form.
    fn quantity(&mut self) -> String {
        let text = match &self.node.data {
            Data::Null => "0".to_owned(),
            Data::String(text) => text.trim().to_owned(),
            Data::Number(number) => number.to_string(),
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => String::new(),
        };
        match Quantity::parse(&text) {
            Ok(quantity) => quantity.to_string(),
            Err(error) => {
                self.state.fatal(self.node, error.to_string());
                "0".to_owned()
            }
        }
    }

    /// `metav1.Time` and `metav1.MicroTime`.
    fn time(&mut self, layout: Layout) -> &'de str {
        let problem = match &self.node.data {
            Data::Null => return go_time::ZERO,
            Data::String(text) => match go_time::check(text, layout) {
                // What Go can read and the type cannot: years and zones at the edge.
                Ok(()) => match text.parse::<jiff::Timestamp>() {
                    Ok(_) => return text,
                    Err(error) => error.to_string(),
                },
                Err(message) => message,
            },
            Data::Bool(_) | Data::Number(_) | Data::Sequence(_) | Data::Mapping(_) => {
                self.state.cannot_unmarshal(go_kind(self.node), "string")
            }
        };
        self.state.fatal(self.node, problem);
        go_time::ZERO
    }

    /// `intstr.IntOrString`: the text, or the number.
    fn text_or_number(&mut self) -> Result<&'de str, i32> {
        self.state.answer("intstr.IntOrString");
        let bad = match &self.node.data {
            Data::String(text) => return Ok(text),
            Data::Null => return Err(0),
            Data::Number(number) => match number {
                Number::Int(whole) if i32::try_from(*whole).is_ok() => {
                    return Err(i32::try_from(*whole).unwrap_or_default());
                }
                Number::Int(_) | Number::Unsigned(_) | Number::Float(_) => {
                    format!("number {number}")
                }
            },
            Data::Bool(_) | Data::Sequence(_) | Data::Mapping(_) => go_kind(self.node).to_owned(),
        };
        let message = self.state.cannot_unmarshal(&bad, "int32");
        self.state.fatal(self.node, message);
        Err(0)
    }

    /// The items to read, and whether one that is not there is to be read for its type's name.
    fn items(&mut self) -> (&'de [Node], bool) {
        match &self.node.data {
            Data::Sequence(items) => (items, false),
            Data::Null => (&[], self.state.probe.is_some()),
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Mapping(_) => (&[], true),
        }
    }

    /// The entries to read, and whether one that is not there is to be read for its type's name.
    fn entries(&mut self) -> (Vec<&'de Entry>, bool) {
        match &self.node.data {
            Data::Mapping(_) => (self.node.sorted_entries(), false),
            Data::Null => (Vec::new(), self.state.probe.is_some()),
            Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Sequence(_) => {
                (Vec::new(), true)
            }
        }
    }

    /// Before a list or a mapping is read of which one part is probed.
    fn start_probe(&mut self) {
        if self.state.probe.is_none() {
            self.state.probe = Some(String::new());
        }
    }
}

/// After that: the name of the whole, of which `part` is the name of a part.
fn end_probe(state: &mut State, node: &Node, whole: fn(&str) -> String) {
    let name = whole(state.probe.as_deref().unwrap_or_default());
    if node.data == Data::Null {
        state.probe = Some(name);
    } else {
        state.probe = None;
        state.mistype(node, go_kind(node), &name);
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty, $go:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
            let whole = self.whole($go, i64::from(<$type>::MIN), u64::from(<$type>::MAX.unsigned_abs()));
            visitor.$visit(<$type>::try_from(whole).unwrap_or_default())
        }
    )+};
}

impl<'de> Deserializer<'de> for Decoder<'_, 'de> {
    type Error = Never;

    whole_numbers! {
        deserialize_i8 visit_i8 i8, "int8";
        deserialize_i16 visit_i16 i16, "int16";
        deserialize_i32 visit_i32 i32, "int32";
        deserialize_i64 visit_i64 i64, "int64";
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_bool(self.flag())
    }

    fn deserialize_f64<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_f64(self.float())
    }

    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_str(&self.text(is::<V, ByteString>()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        if self.node.data == Data::Null && self.state.probe.is_none() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        let (items, probes) = self.items();
        if probes {
            self.start_probe();
        }
        let Ok(value) =
            visitor.visit_seq(Items { nodes: items, next: 0, probes, state: self.state });
        if probes {
            end_probe(self.state, self.node, |item| format!("[]{item}"));
        }
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        let (entries, probes) = self.entries();
        if probes {
            self.start_probe();
        }
        let Ok(value) = visitor.visit_map(Entries::of(entries, &[], probes, self.state));
        if probes {
            end_probe(self.state, self.node, go_type::map_of);
        }
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        let (entries, mistyped) = self.entries();
        if mistyped {
            let go_type = go_type::of_struct(name);
            self.state.answer(&go_type);
            if self.node.data != Data::Null {
                self.mistype(&go_type);
            }
        }
        let outside = (self.state.in_struct, self.state.field);
        self.state.in_struct = name;
        let Ok(value) = visitor.visit_map(Entries::of(entries, fields, false, self.state));
        (self.state.in_struct, self.state.field) = outside;
        Ok(value)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Never> {
        if matches!(name, "Quantity" | "Time" | "MicroTime") {
            visitor.visit_newtype_struct(StrDeserializer::<Never>::new(&self.named(name)))
        } else {
            self.state.answer(&go_type::of_struct(name));
            visitor.visit_newtype_struct(Raw(self.node))
        }
    }

    /// Types that read themselves ask so: of those that kinds hold, only `intstr.IntOrString` does.
    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Never> {
        if !is::<V, IntOrString>() {
            return Raw(self.node).deserialize_any(visitor);
        }
        match self.text_or_number() {
            Ok(text) => visitor.visit_str(text),
            Err(number) => visitor.visit_i32(number),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        u8 u16 u32 u64 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
    }
}

/// Whether it is this type that reads. Types that refuse some of what they ask for are told by it from those that do not.
fn is<'de, V: Visitor<'de>, T>() -> bool {
    type_name::<V::Value>() == type_name::<T>()
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
