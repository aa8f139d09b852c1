//! How each field is patched: the `patchStrategy` and `patchMergeKey` of upstream's struct tags.
//!
//! A field without tags is patched the plain way: mappings merge, lists are replaced.

use crate::manifest::types::{self, Struct};
use crate::object::Kind;

/// What a value is, as far as patching needs to know.
#[derive(Copy, Clone, Debug)]
pub(super) enum Type {
    /// A Go struct.
    Struct(&'static Struct),
    /// Anything that has no metadata below it.
    Plain,
}

/// What a field's tags say.
#[derive(Copy, Clone, Debug)]
pub(super) struct Field {
    /// The type of the value, or of a list's elements.
    pub(super) of: Type,
    pub(super) strategy: Strategy,
    /// Empty for lists of texts.
    pub(super) merge_key: &'static str,
    /// Whether a patch names the keys that stay.
    pub(super) retain_keys: bool,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    Default,
    Merge,
    Replace,
}

const PLAIN: Field =
    Field { of: Type::Plain, strategy: Strategy::Default, merge_key: "", retain_keys: false };

impl Type {
    /// The type of whole objects of a kind.
    pub(super) fn of_kind(kind: Kind) -> Self {
        kind.info().wire_type().and_then(types::Type::as_struct).map_or(Self::Plain, Self::Struct)
    }

    /// The type of whole objects of a kind by its names, simulated or not; plain if it is not known.
    pub(super) fn of_names(group: &str, version: &str, kind: &str) -> Self {
        let found = types::of_kind(group, version, kind);
        found.and_then(types::Type::as_struct).map_or(Self::Plain, Self::Struct)
    }

    /// The tags of one field.
    pub(super) fn field(self, name: &str) -> Field {
        let Self::Struct(of) = self else { return PLAIN };
        of.field(name).map_or(PLAIN, |field| Field {
            of: field.of.innermost().map_or(Self::Plain, Self::Struct),
            strategy: match (field.merge, field.replace) {
                (Some(_), _) => Strategy::Merge,
                (None, true) => Strategy::Replace,
                (None, false) => Strategy::Default,
            },
            merge_key: field.merge.unwrap_or_default(),
            retain_keys: field.retain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_the_tags_of_their_struct() {
        let spec = Type::of_kind(Kind::Deployment).field("spec").of;
        let pod = spec.field("template").of.field("spec").of;
        let volumes = pod.field("volumes");
        assert_eq!((volumes.merge_key, volumes.retain_keys), ("name", true));
        assert_eq!(pod.field("tolerations").strategy, Strategy::Default);
        assert!(matches!(Type::Plain.field("containers").of, Type::Plain));
    }
}
