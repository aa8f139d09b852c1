//! How the world is printed: tables, ages, `describe`, YAML, JSON, `JSONPath` templates.
//!
//! Everything here is a pure function from objects to text. Models kubernetes `pkg/printers`,
//! `staging/src/k8s.io/kubectl/pkg/describe` and cli-runtime `pkg/printers`.

pub mod age;
pub mod columns;
pub mod describe;
pub mod explain;
pub mod gotemplate;
pub mod json;
pub mod jsonpath;
pub mod kyaml;
pub mod table;
pub mod tabwriter;
pub mod yaml;
