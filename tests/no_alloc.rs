//! Nothing in the core allocates. A counting allocator checks it.

// An allocator cannot be written without it.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Write;
use std::hint::black_box;

use otp_core::verifier::{State, StateError, Swap, Verifier};
use otp_core::{
    Algorithm, Digits, Hotp, KeySchedule, LookAhead, Secret, SubmittedCode, Totp, Window,
    decode_base32, migration,
};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it passes every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

/// Takes text and stores none of it.
struct Sink(usize);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn everything() {
    let mut sink = Sink(0);
    let mut buffer = [0; 64];
    black_box(decode_base32("mzxw 6ytb oi======", &mut buffer).unwrap());
    black_box(decode_base32("mzxw 1", &mut buffer).unwrap_err());
    let secret = Secret::from_base32("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ").unwrap();
    write!(sink, "{} {secret:?}", secret.expose_base32()).unwrap();
    write!(sink, "{}", Secret::from_base32("GEZD").unwrap_err()).unwrap();
    for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512] {
        let Ok(schedule) = KeySchedule::from_raw_key(algorithm, &[7; 200]) else { continue };
        let hotp = Hotp::from_key(schedule).with_digits(Digits::Eight);
        write!(sink, "{} {hotp:?}", hotp.code(u64::MAX)).unwrap();
        let totp = Totp::for_algorithm(algorithm, &secret).unwrap();
        let code = totp.code_at(59).unwrap();
        write!(sink, "{code} {code:?}").unwrap();
        let code = SubmittedCode::parse("287 082", Digits::Six).unwrap();
        let wide = Window::new(100, 100).unwrap();
        let _ = black_box(totp.verify_submitted_at(&code, 59, wide));
        let error = totp.verify_at("x", 59, wide).unwrap_err();
        write!(sink, "{error} {error:?}").unwrap();
        let _ = black_box(hotp.verify("12345678", 3, LookAhead::DEFAULT));
        verifier(&mut sink, &totp);
    }
    let uri = "otpauth-migration://offline?data=CgkKAWsSBEE6YmM";
    let migration = migration::Export::parse(uri, &mut buffer).unwrap();
    for entry in migration.entries() {
        let entry = entry.unwrap();
        write!(sink, "{entry:?} {:?} {migration:?}", entry.secret_allow_short().unwrap()).unwrap();
    }
    drop(migration);
    let error = migration::Export::parse(&uri[..40], &mut buffer).unwrap_err();
    write!(sink, "{error} {error:?}").unwrap();
    #[cfg(feature = "qr")]
    qr_codes(&mut sink);
    assert!(sink.0 > 0);
}

fn verifier(sink: &mut Sink, totp: &Totp) {
    let mut state = State::enrolment();
    for code in ["287082", "287082", "000000", "x"] {
        let attempt = Verifier::DEFAULT.attempt(totp, state, code, 59).unwrap();
        write!(sink, "{attempt:?} {state:?}").unwrap();
        let settled = attempt.commit(|_, new| {
            state = State::from_bytes(new.to_bytes().as_ref()).unwrap();
            Ok::<_, StateError>(Swap::Stored)
        });
        let settled = settled.unwrap();
        write!(sink, "{settled:?} {}", settled.record).unwrap();
    }
    let attempt = Verifier::DEFAULT.resynchronise(totp, state, &["287082", "359152"], 59).unwrap();
    let lost = attempt.commit(|_, _| Ok::<_, StateError>(Swap::Lost)).unwrap();
    write!(sink, "{:?} {:?}", lost.verdict, state).unwrap();
}

#[cfg(feature = "qr")]
fn qr_codes(sink: &mut Sink) {
    use otp_core::qr;

    let mut buffer = qr::Buffer::new();
    let uri = format_args!("otpauth://totp/{}?secret={}", "tenant:user", "GEZDGNBVGY3TQOJQ");
    let qr = qr::Qr::encode(&uri, &mut buffer).unwrap();
    write!(sink, "{} {} {} {qr:?}", qr.in_terminal(), qr.on_dark(), qr.svg()).unwrap();
    let error = qr::Qr::encode(&format_args!("{:999}", 1), &mut buffer).unwrap_err();
    write!(sink, "{error} {error:?} {buffer:?}").unwrap();
}

#[test]
fn nothing_allocates() {
    assert_eq!(allocations(everything), 0);
}

#[test]
fn an_allocation_is_noticed() {
    assert_eq!(allocations(|| drop(black_box(vec![0_u8; 1]))), 1);
}
