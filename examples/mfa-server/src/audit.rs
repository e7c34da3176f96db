//! The audit log: who did what, one line of JSON for each event.
//!
//! No secret, code, password or token is in it. A user is named by the id and not by the e-mail address.
//! Something that was granted is written after the commit, so that the log never tells of what did not happen.
//!
//! ```
//! # use mfa_server::audit::{Audit, Event};
//! # let audit = Audit::to_log();
//! Event::new("authenticator.removed").user("auth0|17").client("shop").write(&audit);
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use otp_core::verifier::Record;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use serde::Serialize;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

use crate::keys::hex;
use crate::request;

/// As many bytes of a fingerprint tell accounts apart.
const SHOWN: usize = 8;

/// What happened. Each field that is not known is left out.
#[derive(Serialize)]
#[must_use = "an event is in the log once it is written"]
pub struct Event {
    time: String,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Stands for an e-mail address that may belong to nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticator_id: Option<String>,
    /// Who did it by a command, as the operating system knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// What the core says of a verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Record>,
}

impl Event {
    /// Begins an event, now. `name` has the form `thing.happened`. The id and the address of the request that
    /// is being answered come from [`request::current`].
    pub fn new(name: &'static str) -> Self {
        let request = request::current();
        Self {
            time: now(),
            event: name,
            user_id: None,
            account: None,
            client_id: None,
            authenticator_id: None,
            operator: None,
            address: request.as_ref().and_then(|known| known.address).map(|ip| ip.to_string()),
            request_id: request.map(|known| known.id.clone()),
            reason: None,
            verdict: None,
        }
    }

    pub fn user(mut self, id: &str) -> Self {
        self.user_id = Some(id.to_owned());
        self
    }

    /// For a user who is not known, or was not looked for: a keyed hash of the e-mail address.
    pub fn account(mut self, fingerprint: &[u8]) -> Self {
        self.account = Some(hex(fingerprint.get(..SHOWN).unwrap_or(fingerprint)));
        self
    }

    pub fn client(mut self, id: &str) -> Self {
        self.client_id = Some(id.to_owned());
        self
    }

    pub fn authenticator(mut self, id: &str) -> Self {
        self.authenticator_id = Some(id.to_owned());
        self
    }

    pub fn operator(mut self, name: &str) -> Self {
        self.operator = Some(name.to_owned());
        self
    }

    pub fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    pub fn verdict(mut self, record: Record) -> Self {
        self.verdict = Some(record);
        self
    }

    pub fn write(self, audit: &Audit) {
        audit.write(&self);
    }
}

/// Where events go: to standard error between the lines of the log, or to a file.
pub struct Audit {
    file: Option<(PathBuf, Mutex<File>)>,
    events: Family<EventLabels, Counter>,
    failures: Counter,
}

/// What events are counted by: words of this server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EventLabels {
    event: &'static str,
    reason: Option<&'static str>,
    verdict: Option<&'static str>,
}

impl Audit {
    /// To standard error, at every level of the log.
    #[must_use]
    pub fn to_log() -> Self {
        Self::to(None)
    }

    /// To the end of a file. If it has to be made, only this user can read it.
    ///
    /// # Errors
    /// That of opening it.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        Ok(Self::to(Some((path.to_owned(), Mutex::new(open(path)?)))))
    }

    fn to(file: Option<(PathBuf, Mutex<File>)>) -> Self {
        Self { file, events: Family::default(), failures: Counter::default() }
    }

    /// How many events of which kind there were, and how many of them could not be written.
    pub fn counts(&self) -> (Family<EventLabels, Counter>, Counter) {
        (self.events.clone(), self.failures.clone())
    }

    /// Opens the file anew, after somebody has renamed it. If that fails, the old one stays open. Returns whether there
    /// is a file.
    ///
    /// # Errors
    /// That of opening it.
    pub fn reopen(&self) -> io::Result<bool> {
        let Some((path, file)) = &self.file else { return Ok(false) };
        let fresh = open(path)?;
        *file.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// A line that cannot be written is told to the operator, and stops nobody: whoever fills the disk would
    /// lock everybody out.
    fn write(&self, event: &Event) {
        let verdict = event.verdict.as_ref().map(|record| record.verdict);
        let labels = EventLabels { event: event.event, reason: event.reason, verdict };
        self.events.get_or_create(&labels).inc();
        let written = serde_json::to_vec(event).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            // In one piece: several servers may append to one file.
            match &self.file {
                None => io::stderr().lock().write_all(&line),
                Some((_, file)) => {
                    file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
                }
            }
        });
        if let Err(error) = written {
            self.failures.inc();
            tracing::error!(%error, event = event.event, "the audit log cannot be written");
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// As the log writes times: RFC 3339, UTC, to the microsecond.
fn now() -> String {
    let mut text = String::new();
    // A text takes whatever is written to it.
    let _infallible = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
