//! The properties of a hardware token that a file has beside its key.

use std::fmt::Write as _;

use otp_core::seeds::Token;

use crate::entry::json_string;

/// The properties that only hardware tokens have. A key URI does not have a place for any of it.
#[derive(Default)]
pub(crate) struct Device {
    pub(crate) serial: Option<String>,
    /// Time steps by which the clock is known to be off.
    pub(crate) drift: i16,
    /// The last time step that was used.
    pub(crate) last_step: Option<u64>,
    /// The dates are as the file writes them.
    start_date: Option<String>,
    expiry_date: Option<String>,
    number_of_transactions: Option<u64>,
    has_pin_policy: bool,
}

impl Device {
    pub(crate) fn of_token(token: &Token<'_>) -> Self {
        Self {
            serial: token.serial().map(|text| text.to_string()),
            drift: token.drift(),
            last_step: token.last_step(),
            start_date: token.start_date().map(|text| text.to_string()),
            expiry_date: token.expiry_date().map(|text| text.to_string()),
            number_of_transactions: token.number_of_transactions(),
            has_pin_policy: token.has_pin_policy(),
        }
    }

    /// Returns whether it has a drift or a last step. A state has a place for these, a key URI
    /// does not.
    pub(crate) fn has_state(&self) -> bool {
        self.drift != 0 || self.last_step.is_some()
    }

    /// Tells the limits that the file has for the use of the token. Nothing here checks them.
    pub(crate) fn policy(&self) -> Option<String> {
        let date = |what: &str, date: &Option<String>| {
            date.as_ref().map(|date| format!("valid {what} {}", date.escape_debug()))
        };
        let uses = self.number_of_transactions.map(|uses| format!("for {uses} uses"));
        let pin = self.has_pin_policy.then(|| "with a PIN on the device".to_owned());
        let all = [date("from", &self.start_date), date("until", &self.expiry_date), uses, pin];
        let told: Vec<_> = all.into_iter().flatten().collect();
        let is_told = !told.is_empty();
        is_told.then(|| format!("its file says: {}. Nothing checks this", told.join(", ")))
    }

    /// Returns the members of a JSON object, each after a comma. Properties that the file does
    /// not have are left out.
    pub(crate) fn json(&self) -> String {
        let mut json = String::new();
        let mut member = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                // A String takes all that is written.
                let _ = write!(json, ",\"{name}\":{value}");
            }
        };
        let text = |text: &Option<String>| text.as_deref().map(json_string);
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        member("serial", text(&self.serial));
        member("drift", (self.drift != 0).then(|| self.drift.to_string()));
        member("last_step", number(self.last_step));
        member("start_date", text(&self.start_date));
        member("expiry_date", text(&self.expiry_date));
        member("number_of_transactions", number(self.number_of_transactions));
        member("pin_policy", self.has_pin_policy.then(|| "true".to_owned()));
        json
    }
}
