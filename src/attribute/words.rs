//! The closed word lists of the label grammar, sorted for binary search.

/// Forms of address that stand before a name and say nothing about an office.
#[rustfmt::skip]
pub(super) const TITLES: &[&str] = &[
    "adm", "amb", "capt", "col", "dame", "don", "dott", "doña", "dr", "excellency", "fr", "frau",
    "gen", "gov", "h.e", "he", "her", "herr", "his", "hon", "honorable", "honourable", "ing",
    "lady", "lord", "lt", "m", "madam", "madame", "maj", "miss", "mister", "mlle", "mme",
    "monsignor", "mr", "mrs", "ms", "msgr", "mx", "prof", "rep", "rev", "right", "rt", "sen",
    "señor", "señora", "sgt", "sir", "sr", "sra",
];

/// Words that name an office or a part in a meeting.
#[rustfmt::skip]
pub(super) const ROLES: &[&str] = &[
    "abbot", "academician", "activist", "actor", "actress", "admiral", "adviser", "advisor", "aide",
    "akim", "alderman", "ambassador", "analyst", "anchor", "announcer", "archbishop", "architect",
    "artist", "assemblyman", "astronaut", "attorney", "auditor", "bishop", "blogger",
    "bundeskanzler", "bundeskanzlerin", "businessman", "businesswoman", "captain", "ceo", "cfo",
    "chair", "chairlady", "chairman", "chairperson", "chairwoman", "champion", "chancellor",
    "chief", "clerk", "co-chair", "co-founder", "co-host", "co-ordinator", "co-president", "coach",
    "cochair", "colonel", "commander", "commander-in-chief", "commissioner", "commissioner-general",
    "composer", "conductor", "congressman", "congresswoman", "coo", "coordinator", "correspondent",
    "cosmonaut", "councillor", "councilor", "counsel", "counsellor", "counselor", "cto", "curator",
    "dean", "delegate", "delegation", "deputy", "designer", "director", "director-general",
    "doctor", "economist", "editor", "editor-in-chief", "emir", "engineer", "entrepreneur", "envoy",
    "facilitator", "farmer", "founder", "general", "governor", "governor-general", "head",
    "hegumen", "hero", "historian", "host", "imam", "inspector", "interpreter", "interviewee",
    "interviewer", "journalist", "judge", "justice", "kanzler", "king", "laureate", "leader",
    "lecturer", "lieutenant", "major", "manager", "marshal", "mayor", "member", "mep",
    "metropolitan", "minister", "ministers", "ministra", "ministre", "ministro", "moderador",
    "moderadora", "moderator", "moderatorin", "modérateur", "modératrice", "monk", "mp", "mufti",
    "narrator", "nurse", "observer", "officer", "ombudsman", "ombudswoman", "operator", "owner",
    "panelist", "panellist", "participant", "partner", "patriarch", "patron", "physician", "pilot",
    "player", "plenipotentiary", "poet", "pope", "portavoz", "porte-parole", "premier", "presenter",
    "president", "presidenta", "presidente", "prince", "princess", "principal", "producer",
    "professor", "prosecutor", "provost", "präsident", "präsidentin", "président", "présidente",
    "queen", "rabbi", "rapporteur", "rector", "registrar", "reporter", "representative",
    "researcher", "scientist", "secretary", "secretary-general", "senator", "sergeant", "sheikh",
    "sheikha", "sheriff", "singer", "speaker", "spokesman", "spokesperson", "spokeswoman", "staff",
    "student", "sultan", "superintendent", "taoiseach", "teacher", "translator", "treasurer",
    "trustee", "under-secretary-general", "undersecretary", "undersecretary-general", "veteran",
    "vice-chair", "vice-chairman", "vice-chancellor", "vice-minister", "vice-premier",
    "vice-president", "vicepresident", "volunteer", "vorsitzende", "vorsitzender", "winner",
    "worker", "writer", "ведущая", "ведущий", "министр", "председатель", "президент",
    "премьер-министр", "主席", "主席先生", "主持人",
];

/// Labels of voices without a name: questions, answers, calls from the floor.
#[rustfmt::skip]
pub(super) const VOICES: &[&str] = &[
    "&", "a", "all", "and", "answer", "answers", "antwort", "attendee", "audience", "audience's",
    "chorus", "comment", "comments", "crowd", "domanda", "everybody", "everyone", "exclamation",
    "female", "floor", "frage", "from", "hall", "in", "inaudible", "interjection", "interjections",
    "jornalista", "journalist", "journaliste", "journalists", "male", "man", "media", "member",
    "of", "participant", "participants", "pergunta", "periodista", "person", "pregunta", "press",
    "public", "q", "question", "questioner", "questions", "remark", "remarks", "replies", "reply",
    "reporter", "reporters", "response", "responses", "resposta", "respuesta", "risposta", "room",
    "shout", "shouts", "speaker", "speakers", "students", "the", "unidentified", "unknown",
    "unnamed", "voice", "voices", "volunteers", "woman", "zwischenruf", "вопрос", "ответ",
    "реплика", "問", "答", "記者", "记者", "问",
];

/// Small words inside the name of an office.
#[rustfmt::skip]
pub(super) const JOINERS: &[&str] = &[
    "&", "acting", "and", "at", "d'", "das", "de", "del", "deputy", "der", "des", "die", "du",
    "executive", "federal", "first", "for", "foreign", "former", "für", "general", "in", "interim",
    "international", "junior", "la", "le", "les", "national", "of", "on", "outgoing", "permanent",
    "prime", "senior", "special", "the", "to", "under", "van", "vice", "with",
];

/// Small words inside a person's name.
#[rustfmt::skip]
pub(super) const PARTICLES: &[&str] = &[
    "abu", "ad", "af", "al", "ap", "as", "av", "bey", "bin", "bint", "da", "das", "de", "del",
    "della", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "ibn", "la", "las", "le",
    "los", "san", "santa", "st", "st.", "ten", "ter", "ud", "ul", "ur", "uz", "van", "vom", "von",
    "y", "zu", "zur",
];

/// First halves of names that never stand alone.
#[rustfmt::skip]
pub(super) const BOUND_NAMES: &[&str] = &[
    "abd", "abdal", "abdel", "abdoul", "abdul", "anna", "choi", "jean", "jose", "josé", "juan",
    "kim", "lee", "mac", "maria", "marie", "mary", "mc", "ole", "ould", "park", "van", "von",
];

/// Words that show a sentence, not a label.
#[rustfmt::skip]
pub(super) const PROSE: &[&str] = &[
    "about", "after", "again", "all", "also", "am", "another", "any", "are", "as", "be", "because",
    "been", "before", "being", "both", "but", "by", "can", "could", "dear", "did", "do", "does",
    "don't", "done", "don’t", "each", "eight", "every", "example", "examples", "fact", "few",
    "five", "following", "follows", "four", "from", "good", "had", "has", "have", "he", "hello",
    "here", "here's", "here’s", "his", "how", "i", "i'd", "i'll", "i'm", "i've", "if", "into", "is",
    "it", "it's", "its", "it’s", "i’d", "i’ll", "i’m", "i’ve", "just", "let", "let's", "lets",
    "let’s", "like", "many", "may", "me", "might", "more", "most", "much", "must", "my", "nine",
    "no", "not", "now", "once", "one", "only", "or", "other", "our", "over", "please", "point",
    "points", "question", "reason", "result", "said", "say", "says", "seven", "shall", "she",
    "should", "six", "so", "some", "such", "tell", "ten", "than", "thank", "thanks", "that",
    "that's", "that’s", "their", "them", "then", "there", "there's", "there’s", "these", "they",
    "thing", "things", "this", "those", "three", "today", "told", "tomorrow", "two", "us", "very",
    "was", "way", "ways", "we", "we'll", "we're", "we've", "welcome", "were", "we’ll", "we’re",
    "we’ve", "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "would",
    "yes", "yesterday", "you", "your",
];

/// Words that open a heading, a field, a list or a letter, never a speaker's label.
#[rustfmt::skip]
pub(super) const HEADINGS: &[&str] = &[
    "abbreviations", "absent", "abstain", "abstaining", "abstract", "academy", "access", "acronyms",
    "act", "action", "actions", "address", "adjourned", "advantages", "advertisement", "africa",
    "afternoon", "against", "agency", "agenda", "aim", "aims", "also", "america", "analysis",
    "annex", "answer-key", "apologies", "appendix", "april", "army", "article", "articles", "asia",
    "assembly", "association", "attendance", "attendees", "attention", "audio", "august", "author",
    "authors", "background", "bank", "bcc", "besides", "bibliography", "board", "box", "breaking",
    "budget", "caption", "case", "cases", "category", "caution", "cc", "center", "central",
    "centre", "challenge", "challenges", "chapter", "chart", "city", "clause", "click", "climate",
    "club", "colleague", "colleagues", "commission", "committee", "company", "comrades",
    "conclusion", "conclusions", "cons", "considering", "contact", "contacts", "context",
    "cooperation", "copyright", "corporation", "correction", "cost", "costs", "council",
    "countries", "country", "court", "credit", "credits", "data", "date", "dates", "day",
    "deadline", "deadlines", "dear", "december", "decision", "decisions", "definition",
    "definitions", "delegate-update", "department", "development", "directions", "disadvantages",
    "discussion", "distinguished", "document", "documents", "doi", "download", "draft", "duma",
    "duration", "e-mail", "east", "economy", "editor's", "education", "eighth", "email", "energy",
    "environment", "europe", "evening", "example", "examples", "excellencies", "excellency",
    "exclusive", "exhibit", "fact", "facts", "fax", "february", "federation", "fifth", "fifthly",
    "fig", "figure", "finally", "finding", "findings", "first", "firstly", "fleet", "follow", "for",
    "force", "forces", "forum", "foundation", "fourth", "fourthly", "friday", "friend", "friends",
    "front", "fund", "furthermore", "gentlemen", "glossary", "goal", "goal-setting", "goals",
    "governance", "government", "group", "health", "healthcare", "hello", "hence", "hey", "hi",
    "however", "human", "image", "images", "implementation", "important", "income", "indeed",
    "infrastructure", "ingredients", "institute", "internet", "introduction", "invitees", "isbn",
    "issn", "issue", "item", "items", "january", "january's", "july", "june", "key", "keyword",
    "keywords", "ladies", "language", "languages", "lastly", "law", "laws", "lesson", "lessons",
    "link", "links", "listen", "location", "look", "mail", "map", "march", "may", "measure",
    "measures", "meeting", "members", "message", "messages", "method", "methodology", "methods",
    "ministry", "minutes", "mission", "mobile", "monday", "month", "more", "moreover", "morning",
    "motion", "myth", "myths", "name", "nb", "next", "ninth", "no", "no.", "north", "note", "notes",
    "noting", "november", "number", "nutrition", "objective", "objectives", "oceania", "october",
    "office", "ok", "okay", "opinion", "opportunities", "opportunity", "option", "options",
    "original", "overview", "p.s", "page", "pages", "paragraph", "parliament", "part",
    "participants-list", "parts", "party", "peace", "phase", "phone", "photo", "photograph",
    "photos", "pillar", "pillars", "place", "policies", "policy", "posted", "present",
    "press-contact", "previous", "price", "principle", "principles", "priorities", "priority",
    "privacy", "problem", "problems", "pros", "ps", "psalm", "published", "purpose", "q&a",
    "question-and-answer", "quorum", "quotation", "quote", "re", "read", "recalling",
    "recommendation", "recommendations", "reference", "references", "region", "related",
    "remarks-by", "remember", "report", "reports", "requirement", "requirements", "resolution",
    "resolved", "result", "results", "revenue", "rights", "role", "saturday", "scene", "school",
    "scope", "score", "second", "secondly", "section", "sections", "security", "see", "september",
    "session", "seventh", "share", "site", "sixth", "so", "society", "solution", "solutions",
    "source", "sources", "south", "speech", "stage", "state", "statement", "status", "step",
    "steps", "strategies", "strategy", "strengths", "subject", "subscribe", "subtitle", "subtotal",
    "success", "summary", "sunday", "table", "tag", "tags", "takeaway", "takeaways", "technology",
    "tel", "telephone", "tenth", "text", "thank", "thanks", "theme", "therefore", "third",
    "thirdly", "threats", "thursday", "thus", "time", "times", "tip", "tips", "title", "to",
    "topic", "topics", "total", "trade", "transcript", "translation", "tuesday", "type", "union",
    "university", "update", "updated", "uri", "url", "values", "venue", "verse", "version", "via",
    "video", "videos", "vision", "vol", "volume", "vote", "votes", "warning", "watch", "weaknesses",
    "web", "website", "wednesday", "week", "well", "west", "whereas", "world", "year", "yes",
];

/// Whether the sorted `list` holds `word`, which must be in lower case.
pub(super) fn holds(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_in_lower_case() {
        for list in [TITLES, ROLES, VOICES, JOINERS, PARTICLES, BOUND_NAMES, PROSE, HEADINGS] {
            assert!(list.is_sorted(), "{list:?}");
            assert!(list.iter().all(|word| word.to_lowercase() == **word), "{list:?}");
        }
    }
}
