//! `otp inspect`: what a key URI says, for people and for programs.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use clap::Args;
use otp_core::{Secret, migration, otpauth};
use zeroize::Zeroizing;

use crate::Outcome;
use crate::entry::{Entry, json_string};

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
        Ok(self.show(&Entry::of_uri(&uri)))
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

    /// Shows an entry of an export, or names it with the reason why it is refused. An entry
    /// that cannot be read does not hide the others.
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
            Ok(entry) => return self.show(&Entry::of_export(&entry)),
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

    fn show(&self, entry: &Entry) -> Zeroizing<String> {
        if self.json { entry.json() } else { Zeroizing::new(entry.listing(self.show_secret)) }
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
