//! The output and the promises of the types for recovery codes.

use super::*;

/// F31 for recovery codes: no `Debug` and no error shows a code, a pepper, a salt or a hash.
#[test]
fn f31_nothing_tells_a_code() {
    let (set, codes) = generate::<3>(31, USER);
    let code = Code::parse(&codes[0], Length::DEFAULT).unwrap();
    let damaged = format!("{}!", codes[0]);
    let texts = [
        format!("{:?} {set:?} {set:#?}", pepper()),
        format!("{code:?} {:?}", code.expose_grouped()),
        format!("{:?}", judged(&set, &pepper(), USER, &codes[1].replace('0', "1"))),
        format!("{:?}", judged(&set, &pepper(), b"x", &codes[1])),
        format!("{:?}", Code::parse(&damaged, Length::DEFAULT)),
        format!("{}", Code::parse(&damaged, Length::DEFAULT).unwrap_err()),
        format!("{}", Code::parse(&codes[0][1..], Length::DEFAULT).unwrap_err()),
    ];
    let stored = bytes(&set);
    let known = [
        codes[0][..5].to_owned(),
        codes[1][..5].to_owned(),
        "5a5a".to_owned(),
        "90, 90".to_owned(),
        format!("{:?}", &stored[28..32])[1..].to_owned(),
        format!("{:?}", &stored[60..64])[1..].to_owned(),
    ];
    for text in &texts {
        for known in &known {
            assert!(!text.contains(known), "{known} in {text}");
        }
    }
    assert_eq!(format!("{set:?}"), "Set { slots: 3, remaining: 3, .. }");
}

#[test]
fn traits_promised() {
    fn error<T: std::error::Error + Copy + PartialEq + Send + Sync + 'static>() {}
    fn wiped<T: zeroize::ZeroizeOnDrop + std::fmt::Debug + Send + Sync>() {}
    fn state<T: Clone + Eq + std::fmt::Debug + Send + Sync + 'static>() {}
    error::<LengthError>();
    error::<CostError>();
    error::<PepperError>();
    error::<MalformedCode>();
    error::<InputError>();
    error::<SetError>();
    error::<IssueError<InputError>>();
    wiped::<Pepper>();
    wiped::<Code>();
    state::<Set<10>>();
    assert!(size_of::<Set<10>>() <= 360);
    assert!(size_of::<Code>() <= 37);
}

#[test]
fn errors_read_as_sentences() {
    let (input, malformed) = (
        [
            (InputError::PepperKeyId { expected: 7 }, "the set needs the pepper of key id 7"),
            (
                InputError::Mismatch,
                "the set was made under another pepper or for another user, or it is damaged",
            ),
            (InputError::User, "the user's identity has 1 to 255 bytes"),
            (InputError::Memory { blocks: 19_456 }, "the password hash needs 19456 KiB of memory"),
            (
                InputError::OtherState,
                "the state belongs to an authenticator, not to recovery codes",
            ),
        ],
        [
            (MalformedCode::Character { offset: 3 }, "not a symbol of a recovery code at byte 3"),
            (MalformedCode::Length { expected: 24 }, "a recovery code here has 24 symbols"),
            (MalformedCode::TooLong, "too long for a recovery code"),
        ],
    );
    for (error, text) in input {
        assert_eq!(error.to_string(), text);
    }
    for (error, text) in malformed {
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(PepperError::Zero.to_string(), "the pepper is all zero bytes: was it filled?");
    assert!(PepperError::Long.to_string().contains(&Pepper::MAX_LEN.to_string()));
    assert_eq!(
        SetError::Phc { slot: 3 }.to_string(),
        "the string of slot 3 does not fit the recovery set"
    );
    assert_eq!(
        LengthError::Short { min: 23 }.to_string(),
        "a recovery code needs 23 symbols with this hash"
    );
}
