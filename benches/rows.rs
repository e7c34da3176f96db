//! The list of measured rows, each with a name and its work.

mod codes;
mod login;
mod many;
mod raw;
mod recovery;
mod uri;

use std::hint::black_box;

/// The time that all rows use.
pub(crate) const NOW: u64 = 1_234_567_890;

/// One figure.
pub(crate) struct Row {
    /// Rows are compared inside their group.
    pub(crate) group: &'static str,
    pub(crate) name: String,
    /// The name of the row that it is compared with.
    pub(crate) beside: Option<String>,
    /// The number of counted units that one call does.
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
        // It is used in place, because moving the result is not part of the work.
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
