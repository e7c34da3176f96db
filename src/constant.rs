//! Settings that the compiler checks.

/// Takes the value out of a `Result` at compile time. An error ends the compilation with its
/// message. The `const` block ensures that the compiled program does not contain a panic.
macro_rules! compiled {
    ($checked:expr) => {
        const {
            match $checked {
                Ok(value) => value,
                Err(error) => panic!("{}", error.message()),
            }
        }
    };
}

pub(crate) use compiled;
