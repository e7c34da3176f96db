//! `otp inspect`: what a key URI says, for people and for programs.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use clap::Args;
use otp_core::{Period, Secret, migration, otpauth};
use zeroize::Zeroizing;

use crate::Outcome;

#[derive(Args)]
pub(crate) struct Inspect {
    /// One JSON object a line, with the secret in hexadecimal
    #[arg(long)]
    json: bool,
    /// Refuse what the specification does not allow, such as padding or a short secret
    #[arg(long)]
    strict: bool,
    /// URIs on standard input are separated by zero bytes, not by line feeds
    #[arg(long)]
    null: bool,
    /// Show the secret in the listing
    #[arg(long)]
    show_secret: bool,
    /// A key URI; `-` reads many from standard input, one a line, and answers each in its order
    #[arg(value_name = "URI")]
    uri: String,
}

impl Inspect {
    pub(crate) fn run(&self) -> Outcome<ExitCode> {
        if self.uri != "-" {
            return match self.answer(&self.uri) {
                Ok(answer) => crate::answer(answer.as_str(), ExitCode::SUCCESS),
                Err(problem) if self.json => crate::answer(problem.json(), ExitCode::from(2)),
                Err(problem) => Err(problem.message.into()),
            };
        }
        let separator = if self.null { 0 } else { b'\n' };
        let mut input = io::stdin().lock();
        let mut out = io::stdout().lock();
        let mut line = Zeroizing::new(Vec::new());
        while input.read_until(separator, &mut line)? > 0 {
            let mut uri = line.strip_suffix(&[separator]).unwrap_or(&line);
            if !self.null {
                uri = uri.strip_suffix(b"\r").unwrap_or(uri);
            }
            let answer = match str::from_utf8(uri) {
                Ok(uri) => self.answer(uri),
                Err(error) => Err(Problem {
                    kind: "text-not-utf8".into(),
                    message: format!("text: not UTF-8 (at byte {})", error.valid_up_to()),
                }),
            };
            match answer {
                Ok(answer) => writeln!(out, "{}", answer.as_str())?,
                Err(problem) if self.json => writeln!(out, "{}", problem.json())?,
                Err(problem) => writeln!(out, "refused: {}", problem.message)?,
            }
            line.clear();
        }
        Ok(ExitCode::SUCCESS)
    }

    fn answer(&self, text: &str) -> Result<Zeroizing<String>, Problem> {
        let scheme = "otpauth-migration:";
        if text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            return self.answer_export(text);
        }
        let rules = if self.strict { otpauth::Rules::STRICT } else { otpauth::Rules::LENIENT };
        let uri = otpauth::Uri::parse_with(text, rules).map_err(|error| Problem {
            kind: format!("{}-{}", error.part().name(), error.problem().name()),
            message: error.to_string(),
        })?;
        Ok(Zeroizing::new(self.show(&Entry::of_uri(&uri))))
    }

    fn answer_export(&self, text: &str) -> Result<Zeroizing<String>, Problem> {
        // Base64 makes four symbols of three bytes.
        let mut buffer = Zeroizing::new(vec![0; text.len()]);
        let export = migration::Export::parse(text, &mut buffer).map_err(|error| Problem {
            kind: format!("migration-{}", name_of(error)),
            message: error.to_string(),
        })?;
        let shown: Vec<_> =
            export.entries().map(|entry| self.show_or_name(entry, &export)).collect();
        let shown: Vec<_> = shown.iter().map(|entry| entry.as_str()).collect();
        let (part, parts) = (export.batch_index().saturating_add(1), export.batch_size());
        Ok(Zeroizing::new(if self.json {
            let entries = shown.join(",");
            // Most exports are one QR code, and have always been answered without this.
            let batch = if parts > 1 {
                format!("\"part\":{part},\"parts\":{parts},")
            } else {
                String::new()
            };
            format!("{{\"ok\":true,\"type\":\"migration\",{batch}\"entries\":[{entries}]}}")
        } else {
            let mut listing = shown.join("\n");
            if parts > 1 {
                let _ = write!(
                    listing,
                    "\npart {part} of {parts}: each of the other QR codes has more accounts\n"
                );
            }
            listing
        }))
    }

    /// An entry of an export, or which one is refused and why. One that cannot be read hides no other.
    fn show_or_name(
        &self,
        entry: Result<migration::Entry<'_>, migration::EntryError>,
        export: &migration::Export<'_>,
    ) -> Zeroizing<String> {
        let (kind, message, (issuer, account)) = match entry {
            Ok(entry)
                if self.strict && entry.expose_secret_bytes().len() * 8 < Secret::MIN_BITS =>
            {
                let message = "secret: less than 128 bits".to_owned();
                ("secret-refused".to_owned(), message, (entry.issuer(), entry.account()))
            }
            Ok(entry) => return Zeroizing::new(self.show(&Entry::of_export(&entry))),
            Err(error) => (
                format!("migration-{}", name_of(error.error())),
                error.to_string(),
                export.label(error.number()).unwrap_or_default(),
            ),
        };
        Zeroizing::new(if self.json {
            let issuer = issuer.map_or("null".into(), json_string);
            let (kind, account) = (json_string(&kind), json_string(account));
            let message = json_string(&message);
            format!(
                "{{\"ok\":false,\"issuer\":{issuer},\"account\":{account},\"error\":{kind},\
                 \"message\":{message}}}"
            )
        } else {
            let issuer = issuer.unwrap_or("(none)").escape_debug();
            format!(
                "refused    {message}\nissuer     {issuer}\naccount    {}\n",
                account.escape_debug()
            )
        })
    }

    fn show(&self, entry: &Entry) -> String {
        if self.json { entry.json() } else { entry.listing(self.show_secret) }
    }
}

/// Why a URI is refused: a name for programs and a sentence for people.
struct Problem {
    kind: String,
    message: String,
}

impl Problem {
    fn json(&self) -> String {
        let (kind, message) = (json_string(&self.kind), json_string(&self.message));
        format!("{{\"ok\":false,\"error\":{kind},\"message\":{message}}}")
    }
}

/// The name of what is wrong with an export: of its own for a URI, otherwise that of the problem.
fn name_of(error: migration::Error) -> &'static str {
    use migration::{Part, Problem};
    match (error.part(), error.problem()) {
        (Part::Scheme | Part::Host | Part::Path, _) => error.part().name(),
        (Part::Data, Problem::Missing) => "no-data",
        (Part::Data, Problem::Duplicate) => "second-data",
        (Part::Secret, Problem::Missing) => "no-secret",
        (Part::Secret, Problem::Duplicate) => "second-secret",
        (_, Problem::Character) => "symbol",
        (_, Problem::OutOfRange) => "varint",
        (_, Problem::NotAField) => "key",
        (_, Problem::WireType) => "field-type",
        (_, Problem::Control) => "control",
        (_, problem) => problem.name(),
    }
}

/// One key, as it is listed.
struct Entry {
    kind: &'static str,
    issuer: Option<String>,
    account: String,
    secret: Zeroizing<Vec<u8>>,
    algorithm: &'static str,
    digits: u8,
    period: Option<u64>,
    counter: Option<u64>,
}

impl Entry {
    fn of_uri(uri: &otpauth::Uri<'_>) -> Self {
        let mut secret = Zeroizing::new(vec![0; uri.secret_len()]);
        let fits = uri.decode_secret(&mut secret).is_ok();
        assert!(fits, "the buffer was made for it");
        let (kind, digits, period, counter) = match uri.kind() {
            otpauth::Kind::Totp { digits, period } => {
                ("totp", digits.get(), Some(period.seconds()), None)
            }
            otpauth::Kind::Hotp { digits, counter } => ("hotp", digits.get(), None, Some(counter)),
            otpauth::Kind::Steam => ("steam", 5, Some(30), None),
        };
        Self {
            kind,
            issuer: uri.issuer().map(|issuer| issuer.to_string()),
            account: uri.account().to_string(),
            secret,
            algorithm: uri.algorithm().name(),
            digits,
            period,
            counter,
        }
    }

    fn of_export(entry: &migration::Entry<'_>) -> Self {
        Self {
            kind: if entry.is_hotp() { "hotp" } else { "totp" },
            issuer: entry.issuer().map(str::to_owned),
            account: entry.account().to_owned(),
            secret: Zeroizing::new(entry.expose_secret_bytes().to_vec()),
            algorithm: entry.algorithm().name(),
            digits: entry.digits().get(),
            period: entry.period().map(Period::seconds),
            counter: entry.counter(),
        }
    }

    fn json(&self) -> String {
        let number = |value: Option<u64>| value.map_or("null".into(), |value| value.to_string());
        format!(
            "{{\"ok\":true,\"type\":\"{}\",\"issuer\":{},\"account\":{},\"secret_hex\":\"{}\",\
             \"algorithm\":\"{}\",\"digits\":{},\"period\":{},\"counter\":{}}}",
            self.kind,
            self.issuer.as_deref().map_or("null".into(), json_string),
            json_string(&self.account),
            self.hex().as_str(),
            self.algorithm,
            self.digits,
            number(self.period),
            number(self.counter),
        )
    }

    fn listing(&self, show_secret: bool) -> String {
        let mut text = format!("type       {}\n", self.kind);
        let mut line = |name: &str, value: &str| {
            // Labels have no character that a terminal would obey. Direction marks and other
            // characters that a terminal does not show are written as escapes.
            let _ = writeln!(text, "{name:<10} {}", value.escape_debug());
        };
        line("issuer", self.issuer.as_deref().unwrap_or("(none)"));
        line("account", &self.account);
        let bits = self.secret.len() * 8;
        if show_secret {
            line("secret", &format!("{} ({bits} bits)", self.hex().as_str()));
        } else {
            line("secret", &format!("{bits} bits, hidden (--show-secret)"));
        }
        line("algorithm", self.algorithm);
        line("digits", &self.digits.to_string());
        if let Some(period) = self.period {
            line("period", &format!("{period} s"));
        }
        if let Some(counter) = self.counter {
            line("counter", &counter.to_string());
        }
        text
    }

    fn hex(&self) -> Zeroizing<String> {
        let mut hex = Zeroizing::new(String::with_capacity(self.secret.len() * 2));
        for byte in self.secret.iter() {
            // A String takes all that is written.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// Writes a text as a string of JSON (RFC 8259 section 7). By hand, as a library for these lines would take a
/// quarter of the time of a first build.
fn json_string(text: &str) -> String {
    let mut json = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            // A String takes all that is written.
            '\0'..' ' => drop(write!(json, "\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::json_string;

    #[test]
    fn every_character_is_read_back() {
        let text: String = (char::MIN..=char::MAX).collect();
        assert_eq!(serde_json::from_str::<String>(&json_string(&text)).unwrap(), text);
    }
}
