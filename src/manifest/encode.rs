//! A Kubernetes type into a value: the way back of [`super::fill`].
//!
//! What `serde_json::to_value` does, for types of which the encoding cannot fail; so the code that is made for each of
//! hundreds of types has no ways out of an error, and each field is little more than a name and a call.

use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer,
};
use serde_json::{Map, Value};

use super::fill::Never;

/// A type's value.
#[inline(never)]
pub fn encode<T: Serialize + ?Sized>(source: &T) -> Value {
    let Ok(value) = source.serialize(Encoder);
    value
}

impl ser::Error for Never {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        unreachable!("the types of Kubernetes can always be written")
    }
}

struct Encoder;

macro_rules! scalars {
    ($($method:ident $type:ty;)+) => {$(
        fn $method(self, value: $type) -> Result<Value, Never> {
            Ok(Value::from(value))
        }
    )+};
}

impl Serializer for Encoder {
    type Ok = Value;
    type Error = Never;
    type SerializeSeq = Items;
    type SerializeTuple = Impossible<Value, Never>;
    type SerializeTupleStruct = Impossible<Value, Never>;
    type SerializeTupleVariant = Impossible<Value, Never>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Impossible<Value, Never>;

    scalars! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_str &str;
        serialize_bytes &[u8];
    }

    fn serialize_char(self, value: char) -> Result<Value, Never> {
        Ok(Value::String(value.to_string()))
    }

    fn serialize_none(self) -> Result<Value, Never> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Never> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Never> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Never> {
        Ok(Value::from(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Never> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Never> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Never> {
        no_enum()
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Never> {
        no_enum()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Never> {
        no_enum()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Never> {
        Ok(Fields::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields, Never> {
        Ok(Fields::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Never> {
        no_enum()
    }
}

fn no_enum<T>() -> T {
    unreachable!("the types of Kubernetes have no tuples and no variants with fields")
}

/// A list on its way.
struct Items(Vec<Value>);

impl SerializeSeq for Items {
    type Ok = Value;
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Never> {
        let Ok(item) = item.serialize(Encoder);
        self.0.push(item);
        Ok(())
    }

    fn end(self) -> Result<Value, Never> {
        Ok(Value::Array(self.0))
    }
}

/// A struct or a map on its way.
#[derive(Default)]
struct Fields {
    written: Map<String, Value>,
    /// The key whose value is next.
    key: String,
}

impl Fields {
    fn set_key(&mut self, key: Value) {
        if let Value::String(key) = key {
            self.key = key;
        }
    }

    fn write(&mut self, value: Value) {
        self.written.insert(std::mem::take(&mut self.key), value);
    }

    fn write_field(&mut self, key: &str, value: Value) {
        self.written.insert(key.to_owned(), value);
    }
}

impl SerializeMap for Fields {
    type Ok = Value;
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        let Ok(key) = key.serialize(Encoder);
        self.set_key(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        let Ok(value) = value.serialize(Encoder);
        self.write(value);
        Ok(())
    }

    fn end(self) -> Result<Value, Never> {
        Ok(Value::Object(self.written))
    }
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        let Ok(value) = value.serialize(Encoder);
        self.write_field(key, value);
        Ok(())
    }

    fn end(self) -> Result<Value, Never> {
        Ok(Value::Object(self.written))
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Event, Pod, Secret, Service};

    use super::*;

    #[test]
    fn it_writes_what_serde_json_writes() {
        let pod: Pod = serde_json::from_value(serde_json::json!({
            "metadata": { "name": "p", "labels": { "a": "b" }, "creationTimestamp": "2026-04-01T00:00:00Z" },
            "spec": { "containers": [{ "name": "c", "ports": [{ "containerPort": 80 }],
                "readinessProbe": { "httpGet": { "port": "http" }, "timeoutSeconds": 1 },
                "resources": { "limits": { "cpu": "1" } }, "securityContext": { "privileged": false } }] },
        }))
        .unwrap();
        assert_eq!(encode(&pod), serde_json::to_value(&pod).unwrap());
        let secret: Secret =
            serde_json::from_str(r#"{"data": {"a": "YQ=="}, "type": "t"}"#).unwrap();
        assert_eq!(encode(&secret), serde_json::to_value(&secret).unwrap());
        let event: Event =
            serde_json::from_str(r#"{"eventTime": "2026-04-01T00:00:00.000001Z", "count": 2}"#)
                .unwrap();
        assert_eq!(encode(&event), serde_json::to_value(&event).unwrap());
        let service: Service =
            serde_json::from_str(r#"{"spec": {"ports": [{"port": 1, "targetPort": 2}]}}"#).unwrap();
        assert_eq!(encode(&service), serde_json::to_value(&service).unwrap());
    }
}
