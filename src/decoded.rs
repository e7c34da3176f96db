//! Methods for texts that are decoded while they are read.

/// Gives `$text` the methods of a `str`. `$text` must have `chars()`, which returns its decoded
/// characters.
macro_rules! decoded_text {
    ($text:ident, $chars:ident) => {
        impl $text<'_> {
            /// Returns the length of the decoded text in bytes of UTF-8.
            #[must_use]
            pub fn len(&self) -> usize {
                self.chars().map(char::len_utf8).fold(0, usize::saturating_add)
            }

            /// Copies the decoded text into `buffer` and returns it.
            ///
            /// # Errors
            /// [`BufferTooSmall`](crate::BufferTooSmall) if `buffer` has less than
            /// [`len`](Self::len) bytes.
            pub fn copy_to<'b>(
                &self,
                buffer: &'b mut [u8],
            ) -> Result<&'b str, crate::buffer::BufferTooSmall> {
                crate::buffer::write_to(buffer, |out| {
                    self.chars()
                        .try_for_each(|character| core::fmt::Write::write_char(out, character))
                })
            }
        }

        impl core::fmt::Display for $text<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.chars().try_for_each(|character| core::fmt::Write::write_char(f, character))
            }
        }

        impl core::fmt::Debug for $text<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Write::write_char(f, '"')?;
                self.chars()
                    .flat_map(char::escape_debug)
                    .try_for_each(|symbol| core::fmt::Write::write_char(f, symbol))?;
                core::fmt::Write::write_char(f, '"')
            }
        }

        impl PartialEq for $text<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.chars().eq(other.chars())
            }
        }

        impl Eq for $text<'_> {}

        impl PartialEq<str> for $text<'_> {
            fn eq(&self, other: &str) -> bool {
                self.chars().eq(other.chars())
            }
        }

        impl PartialEq<&str> for $text<'_> {
            fn eq(&self, other: &&str) -> bool {
                *self == **other
            }
        }

        impl core::fmt::Debug for $chars<'_> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($chars)).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use decoded_text;
