//! Asking a type what it would have liked to read, for `[]v1.Container` in an error where a list should have stood.
//!
//! A probe answers every request with a zero value and remembers which it was. The values made so are thrown away: a
//! probe runs only once an error is certain.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::decode::{State, Stop};
use super::go_type;

/// Learns the Go name of a type.
pub(super) struct Probe<'a> {
    in_struct: &'static str,
    field: &'static str,
    found: &'a mut String,
}

impl<'a> Probe<'a> {
    /// A probe for what a struct's field holds; the name is written to `found`.
    pub(super) fn new(state: &State, found: &'a mut String) -> Self {
        Self { in_struct: state.in_struct, field: state.field, found }
    }

    fn inner<'b>(&self, found: &'b mut String) -> Probe<'b> {
        Probe { in_struct: self.in_struct, field: self.field, found }
    }
}

macro_rules! scalars {
    ($($method:ident $visit:ident $zero:expr, $go:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            $go.clone_into(self.found);
            visitor.$visit($zero)
        }
    )+};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Stop;

    scalars! {
        deserialize_bool visit_bool false, "bool";
        deserialize_i32 visit_i32 0, "int32";
        deserialize_i64 visit_i64 0, "int64";
        deserialize_f64 visit_f64 0.0, "float64";
        deserialize_any visit_i64 0, "intstr.IntOrString";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        go_type::text(self.in_struct, self.field).clone_into(self.found);
        visitor.visit_str("")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut item = String::new();
        let value = visitor.visit_seq(ProbeSeq::new(self.inner(&mut item)))?;
        *self.found = format!("[]{item}");
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let mut item = String::new();
        let value = visitor.visit_map(ProbeMap::new(self.inner(&mut item)))?;
        *self.found = go_type::map_of(&item);
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        *self.found = go_type::of_struct(name);
        visitor.visit_map(Empty)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let (go_type, zero) = match name {
            "Quantity" => (go_type::QUANTITY.to_owned(), "0"),
            "Time" | "MicroTime" => (go_type::of_struct(name), "0001-01-01T00:00:00Z"),
            _ => (go_type::of_struct(name), ""),
        };
        *self.found = go_type;
        visitor.visit_newtype_struct(StrDeserializer::<Stop>::new(zero))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier
        ignored_any
    }
}

/// A list of one item, which is probed.
pub(super) struct ProbeSeq<'a>(Option<Probe<'a>>);

impl<'a> ProbeSeq<'a> {
    pub(super) fn new(probe: Probe<'a>) -> Self {
        Self(Some(probe))
    }
}

impl<'de> SeqAccess<'de> for ProbeSeq<'_> {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Stop> {
        self.0.take().map(|probe| seed.deserialize(probe)).transpose()
    }
}

/// A mapping of one entry, whose value is probed.
pub(super) struct ProbeMap<'a>(Option<Probe<'a>>);

impl<'a> ProbeMap<'a> {
    pub(super) fn new(probe: Probe<'a>) -> Self {
        Self(Some(probe))
    }
}

impl<'de> MapAccess<'de> for ProbeMap<'_> {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Stop> {
        if self.0.is_none() {
            return Ok(None);
        }
        seed.deserialize(StrDeserializer::<Stop>::new("")).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Stop> {
        seed.deserialize(self.0.take().expect("serde asks for a value once per key"))
    }
}

/// Nothing: the zero value of a list, a mapping or a struct.
pub(super) struct Empty;

impl<'de> SeqAccess<'de> for Empty {
    type Error = Stop;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        _: T,
    ) -> Result<Option<T::Value>, Stop> {
        Ok(None)
    }
}

impl<'de> MapAccess<'de> for Empty {
    type Error = Stop;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, Stop> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Result<V::Value, Stop> {
        Err(serde::de::Error::custom("there is no value without a key"))
    }
}
