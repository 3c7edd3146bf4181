//! What each pole means, as a sentence about whoever holds the position.
//!
//! A hypothesis comes from the codebook: the pole's own `hypothesis` where it has one, else its definition. Either
//! is a template in which [`HOLDER`] stands for the name of the holder, so that the same pole can be asked for each
//! holder of a sentence. Naming the class as a sentence of its own follows Yin, Hay & Roth (arXiv:1909.00161).

use super::{Codebook, Pole};

/// Stands for the holder in a template.
pub const HOLDER: &str = "{holder}";

/// Who holds what the text says in its own voice.
const OWN_VOICE: &str = "the speaker";

/// How definitions name the holder.
const IN_DEFINITIONS: [&str; 2] = ["The holder", "the holder"];

/// One template for each pole of a codebook, in the order of [`Codebook::poles`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hypotheses {
    templates: Vec<String>,
}

impl Hypotheses {
    /// Those of `codebook`.
    ///
    /// A pole without a `hypothesis` gets its definition with the holder's name for "the holder"; one whose
    /// definition does not speak of the holder gets "{holder} supports this: DEFINITION".
    pub fn of(codebook: &Codebook) -> Self {
        Self { templates: codebook.poles().map(|(_, pole)| template(pole)).collect() }
    }

    /// The templates.
    pub fn templates(&self) -> &[String] {
        &self.templates
    }

    /// For each pole the sentence that says that `holder` supports it; `None` is the text's own voice.
    pub fn about(&self, holder: Option<&str>) -> Vec<String> {
        let name: Vec<&str> = holder.unwrap_or(OWN_VOICE).split_whitespace().collect();
        let name = name.join(" ");
        self.templates.iter().map(|template| fill(template, &name)).collect()
    }
}

fn template(pole: &Pole) -> String {
    if let Some(own) = &pole.hypothesis {
        return own.clone();
    }
    let named = IN_DEFINITIONS
        .iter()
        .fold(pole.definition.clone(), |text, words| text.replace(words, HOLDER));
    if named == pole.definition { format!("{HOLDER} supports this: {named}") } else { named }
}

/// The template with `name` for the holder, with a capital where a sentence begins.
fn fill(template: &str, name: &str) -> String {
    let mut filled = String::new();
    for (index, part) in template.split(HOLDER).enumerate() {
        if index > 0 {
            let begins =
                filled.trim_end().chars().next_back().is_none_or(|c| matches!(c, '.' | '!' | '?'));
            let mut letters = name.chars();
            match letters.next().filter(|_| begins) {
                Some(first) => {
                    filled.extend(first.to_uppercase());
                    filled.push_str(letters.as_str());
                }
                None => filled.push_str(name),
            }
        }
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hypothesis: Option<&str>, definition: &str, holder: Option<&str>, expected: &str) {
        let mut codebook = Codebook::built_in();
        let pole = &mut codebook.axes[0].poles[0];
        pole.hypothesis = hypothesis.map(str::to_owned);
        definition.clone_into(&mut pole.definition);
        assert_eq!(Hypotheses::of(&codebook).about(holder)[0], expected);
    }

    #[test]
    fn a_definition_about_the_holder_names_it() {
        let definition =
            "The holder wants higher taxes. Whoever taxes more is praised by the holder.";
        check(
            None,
            definition,
            None,
            "The speaker wants higher taxes. Whoever taxes more is praised by the speaker.",
        );
        check(
            None,
            definition,
            Some("the ministry\n of Ruvania"),
            "The ministry of Ruvania wants higher taxes. Whoever taxes more is praised by the ministry of Ruvania.",
        );
    }

    #[test]
    fn any_other_definition_is_what_is_supported() {
        check(None, "Higher taxes.", Some("Tessaly"), "Tessaly supports this: Higher taxes.");
    }

    #[test]
    fn the_hypothesis_of_the_codebook_comes_first() {
        check(
            Some("Taxes please {holder}."),
            "Higher taxes.",
            Some("{holder}"),
            "Taxes please {holder}.",
        );
        check(
            Some("{holder} likes taxes."),
            "Higher taxes.",
            Some("émigrés"),
            "Émigrés likes taxes.",
        );
    }

    #[test]
    fn the_built_in_poles_have_hypotheses_of_their_own() {
        let codebook = Codebook::built_in();
        let hypotheses = Hypotheses::of(&codebook);
        for ((_, pole), template) in codebook.poles().zip(hypotheses.templates()) {
            assert_eq!(pole.hypothesis.as_ref(), Some(template));
        }
        for hypothesis in hypotheses.about(None) {
            assert!(
                hypothesis.starts_with("The speaker ") && hypothesis.ends_with('.'),
                "{hypothesis}"
            );
            assert!(!hypothesis.contains(['{', '}']));
        }
    }
}
