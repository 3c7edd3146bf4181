use super::*;

fn tei(text: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='UTF-8'?><TEI xmlns='http://www.tei-c.org/ns/1.0' xml:lang='en'>\
         <teiHeader><fileDesc><titleStmt><title type='main'>Assembly of Ruvania,\n 3 April</title>\
         <title type='main' xml:lang='sl'>Skupščina</title><meeting n='3'>Sitting 3</meeting></titleStmt>\
         <publicationStmt><date when='2023-01-01'/></publicationStmt>\
         <sourceDesc><bibl><title>Minutes</title><date when='2021-04-03'/></bibl></sourceDesc></fileDesc>\
         <profileDesc><settingDesc><setting><name type='country' key='SI'>Slovenia</name></setting></settingDesc>\
         <particDesc><listPerson><person xml:id='TarnOdile'><persName><forename>Odile</forename>\
         <surname>Tarn</surname></persName></person></listPerson></particDesc></profileDesc></teiHeader>\
         <text><body><div>{text}</div></body></text></TEI>"
    )
}

fn record(xml: &str) -> Record {
    read(xml.as_bytes().to_vec(), &People::default(), Path::new("a.xml")).unwrap().unwrap()
}

fn turns(record: &Record) -> Vec<(&str, Option<&str>)> {
    record.turns.iter().map(|turn| (turn.span.of(&record.text), turn.speaker.as_deref())).collect()
}

#[test]
fn utterances_become_turns() {
    let record = record(&tei(
        "<note type='speaker'>THE CHAIR:</note>\n<u who='#TarnOdile' ana='#chair'>\n<seg>Order, \
         <note>laughter</note> please.</seg>\n<kinesic><desc>applause</desc></kinesic><seg>We\nbegin.</seg></u>\
         <u who='#BellAda'><seg>A &amp; B.<lb/>C<lb break='no'/>D</seg></u><u><seg>?</seg></u>",
    ));
    assert_eq!(record.text, "Order, please.\n\nWe begin.\n\nA & B. CD\n\n?");
    let expected = [
        ("Order, please.\n\nWe begin.", Some("Odile Tarn")),
        ("A & B. CD", Some("Bell Ada")),
        ("?", None),
    ];
    assert_eq!(turns(&record), expected);
}

#[test]
fn words_are_joined_as_the_encoding_says() {
    let record = record(&tei(
        "<u who='#x'><seg><s>\n<w>The</w>\n<name><w>Union</w></name>\n<w join='right'>do</w><w>n't</w>\n\
         <w join='right'>agree</w>\n<pc>.</pc>\n</s>\n<s>\n<pc join='right'>“</pc><w join='right'>No</w><pc>”</pc><pc join='left'>.</pc></s></seg></u>",
    ));
    assert_eq!(record.text, "The Union don't agree. “No”.");
}

#[test]
fn the_header_becomes_metadata() {
    let record = record(&tei("<p>Text.</p>"));
    let found: Vec<_> =
        record.properties.iter().map(|(n, v)| (n.as_str(), v.to_string())).collect();
    let expected = [
        ("title", "Assembly of Ruvania, 3 April"),
        ("date", "2021-04-03"),
        ("event", "Sitting 3"),
        ("country_iso", "SI"),
        ("lang", "en"),
    ];
    assert_eq!(found, expected.map(|(name, value)| (name, value.to_owned())));
}

#[test]
fn speeches_of_plays_and_protocols_are_turns_too() {
    let record =
        record(&tei("<sp><speaker>Mr. Bell:</speaker><p>I object.</p></sp><stage>Exit.</stage>"));
    assert_eq!(turns(&record), [("I object.", Some("Mr. Bell"))]);
    assert_eq!(record.text, "I object.");
}

#[test]
fn companions_are_passed_over_and_other_xml_is_refused() {
    let read = |xml: &str| read(xml.as_bytes().to_vec(), &People::default(), Path::new("a.xml"));
    assert!(read("<listPerson><person/></listPerson>").unwrap().is_none());
    assert!(read("<teiCorpus><teiHeader/></teiCorpus>").unwrap().is_none());
    assert!(read("<rss><item>a</item></rss>").unwrap_err().to_string().contains("<rss>"));
    assert!(read("no markup").unwrap_err().to_string().contains("is not XML"));
    assert!(read("<TEI><text a='").unwrap_err().to_string().contains("broken XML"));
    assert_eq!(read("<html><body><p>Hi</p></body></html>").unwrap().unwrap().text, "Hi");
}

#[test]
fn entities_do_not_explode() {
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><TEI><text><p>x &b; y</p></text></TEI>";
    assert_eq!(record(bomb).text, "x y");
}
