//! A value that [`super::read`] made, into a wire struct: the way back of [`super::encode`].
//!
//! Nothing of it can fail, and that is told to the compiler ([`Never`]): in code that is made once for each of hundreds of
//! types, all ways out of an error are gone. Where a value is not what the type asks for, a zero value stands in.

use std::any::type_name;
use std::fmt;

use k8s_openapi::ByteString;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value, map};

use super::{base64, go_time};

/// Makes a wire struct of a value.
pub fn fill<'de, T: Deserialize<'de>>(source: &'de Value) -> T {
    let Ok(filled) = T::deserialize(Source(source));
    filled
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

static NOTHING: Value = Value::Null;

/// What a value is filled from.
struct Source<'de>(&'de Value);

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
            let whole = self.0.as_i64().unwrap_or_default();
            visitor.$visit(<$type>::try_from(whole).unwrap_or_default())
        }
    )+};
}

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = Never;

    whole_numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_bool(self.0.as_bool().unwrap_or_default())
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let text = self.0.as_number().map(ToString::to_string).unwrap_or_default();
        visitor.visit_f64(super::parse_float(&text).unwrap_or_default())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let text = self.0.as_str().unwrap_or_default();
        if is::<V, ByteString>() {
            // It takes no other spelling of the same bytes.
            let bytes = base64::decode(text).unwrap_or_default();
            return visitor.visit_string(base64::encode(&bytes));
        }
        visitor.visit_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_seq(Items(self.0.as_array().map(Vec::as_slice).unwrap_or_default().iter()))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        visitor.visit_map(Entries::of(self.0.as_object()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Never> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Never> {
        if !matches!(name, "Time" | "MicroTime") {
            return visitor.visit_newtype_struct(self);
        }
        let text = self.0.as_str().filter(|text| text.parse::<jiff::Timestamp>().is_ok());
        let text = text.unwrap_or(go_time::ZERO);
        visitor.visit_newtype_struct(StrDeserializer::<Never>::new(text))
    }

    /// Types that read themselves ask so: `intstr.IntOrString`, and those that hold any JSON.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        if is::<V, IntOrString>() && !self.0.is_string() {
            return self.deserialize_i32(visitor);
        }
        let value = self.0.clone().into_deserializer();
        Ok(value.deserialize_any(visitor).expect("it takes any JSON"))
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

struct Items<'de>(std::slice::Iter<'de, Value>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Never;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Never> {
        let Some(item) = self.0.next() else { return Ok(None) };
        let Ok(value) = seed.deserialize(Source(item));
        Ok(Some(value))
    }
}

struct Entries<'de> {
    rest: Option<map::Iter<'de>>,
    value: &'de Value,
}

impl<'de> Entries<'de> {
    fn of(entries: Option<&'de Map<String, Value>>) -> Self {
        Self { rest: entries.map(Map::iter), value: &NOTHING }
    }

    fn next(&mut self) -> Option<&'de str> {
        let (key, value) = self.rest.as_mut()?.next()?;
        self.value = value;
        Some(key)
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Never;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Never> {
        let Some(key) = self.next() else { return Ok(None) };
        let Ok(key) = seed.deserialize(StrDeserializer::<Never>::new(key));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Never> {
        seed.deserialize(Source(self.value))
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_asked_for_is_a_zero_value() {
        let deployment: Deployment = fill(&json!({
            "metadata": { "creationTimestamp": "soon", "name": 3 },
            "spec": { "replicas": "x", "strategy": { "rollingUpdate": { "maxSurge": true } }, "template": [] },
        }));
        assert_eq!(deployment.metadata.name.as_deref(), Some(""));
        let spec = deployment.spec.unwrap();
        let surge = spec.strategy.unwrap().rolling_update.unwrap().max_surge;
        assert_eq!((spec.replicas, surge), (Some(0), Some(IntOrString::Int(0))));
    }

    #[test]
    fn bytes_are_read_as_go_reads_them() {
        // Bits that no byte takes, line breaks, and what is no base64.
        for (text, bytes) in [("aGj=", "hh"), ("aG\nVs\r\nbG8=", "hello"), ("?", "")] {
            let read: ByteString = fill(&json!(text));
            assert_eq!(read.0, bytes.as_bytes(), "{text}");
        }
    }
}
