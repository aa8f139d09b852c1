//! How far a rolling update may stray from the wanted number of Pods.
//!
//! Models kubernetes `pkg/controller/deployment/util/deployment_util.go` (`ResolveFenceposts`) and apimachinery
//! `pkg/util/intstr/intstr.go`: a surge is rounded up, unavailability down; both zero would stand still, so one Pod may
//! then be unavailable. Worked example: 10 Pods at 25% and 25% may be 13, of which 8 available.

use k8s_openapi::api::apps::v1::DeploymentSpec;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The two bounds, in Pods.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// How many more than wanted there may be.
    pub surge: i32,
    /// How many of the wanted may be unavailable.
    pub unavailable: i32,
}

/// Resolves `maxSurge` and `maxUnavailable` for a number of replicas. The error is upstream's text.
pub fn rolling_update_bounds(
    max_surge: Option<&IntOrString>,
    max_unavailable: Option<&IntOrString>,
    replicas: i32,
) -> Result<Bounds, String> {
    let surge = scaled(max_surge, replicas, true)?;
    let unavailable = scaled(max_unavailable, replicas, false)?;
    let unavailable = if surge == 0 && unavailable == 0 { 1 } else { unavailable };
    Ok(Bounds { surge, unavailable })
}

/// A number as it is, or a percentage of `total` rounded up or down (`GetScaledValueFromIntOrPercent`).
pub(in crate::controller) fn scaled(
    value: Option<&IntOrString>,
    total: i32,
    up: bool,
) -> Result<i32, String> {
    let text = match value {
        None => return Ok(0),
        Some(IntOrString::Int(number)) => return Ok(*number),
        Some(IntOrString::String(text)) => text,
    };
    let wrong = |why: String| format!("invalid value for IntOrString: {why}");
    let number = text
        .strip_suffix('%')
        .ok_or_else(|| wrong("invalid type: string is not a percentage".to_owned()))?;
    let percent: i64 = number.parse().map_err(|_ignored| {
        wrong(format!("invalid value {text:?}: strconv.Atoi: parsing {number:?}: invalid syntax"))
    })?;
    let product = percent.saturating_mul(i64::from(total));
    let rounded = if up { -(-product).div_euclid(100) } else { product.div_euclid(100) };
    Ok(i32::try_from(rounded).unwrap_or(if rounded < 0 { i32::MIN } else { i32::MAX }))
}

impl Bounds {
    /// The bounds of a Deployment (`MaxSurge`, `MaxUnavailable`): none outside a rolling update, and no more
    /// unavailable than there are.
    pub(super) fn of(spec: &DeploymentSpec) -> Self {
        let replicas = spec.replicas.unwrap_or(1);
        let strategy = spec.strategy.as_ref();
        if super::recreate::is_wanted(spec) {
            return Self::default();
        }
        let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
        let bounds = rolling_update_bounds(
            rolling.and_then(|rolling| rolling.max_surge.as_ref()),
            rolling.and_then(|rolling| rolling.max_unavailable.as_ref()),
            replicas,
        )
        // Validation has refused what does not parse.
        .unwrap_or_default();
        Self { surge: bounds.surge, unavailable: bounds.unavailable.min(replicas) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_surge_up_and_unavailability_down() {
        let percent = |text: &str| IntOrString::String(text.to_owned());
        let table = [
            (percent("25%"), percent("25%"), 10, Ok((3, 2))),
            (percent("1%"), percent("1%"), 11, Ok((1, 0))),
            (IntOrString::Int(0), percent("30%"), 3, Ok((0, 1))),
            (percent("0%"), percent("0%"), 7, Ok((0, 1))),
            (
                percent("3"),
                percent("1%"),
                7,
                Err("invalid value for IntOrString: invalid type: string is not a percentage"),
            ),
        ];
        for (surge, unavailable, replicas, expected) in table {
            let bounds = rolling_update_bounds(Some(&surge), Some(&unavailable), replicas);
            let got = bounds.map(|bounds| (bounds.surge, bounds.unavailable));
            assert_eq!(got, expected.map_err(str::to_owned), "{surge:?} {unavailable:?}");
        }
    }
}
