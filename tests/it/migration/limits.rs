//! Buffers, work, wiping, and the texts of the types.

use super::*;

#[test]
fn a_buffer_that_is_too_small() {
    let payload = entry(&[bytes(1, [0xab; 50]), bytes(2, "alice")]);
    let uri = uri(&payload);
    for space in 0..payload.len() {
        // The group that does not fit: three bytes of the payload are four symbols.
        let fault =
            (Part::Data, Problem::BufferTooSmall, uri.find('=').unwrap() + 1 + space / 3 * 4);
        assert_eq!(read_into(&uri, space).map_err(self::fault), Err(fault), "{space}");
    }
    assert_eq!(read_into(&uri, payload.len()).unwrap().len(), 1);
    assert!(payload.len() <= (uri.len() * 3).div_ceil(4));
}

#[test]
fn cut_off_at_every_byte() {
    let first = entry(&[bytes(1, [0xff; 20]), bytes(2, "A:b"), bytes(3, "A"), number(6, TOTP)]);
    let second = entry(&[number(7, 300), secret(), number(6, HOTP), number(99, 1 << 40)]);
    let parts = [first, number(2, 1), second, number(3, 300)];
    let payload = parts.concat();
    let mut ends = vec![(0, 0)];
    for part in &parts {
        let (end, entries) = ends[ends.len() - 1];
        ends.push((end + part.len(), entries + usize::from(part[0] == 10)));
    }
    for len in 1..payload.len() {
        let answer = read_payload(&payload[..len]).map(|accounts| accounts.len());
        match ends.iter().find(|(end, _)| *end == len) {
            Some((_, entries)) => assert_eq!(answer, Ok(*entries)),
            None => assert!(matches!(answer, Err((Part::Payload, Problem::Truncated, offset))
                if offset <= len)),
        }
    }
    // The same for the URI: an export is possible only if the text ends with a whole field.
    let uri = uri(&payload);
    let mut accepted = 0;
    for len in 0..uri.len() {
        accepted += usize::from(read(&uri[..len]).is_ok());
    }
    assert!(accepted < 8, "{accepted}");
}

/// Work that grows with the square of the length would take hours here.
#[test]
fn the_work_is_linear() {
    let small = entry(&[secret(), bytes(2, "a")]);
    let shapes = [
        small.repeat(100_000),
        number(2, 1).repeat(800_000),
        entry(&[secret(), bytes(2, "A:b").repeat(300_000)]),
        entry(&[secret(), bytes(2, ":".repeat(1_500_000)), bytes(3, ":".repeat(700_000))]),
    ];
    let counts = [100_000, 0, 1, 1];
    for (payload, count) in shapes.iter().zip(counts) {
        let uri = uri(payload);
        let mut buffer = vec![0; payload.len()];
        let start = Instant::now();
        let migration = migration::Export::parse(&uri, &mut buffer).unwrap();
        assert_eq!(migration.entries().count(), count);
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    // As many parameters, none of which is read.
    let uri = EXAMPLE.replace('?', &format!("?{}", "x=%&".repeat(500_000)));
    assert_eq!(read(&uri), Ok(vec![hello()]));
}

#[test]
fn wiped_when_dropped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<migration::Export<'_>>();
    let mut buffer = [0; 100];
    let migration = migration::Export::parse(EXAMPLE, &mut buffer).unwrap();
    assert_eq!(migration.entries().next().unwrap().unwrap().expose_secret_bytes(), hello().secret);
    drop(migration);
    assert_eq!(buffer, [0; 100]);
}

/// F31: neither the result nor the error shows a secret or the input.
#[test]
fn f31_nothing_tells_a_secret() {
    let key = "a shared secret that is to be told apart";
    let good = entry(&[bytes(1, key), bytes(2, "name"), number(6, TOTP)]);
    let mut buffer = [0; SPACE];
    let uri_of_good = uri(&good);
    let migration = migration::Export::parse(&uri_of_good, &mut buffer).unwrap();
    let entries = migration.entries();
    let one = entries.clone().next().unwrap();
    let mut texts = vec![
        format!("{migration:?} {migration:#?}"),
        format!("{entries:?} {entries:#?}"),
        format!("{one:?} {one:#?}"),
    ];
    assert!(texts[2].contains("name") && texts[2].contains("Sha1"));
    for payload in [
        entry(&[bytes(1, key), bytes(1, key)]),
        entry(&[bytes(1, key), number(4, 4)]),
        entry(&[bytes(1, key), bytes(2, format!("{key}\n"))]),
        good[..good.len() - 1].to_vec(),
    ] {
        let error = read_into(&uri(&payload), SPACE).unwrap_err();
        texts.push(format!("{error} {error:?} {error:#?}"));
    }
    for uri in [format!("{uri_of_good}!"), format!("{uri_of_good}=A"), format!("x{uri_of_good}")] {
        let error = read_into(&uri, SPACE).unwrap_err();
        texts.push(format!("{error} {error:?}"));
    }
    let encoded = base64(key.as_bytes());
    let known = ["a shared".into(), encoded[..8].to_owned(), format!("{:?}", key.as_bytes())];
    for text in texts {
        for known in &known {
            assert!(!text.to_lowercase().contains(&known[..8].to_lowercase()), "{known} in {text}");
        }
    }
}

#[test]
fn traits_promised() {
    fn error<T: core::error::Error + Copy + PartialEq + Send + Sync + 'static>() {}
    fn plain<T: Copy + core::fmt::Debug + core::fmt::Display + Eq + Send + Sync + 'static>() {}
    fn held<T: core::fmt::Debug + Send + Sync + Unpin>() {}
    fn entries<T: Iterator + core::iter::FusedIterator + Clone>() {}
    error::<migration::Error>();
    plain::<Problem>();
    held::<migration::Export<'_>>();
    held::<migration::Entry<'_>>();
    entries::<migration::Entries<'_>>();
    assert!(size_of::<migration::Error>() <= 2 * size_of::<usize>());
}

#[test]
fn errors_read_as_sentences() {
    let long = entry(&[secret(), bytes(2, "ab\u{202e}")]);
    for (uri, text) in [
        ("otpauth://totp/a", "scheme: not supported, expected otpauth-migration:// (at byte 0)"),
        (
            "otpauth-migration://online?data=CgA",
            "host: not supported, expected offline (at byte 20)",
        ),
        ("otpauth-migration://offline?x", "data: missing (at byte 29)"),
        ("otpauth-migration://offline?data=EA!", "data: not a Base64 symbol (at byte 35)"),
        ("otpauth-migration://offline?data=CjE", "payload: cut off (at byte 2 of the payload)"),
        ("otpauth-migration://offline?data=CgA", "secret: missing (at byte 0 of the payload)"),
        (
            &uri(&long),
            "name: control character, line separator or text-direction override \
             (at byte 18 of the payload)",
        ),
    ] {
        assert_eq!(read_into(uri, SPACE).unwrap_err().to_string(), text);
    }
}

/// The names of parts and of problems are for programs: no two of a kind are equal.
#[test]
fn names_are_told_apart() {
    use std::collections::BTreeSet;
    let parts = [
        Part::Scheme,
        Part::Host,
        Part::Path,
        Part::Data,
        Part::Payload,
        Part::Entry,
        Part::Secret,
        Part::Name,
        Part::Issuer,
        Part::Algorithm,
        Part::Digits,
        Part::Type,
        Part::Counter,
        Part::Version,
        Part::BatchSize,
        Part::BatchIndex,
        Part::BatchId,
    ];
    assert_eq!((Part::BatchSize.name(), Problem::NotUtf8.name()), ("batch-size", "not-utf8"));
    assert_eq!(parts.map(Part::name).into_iter().collect::<BTreeSet<_>>().len(), parts.len());
    assert!(parts.into_iter().skip_while(|part| *part != Part::Payload).all(Part::is_in_payload));
    assert_eq!(parts.iter().filter(|part| !part.is_in_payload()).count(), 4);
    let problems = [
        Problem::Missing,
        Problem::Duplicate,
        Problem::Escape,
        Problem::Character,
        Problem::AfterPadding,
        Problem::LastGroup,
        Problem::BufferTooSmall,
        Problem::Truncated,
        Problem::OutOfRange,
        Problem::NotAField,
        Problem::WireType,
        Problem::Unsupported,
        Problem::NotUtf8,
        Problem::Control,
    ];
    assert_eq!(problems.map(Problem::name).into_iter().collect::<BTreeSet<_>>().len(), 14);
    assert_eq!(problems.map(|p| p.to_string()).into_iter().collect::<BTreeSet<_>>().len(), 14);
}
