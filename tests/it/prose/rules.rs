//! The rules of plain English that a machine can check.

use super::text::{Kind, Passage, Prose};

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) line: usize,
    pub(super) rule: &'static str,
    pub(super) text: String,
}

/// The longest comment line, in columns.
const COLUMNS: usize = 100;
/// The longest sentence, in words.
const WORDS: usize = 35;

/// A word of a sentence.
struct Word {
    /// In lower case, without punctuation.
    word: String,
    /// It follows a comma, a semicolon, a colon or a bracket, or it is the first.
    starts_clause: bool,
}

/// A rule for words: the position of the word that breaks it, if there is one.
type Rule = (&'static str, fn(&[Word], bool) -> Option<usize>);

const RULES: [Rule; 9] = [
    // `Where a code is wrong, …`: write "if" or "when".
    ("where", |words, full| {
        find(words, "where", |at| {
            let before = before(words, at);
            let joins = ["only", "except", "even", "but", "not", "save"];
            (at == 0 && full) || (at > 0 && words[at].starts_clause) || joins.contains(&before)
        })
    }),
    // `SHA-1 alone`: write "only SHA-1".
    ("alone", |words, _| find(words, "alone", |at| before(words, at) != "let")),
    // `It is no code`: write "It is not a code". "There is no" is plain.
    ("is no", |words, _| {
        find(words, "no", |at| {
            let verb = ["is", "are", "was", "were"].contains(&before(words, at));
            let there = at > 1 && ["there", "where"].contains(&&*words[at - 2].word);
            verb && !there && !COMPARED.contains(&after(words, at))
        })
    }),
    // `has not the form`: write "does not have the form".
    ("has not", |words, _| {
        find(words, "not", |at| {
            let verb = ["has", "have", "had"].contains(&before(words, at));
            verb && DETERMINERS.contains(&after(words, at))
        })
    }),
    // `Who guesses …`, `What is learned …`: name the subject.
    ("subject", |words, full| {
        (0..words.len()).find(|&at| {
            let word = &*words[at].word;
            let questions = ["who", "what", "which", "whose", "whether", "how"];
            let first = at == 0 && full && questions.contains(&word);
            // `…; what stays is …`.
            let clause = at > 0 && words[at - 1].word == ";";
            first || (clause && ["who", "what"].contains(&word))
        })
    }),
    ("whoever", |words, _| {
        (0..words.len()).find(|&at| ["whoever", "whatever", "whomever"].contains(&&*words[at].word))
    }),
    // `Of a hundred requests one is accepted`: write subject, verb, object.
    ("inverted", |words, full| {
        let starts = ["of", "nor"];
        (full && words.first().is_some_and(|first| starts.contains(&&*first.word))).then_some(0)
    }),
    // Metaphors of our own, in place of the words of the field.
    ("metaphor", |words, _| {
        (0..words.len()).find(|&at| {
            let lock = ["lock", "locks"].contains(&after(words, at));
            METAPHORS.contains(&&*words[at].word) && !lock
        })
    }),
    // Words that few learn as a second language.
    ("archaic", |words, _| (0..words.len()).find(|&at| ARCHAIC.contains(&&*words[at].word))),
];

/// "is no longer", "is no more than".
const COMPARED: [&str; 10] = [
    "longer",
    "more",
    "less",
    "fewer",
    "better",
    "worse",
    "later",
    "larger",
    "smaller",
    "different",
];
const DETERMINERS: [&str; 14] = [
    "the", "a", "an", "any", "its", "their", "this", "that", "one", "two", "enough", "much",
    "many", "such",
];
const METAPHORS: [&str; 15] = [
    "room",
    "rooms",
    "wing",
    "wings",
    "inspector",
    "inspectors",
    "door",
    "doors",
    "attic",
    "judge",
    "judges",
    "judged",
    "judging",
    "judgement",
    "judgements",
];
const ARCHAIC: [&str; 15] = [
    "anew",
    "lest",
    "whereby",
    "wherein",
    "whence",
    "wherefore",
    "therein",
    "thereof",
    "thereby",
    "thereupon",
    "albeit",
    "hitherto",
    "nought",
    "naught",
    "herewith",
];

fn find(words: &[Word], word: &str, breaks: impl Fn(usize) -> bool) -> Option<usize> {
    (0..words.len()).find(|&at| words[at].word == word && breaks(at))
}

fn before(words: &[Word], at: usize) -> &str {
    at.checked_sub(1).map_or("", |at| &words[at].word)
}

fn after(words: &[Word], at: usize) -> &str {
    words.get(at + 1).map_or("", |word| &word.word)
}

/// Checks the text of a file. The path says in which language it is.
pub(super) fn check(path: &str, text: &str) -> Vec<Finding> {
    let prose = Prose::of(path, text);
    let mut findings = vec![];
    for &line in &prose.comment_lines {
        let text = text.lines().nth(line - 1).unwrap_or_default();
        // The row of a table and an address cannot be broken.
        let is_row = text.trim_start_matches([' ', '/', '!']).starts_with('|');
        if text.chars().count() > COLUMNS && !is_row && !text.contains("://") {
            findings.push(Finding { line, rule: "columns", text: text.trim().to_owned() });
        }
    }
    for passage in &prose.passages {
        sentences(passage, &mut findings);
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

fn sentences(passage: &Passage, findings: &mut Vec<Finding>) {
    let words = &passage.words;
    let mut start = 0;
    for end in 1..=words.len() {
        let last = words[end - 1].1.trim_end_matches([')', '"', '”', '’', '_']);
        let next = words.get(end).and_then(|(_, word)| word.chars().next());
        let stops = last.ends_with(['.', '!', '?']) && !["e.g.", "i.e.", "cf."].contains(&last);
        let starts = next.is_none_or(|c| !c.is_lowercase());
        if end == words.len() || (stops && starts) {
            sentence(passage.kind, &words[start..end], findings);
            start = end;
        }
    }
}

fn sentence(kind: Kind, raw: &[(usize, String)], findings: &mut Vec<Finding>) {
    let text: Vec<&str> = raw.iter().map(|(_, word)| &**word).collect();
    let text = text.join(" ");
    // A label may begin with "how" or "where".
    let ends = text.ends_with(['.', ':', '!', ')']);
    let full = ends && (kind == Kind::Paragraph || text.ends_with('.'));
    let mut words: Vec<(usize, Word)> = vec![];
    let mut starts_clause = true;
    let mut counted = 0;
    for (line, raw) in raw {
        let word = raw.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        counted += usize::from(!word.is_empty() || raw.contains('`'));
        words.push((*line, Word { word, starts_clause: starts_clause || raw.starts_with('(') }));
        starts_clause = raw.ends_with([',', ';', ':']);
        if raw.ends_with(';') {
            words.push((*line, Word { word: ";".to_owned(), starts_clause: false }));
        }
    }
    let (lines, words): (Vec<_>, Vec<_>) = words.into_iter().unzip();
    if counted > WORDS {
        findings.push(Finding { line: lines[0], rule: "length", text: text.clone() });
    }
    for (rule, breaks) in RULES {
        if let Some(at) = breaks(&words, full) {
            findings.push(Finding { line: lines[at], rule, text: text.clone() });
        }
    }
}
