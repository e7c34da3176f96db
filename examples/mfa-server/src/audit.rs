//! The audit log: one line of JSON for each event.
//!
//! It contains no secret, code, password or token. It names a user by the id and never by the
//! e-mail address. An event that grants something is written after the commit. So the log never
//! reports something that did not happen.
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

/// The number of fingerprint bytes that the log shows. They are enough to tell accounts apart.
const SHOWN: usize = 8;

/// An event. Fields without a value are left out.
#[derive(Serialize)]
#[must_use = "an event is only in the log after `write`"]
pub struct Event {
    time: String,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// A keyed hash of an e-mail address. The address may not belong to any user.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authenticator_id: Option<String>,
    /// The operator's name in the operating system, if a command caused the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The core's record of the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Record>,
}

impl Event {
    /// Creates an event with the current time. `name` has the form `thing.happened`. The id and
    /// the address of the request come from [`request::current`].
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

    /// Adds a keyed hash of the e-mail address, for a user who is unknown or was not looked up.
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

/// The destination of events: standard error, between the lines of the log, or a file.
pub struct Audit {
    file: Option<(PathBuf, Mutex<File>)>,
    events: Family<EventLabels, Counter>,
    failures: Counter,
}

/// The labels by which events are counted. Their values are constants of this server.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EventLabels {
    event: &'static str,
    reason: Option<&'static str>,
    verdict: Option<&'static str>,
}

impl Audit {
    /// Writes events to standard error, at every level of the log.
    #[must_use]
    pub fn to_log() -> Self {
        Self::to(None)
    }

    /// Appends events to a file. If the file does not exist, it is created so that only this
    /// user can read it.
    ///
    /// # Errors
    /// Returns the error of opening the file.
    pub fn to_file(path: &Path) -> io::Result<Self> {
        Ok(Self::to(Some((path.to_owned(), Mutex::new(open(path)?)))))
    }

    fn to(file: Option<(PathBuf, Mutex<File>)>) -> Self {
        Self { file, events: Family::default(), failures: Counter::default() }
    }

    /// Returns the counters of events by kind, and of events that could not be written.
    pub fn counts(&self) -> (Family<EventLabels, Counter>, Counter) {
        (self.events.clone(), self.failures.clone())
    }

    /// Reopens the file after it was renamed. If that fails, the old file stays open. Returns
    /// whether the audit log goes to a file.
    ///
    /// # Errors
    /// Returns the error of opening the file.
    pub fn reopen(&self) -> io::Result<bool> {
        let Some((path, file)) = &self.file else { return Ok(false) };
        let fresh = open(path)?;
        *file.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Writes an event. If that fails, the log reports it, and the request goes on. Otherwise
    /// an attacker who fills the disk would lock out every user.
    fn write(&self, event: &Event) {
        let verdict = event.verdict.as_ref().map(|record| record.verdict);
        let labels = EventLabels { event: event.event, reason: event.reason, verdict };
        self.events.get_or_create(&labels).inc();
        let written = serde_json::to_vec(event).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            // One write call for the whole line, because several servers may append to one
            // file.
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

/// Returns the current time in the format of the log: RFC 3339, UTC, to the microsecond.
fn now() -> String {
    let mut text = String::new();
    // Writing to a `String` never fails.
    let _infallible = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}
