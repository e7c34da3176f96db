//! F31: no `Debug` and no `Display` shows a secret, a code or typed text, except the `Display`
//! whose purpose it is.

use core::fmt::Debug;
use std::collections::BTreeSet;
use std::error::Error;

use otp_core::verifier::*;
use otp_core::*;

use super::listing::name;

const KEY: &[u8] = b"a shared secret that is to be told apart";

/// Types of which a test cannot have a value.
pub(super) const NOT_TO_BE_HAD: &[&str] = &[
    // It is made if an operating system has no random bytes.
    "EntropyError",
];

/// The output, the types that produced it, and the texts that must not be in it.
#[derive(Default)]
pub(super) struct Told {
    texts: Vec<String>,
    pub(super) types: BTreeSet<String>,
    secrets: Vec<String>,
}

impl Told {
    fn tell<T: Debug>(&mut self, value: T) -> T {
        self.types.insert(name::<T>());
        let text = format!("{value:?}");
        assert_ne!(text, "", "{} says nothing", name::<T>());
        self.texts.push(format!("{text} {value:#?}"));
        value
    }

    fn error<T: Error + Copy>(&mut self, error: T) {
        self.tell(error);
        assert_ne!(error.to_string(), "", "{error:?} says nothing");
        self.texts.push(error.to_string());
        let mut source = error.source();
        while let Some(error) = source {
            self.texts.push(format!("{error:?} {error}"));
            source = error.source();
        }
    }

    fn refused<T: Debug, E: Error + Copy>(&mut self, result: Result<T, E>) {
        self.error(result.expect_err("an error"));
    }
}

/// Returns a value of every public type, made from secrets that are easy to find in the output.
pub(super) fn everything() -> Told {
    let mut told = Told::default();
    values(&mut told);
    engines(&mut told);
    judgements(&mut told);
    key_uris(&mut told);
    verdicts(&mut told);
    #[cfg(feature = "qr")]
    qr(&mut told);
    #[cfg(feature = "recovery")]
    recovery(&mut told);
    #[cfg(feature = "seeds")]
    seeds(&mut told);
    #[cfg(feature = "conformance")]
    told.error(conformance::Violation::LostUpdate);
    told
}

fn values(told: &mut Told) {
    told.tell(Algorithm::Sha1);
    told.tell(CodeFormat::Steam);
    told.tell(Digits::Six);
    told.tell(Period::DEFAULT);
    told.tell(Window::DEFAULT);
    told.tell(LookAhead::NONE);
    told.tell(Lifecycle::Confirmed);
    told.tell(DisabledBy::Host);
    told.tell(Budget::DEFAULT);
    told.tell(State::enrolment().to_bytes());
    told.error(LoginError::<StateError>::Store(StateError::Length));
    told.tell(Backoff::Exponential);
    told.tell(Throttle::DEFAULT);
    told.tell(Verifier::DEFAULT);
    told.tell(DriftLearning::new(2, 1).unwrap());
    told.tell(Resynchronisation::default());
    told.tell(State::enrolment());
    told.refused(Digits::new(5));
    told.refused(Period::new(0));
    told.refused(Window::new(101, 0));
    told.refused(DriftLearning::new(0, 0));
    told.refused(State::from_bytes(&[0xff; 36]));
    told.refused("SHA1x".parse::<Algorithm>());
    told.secrets.push("SHA1x".to_owned());
}

fn engines(told: &mut Told) {
    let secret = told.tell(Secret::from_bytes(KEY).unwrap());
    let mut buffer = SecretBuffer::new();
    buffer.read_bytes(KEY).unwrap();
    told.tell(buffer);
    let base32 = secret.expose_base32().to_string();
    told.tell(secret.expose_base32());
    let hotp = told.tell(Hotp::new(&secret));
    let totp = told.tell(Totp::new(&secret));
    let code = told.tell(hotp.code(0));
    let shown = code.to_string();
    let Ok(truncated) = hotp.key().truncated(0);
    let truncated = told.tell(truncated).expose_bits();
    told.tell(SubmittedCode::parse(&shown, Digits::Six).unwrap());
    told.tell(KeySchedule::from_raw_key(Algorithm::Sha1, KEY).unwrap());
    drop(told.tell(hotp.verify(&shown, 0, LookAhead::NONE).unwrap()));
    drop(
        told.tell(totp.verify_at(&totp.code_at(0).unwrap().to_string(), 0, Window::EXACT).unwrap()),
    );

    let damaged = format!("{base32}!");
    told.refused(Secret::from_base32(&damaged));
    told.refused(Secret::from_base32(&format!("{base32}={base32}")));
    told.refused(Secret::from_base32(&base32.repeat(9)));
    told.refused(Secret::from_base32(&base32[..8]));
    told.refused(decode_base32(&damaged, &mut [0; 99]));
    told.refused(decode_base32(&base32, &mut [0; 9]));
    let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    let error = decode_base32(&hex, &mut [0; 99]).unwrap_err();
    let Base32Error::OtherEncoding { encoding, .. } = error else { panic!("{error:?}") };
    told.error(error);
    told.tell(encoding);
    told.secrets.push(hex);
    let mixed = format!("{}{}", &base32[..8].to_lowercase(), &base32[8..]);
    told.refused(Secret::from_base32(&mixed));
    told.refused(SubmittedCode::parse(&format!("{shown}x"), Digits::Six));
    told.refused(SubmittedCode::parse(&format!("{shown}0"), Digits::Six));
    told.refused(SubmittedCode::parse(&shown.repeat(20), Digits::Six));
    told.refused(hotp.verify(&shown, 1, LookAhead::NONE));
    told.refused(hotp.verify(&format!("{shown}x"), 0, LookAhead::NONE));
    told.refused(totp.verify_at(&format!("{shown}0"), 0, Window::DEFAULT));
    let late = totp.with_t0(1);
    told.refused(late.step_at(0));
    told.refused(late.code_at(0));

    told.secrets.extend([
        base32[..8].to_owned(),
        format!("{KEY:?}")[1..20].to_owned(),
        "a shared".to_owned(),
        shown.trim_start_matches('0').to_owned(),
        truncated.to_string(),
        format!("{truncated:x}"),
        shown,
    ]);
}

fn key_uris(told: &mut Told) {
    let secret = Secret::from_bytes(KEY).unwrap();
    let writer = otpauth::UriBuilder::totp(&secret).with_issuer("ACME").unwrap();
    let writer = told.tell(writer.with_account("alice").unwrap());
    told.refused(otpauth::UriBuilder::totp(&secret).with_account("a\nb"));
    told.refused(writer.write_to(&mut [0; 9]));
    let text = format!("{writer}&pin=seventeen");
    told.secrets.push("seventeen".to_owned());

    let uri = told.tell(otpauth::Uri::parse(&text).unwrap());
    told.tell(uri.kind());
    told.tell(uri.unknown());
    told.tell(uri.account());
    told.tell(uri.account().chars());
    told.tell(uri.engine().unwrap());
    let rules = told.tell(otpauth::Rules::default().refusing(otpauth::Rule::UnknownParameter));
    told.tell(otpauth::Rule::UnknownParameter);
    let error = otpauth::Uri::parse_with(&text, rules).unwrap_err();
    told.error(error);
    told.tell(error.part());
    told.tell(error.problem());
    told.error(EngineError::Secret(SecretError::Short));

    // A secret of ten bytes, 0x30 to 0x39, and a name.
    let export = "otpauth-migration://offline?data=ChMKCjAxMjM0NTY3ODkSBWFsaWNl";
    let mut buffer = [0; 99];
    let migration = told.tell(migration::Export::parse(export, &mut buffer).unwrap());
    let mut entries = told.tell(migration.entries());
    let entry = told.tell(entries.next().unwrap().unwrap());
    assert_eq!((entry.expose_secret_bytes(), entry.account()), (&b"0123456789"[..], "alice"));
    told.refused(migration::Export::parse(&export.replace("ZTl", "?"), &mut [0; 9]));
    // The first letter of the account becomes a control character.
    let export = export.replace("BWFs", "BQFs");
    let mut buffer = [0; 99];
    let migration = migration::Export::parse(&export, &mut buffer).unwrap();
    let error = migration.entries().next().unwrap().unwrap_err();
    told.error(error);
    told.error(error.error());
    let error = migration::Export::parse(&export[..40], &mut [0; 99]).unwrap_err();
    told.tell(error.part());
    told.tell(error.problem());
    told.secrets.extend(["0123456789", "GAYTEMZU", "MDEyMzQ1", "48, 49, 50"].map(str::to_owned));
}

fn judgements(told: &mut Told) {
    let totp = Totp::new(&Secret::from_bytes(KEY).unwrap());
    let state = State::confirmed();
    let codes = [59, 89].map(|at| totp.code_at(at).unwrap().to_string());
    let plan = told.tell(Verifier::DEFAULT.plan(&totp, state, &codes[0], 59).unwrap());
    told.tell(plan.moving_factors());
    told.error(plan.attempt([]).unwrap_err());
    let row = codes.each_ref().map(String::as_str);
    let plan = Verifier::DEFAULT.plan_resynchronisation(&totp, state, &row, 59).unwrap();
    drop(told.tell(plan));
    let attempt = Verifier::DEFAULT.resynchronise(&totp, state, &row, 59).unwrap();
    let settled = told.tell(attempt).commit(|_, _| Ok::<_, StateError>(Swap::Stored)).unwrap();
    told.texts.push(settled.verdict.to_string());
    let ResyncVerdict::Resynchronised(found) = told.tell(settled.verdict) else { panic!() };
    told.tell(found);
    let mut all = [told.tell(Authenticator::new(17, totp, state))];
    let attempt = told.tell(Verifier::DEFAULT.attempt_any(&mut all, "777777", 59).unwrap());
    let settled = attempt.commit(|changes| {
        let mut changes = told.tell(changes);
        let _ = told.tell(changes.next().unwrap());
        Ok::<_, StateError>(Swap::Stored)
    });
    let settled = told.tell(settled.unwrap());
    let Verdict::Rejected(rejection) = settled.verdict else { panic!() };
    let text = told.tell(rejection).to_string();
    told.texts.push(text);
    let both = || [Authenticator::new(17, totp_of(KEY), state)];
    let log_in = Verifier::DEFAULT.log_in_any_async(
        "777777",
        59,
        || core::future::ready(Ok::<_, StateError>(both())),
        |judged: Judged<_, _, _>| {
            told.tell(judged);
            core::future::ready(Ok(Swap::Stored))
        },
    );
    drop(crate::verifier_login::wait(log_in).unwrap());
    told.secrets.extend(codes);
}

fn totp_of(key: &[u8]) -> Totp {
    Totp::new(&Secret::from_bytes(key).unwrap())
}

fn verdicts(told: &mut Told) {
    let totp = Totp::new(&Secret::from_bytes(KEY).unwrap());
    let now = 1_234_567_890;
    let code = totp.code_at(now).unwrap().to_string();
    let judge =
        |code: &str| Verifier::DEFAULT.attempt(&totp, State::enrolment(), code, now).unwrap();
    let stored =
        |attempt: Attempt| attempt.commit(|_, _| Ok::<_, StateError>(Swap::Stored)).unwrap();
    let attempt = told.tell(judge(&code));
    let settled = told.tell(stored(attempt));
    told.tell(settled.record);
    let _ = told.tell(Swap::Stored);
    match told.tell(settled.verdict) {
        Verdict::Accepted(accepted) => {
            told.tell(accepted);
        }
        other => panic!("{other:?}"),
    }
    for code in [format!("{code}x"), "000000".into()] {
        let settled = told.tell(stored(judge(&code)));
        drop(told.tell(settled.verdict));
    }
    let early = totp.with_t0(now + 1);
    told.refused(Verifier::DEFAULT.attempt(&early, State::enrolment(), &code, now));
    told.secrets.push(code);
}

#[cfg(feature = "qr")]
fn qr(told: &mut Told) {
    let secret = Secret::from_bytes(KEY).unwrap();
    let writer = otpauth::UriBuilder::totp(&secret).with_account("alice").unwrap();
    let mut buffer = told.tell(qr::Buffer::new());
    let qr = told.tell(qr::Qr::encode(&writer, &mut buffer).unwrap());
    told.tell(qr.svg());
    told.tell(qr.on_light());
    told.refused(qr::Qr::encode(&writer, &mut qr::Buffer::<{ qr::Buffer::len_of(1) }>::sized()));
    told.tell(buffer);
}

#[cfg(feature = "seeds")]
fn seeds(told: &mut Told) {
    use otp_core::seeds::{
        Buffer, Column, Csv, CsvOptions, Part, Problem, Pskc, PskcOptions, SecretEncoding, Unlock,
    };

    // The secret of figure 7 of RFC 6030 is the secret of the RFC 4226 vectors.
    let file = include_str!("../../data/pskc/rfc6030_figure7.xml");
    let mut buffer = told.tell(Buffer::new());
    let unlock = told.tell(Unlock::Passphrase("qwerty"));
    let mut tokens = told.tell(Pskc::open(file.as_bytes(), unlock, &mut buffer).unwrap());
    let token = told.tell(tokens.next_token().unwrap().unwrap().unwrap());
    drop(told.tell(token.engine().unwrap()));
    let serial = told.tell(token.serial().unwrap());
    told.tell(serial.chars());
    told.tell(tokens);
    told.tell(buffer);
    told.tell(Unlock::Key(b"651e63cd57008476"));
    told.refused(Pskc::open(file.as_bytes(), Unlock::Passphrase("qwertz"), &mut Buffer::new()));
    let damaged = file.replace("oTvo+S22", "oTvo+S23");
    told.refused(Pskc::open(damaged.as_bytes(), unlock, &mut Buffer::new()));

    let mut buffer = Buffer::new();
    let file = b"serial,seed\n1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\n2,MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=\n";
    let mut tokens = Csv::open(file, &mut buffer).unwrap();
    let _ = told.tell(tokens.next_token().unwrap().unwrap().unwrap());
    told.error(tokens.next_token().unwrap().unwrap().unwrap_err());
    told.tell(tokens);
    told.tell(Part::Secret);
    told.tell(Problem::Mac);
    told.tell(Column::Secret);
    told.tell(SecretEncoding::Hex);
    told.tell(PskcOptions::DEFAULT);
    told.tell(CsvOptions::DEFAULT.with_columns(&[Column::Secret]));
    told.secrets.extend(
        ["qwert", "651e63cd", "GEZDGNBV", "MTIzNDU2", "oTvo+S22", "123456789012345"]
            .map(str::to_owned),
    );
    told.secrets.push("49, 50, 51, 52, 53".to_owned());
}

#[cfg(feature = "recovery")]
fn recovery(told: &mut Told) {
    use otp_core::recovery::{self, CostError, IssueError, Keyed, Length, Pepper, Redemption, Set};

    const PEPPER: &[u8] = b"a pepper that is to be told apart";
    const USER: &[u8] = b"user 17";
    let pepper = told.tell(Pepper::new(1, PEPPER).unwrap());
    let length = told.tell(Length::DEFAULT);
    let mut drawn = 0_u8;
    let mut fill = |bytes: &mut [u8]| {
        bytes.fill_with(|| {
            drawn = drawn.wrapping_mul(5).wrapping_add(113);
            drawn
        });
        Ok::<_, BufferTooSmall>(())
    };
    let mut codes = Vec::new();
    let set: Set<2> =
        Set::generate(&mut fill, told.tell(Keyed), length, &pepper, USER, |_, code| {
            told.tell(code.expose_grouped());
            told.secrets.push(code.expose_grouped().to_string()[..9].to_owned());
            codes.push(code.expose().to_owned());
        })
        .unwrap();
    let set = told.tell(set);
    let parsed = told.tell(recovery::Code::parse(&codes[0], length).unwrap());
    told.tell(parsed.length());
    let state = State::for_recovery();
    let redeem =
        |code: &str| Verifier::DEFAULT.redeem(&set, &pepper, USER, state, code, 0).unwrap();
    let redemption = told.tell(redeem(&codes[1]));
    let stored = |redemption: Redemption<'_, 2>| {
        redemption.commit(|_, _, _| Ok::<_, StateError>(Swap::Stored)).unwrap()
    };
    let settled = told.tell(stored(redemption.with_replacement(&mut fill).unwrap()));
    match settled.verdict {
        recovery::Verdict::Redeemed(redeemed) => {
            let redeemed = told.tell(redeemed);
            codes.push(redeemed.replacement().unwrap().expose().to_owned());
        }
        other => panic!("{other:?}"),
    }
    drop(told.tell(stored(redeem(&codes[1])).verdict));
    match told.tell(stored(redeem(&"0".repeat(24)))).verdict {
        recovery::Verdict::Rejected(rejection) => drop(told.tell(rejection)),
        other => panic!("{other:?}"),
    }

    told.refused(recovery::Code::parse(&format!("{}!", codes[0]), length));
    told.refused(recovery::Code::parse(&codes[0].repeat(9), length));
    let other = Pepper::new(2, PEPPER).unwrap();
    told.refused(Verifier::DEFAULT.redeem(&set, &other, USER, state, &codes[0], 0));
    told.refused(Pepper::new(1, &PEPPER[..9]));
    told.refused(Length::new(99));
    told.refused(<Set<2>>::from_bytes(&PEPPER[..9]));
    told.error(CostError::Low);
    told.error(IssueError::<MalformedCode>::Repeating);

    #[cfg(feature = "argon2")]
    {
        use otp_core::recovery::{Argon2Block, Argon2Keys, Argon2id};

        told.tell(Argon2id::DEFAULT);
        told.tell(Argon2Keys::new(&pepper, &mut [Argon2Block::new()]));
    }
    #[cfg(feature = "pbkdf2")]
    {
        use otp_core::recovery::Pbkdf2;

        told.tell(Pbkdf2::DEFAULT);
        // The first row of `tests/data/recovery_vectors.txt`.
        let phc = "$pbkdf2-sha256$i=600000,n=16,g=0,keyid=AAAAAeuTjUw$1l3zQa0T4AhWdoi67dqOnQ\
                   $B7GGA5k45+S4vny5pHr/iwgi5y33HSpbs6DUDAEgucY";
        let set = Set::<1, Pbkdf2>::from_phc([phc]).unwrap();
        told.tell(set.phc(0).unwrap());
        told.secrets.push("B7GGA5k4".to_owned());
    }
    let mut stored = vec![0; <Set<2>>::LEN];
    let hash = &set.write_bytes(&mut stored).unwrap()[<Set<2>>::LEN - 32..];
    told.secrets.push(format!("{:?}", &hash[..4]).trim_matches(['[', ']']).to_owned());
    told.secrets.push(format!("{PEPPER:?}")[1..20].to_owned());
    told.secrets.push("a pepper".to_owned());
    told.secrets.extend(codes.iter().map(|code| code[..8].to_owned()));
}

#[test]
fn f31_nothing_tells_a_secret() {
    let told = everything();
    for text in &told.texts {
        assert!(!text.trim().is_empty());
        for secret in &told.secrets {
            assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {text}");
        }
    }
    assert!(told.secrets.iter().all(|secret| secret.len() >= 5), "{:?}", told.secrets);
}

/// The check can fail: these texts contain the secrets that it looks for.
#[test]
fn what_would_tell_a_secret_is_noticed() {
    let secret = Secret::from_bytes(KEY).unwrap();
    let told = everything();
    for text in [
        secret.expose_base32().to_string(),
        format!("{KEY:?}"),
        String::from_utf8_lossy(KEY).into_owned(),
        Hotp::new(&secret).code(0).to_string(),
    ] {
        assert!(told.secrets.iter().any(|secret| text.contains(secret)), "{text}");
    }
}
