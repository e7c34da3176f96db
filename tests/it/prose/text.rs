//! Finds the prose of a file: comments, Markdown, and the messages of a program.

/// A paragraph, a list item, a heading or a table cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    /// Headings and table cells are often not sentences.
    Label,
    Message,
}

/// A piece of text that no sentence crosses.
#[derive(Debug)]
pub(super) struct Passage {
    pub(super) kind: Kind,
    /// Each word with its line. A code span is one word: `` `…` ``.
    pub(super) words: Vec<(usize, String)>,
}

/// The prose of a file.
#[derive(Debug, Default)]
pub(super) struct Prose {
    pub(super) passages: Vec<Passage>,
    /// The lines that hold a comment.
    pub(super) comment_lines: Vec<usize>,
}

impl Prose {
    pub(super) fn of(path: &str, text: &str) -> Self {
        let mut prose = Self::default();
        match language(path, text) {
            Some(Language::Markdown) => prose.markdown(1, text, ""),
            Some(Language::Rust) => prose.rust(text, path.split('/').any(|part| part == "src")),
            Some(Language::Script) => {
                prose.comments(1, text, SCRIPT);
                if !path.contains("test") {
                    prose.literals(text);
                }
            }
            Some(Language::Page) => prose.page(text),
            Some(Language::Comments(markers)) => prose.comments(1, text, markers),
            None => {}
        }
        prose
    }

    fn passage(&mut self, kind: Kind, line: usize, text: &str) {
        let words: Vec<_> = plain(text)
            .split('\n')
            .enumerate()
            .flat_map(|(at, words)| {
                words.split_whitespace().map(move |word| (line + at, word.to_owned()))
            })
            .collect();
        if !words.is_empty() {
            self.passages.push(Passage { kind, words });
        }
    }

    /// Reads Markdown that begins at line `first`. A fence without a language holds `default`.
    fn markdown(&mut self, first: usize, text: &str, default: &str) {
        let mut paragraph: Option<(usize, String)> = None;
        let mut fence: Option<(usize, &str, String)> = None;
        for (at, line) in text.split('\n').enumerate() {
            let (number, line) = (first + at, line.trim());
            if let Some(language) = line.strip_prefix("```") {
                self.finish(&mut paragraph);
                fence = match fence.take() {
                    None => Some((number + 1, language, String::new())),
                    Some((start, language, code)) => {
                        self.fence(start, language, &code, default);
                        None
                    }
                };
                continue;
            }
            if let Some((_, _, code)) = &mut fence {
                code.push_str(line);
                code.push('\n');
            } else if line.is_empty() || line.starts_with("> ") || line.starts_with('<') {
                // Quotations are the words of others.
                self.finish(&mut paragraph);
            } else if let Some(heading) = heading(line) {
                self.finish(&mut paragraph);
                self.passage(Kind::Label, number, heading);
            } else if line.starts_with('|') {
                self.finish(&mut paragraph);
                for cell in line.split('|') {
                    self.passage(Kind::Label, number, cell);
                }
            } else if let Some(item) = list_item(line) {
                self.finish(&mut paragraph);
                paragraph = Some((number, item.to_owned()));
            } else if let Some((_, text)) = &mut paragraph {
                text.push('\n');
                text.push_str(line);
            } else {
                paragraph = Some((number, line.to_owned()));
            }
        }
        self.finish(&mut paragraph);
    }

    fn finish(&mut self, paragraph: &mut Option<(usize, String)>) {
        if let Some((line, text)) = paragraph.take() {
            // The target of a link.
            if !(text.starts_with('[') && text.contains("]: ")) {
                self.passage(Kind::Paragraph, line, &text);
            }
        }
    }

    /// The comments of an example are prose too.
    fn fence(&mut self, first: usize, language: &str, code: &str, default: &str) {
        let language = language.split(',').next().unwrap_or_default();
        match if language.is_empty() { default } else { language } {
            "rust" | "no_run" | "should_panic" | "compile_fail" | "js" | "ts" | "c" => {
                self.comments(first, code, &["//"]);
            }
            "sh" | "toml" | "python" | "yaml" => self.comments(first, code, &["#"]),
            "sql" => self.comments(first, code, &["--"]),
            _ => {}
        }
    }

    /// Reads the comments that have a line of their own.
    fn comments(&mut self, first: usize, text: &str, markers: &[&str]) {
        let mut block = Block::default();
        for (at, line) in text.split('\n').enumerate() {
            let trimmed = line.trim_start();
            let marker = markers.iter().find(|marker| trimmed.starts_with(**marker));
            match marker {
                Some(_) if trimmed.starts_with("#!") || trimmed.starts_with("*/") => {}
                Some(marker) => block.push(self, first + at, line, marker),
                None => block.end(self),
            }
        }
        block.end(self);
    }

    /// Reads the comments of Rust, and its messages if asked.
    fn rust(&mut self, text: &str, messages: bool) {
        let (mut line, mut rest) = (1, text);
        let mut block = Block::default();
        while let Some(first) = rest.chars().next() {
            let length = if rest.starts_with("//") {
                let end = rest.find('\n').unwrap_or(rest.len());
                let before = &text[..text.len() - rest.len()];
                let start = before.rfind('\n').map_or(0, |at| at + 1);
                let is_alone = before[start..].trim().is_empty();
                if !is_alone {
                    block.end(self);
                }
                let marker = ["///", "//!", "//"].iter().find(|marker| rest.starts_with(**marker));
                block.push(self, line, &rest[..end], marker.unwrap());
                if !is_alone {
                    block.end(self);
                }
                // The comment of the next line belongs to it.
                end + usize::from(end < rest.len())
            } else if let Some((length, start, end)) = literal(rest) {
                block.end(self);
                if messages {
                    self.message(line, &rest[start..end]);
                }
                length
            } else {
                if !first.is_whitespace() {
                    block.end(self);
                }
                character(rest)
            };
            line += rest[..length].matches('\n').count();
            rest = &rest[length..];
        }
        block.end(self);
    }

    /// Reads the messages of a script: literals that end on their line.
    fn literals(&mut self, text: &str) {
        for (at, line) in text.split('\n').enumerate() {
            if SCRIPT.iter().any(|marker| line.trim_start().starts_with(marker)) {
                continue;
            }
            let mut rest = line;
            while let Some(start) = rest.find(['"', '\'', '`']) {
                let quote = rest[start..].chars().next().unwrap();
                rest = &rest[start + 1..];
                let Some(end) = rest.find(quote) else { break };
                self.message(at + 1, &rest[..end]);
                rest = &rest[end + 1..];
            }
        }
    }

    /// Reads the text between the tags of a page.
    fn page(&mut self, text: &str) {
        let mut line = 1;
        let mut hidden = "";
        for part in text.split_inclusive(['<', '>']) {
            let content = part.trim_end_matches(['<', '>']);
            if part.ends_with('>') {
                match content.split_whitespace().next().unwrap_or_default() {
                    name @ ("script" | "style") => hidden = name,
                    "/script" | "/style" => hidden = "",
                    _ => {}
                }
            } else if hidden.is_empty() {
                self.passage(Kind::Paragraph, line, content);
            }
            line += part.matches('\n').count();
        }
    }

    /// Reads a literal of at least four words that is not SQL. A line break ends a sentence, unless
    /// a backslash continues the line.
    fn message(&mut self, first: usize, literal: &str) {
        let text = literal.replace("\\\n", " \u{b}").replace("\\n", "\u{c}");
        let mut line = first;
        for part in text.split('\n') {
            for part in part.split('\u{c}') {
                let command = part.split_whitespace().next().unwrap_or_default();
                let is_sql = command.len() > 2 && command.chars().all(|c| c.is_ascii_uppercase());
                if !is_sql && part.split_whitespace().count() >= 4 {
                    self.passage(Kind::Message, line, &part.replace('\u{b}', "\n"));
                }
                line += part.matches('\u{b}').count();
            }
            line += 1;
        }
    }
}

/// Comments on consecutive lines.
#[derive(Default)]
struct Block {
    first: usize,
    /// The line after the last one.
    next: usize,
    text: Option<String>,
    marker: String,
}

impl Block {
    fn push(&mut self, prose: &mut Prose, line: usize, text: &str, marker: &str) {
        if self.marker != marker || self.next != line {
            self.end(prose);
        }
        self.next = line + 1;
        prose.comment_lines.push(line);
        let text = text.trim_start().strip_prefix(marker).unwrap_or_default();
        marker.clone_into(&mut self.marker);
        match &mut self.text {
            None => (self.first, self.text) = (line, Some(text.to_owned())),
            Some(block) => {
                block.push('\n');
                block.push_str(text);
            }
        }
    }

    fn end(&mut self, prose: &mut Prose) {
        if let Some(text) = self.text.take() {
            let default = if self.marker.starts_with("//") { "rust" } else { "" };
            prose.markdown(self.first, &text, default);
        }
    }
}

/// The markers of comments in scripts.
const SCRIPT: &[&str] = &["///", "//!", "//", "/**", "/*", "*"];

enum Language {
    Markdown,
    Rust,
    Script,
    Page,
    Comments(&'static [&'static str]),
}

fn language(path: &str, text: &str) -> Option<Language> {
    let name = path.rsplit('/').next().unwrap_or_default();
    Some(match name.rsplit_once('.').filter(|(name, _)| !name.is_empty()).map(|(_, end)| end) {
        Some("md") => Language::Markdown,
        Some("rs") => Language::Rust,
        Some("js" | "mjs" | "cjs" | "ts" | "mts") => Language::Script,
        Some("html") => Language::Page,
        Some("c" | "h" | "css") => Language::Comments(SCRIPT),
        Some("sh" | "py" | "toml" | "yml" | "yaml") => Language::Comments(&["#"]),
        Some("sql" | "lua") => Language::Comments(&["--"]),
        None if text.starts_with("#!") => Language::Comments(&["#"]),
        _ => return None,
    })
}

/// The text as it is read: a code span is one word, and links have no address.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let code = &rest[ticks..];
            let end = code.find(&rest[..ticks]).unwrap_or(code.len());
            plain.push_str("`…`");
            let breaks = code[..end].matches('\n').count();
            plain.extend(core::iter::repeat_n('\n', breaks));
            (ticks + end + ticks).min(rest.len())
        } else if rest.starts_with("](") || rest.starts_with("][") {
            rest[2..].find([')', ']']).map_or(1, |end| end + 3)
        } else {
            if !matches!(first, '[' | ']' | '*') {
                plain.push(first);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    plain
}

fn heading(line: &str) -> Option<&str> {
    let heading = line.trim_start_matches('#');
    (heading.len() < line.len() && heading.starts_with(' ')).then_some(heading)
}

/// The text of `- item` or `1. item`.
fn list_item(line: &str) -> Option<&str> {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = if digits.len() < line.len() { digits.strip_prefix(". ") } else { None };
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).or(numbered)
}

/// Returns the length of a string literal of Rust, and the start and the end of its content.
fn literal(rest: &str) -> Option<(usize, usize, usize)> {
    if let Some(content) = rest.strip_prefix('"') {
        let mut escaped = false;
        let end = content.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let end = 1 + end.unwrap_or(content.len());
        return Some(((end + 1).min(rest.len()), 1, end));
    }
    let hashes = rest.strip_prefix('r')?.trim_start_matches('#');
    let start = rest.len() - hashes.len() + 1;
    let raw = hashes.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(start - 2));
    let end = raw.find(&closing).unwrap_or(raw.len());
    Some(((start + end + closing.len()).min(rest.len()), start, start + end))
}

/// The length of a character literal, of an identifier, or of one character.
fn character(rest: &str) -> usize {
    let mut chars = rest.chars();
    let first = chars.next().unwrap();
    if first.is_alphanumeric() || first == '_' {
        return rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    }
    if first == '\'' {
        match (chars.next(), chars.next()) {
            (Some('\\'), Some(escape)) => {
                let from = 2 + escape.len_utf8();
                return rest[from..].find('\'').map_or(1, |end| from + end + 1);
            }
            (Some(c), Some('\'')) => return c.len_utf8() + 2,
            _ => {}
        }
    }
    first.len_utf8()
}
