//! Settings that the compiler checks.

/// Takes the value out of a `Result` while the program is compiled, and ends the compilation with
/// the message of the error if there is one. The `const` block makes sure that no panic is left in
/// the compiled program.
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
