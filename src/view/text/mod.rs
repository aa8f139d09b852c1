//! Every sentence of the page, in every language, a file for each part of the page.
//!
//! [`Text`] is a sentence, named like the variant of an enum that is open over these files: `Text::Apply`. Both languages
//! stand side by side in one line, and `{0}`, `{1}` stand for what is filled in ([`Text::fill`]). Output of commands is
//! not here: it stays English, as in reality.

/// Names the sentences of a part of the page, and lists them for the tests.
macro_rules! texts {
    ($($name:ident: $en:literal, $ja:literal;)+) => {
        #[expect(missing_docs, reason = "each is documented by its English sentence")]
        #[expect(non_upper_case_globals, reason = "they are the variants of an open enum")]
        impl Text {
            $(pub const $name: Self = Self(&[$en, $ja]);)+
        }

        /// The sentences of this file.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, Text)] = &[$((stringify!($name), Text::$name)),+];
    };
}

mod advice;
mod editor;
mod harbour;
mod inspector;
mod lesson;
mod narration;
mod page;
mod saves;
mod terminal;
mod transport;

pub use super::lang::Lang;

/// A sentence of the page: in English, in Japanese.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Text(&'static [&'static str; 2]);

impl Text {
    /// The sentence in a language, placeholders and all.
    pub fn tell(self, lang: Lang) -> &'static str {
        let [en, ja] = self.0;
        match lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// The sentence with its placeholders filled in.
    pub fn fill(self, lang: Lang, values: &[&str]) -> String {
        let mut text = self.tell(lang).to_owned();
        for (index, value) in values.iter().enumerate() {
            text = text.replace(&format!("{{{index}}}"), value);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every sentence with its name.
    fn all() -> impl Iterator<Item = (&'static str, Text)> {
        let files = [
            page::ALL,
            harbour::ALL,
            transport::ALL,
            narration::ALL,
            inspector::ALL,
            editor::ALL,
            advice::ALL,
            terminal::ALL,
            lesson::ALL,
            saves::ALL,
        ];
        files.into_iter().flatten().copied()
    }

    fn placeholders(text: &str) -> Vec<char> {
        let mut found: Vec<_> =
            text.split('{').skip(1).filter_map(|rest| rest.chars().next()).collect();
        crate::order::sort(&mut found);
        found.dedup();
        found
    }

    #[test]
    fn no_sentence_is_missing_in_any_language() {
        for (name, text) in all() {
            let (en, ja) = (text.tell(Lang::En), text.tell(Lang::Ja));
            assert!(!en.trim().is_empty() && !ja.trim().is_empty(), "{name} is empty");
            assert_eq!(placeholders(en), placeholders(ja), "{name} fills in different things");
        }
    }

    #[test]
    fn english_is_not_japanese() {
        for (name, text) in all() {
            assert!(text.tell(Lang::En).chars().all(|c| u32::from(c) < 0x3000), "{name}");
        }
    }

    /// Words that are the same in both languages because Kubernetes gives them.
    const SHARED: &[Text] = &[
        Text::Revision,
        Text::Cpu,
        Text::Yaml,
        Text::FieldNamespace,
        Text::FieldPods,
        Text::FieldTaints,
        Text::FieldConditions,
    ];

    #[test]
    fn japanese_is_translated() {
        for (name, text) in all().filter(|(_, text)| !SHARED.contains(text)) {
            let ja = text.tell(Lang::Ja);
            assert!(ja.chars().any(|c| u32::from(c) >= 0x3000), "{name} is not translated: {ja}");
        }
    }

    #[test]
    fn fills_in() {
        assert_eq!(
            Text::PodPlaced.fill(Lang::En, &["web", "node-1"]),
            "Pod web was placed on node-1."
        );
    }
}
