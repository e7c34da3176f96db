//! QR codes: a drawn code is read back with an independent decoder.

use core::fmt::{self, Display, Write};
use core::mem::{ManuallyDrop, MaybeUninit};

use otp_core::{Secret, otpauth, qr};
use zeroize::ZeroizeOnDrop;

/// The format that Auth0 shows at enrolment.
const URI: &str = "otpauth://totp/tenant:user?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                   &issuer=tenant&algorithm=SHA1&digits=6&period=30";

/// Returns a text of this length, with the characters of a URI.
fn text(len: usize) -> String {
    URI.chars().cycle().skip(len).take(len).collect()
}

/// Rows of pixels, with dark pixels true: one pixel for each module, including the quiet zone.
type Picture = Vec<Vec<bool>>;

/// Looks for a QR code in a picture, as a camera would, and reads it.
fn read(picture: &Picture) -> Result<String, String> {
    /// The number of pixels for a module.
    const SCALE: usize = 3;
    let side = picture.len();
    assert!(picture.iter().all(|row| row.len() == side), "not square");
    let grey = |x: usize, y: usize| if picture[y / SCALE][x / SCALE] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, grey);
    let found = image.detect_grids();
    let [code] = &found[..] else { return Err(format!("{} codes", found.len())) };
    code.decode().map(|(_, text)| text).map_err(|error| error.to_string())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Colour {
    Black,
    White,
}

/// The default colours of terminals: text and background.
const LIGHT: (Colour, Colour) = (Colour::Black, Colour::White);
const DARK: (Colour, Colour) = (Colour::White, Colour::Black);

/// Returns the picture that a terminal shows.
fn shown(text: &str, at_rest: (Colour, Colour)) -> Picture {
    let mut picture = Picture::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        let (mut ink, mut ground) = at_rest;
        let (mut upper, mut lower) = (vec![], vec![]);
        let mut rest = line;
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            let (top, bottom) = match character {
                '█' => (ink, ink),
                '▀' => (ink, ground),
                '▄' => (ground, ink),
                ' ' => (ground, ground),
                '\x1b' => {
                    let (sequence, after) = rest.split_once('m').unwrap();
                    (ink, ground) = match sequence {
                        "[0" => at_rest,
                        "[38;5;16;48;5;231" => (Colour::Black, Colour::White),
                        _ => panic!("{sequence}"),
                    };
                    rest = after;
                    continue;
                }
                _ => panic!("{character:?}"),
            };
            upper.push(top == Colour::Black);
            lower.push(bottom == Colour::Black);
        }
        assert_eq!((ink, ground), at_rest, "colours leak out of a line");
        picture.extend([upper, lower]);
    }
    // The side is odd, so half of the last line is extra.
    assert!(picture.pop().unwrap().iter().all(|dark| !dark));
    picture
}

/// Returns the picture that a browser shows.
fn rendered(svg: &str) -> Picture {
    let document = roxmltree::Document::parse(svg).expect("well-formed XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
    assert_eq!(root.attribute("role"), Some("img"));
    assert_eq!(root.attribute("aria-label"), Some("QR code for an authenticator app"));
    assert_eq!(root.attribute("shape-rendering"), Some("crispEdges"));
    assert_eq!((root.attribute("width"), root.attribute("height")), (None, None), "it scales");
    let view: Vec<usize> =
        root.attribute("viewBox").unwrap().split(' ').map(|word| word.parse().unwrap()).collect();
    let side = view[3];
    assert_eq!(view, [0, 0, side, side]);

    let names: Vec<_> = root.children().map(|child| child.tag_name().name()).collect();
    assert_eq!(names, ["rect", "path"]);
    let [rect, path] = [root.first_child().unwrap(), root.last_child().unwrap()];
    assert_eq!(rect.attribute("fill"), Some("#fff"));
    assert_eq!(rect.attribute("width"), Some(&*side.to_string()));
    assert_eq!(rect.attribute("height"), Some(&*side.to_string()));
    assert_eq!(path.attribute("fill"), Some("#000"));

    let mut picture = vec![vec![false; side]; side];
    let runs = path.attribute("d").unwrap();
    for run in runs.strip_suffix('z').unwrap().split('z') {
        let run = run.strip_prefix('M').unwrap();
        let (x, run) = run.split_once(' ').unwrap();
        let (y, run) = run.split_once('h').unwrap();
        let (right, left) = run.split_once("v1h-").unwrap();
        assert_eq!(right, left);
        let [x, y, right] = [x, y, right].map(|number| number.parse::<usize>().unwrap());
        for pixel in &mut picture[y][x..x + right] {
            assert!(!*pixel, "drawn twice");
            *pixel = true;
        }
    }
    picture
}

/// Returns the picture of a code. All drawings of it must be the same picture.
fn picture(qr: &qr::Qr<'_>) -> Picture {
    let picture = shown(&qr.in_terminal().to_string(), DARK);
    assert_eq!(shown(&qr.in_terminal().to_string(), LIGHT), picture);
    assert_eq!(shown(&qr.on_dark().to_string(), DARK), picture);
    assert_eq!(shown(&qr.on_light().to_string(), LIGHT), picture);
    let svg = qr.svg().to_string();
    assert_eq!(rendered(&svg), picture);
    assert!(!svg.contains("h0v"), "a run of no module");

    let end = qr.size() + qr::Qr::QUIET_ZONE;
    let modules = -qr::Qr::QUIET_ZONE..end;
    let modules = modules.clone().map(|y| modules.clone().map(|x| qr.is_dark(x, y)).collect());
    assert_eq!(modules.collect::<Picture>(), picture);
    picture
}

#[test]
fn the_auth0_form_is_read_back() {
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode(URI, &mut buffer).unwrap();
    assert_eq!(qr.size(), 45);
    assert_eq!(read(&picture(&qr)).as_deref(), Ok(URI));
}

/// A key URI writes itself, and the camera reads the same text.
#[test]
fn a_key_uri_is_read_back() {
    let secret = Secret::from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
    let mut buffer = qr::Buffer::new();
    let uri = otpauth::UriBuilder::totp(&secret);
    let plain = uri.with_issuer("tenant").unwrap().with_account("user").unwrap();
    let qr = qr::Qr::encode(&plain, &mut buffer).unwrap();
    assert_eq!(read(&picture(&qr)).as_deref(), Ok(URI));

    let uri = uri.with_issuer("Zoë & 🔑").unwrap().with_account("a b@example.com").unwrap();
    let qr = qr::Qr::encode(&uri, &mut buffer).unwrap();
    let text = read(&picture(&qr)).unwrap();
    let parsed = otpauth::Uri::parse(&text).unwrap();
    assert_eq!(parsed.account(), "a b@example.com");
    assert_eq!(text, uri.to_string());
}

#[test]
fn every_length_is_read_back() {
    let mut buffer = qr::Buffer::new();
    for len in 1..=331 {
        let text = text(len);
        let qr = qr::Qr::encode(&text, &mut buffer).unwrap();
        assert_eq!(read(&picture(&qr)), Ok(text), "{len}");
    }
}

/// Non-ASCII text is kept, byte for byte.
#[test]
fn utf8_is_read_back() {
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode("otpauth://totp/Zoë 🔑", &mut buffer).unwrap();
    assert_eq!(read(&picture(&qr)).as_deref(), Ok("otpauth://totp/Zoë 🔑"));
}

/// The check can fail: a few changed modules are corrected, but many are not.
#[test]
fn a_damaged_picture_is_noticed() {
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode(URI, &mut buffer).unwrap();
    let mut picture = picture(&qr);
    for (y, row) in picture.iter_mut().enumerate().skip(15).take(20) {
        for pixel in row.iter_mut().skip(15).take(20).step_by(1 + y % 2) {
            *pixel = !*pixel;
        }
    }
    assert_ne!(read(&picture).as_deref(), Ok(URI));
    let plain = qr::Qr::encode(URI, &mut buffer).unwrap().on_dark().to_string();
    assert!(std::panic::catch_unwind(|| shown(&plain, LIGHT)).is_err(), "a negative");
}

/// ISO/IEC 18004: four light modules on each side, and the finder patterns directly after them.
#[test]
fn the_quiet_zone_is_there() {
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode(URI, &mut buffer).unwrap();
    assert_eq!(qr::Qr::QUIET_ZONE, 4);
    let picture = picture(&qr);
    let size = usize::try_from(qr.size()).unwrap();
    assert_eq!(picture.len(), size + 8);
    for (y, row) in picture.iter().enumerate() {
        for (x, dark) in row.iter().enumerate() {
            let inside = (4..4 + size).contains(&x) && (4..4 + size).contains(&y);
            assert!(inside || !dark, "{x} {y}");
        }
    }
    assert!(picture[4][4] && picture[4][3 + size] && picture[3 + size][4]);
    for (x, y) in [(-1, 0), (0, -1), (qr.size(), 0), (i32::MIN, i32::MAX), (i32::MAX, 0)] {
        assert!(!qr.is_dark(x, y));
    }
}

/// ISO/IEC 18004, table of data capacities: bytes at error correction level M.
const CAPACITY: [usize; 40] = [
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
    711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911,
    1989, 2099, 2213, 2331,
];

/// A buffer holds exactly what its version holds. A smaller text gives a smaller code.
fn fills<const N: usize>(version: u8) {
    let capacity = CAPACITY[usize::from(version) - 1];
    let mut buffer = qr::Buffer::<N>::sized();
    assert_eq!(size_of_val(&buffer), 2 * N);
    let full = text(capacity);
    let qr = qr::Qr::encode(&full, &mut buffer).unwrap();
    assert_eq!(qr.size(), 17 + 4 * i32::from(version));
    assert_eq!(read(&picture(&qr)), Ok(full), "{version}");
    for len in [capacity + 1, N, N + 1, 10_000] {
        let error = qr::Qr::encode(&text(len), &mut buffer).unwrap_err();
        assert_eq!(error, qr::Error::TooLong { version }, "{len}");
        assert!(bytes(&buffer).iter().all(|byte| *byte == 0), "{version} {len}");
    }
    assert_eq!(qr::Qr::encode("", &mut buffer).unwrap().size(), 21);
}

#[test]
fn every_version_holds_what_the_standard_says() {
    macro_rules! fills {
        ($($version:literal)*) => {
            $(fills::<{ qr::Buffer::len_of($version) }>($version);)*
        };
    }
    fills!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
    fills!(21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40);
}

/// The table in the documentation of `qr::Buffer`.
#[test]
fn sizes_in_bytes() {
    assert_eq!(size_of::<qr::Buffer>(), 1_194);
    let grids = [(5, 173), (7, 255), (10, 408), (13, 597), (20, 1_178), (40, 3_918)];
    assert_eq!(grids.map(|(version, _)| (version, qr::Buffer::len_of(version))), grids);
    assert!(size_of::<qr::Error>() <= 2);
}

/// The bytes of a buffer.
#[allow(unsafe_code, reason = "from outside, they can be seen in no other way")]
fn bytes<const N: usize>(buffer: &qr::Buffer<N>) -> &[u8] {
    assert_eq!(size_of_val(buffer), 2 * N, "there is padding");
    // SAFETY: it is initialised, has that size, contains only bytes, and is borrowed as long.
    unsafe { core::slice::from_raw_parts((&raw const *buffer).cast(), size_of_val(buffer)) }
}

#[test]
#[allow(unsafe_code, reason = "looks at what was dropped")]
fn a_buffer_is_wiped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<qr::Buffer>();
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);

    let mut buffer = qr::Buffer::new();
    assert!(is_zero(bytes(&buffer)));
    qr::Qr::encode(URI, &mut buffer).unwrap();
    let (grid, work) = bytes(&buffer).split_at(597);
    assert!(!is_zero(grid), "the code is there");
    assert!(is_zero(work), "what led to it is not");
    buffer.wipe();
    assert!(is_zero(bytes(&buffer)));

    // A smaller code leaves nothing of a larger one.
    qr::Qr::encode(&text(331), &mut buffer).unwrap();
    qr::Qr::encode("", &mut buffer).unwrap();
    assert!(is_zero(&bytes(&buffer)[qr::Buffer::len_of(1)..]));

    let mut buffer = ManuallyDrop::new(qr::Buffer::new());
    qr::Qr::encode(URI, &mut buffer).unwrap();
    // SAFETY: it is only used again as bytes that need not be initialised.
    unsafe { ManuallyDrop::drop(&mut buffer) };
    let dropped = (&raw const buffer).cast::<[MaybeUninit<u8>; 1_194]>();
    // SAFETY: it has that size, and contains only bytes, which were written.
    let dropped = unsafe { (*dropped).map(|byte| byte.assume_init()) };
    assert!(is_zero(&dropped));
}

/// A value that writes itself in pieces, and may ignore an error.
struct Pieces<'a> {
    pieces: &'a [&'a str],
    fails: bool,
}

impl Display for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.pieces {
            let _ = f.write_str(piece);
        }
        if self.fails { Err(fmt::Error) } else { Ok(()) }
    }
}

#[test]
fn a_value_writes_itself() {
    let mut buffer = qr::Buffer::new();
    let pieces = Pieces { pieces: &["otpauth://", "totp/", "a?secret=", "GEZDGNBV"], fails: false };
    let qr = qr::Qr::encode(&pieces, &mut buffer).unwrap();
    assert_eq!(read(&picture(&qr)).as_deref(), Ok("otpauth://totp/a?secret=GEZDGNBV"));
    let qr = qr::Qr::encode(&format_args!("{:08}", 42), &mut buffer).unwrap();
    assert_eq!(read(&picture(&qr)).as_deref(), Ok("00000042"));
}

#[test]
fn a_value_that_fails_is_an_error_and_leaves_nothing() {
    let mut buffer = qr::Buffer::new();
    let pieces = Pieces { pieces: &["otpauth://"], fails: true };
    assert_eq!(qr::Qr::encode(&pieces, &mut buffer).unwrap_err(), qr::Error::Unwritten);
    assert!(bytes(&buffer).iter().all(|byte| *byte == 0));
}

/// A piece that does not fit is not skipped, even if the next one would fit.
#[test]
fn a_hole_is_no_code() {
    let mut buffer = qr::Buffer::new();
    let long = text(1_000);
    let pieces = Pieces { pieces: &["otpauth://", &long, "GEZD"], fails: false };
    let error = qr::Qr::encode(&pieces, &mut buffer).unwrap_err();
    assert_eq!(error, qr::Error::TooLong { version: 13 });
    assert!(bytes(&buffer).iter().all(|byte| *byte == 0));
}

#[test]
fn a_full_writer_ends_a_drawing() {
    struct Full(usize);
    impl Write for Full {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut buffer = qr::Buffer::new();
    let qr = qr::Qr::encode(URI, &mut buffer).unwrap();
    for space in [0, 1, 100, 1_000] {
        assert!(write!(Full(space), "{}", qr.in_terminal()).is_err());
        assert!(write!(Full(space), "{}", qr.svg()).is_err());
    }
}

#[test]
fn debug_and_errors_tell_no_secret() {
    let mut buffer = qr::Buffer::new();
    assert_eq!(format!("{buffer:?}"), "Buffer { max_version: 13, .. }");
    let qr = qr::Qr::encode(URI, &mut buffer).unwrap();
    assert_eq!(format!("{qr:?}"), "Qr { size: 45, .. }");
    assert!(format!("{:?}", qr.svg()).len() < 50);
    assert!(format!("{:?}", qr.in_terminal()).starts_with("Text { qr: Qr { size: 45, .. }"));
    assert!(!qr.svg().to_string().contains("GEZD"));

    fn error<T: std::error::Error + Copy + Send + Sync + 'static>() {}
    error::<qr::Error>();
    let error = qr::Error::TooLong { version: 7 };
    assert_eq!(error.to_string(), "too long for a QR code of version 7");
    let error = qr::Error::Unwritten;
    assert_eq!(error.to_string(), "the text of the QR code could not be written");
}
