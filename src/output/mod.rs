//! How the world is printed: tables, ages, `describe`.
//!
//! Everything here is a pure function from objects to text. Models kubernetes `pkg/printers` and
//! `staging/src/k8s.io/kubectl/pkg/describe`.

pub mod age;
pub mod columns;
pub mod table;
pub mod tabwriter;
