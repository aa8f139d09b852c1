//! Scaling by metrics.
//!
//! So far the calculation alone: how many replicas the Pods' usage asks for. Models kubernetes
//! `pkg/controller/podautoscaler`.

pub mod replicas;
