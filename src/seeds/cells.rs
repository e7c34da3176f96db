//! CSV as records of cells (RFC 4180).

use super::error::{Error, Part, Problem};
use super::text::{Form, Text};

/// The largest number of cells of a record that are kept.
pub(super) const MAX_CELLS: usize = 32;

/// One record: a line, unless a quoted cell contains line breaks.
pub(super) struct Record<'f> {
    pub(super) offset: usize,
    cells: [Option<Text<'f>>; MAX_CELLS],
    /// The number of cells, including those that are not kept.
    pub(super) len: usize,
}

impl<'f> Record<'f> {
    /// Returns a cell that exists and is not empty.
    pub(super) fn cell(&self, at: usize) -> Option<Text<'f>> {
        self.cells.get(at).copied().flatten().filter(|cell| !cell.is_empty())
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Option<Text<'f>>> {
        self.cells.into_iter().take(self.len)
    }

    fn push(&mut self, cell: Text<'f>) {
        if let Some(slot) = self.cells.get_mut(self.len) {
            *slot = Some(cell);
        }
        self.len = self.len.saturating_add(1);
    }

    fn is_blank(&self) -> bool {
        (0..MAX_CELLS).all(|at| self.cell(at).is_none())
    }
}

/// The remaining records of a file.
#[derive(Clone, Copy)]
pub(super) struct Records<'f> {
    rest: &'f str,
    offset: usize,
    separator: char,
}

impl<'f> Records<'f> {
    /// Reads records after a byte order mark, if there is one. If no separator is given, the first
    /// line decides: it names one (`sep=;`), or the separator is the most frequent of comma,
    /// semicolon and tab.
    pub(super) fn new(file: &'f str, separator: Option<u8>) -> Self {
        let mut records = Self { rest: file, offset: 0, separator: ',' };
        if file.starts_with('\u{feff}') {
            records.advance('\u{feff}'.len_utf8());
        }
        let told = records.rest.lines().next().and_then(told_separator);
        if let Some((_, len)) = told {
            records.advance(len);
            records.end_line();
        }
        let separator = separator.or(told.map(|(separator, _)| separator));
        let mut lines = records.rest.lines().filter(|line| !is_passed_over(line));
        let first = lines.next().unwrap_or_default();
        let count = |separator| first.chars().filter(|c| *c == separator).count();
        records.separator = match separator {
            Some(separator) => char::from(separator),
            // If two are equally frequent, the first one wins.
            None => [',', ';', '\t'].into_iter().rev().max_by_key(|c| count(*c)).unwrap_or(','),
        };
        records
    }

    pub(super) const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the next record that is not empty. Lines that start with `#` are comments.
    ///
    /// # Errors
    /// If quotes do not match, because the end of the record is then unknown.
    pub(super) fn next(&mut self) -> Result<Option<Record<'f>>, Error> {
        while !self.rest.is_empty() {
            let line = self.rest.split(['\r', '\n']).next().unwrap_or_default();
            if is_passed_over(line) {
                self.advance(line.len());
                self.end_line();
                continue;
            }
            let record = self.record()?;
            if !record.is_blank() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn record(&mut self) -> Result<Record<'f>, Error> {
        let mut record = Record { offset: self.offset, cells: [None; MAX_CELLS], len: 0 };
        loop {
            record.push(self.cell()?);
            if self.rest.starts_with(self.separator) {
                self.advance(self.separator.len_utf8());
            } else {
                self.end_line();
                return Ok(record);
            }
        }
    }

    fn cell(&mut self) -> Result<Text<'f>, Error> {
        self.blanks();
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let separator = self.separator;
        let len = self.rest.find([separator, '\r', '\n']);
        let len = len.unwrap_or(self.rest.len());
        let offset = self.offset;
        Ok(Text::new(self.advance(len), Form::Cell, offset))
    }

    fn quoted(&mut self) -> Result<Text<'f>, Error> {
        let quote = self.offset;
        self.advance(1);
        let (start, offset) = (self.rest, self.offset);
        loop {
            let Some(len) = self.rest.find('"') else {
                return Err(Error::new(Part::File, Problem::Truncated, quote));
            };
            self.advance(len);
            if self.rest.starts_with("\"\"") {
                self.advance(2);
            } else {
                break;
            }
        }
        let raw = start.get(..self.offset.saturating_sub(offset)).unwrap_or_default();
        self.advance(1);
        self.blanks();
        if self.rest.is_empty() || self.rest.starts_with([self.separator, '\r', '\n']) {
            return Ok(Text::new(raw, Form::Quoted, offset));
        }
        Err(Error::new(Part::File, Problem::Malformed, self.offset))
    }

    fn blanks(&mut self) {
        let separator = self.separator;
        let rest = self.rest.trim_start_matches(|c| matches!(c, ' ' | '\t') && c != separator);
        self.advance(self.rest.len().saturating_sub(rest.len()));
    }

    fn end_line(&mut self) {
        let len = if self.rest.starts_with("\r\n") { 2 } else { 1 };
        self.advance(len.min(self.rest.len()));
    }

    fn advance(&mut self, len: usize) -> &'f str {
        let (before, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.offset = self.offset.saturating_add(before.len());
        before
    }
}

/// Returns the separator that the first line of an Excel file names, and the length of that line.
fn told_separator(line: &str) -> Option<(u8, usize)> {
    let inner = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(line);
    let (name, separator) = inner.split_at_checked("sep=".len())?;
    let [separator] = separator.as_bytes() else { return None };
    let is_told = name.eq_ignore_ascii_case("sep=") && separator.is_ascii();
    is_told.then_some((*separator, line.len()))
}

/// Returns whether a line is blank, a comment, or the first line of a log of Yubico's tool.
fn is_passed_over(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#') || line.starts_with("LOGGING START")
}
