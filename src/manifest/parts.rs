//! The parts of what is decoded: items of lists, entries of mappings and structs, and what is kept as it is.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::decode::{Decoder, Never};
use super::node::{Entry, Node};
use super::report::State;

/// What a type reads that is asked for its name.
static NOTHING: Node = Node::NULL;

/// The items of a sequence.
pub(super) struct Items<'a, 'de> {
    pub(super) nodes: &'de [Node],
    /// The number of the next.
    pub(super) next: usize,
    /// Whether there is an item that is not there, asked for its type's name.
    pub(super) probes: bool,
    pub(super) state: &'a mut State,
}

impl<'de> Items<'_, 'de> {
    /// Goes to the next item. Returns it and the length of the paths before.
    fn enter(&mut self) -> Option<(&'de Node, (usize, usize))> {
        let node =
            if std::mem::take(&mut self.probes) { &NOTHING } else { self.nodes.get(self.next)? };
        self.next += 1;
        Some((node, self.state.enter_item(self.next - 1)))
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Never;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Never> {
        let Some((node, outside)) = self.enter() else { return Ok(None) };
        let Ok(value) = seed.deserialize(Decoder { node, state: self.state });
        self.state.leave(outside);
        Ok(Some(value))
    }
}

/// The entries of a mapping or (with fields) of a struct.
pub(super) struct Entries<'a, 'de> {
    rest: std::vec::IntoIter<&'de Entry>,
    /// The struct's fields; a map has none.
    fields: &'static [&'static str],
    /// The entry whose value is next; one that is not there has none.
    value: Option<&'de Entry>,
    /// Whether there is an entry that is not there, asked for its type's name.
    probes: bool,
    state: &'a mut State,
}

impl<'a, 'de> Entries<'a, 'de> {
    pub(super) fn of(
        entries: Vec<&'de Entry>,
        fields: &'static [&'static str],
        probes: bool,
        state: &'a mut State,
    ) -> Self {
        Self { rest: entries.into_iter(), fields, value: None, probes, state }
    }

    /// The struct's field that an entry names.
    fn field_of(&self, entry: &Entry) -> Option<&'static str> {
        self.fields.iter().find(|field| **field == entry.key).copied()
    }

    /// The next key; an empty one for what the type is not asked to read.
    fn next(&mut self) -> Option<&'de str> {
        if std::mem::take(&mut self.probes) {
            return Some("");
        }
        let entry = self.rest.next()?;
        self.value = Some(entry);
        if self.fields.is_empty() {
            return Some(&entry.key);
        }
        match self.field_of(entry) {
            None => self.state.unknown_field(entry, self.fields),
            Some("apiVersion" | "kind") if self.state.path.is_empty() => {
                self.state.check_identity(entry);
            }
            Some(_) => return Some(&entry.key),
        }
        Some("")
    }

    /// Goes to the value after that key. Returns it and the length of the paths before.
    fn enter(&mut self) -> (&'de Node, (usize, usize)) {
        match self.value.take() {
            Some(entry) => (&entry.value, self.state.enter(entry, self.field_of(entry))),
            None => (&NOTHING, (self.state.path.len(), self.state.go_path.len())),
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
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
        let (node, outside) = self.enter();
        let Ok(value) = seed.deserialize(Decoder { node, state: self.state });
        self.state.leave(outside);
        Ok(value)
    }
}

/// A part that keeps whatever JSON it has (`fieldsV1`).
pub(super) struct Raw<'de>(pub(super) &'de Node);

impl<'de> Deserializer<'de> for Raw<'de> {
    type Error = Never;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Never> {
        let value = serde_json::Value::into_deserializer(self.0.to_value());
        Ok(value.deserialize_any(visitor).expect("it takes any JSON"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
