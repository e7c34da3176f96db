//! Command APDUs (ISO 7816-4 section 5.1): a header of four bytes, and data in the short or the
//! extended form.

use crate::protocol::Status;

/// A command as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Apdu<'a> {
    pub(crate) ins: u8,
    pub(crate) parameters: [u8; 2],
    pub(crate) data: &'a [u8],
}

impl<'a> Apdu<'a> {
    /// Parses a command. The number of bytes that it expects does not matter here, because no
    /// response is longer than 256 bytes.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Status> {
        let [class, ins, p1, p2, body @ ..] = bytes else { return Err(Status::WrongLength) };
        if *class != 0 {
            return Err(Status::UnknownClass);
        }
        let (len, rest, expected) = match body {
            // No data; the number of expected bytes may be there.
            [] | [_] | [0, _, _] => (0, [].as_slice(), 0),
            [0, high, low, rest @ ..] => (u16::from_be_bytes([*high, *low]), rest, 2),
            [len, rest @ ..] => (u16::from(*len), rest, 1),
        };
        let (data, after) = rest.split_at_checked(len.into()).ok_or(Status::WrongLength)?;
        if !after.is_empty() && after.len() != expected {
            return Err(Status::WrongLength);
        }
        Ok(Self { ins: *ins, parameters: [*p1, *p2], data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_iso_7816() {
        let parse = |bytes| Apdu::parse(bytes).map(|apdu| apdu.data);
        let empty: &[u8] = &[];
        for none in [
            &b"\x00\x01\x00\x00"[..],
            b"\x00\x01\x00\x00\x00",
            b"\x00\x01\x00\x00\x7f",
            b"\x00\x01\x00\x00\x00\x01\x00",
        ] {
            assert_eq!(parse(none), Ok(empty), "{none:?}");
        }
        for two in [
            &b"\x00\x01\x00\x00\x02ab"[..],
            b"\x00\x01\x00\x00\x02ab\x00",
            b"\x00\x01\x00\x00\x00\x00\x02ab",
            b"\x00\x01\x00\x00\x00\x00\x02ab\x00\x00",
        ] {
            assert_eq!(parse(two), Ok(&b"ab"[..]), "{two:?}");
        }
        for short in [
            &b""[..],
            b"\x00\x01\x00",
            b"\x00\x01\x00\x00\x03ab",
            b"\x00\x01\x00\x00\x02ab\x00\x00",
            b"\x00\x01\x00\x00\x00\x00\x03ab",
            b"\x00\x01\x00\x00\x00\x00\x02ab\x00",
        ] {
            assert_eq!(parse(short), Err(Status::WrongLength), "{short:?}");
        }
        assert_eq!(parse(b"\x10\x01\x00\x00"), Err(Status::UnknownClass));
    }
}
