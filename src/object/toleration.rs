//! Tolerations: whether a Pod bears a node's taints, and for how long.
//!
//! Models `Toleration.ToleratesTaint` (`staging/src/k8s.io/api/core/v1/toleration.go`), and `GetMatchingTolerations` and
//! `getMinTolerationTime` as kubernetes `pkg/controller/tainteviction/taint_eviction.go` uses them.

use k8s_openapi::api::core::v1::{Taint, Toleration};

use crate::time::Duration;

/// How long a Pod bears the taints of its node that drive Pods out.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Endurance {
    /// As long as they last.
    Forever,
    /// So long.
    For(Duration),
    /// Not at all.
    None,
}

/// Whether a toleration tolerates a taint: effect and key as said (nothing said: any), value by the operator.
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let said = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    if said(&toleration.effect).is_some_and(|effect| effect != taint.effect)
        || said(&toleration.key).is_some_and(|key| key != taint.key)
    {
        return false;
    }
    match toleration.operator.as_deref().unwrap_or_default() {
        "" | "Equal" => {
            toleration.value.as_deref().unwrap_or_default()
                == taint.value.as_deref().unwrap_or_default()
        }
        "Exists" => true,
        _ => false,
    }
}

/// How long tolerations let a Pod bear taints: none that is not tolerated, and the shortest time of the tolerations
/// that are needed (for each taint the first that fits).
pub fn endurance<'a>(
    taints: impl Iterator<Item = &'a Taint>,
    tolerations: &[Toleration],
) -> Endurance {
    let mut shortest: Option<i64> = None;
    for taint in taints {
        let Some(fits) = tolerations.iter().find(|one| tolerates(one, taint)) else {
            return Endurance::None;
        };
        if let Some(secs) = fits.toleration_seconds {
            shortest = Some(shortest.map_or(secs, |shortest| shortest.min(secs)));
        }
    }
    match shortest.map(u64::try_from) {
        None => Endurance::Forever,
        Some(Ok(secs)) if secs > 0 => Endurance::For(Duration::from_secs(secs)),
        Some(_) => Endurance::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taint(key: &str) -> Taint {
        Taint { key: key.to_owned(), effect: "NoExecute".to_owned(), ..Taint::default() }
    }

    fn toleration(key: &str, secs: Option<i64>) -> Toleration {
        Toleration {
            key: Some(key.to_owned()),
            operator: Some("Exists".to_owned()),
            toleration_seconds: secs,
            ..Toleration::default()
        }
    }

    #[test]
    fn the_shortest_toleration_that_is_needed_counts() {
        let for_secs = |secs| Endurance::For(Duration::from_secs(secs));
        let tolerations =
            [toleration("a", Some(300)), toleration("b", Some(5)), toleration("c", None)];
        for (taints, expected) in [
            (&[][..], Endurance::Forever),
            (&["a"], for_secs(300)),
            (&["a", "b"], for_secs(5)),
            (&["c"], Endurance::Forever),
            (&["a", "c"], for_secs(300)),
            (&["a", "d"], Endurance::None),
        ] {
            let taints: Vec<_> = taints.iter().map(|key| taint(key)).collect();
            assert_eq!(endurance(taints.iter(), &tolerations), expected, "{taints:?}");
        }
        let negative = [toleration("a", Some(-1))];
        assert_eq!(endurance([taint("a")].iter(), &negative), Endurance::None);
    }

    #[test]
    fn operators_keys_and_effects() {
        let taint = Taint {
            key: "gpu".to_owned(),
            value: Some("yes".to_owned()),
            effect: "NoSchedule".to_owned(),
            ..Taint::default()
        };
        let table = [
            (("gpu", "Equal", "yes", "NoSchedule"), true),
            (("gpu", "", "yes", ""), true),
            (("gpu", "Equal", "no", "NoSchedule"), false),
            (("gpu", "Exists", "", ""), true),
            (("", "Exists", "", ""), true),
            (("gpu", "Exists", "", "NoExecute"), false),
            (("cpu", "Exists", "", ""), false),
        ];
        for ((key, operator, value, effect), expected) in table {
            let toleration = Toleration {
                key: Some(key.to_owned()),
                operator: Some(operator.to_owned()),
                value: Some(value.to_owned()),
                effect: Some(effect.to_owned()),
                toleration_seconds: None,
            };
            assert_eq!(
                tolerates(&toleration, &taint),
                expected,
                "{key} {operator} {value} {effect}"
            );
        }
    }
}
