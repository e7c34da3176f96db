//! The plain exports of password managers in CSV: Bitwarden and Proton Pass.

use zeroize::Zeroizing;

use super::apps::take;
use super::secret::read_text;
use crate::Outcome;
use crate::reading::Reading;

/// The names of the columns that count.
pub(super) struct Columns {
    key: &'static str,
    name: &'static str,
    /// The first that has a text counts.
    users: [&'static str; 2],
    /// Another column that the format always has.
    mark: &'static str,
}

pub(super) const BITWARDEN: Columns = Columns {
    key: "login_totp",
    name: "name",
    users: ["login_username", "login_username"],
    mark: "login_uri",
};

pub(super) const PROTON: Columns =
    Columns { key: "totp", name: "name", users: ["username", "email"], mark: "vault" };

impl Columns {
    pub(super) fn has_header(&self, line: &str) -> bool {
        let names: Vec<_> = line.split(',').map(|name| name.trim().trim_matches('"')).collect();
        [self.key, self.name, self.mark].iter().all(|name| names.contains(name))
    }
}

pub(super) fn read(text: &str, columns: &Columns, reading: &mut Reading) -> Outcome<()> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut records = Records { rest: if tells_separator(first.trim()) { rest } else { text } };
    let header = records.next().transpose()?.ok_or("the file is empty")?;
    let place = |name: &str| header.iter().position(|cell| cell.trim() == name);
    let key = place(columns.key);
    let key =
        key.ok_or_else(|| format!("the first record does not have a column `{}`", columns.key))?;
    let (name, users) = (place(columns.name), columns.users.map(place));
    for (at, record) in records.enumerate() {
        let record = record?;
        let cell = |place: Option<usize>| {
            place.and_then(|place| record.get(place)).map_or("", |cell| cell.trim())
        };
        let totp = cell(Some(key));
        if totp.is_empty() {
            continue;
        }
        let [first, second] = users.map(cell);
        let user = if first.is_empty() { second } else { first };
        let name = cell(name);
        take(at, name, user, read_text(totp, Some(name), user), reading);
    }
    Ok(())
}

/// Returns whether a line is that of Excel which names the separator, such as `sep=,`.
pub(super) fn tells_separator(line: &str) -> bool {
    let line = line.trim_matches('"');
    line.len() == "sep=,".len()
        && line.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("sep="))
}

/// The records of CSV (RFC 4180). Empty ones are passed over.
struct Records<'t> {
    rest: &'t str,
}

type Cells = Vec<Zeroizing<String>>;

impl Iterator for Records<'_> {
    type Item = Outcome<Cells>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let mut cells = Vec::new();
        loop {
            match self.cell() {
                Some(cell) => cells.push(cell),
                None => {
                    self.rest = "";
                    return Some(Err("the file is cut off: a quote is not closed".into()));
                }
            }
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                None => return Some(Ok(cells)),
            }
        }
    }
}

impl Records<'_> {
    /// The next cell, up to the comma or the line end. `None` if a quote is not closed.
    fn cell(&mut self) -> Option<Zeroizing<String>> {
        // A cell is never longer than it is written, so that it does not grow.
        let room = |len| Zeroizing::new(String::with_capacity(len));
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
            let mut cell = room(end);
            cell.push_str(&self.rest[..end]);
            self.rest = &self.rest[end..];
            return Some(cell);
        };
        let mut end = 0;
        loop {
            end += quoted.get(end..)?.find('"')?;
            if !quoted[end + 1..].starts_with('"') {
                break;
            }
            end += 2;
        }
        let mut cell = room(end);
        for (at, piece) in quoted[..end].split("\"\"").enumerate() {
            cell.push_str(if at > 0 { "\"" } else { "" });
            cell.push_str(piece);
        }
        // The text behind the quote does not belong to a cell.
        let rest = &quoted[end + 1..];
        self.rest = &rest[rest.find([',', '\r', '\n']).unwrap_or(rest.len())..];
        Some(cell)
    }
}
