//! What is measured: a list of rows, each with a name and with what it does.

mod codes;
mod login;
mod many;
mod raw;
mod recovery;
mod uri;

use std::hint::black_box;

/// The time at which everything is done.
pub(crate) const NOW: u64 = 1_234_567_890;

/// One figure.
pub(crate) struct Row {
    /// Rows are compared inside their group.
    pub(crate) group: &'static str,
    pub(crate) name: String,
    /// The name of the row that it is compared with.
    pub(crate) beside: Option<String>,
    /// How many of what is counted a call does.
    pub(crate) units: f64,
    /// The number in which the rows of a group differ, if they are points of a line.
    pub(crate) grows_by: Option<u32>,
    pub(crate) what: Box<dyn FnMut()>,
}

impl Row {
    fn new<T>(
        group: &'static str,
        name: impl Into<String>,
        mut what: impl FnMut() -> T + 'static,
    ) -> Self {
        // In its place: a move of what is returned is no part of the work.
        let what = Box::new(move || {
            black_box(&what());
        });
        Self { group, name: name.into(), beside: None, units: 1.0, grows_by: None, what }
    }

    fn beside(mut self, other: &str) -> Self {
        self.beside = Some(other.into());
        self
    }

    fn per(mut self, units: u32) -> Self {
        self.units = units.into();
        self
    }

    fn grows_by(mut self, number: u32) -> Self {
        self.grows_by = Some(number);
        self
    }

    pub(crate) fn is_growth(&self) -> bool {
        self.grows_by.is_some()
    }
}

pub(crate) fn all() -> Vec<Row> {
    let mut rows = codes::rows();
    rows.extend(login::rows());
    rows.extend(many::rows());
    rows.extend(uri::rows());
    rows.extend(recovery::rows());
    rows
}
