//! The numbers of the protocol.

/// The status at the end of each response (ISO 7816-4 section 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The command was carried out.
    Ok = 0x9000,
    /// There is more of the response: SEND REMAINING asks for it.
    More = 0x6100,
    /// The store failed, and nothing was changed.
    MemoryFailure = 0x6581,
    /// The bytes are not an APDU.
    WrongLength = 0x6700,
    /// The access key is needed first; or nobody touched the button.
    NotAuthorised = 0x6982,
    /// No such account, or a response that does not fit its challenge.
    DataInvalid = 0x6984,
    /// The command does not fit what came before.
    ConditionsNotSatisfied = 0x6985,
    /// The data of the command is not what the protocol says.
    WrongData = 0x6a80,
    /// SELECT names another applet.
    NotFound = 0x6a82,
    /// All places are taken.
    NoSpace = 0x6a84,
    /// P1 or P2 is wrong.
    WrongParameters = 0x6b00,
    /// No such instruction, or no applet is selected.
    UnknownInstruction = 0x6d00,
    /// The class is not 0.
    UnknownClass = 0x6e00,
}

impl Status {
    /// The two bytes that end a response.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        (self as u16).to_be_bytes()
    }
}

/// The name of the applet.
pub(crate) const AID: [u8; 7] = [0xa0, 0x00, 0x00, 0x05, 0x27, 0x21, 0x01];

/// From 5.3.1 on clients rename. Under 5.6.3 they expect no secure channel.
pub(crate) const VERSION: [u8; 3] = [5, 4, 3];

/// Tags of data fields.
pub(crate) mod tag {
    pub(crate) const NAME: u8 = 0x71;
    pub(crate) const LISTED: u8 = 0x72;
    pub(crate) const KEY: u8 = 0x73;
    pub(crate) const CHALLENGE: u8 = 0x74;
    pub(crate) const HMAC: u8 = 0x75;
    pub(crate) const TRUNCATED: u8 = 0x76;
    pub(crate) const IS_HOTP: u8 = 0x77;
    pub(crate) const PROPERTY: u8 = 0x78;
    pub(crate) const VERSION: u8 = 0x79;
    pub(crate) const COUNTER: u8 = 0x7a;
    pub(crate) const ALGORITHM: u8 = 0x7b;
    pub(crate) const NEEDS_TOUCH: u8 = 0x7c;
}

/// Instructions.
pub(crate) mod ins {
    pub(crate) const PUT: u8 = 0x01;
    pub(crate) const DELETE: u8 = 0x02;
    pub(crate) const SET_CODE: u8 = 0x03;
    pub(crate) const RESET: u8 = 0x04;
    pub(crate) const RENAME: u8 = 0x05;
    pub(crate) const LIST: u8 = 0xa1;
    pub(crate) const CALCULATE: u8 = 0xa2;
    pub(crate) const VALIDATE: u8 = 0xa3;
    pub(crate) const SELECT: u8 = 0xa4;
    pub(crate) const SEND_REMAINING: u8 = 0xa5;
}

/// CALCULATE ALL has the number of SELECT, and another P1.
pub(crate) const SELECT_P1: u8 = 0x04;
