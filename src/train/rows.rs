//! From labelled sentences to statements: which (sentence, holder) pairs are learned from and judged.

use super::labels::Labelled;
use crate::attribute::{self, ActorRegistry};
use crate::classify::{Side, StatementFeatures};
use crate::document::{Attribution, Document, Manner, Metadata, Sentence, Span};
use crate::error::Result;
use crate::tagging::Finder;

/// One (sentence, holder) pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index of its sentence.
    pub record: usize,
    /// The source; `None` is the voice of the text.
    pub holder: Option<String>,
    /// How it stands in its sentence.
    pub features: StatementFeatures,
    /// For each axis what was coded, `None` where the axis was not labelled.
    pub sides: Vec<Option<Side>>,
    /// Whether it stands in the labels: the voice of the text always, others where they were coded.
    pub coded: bool,
    /// Whether the program finds it by itself: the voice of the text always, others where attribution
    /// finds them.
    pub found: bool,
}

/// The statements of each sentence:
///
/// - one in the voice of the text, whether or not it was coded: uncoded means no position;
/// - one for each other coded holder;
/// - one for each holder that `finder` finds and that is no coded holder. It has no position where the coders
///   wrote down nobody but the text's own voice. Where they did, it may be a coded holder by another name ("he"), so
///   it is not learned from ([`Row::coded`] and [`Row::sides`] tell).
///
/// # Errors
/// Where the tagger fails.
pub fn statements(records: &[Labelled], finder: &Finder<'_>) -> Result<Vec<Row>> {
    let registry = ActorRegistry::built_in();
    let contexts: Vec<Context> = records.iter().map(Context::of).collect();
    let texts: Vec<_> =
        contexts.iter().map(|one| (one.document.text.as_str(), one.sentences.as_slice())).collect();
    let attributions = finder.attributions(&texts)?;
    let found = contexts.iter().zip(&attributions);
    let rows = found.zip(records).enumerate().flat_map(|(index, ((context, found), record))| {
        context.rows(index, record, found, &registry)
    });
    Ok(rows.collect())
}

/// A sentence between its neighbours as a document.
struct Context {
    document: Document,
    sentences: Vec<Sentence>,
    /// Which of the sentences it is.
    place: usize,
}

impl Context {
    /// The statements of the sentence, as a run of the program finds them by `attributions`.
    fn rows(
        &self,
        index: usize,
        record: &Labelled,
        attributions: &[Attribution],
        registry: &ActorRegistry,
    ) -> Vec<Row> {
        let (features, mut found) = self.find(attributions, registry);
        let none = || record.labelled.iter().map(|known| known.then_some(Side::Neither)).collect();
        let own = record.statements.iter().find(|coded| coded.holder.is_none());
        let mut rows = vec![Row {
            record: index,
            holder: None,
            features,
            sides: own.map_or_else(none, |own| own.sides.clone()),
            coded: true,
            found: true,
        }];
        for coded in &record.statements {
            let Some(name) = &coded.holder else { continue };
            let same = found.iter().position(|(other, _)| same_holder(name, other));
            let known = same.map(|place| found.remove(place)).is_some();
            rows.push(reported(index, name, coded.manner, coded.sides.clone(), [true, known]));
        }
        let others_coded = rows.len() > 1;
        rows.extend(found.into_iter().map(|(name, manner)| {
            let sides = if others_coded { vec![None; record.labelled.len()] } else { none() };
            reported(index, &name, manner, sides, [false, true])
        }));
        rows
    }

    /// How the text's own voice stands in the sentence, and who else holds words of it.
    fn find(
        &self,
        attributions: &[Attribution],
        registry: &ActorRegistry,
    ) -> (StatementFeatures, Vec<(String, Manner)>) {
        let drafts =
            attribute::statements(&self.document, &self.sentences, &[], attributions, registry);
        let (own, others): (Vec<_>, Vec<_>) = drafts
            .into_iter()
            .filter(|draft| draft.sentence == self.place)
            .partition(|draft| draft.manner == Manner::Own);
        let own_words = own.iter().all(|own| own.own_words);
        let span = self.sentences[self.place].span;
        let features = StatementFeatures::own(span, attributions, own_words);
        (features, others.into_iter().map(|draft| (draft.holder, draft.manner)).collect())
    }

    fn of(record: &Labelled) -> Self {
        let parts = [&record.prev, &record.sentence, &record.next].map(|part| part.trim());
        let mut text = String::new();
        let mut sentences = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let span = Span::new(text.len(), text.len() + part.len());
            sentences.push(Sentence { span, paragraph: 0 });
            text.push_str(part);
            text.push(' ');
        }
        let actor = Some(record.actor.clone()).filter(|actor| !actor.is_empty());
        let meta = Metadata { actor, ..Metadata::default() };
        let document = Document { text, meta, ..Document::default() };
        Self { document, sentences, place: usize::from(!parts[0].is_empty()) }
    }
}

fn reported(
    record: usize,
    holder: &str,
    manner: Manner,
    sides: Vec<Option<Side>>,
    [coded, found]: [bool; 2],
) -> Row {
    let features = StatementFeatures::reported(manner);
    Row { record, holder: Some(holder.to_owned()), features, sides, coded, found }
}

/// Whether two names may mean the same holder: at least half of the words of the shorter one, function
/// words aside, occur in the other.
pub(super) fn same_holder(a: &str, b: &str) -> bool {
    let (a, b) = (name_words(a), name_words(b));
    let shared = a.iter().filter(|word| b.contains(word)).count();
    shared > 0 && 2 * shared >= a.len().min(b.len())
}

fn name_words(name: &str) -> Vec<String> {
    const FUNCTION_WORDS: [&str; 12] =
        ["the", "a", "an", "of", "and", "for", "s", "mr", "ms", "mrs", "dr", "its"];
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !FUNCTION_WORDS.contains(word)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::HashedEncoder;
    use crate::schedule::Workers;
    use crate::train::Coded;

    #[test]
    fn names_that_share_half_their_words_are_the_same() {
        assert!(same_holder("Xi Jinping", "President Xi Jinping of Lansheng"));
        assert!(same_holder("the US State Department", "State Department"));
        assert!(!same_holder("the Ministry of Trade of Kesh", "the envoy of Maravel"));
        assert!(!same_holder("the", "the"));
    }

    fn record(sentence: &str, statements: Vec<Coded>) -> Labelled {
        Labelled {
            id: "1".into(),
            group: "1".into(),
            corpus: "c".into(),
            actor: String::new(),
            actor_type: String::new(),
            language: String::new(),
            prev: "Before.".into(),
            sentence: sentence.into(),
            next: "After.".into(),
            statements,
            labelled: vec![true],
        }
    }

    fn check(record: Labelled) -> Vec<Row> {
        let (encoder, workers) = (HashedEncoder::default(), Workers::start(1).unwrap());
        statements(&[record], &Finder::new(&encoder, &workers, 1024).unwrap()).unwrap()
    }

    fn coded(holder: Option<&str>, manner: Manner, side: Side) -> Coded {
        Coded { holder: holder.map(Into::into), manner, sides: vec![Some(side)] }
    }

    #[test]
    fn the_voice_of_the_text_has_a_row_of_its_own_always() {
        let rows = check(record("Nothing here.", Vec::new()));
        assert_eq!(rows.len(), 1);
        assert_eq!((&rows[0].holder, &rows[0].sides), (&None, &vec![Some(Side::Neither)]));
        let other = coded(Some("Kesh"), Manner::Indirect, Side::First);
        let rows = check(record("Kesh wants walls.", vec![other]));
        let own = rows.iter().find(|row| row.holder.is_none()).unwrap();
        assert_eq!(own.sides, [Some(Side::Neither)]);
        let kesh = rows.iter().find(|row| row.holder.as_deref() == Some("Kesh")).unwrap();
        assert_eq!((kesh.coded, &kesh.sides), (true, &vec![Some(Side::First)]));
        assert_eq!(kesh.features, StatementFeatures::reported(Manner::Indirect));
    }

    #[test]
    fn holders_found_in_a_neutral_sentence_have_no_position() {
        let rows = check(record("“The lake froze early,” said Mira Solheim.", Vec::new()));
        for row in &rows[1..] {
            assert_eq!(
                (row.coded, row.found, &row.sides),
                (false, true, &vec![Some(Side::Neither)])
            );
        }
    }
}
