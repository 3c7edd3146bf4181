//! What every segmenter must do, and what the rules do for each language. All sentences are our own.

use super::*;

/// The sentences of `text`, joined by bars.
fn cut(lang: &str, text: &str) -> String {
    let sentences = segmenter_for(lang).segment(text);
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.span.of(text)).collect();
    texts.join("|")
}

/// Checks one cut, written with bars where sentences end; a bar stands for the white space or nothing there.
fn check(lang: &str, marked: &str) {
    let text = marked.replace("| ", " ").replace('|', "");
    let expected: Vec<&str> = marked.split('|').map(str::trim).collect();
    assert_eq!(cut(lang, &text), expected.join("|"), "{lang}: {text}");
}

super::laws::law_suite!(english, crate::segment::segmenter_for("en"));
super::laws::law_suite!(german, crate::segment::segmenter_for("de"));
super::laws::law_suite!(russian, crate::segment::segmenter_for("ru"));
super::laws::law_suite!(arabic, crate::segment::segmenter_for("ar"));
super::laws::law_suite!(chinese, crate::segment::segmenter_for("zh"));
super::laws::law_suite!(italian, crate::segment::segmenter_for("it"));
super::laws::law_suite!(fallback, crate::segment::Uax29);

#[test]
fn every_language_parses_and_keeps_the_law() {
    let segmenters = Segmenters::new();
    assert!(segmenters.languages().count() >= 30);
    for code in segmenters.languages() {
        for text in super::laws::nasty_texts() {
            super::laws::assert_lawful(segmenters.get(Some(code)).as_ref(), &text);
        }
    }
}

#[test]
fn tags_find_their_language_and_unknown_ones_the_fallback() {
    let text = "Er kam am 3. Mai. Dann ging er.";
    assert_eq!(cut("DE-at", text), cut("de", text));
    assert_eq!(cut("deu", text), cut("de", text));
    assert_eq!(cut("xx", "One. Two."), "One.|Two.");
}

#[test]
fn english_titles_and_abbreviations() {
    check("en", "Mr. President, I thank H.E. Mr. Lind for his words.| We agree with Dr. Okoro.");
    check("en", "See resolution No. 12 and art. 4 of the pact.| Page numbers (pp. 3-9) are wrong.");
    check("en", "They said no.| Lind left.| It is an art.| I like it, see art. IV of the pact.");
    check("en", "We need roads, bridges, etc.| The rest can wait.");
    check("en", "Harbour Works Inc. Ltd. of Ruvania paid.| It paid late, i.e. Never on time.");
    check("en", "The U.S. Senate met.| I live in the U.S.| The rent is high there.");
    check("en", "At 5 a.m. Ms. Lind left.| The ship came at 6 p.m.| Nobody saw it.");
    check("en", "They met J. F. Berg and A. Moreau, Jr. on Monday.| Plan B.| It failed.");
}

#[test]
fn english_numbers_and_brackets() {
    check("en", "It cost $4.50.| We paid 3.75 million.| In 1998.| We recall it.");
    check("en", "We recall resolution 17 (XXV).| The Assembly adopted it.");
    check("en", "He came (he said so himself.) and left.| (Nobody believed him.)| We did.");
    check("en", "12. We regret this.| It was said in 2014.| 40 states agreed.");
    check("en", "That is so.12 The note says more.| It is so.[3]| We agree.");
}

#[test]
fn english_quotations() {
    check("en", "“We are here.| We stay,” she said.| “Why?” he asked.| “Because.”| Then he left.");
    check("en", "He said: \"Never.\"| She left.");
    check("en", "'That is all.'| 'It is not.'");
    check("en", "They call it “progress”.| We do not.");
}

#[test]
fn english_ellipses_and_marks() {
    check("en", "Well... we shall see.| I thought so....| She did not.");
    check("en", "What?!| Never!!!| He read [...] aloud.");
    check("en", "We came . . . and went.| **This is bold.**| This is not.");
}

#[test]
fn english_addresses_and_lost_spaces() {
    check(
        "en",
        "Write to a.lind@example.org or see https://example.org/a.html?b=C.d for more.| Thank you.",
    );
    check("en", "We want peace.|We want it now.| Version 2.0.1 of Node.js is out.");
}

#[test]
fn stage_directions_stand_alone() {
    check("en", "Thank you.| [Applause]| We go on.| (Laughter)| And on (applause), as ever.");
}

#[test]
fn ordinals_of_german_danish_and_czech() {
    check(
        "de",
        "Am 3. Oktober kam der 2. Minister.| Es war im Jahr 2014.| Das 19. Jahrhundert ist vorbei.",
    );
    check(
        "de",
        "Wir sprachen z. B. über Häfen, Straßen usw.| Die Kosten trägt der Bund, vgl. Abs. 3 des Vertrags.",
    );
    check("da", "Den 4. maj gik hr. Lind på 2. sal.| Det var sent.");
    check(
        "cs",
        "Dne 7. dubna přijel např. pan Novák.| Mluvil o 3. Kongresu.| To bylo v roce 2014.",
    );
}

#[test]
fn romance_languages() {
    check(
        "fr",
        "M. Moreau et Mme Lind sont venus.| Il a dit : « Nous restons ! »| L'art. 5 est clair.",
    );
    check("es", "¿Quién vino?| ¡Nadie!| El Sr. Moreno vive en EE. UU. desde 1999.| Ya no habla.");
    check("it", "Il Sig. Berti e l'Avv. Moro parlano.| È tardi, ecc.| La nave parte.");
    check("pt", "O Sr. Moreira chegou às 5 h.| A Dra. Lima não veio.");
}

#[test]
fn cyrillic_languages() {
    check(
        "ru",
        "В 2014 г. Руван вступил в союз.| Это было в г. Гавань.| А. Н. Берг и др. молчали.",
    );
    check("ru", "«Мы здесь», — сказал он.| — Почему?| — Так надо.");
    check("uk", "Про це сказав п. Берг у 2014 р. на з'їзді.| Він пішов.");
}

#[test]
fn other_scripts() {
    check("el", "Πού είναι;| Δεν ξέρω.| Ο κ. Μπεργκ έφυγε.");
    check("ar", "أين هم؟| لا نعرف.| قال د. سالم ذلك!");
    check("ur", "وہ کہاں ہے؟| ہم نہیں جانتے۔| وہ گیا۔");
    check("hi", "हम यहाँ हैं।| वे कहाँ गए?| डॉ. वर्मा आए।");
    check("am", "ሰላም ነው።|ደህና ነን፧|አዎ።");
    check("hy", "Մենք այստեղ ենք։| Նրանք գնացին:");
}

#[test]
fn chinese_and_japanese_need_no_space() {
    check("zh", "我们来了。|他们走了！|为什么？|“不知道。”|好。");
    check("zh", "我读《回家！再见》这本书。|很好。");
    check("ja", "私たちは来た。|彼は「待て。行くな。」と言った。|なぜ？|分からない。");
}
