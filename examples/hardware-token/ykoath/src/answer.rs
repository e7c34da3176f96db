//! The response that a command writes.

use heapless::Vec;

use crate::protocol::Status;

/// The most bytes of data in one response. A longer response is sent in several parts.
const MAX_DATA: usize = 256;

/// A response APDU: data, then the two bytes of the status.
pub type Response = Vec<u8, 258>;

/// Writes the data of a response. No field is longer than 127 bytes, so that each length is one
/// byte.
pub(crate) struct Answer<'a>(&'a mut Response);

impl<'a> Answer<'a> {
    pub(crate) fn new(response: &'a mut Response) -> Self {
        response.clear();
        Self(response)
    }

    /// A field, whose value is a byte and then the rest.
    pub(crate) fn field_of(&mut self, tag: u8, first: u8, rest: &[u8]) {
        let len = u8::try_from(rest.len()).unwrap_or(u8::MAX).saturating_add(1);
        self.bytes(&[tag, len, first]);
        self.bytes(rest);
    }

    pub(crate) fn field(&mut self, tag: u8, value: &[u8]) {
        self.bytes(&[tag, u8::try_from(value.len()).unwrap_or(u8::MAX)]);
        self.bytes(value);
    }

    /// Returns whether so many bytes still fit.
    pub(crate) fn fits(&self, len: usize) -> bool {
        self.0.len().saturating_add(len) <= MAX_DATA
    }

    /// Ends the response. A failed response does not have data.
    pub(crate) fn end(self, status: Status) {
        if !matches!(status, Status::Ok | Status::More) {
            self.0.clear();
        }
        let _ = self.0.extend_from_slice(&status.to_bytes());
    }

    /// Callers ask `fits` first, or write few fields.
    #[inline(never)]
    fn bytes(&mut self, bytes: &[u8]) {
        let _ = self.0.extend_from_slice(bytes);
    }
}
