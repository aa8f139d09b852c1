//! What kubectl itself decodes before it sends an object: the metadata, and nothing else.
//!
//! Models cli-runtime `pkg/resource/metadata_decoder.go`.

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::decode::decode;
use super::fault::DecodeError;
use super::node::Node;

/// Decodes an object's metadata; the error is what kubectl says behind `unable to decode`.
pub fn check_metadata(node: &Node) -> Result<(), DecodeError> {
    match decode(node, |decoder| MetadataOnly::deserialize(decoder)) {
        Err(error) if !error.strict => Err(error),
        Ok(MetadataOnly) | Err(_) => Ok(()),
    }
}

struct MetadataOnly;

impl<'de> Deserialize<'de> for MetadataOnly {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;
        impl<'de> Visitor<'de> for Reads {
            type Value = MetadataOnly;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MetadataOnly, A::Error> {
                while let Some(key) = map.next_key::<String>()? {
                    if key == "metadata" {
                        map.next_value::<ObjectMeta>()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(MetadataOnly)
            }
        }
        deserializer.deserialize_struct("metadataOnlyObject", &["metadata"], Reads)
    }
}
