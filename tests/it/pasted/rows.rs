//! The rows of `tests/data/pasted.txt`. The tests of the tool and of the server use this file too.

const TEXT: &str = include_str!("../../data/pasted.txt");

/// Returns each text of a kind, with its expected result.
pub(crate) fn rows(kind: &str) -> Vec<(&'static str, String)> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<_> = lines
        .filter_map(|line| {
            let [own, outcome, _why, text] =
                line.split('\t').collect::<Vec<_>>().try_into().expect(line);
            (own == kind).then(|| (outcome, unescaped(text)))
        })
        .collect();
    assert!(rows.len() > 8, "{kind}");
    rows
}

fn unescaped(text: &str) -> String {
    let text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
    let mut parts = text.split("\\u{");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hex, rest) = part.split_once('}').expect(part);
        whole.push(char::from_u32(u32::from_str_radix(hex, 16).expect(hex)).expect(hex));
        whole += rest;
    }
    whole
}
