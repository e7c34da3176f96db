//! The errors of recovery codes.

mod recovery;

pub use self::recovery::{
    MalformedRecoveryCode, PepperError, RecoveryCostError, RecoveryError, RecoveryInputError,
    RecoveryIssueError, RecoveryLengthError, RecoverySetError,
};
