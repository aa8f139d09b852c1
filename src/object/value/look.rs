//! Looking into values whose types were checked when they were read: what is not there, or is null, reads as empty.

use std::str::FromStr;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde_json::{Map, Value};

use super::NOTHING;
use crate::manifest::fill;
use crate::object::field::{Errors, Path};
use crate::object::meta::validate_selector;
use crate::quantity::Quantity;

/// A field that is there: the `Some` of a pointer.
pub fn given<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    value.get(field).filter(|value| !value.is_null())
}

/// What stands at a path of fields, or null.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |value, field| value.get(field).unwrap_or(&NOTHING))
}

/// A text.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number, if it is there.
pub fn number(value: &Value, field: &str) -> Option<i64> {
    value.get(field).and_then(Value::as_i64)
}

/// A list.
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The texts of a list.
pub fn texts<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a str> + Clone {
    list(value, field).iter().map(|item| item.as_str().unwrap_or_default())
}

/// The entries of a map, in order of key.
pub fn entries<'a>(
    value: &'a Value,
    field: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> + Clone {
    let map = value.get(field).and_then(Value::as_object);
    map.into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// An amount; nothing for what is none.
pub fn quantity(value: &Value) -> Quantity {
    let text = value.as_str().unwrap_or_default();
    Quantity::parse(text).unwrap_or_else(|_| Quantity::decimal(0))
}

/// A number or a text.
pub fn int_or_string(value: &Value) -> IntOrString {
    match value.as_str() {
        Some(text) => IntOrString::String(text.to_owned()),
        None => IntOrString::Int(i32::try_from(value.as_i64().unwrap_or(0)).unwrap_or(0)),
    }
}

/// Gives a field that is not there, or is null, a value.
pub(super) fn default_to(map: &mut Map<String, Value>, field: &str, value: impl Into<Value>) {
    let entry = map.entry(field).or_insert(Value::Null);
    if entry.is_null() {
        *entry = value.into();
    }
}

/// Gives a text that is empty or not there a value.
pub(super) fn default_text(map: &mut Map<String, Value>, field: &str, value: &str) {
    let entry = map.entry(field).or_insert(Value::Null);
    if entry.as_str().is_none_or(str::is_empty) {
        *entry = Value::from(value);
    }
}

/// The maps in a list, to change them.
pub(super) fn each<'a>(
    map: &'a mut Map<String, Value>,
    field: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let items = map.get_mut(field).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// A map inside, to change it, if it is there.
pub(super) fn inside<'a>(
    map: &'a mut Map<String, Value>,
    field: &str,
) -> Option<&'a mut Map<String, Value>> {
    map.get_mut(field)?.as_object_mut()
}

/// Validates a label selector, if there is one.
pub(super) fn validate_selector_at(errors: &mut Errors, value: &Value, path: &Path<'_>) {
    if value.is_object() {
        let selector: LabelSelector = fill(value);
        validate_selector(errors, &selector, path);
    }
}

/// Validates a name that must be there, by a rule.
pub(super) fn validate_required(
    errors: &mut Errors,
    name: &str,
    rule: fn(&str) -> Vec<String>,
    path: &Path<'_>,
) {
    if name.is_empty() {
        errors.required(path, "");
    } else {
        errors.invalid_each(path, name, rule(name));
    }
}

/// The address and the length of a prefix, leading zeros let through, as `ParseCIDRSloppy` reads them.
pub(in crate::object) fn parse_cidr(text: &str) -> Option<(std::net::IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address)?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length: u32 = digits.then(|| length.parse().ok()).flatten()?;
    (length <= bits(address)).then_some((address, length))
}

/// An address, leading zeros let through, as `ParseIPSloppy` reads it.
pub(in crate::object) fn parse_ip(text: &str) -> Option<std::net::IpAddr> {
    if let Ok(address) = std::net::IpAddr::from_str(text) {
        return Some(address);
    }
    let part = |part: &str| match part.trim_start_matches('0') {
        "" if part.is_empty() => "x".to_owned(),
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    };
    let parts: Vec<String> = text.split('.').map(part).collect();
    std::net::IpAddr::from_str(&parts.join(".")).ok()
}

fn bits(address: std::net::IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The network of a prefix as a number: its first bits, the rest zero.
pub(in crate::object) fn network(address: std::net::IpAddr, length: u32) -> u128 {
    let number = match address {
        std::net::IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        std::net::IpAddr::V6(address) => u128::from(address),
    };
    number & u128::MAX.checked_shl(128 - length.min(128)).unwrap_or(0)
}
