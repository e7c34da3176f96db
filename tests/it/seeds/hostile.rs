//! Hostile and broken files. Each answer is typed, and has its position.

use otp_core::seeds::{Part, Problem, PskcOptions, Unlock};

use super::{
    NAMESPACE, SECRET, at, container, data, file_error, only, package, pskc, pskc_with, totp,
    with_key,
};

#[test]
fn a_dtd_is_refused_before_anything_of_it_is_read() {
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;\">]>";
    for dtd in [
        bomb,
        "<!DOCTYPE KeyContainer SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE",
        "<!DOCTYPE x [<!ENTITY",
    ] {
        for before in ["", "<?xml version=\"1.0\"?>\n", "<!-- x -->", "\u{feff}"] {
            let file = format!("{before}{dtd}{}", totp("", ""));
            assert_eq!(file_error(pskc(&file)), (Part::File, Problem::Dtd, before.len()), "{file}");
        }
    }
    // Inside or after the root it is not XML.
    let inside = totp("", "").replace("<KeyPackage>", &format!("{bomb}<KeyPackage>"));
    assert_eq!(
        file_error(pskc(&inside)),
        (Part::File, Problem::Malformed, at(&inside, "<!DOCTYPE"))
    );
    let (tokens, error) = pskc(&format!("{}{bomb}", totp("", "")));
    assert_eq!((tokens.len(), error.unwrap().problem()), (1, Problem::Dtd));
}

#[test]
fn only_the_entities_of_xml_are_known() {
    let issuer = |text: &str| totp("", &format!("<FriendlyName>{text}</FriendlyName>"));
    for text in [
        "&lol;",
        "&;",
        "&#;",
        "&#x;",
        "&#xD800;",
        "&#0;",
        "&#xFFFE;",
        "&#x110000;",
        "&AMP;",
        "& ",
        "&#-1;",
        "&#+1;",
        "&#x+1;",
        "&amp &lt;",
    ] {
        let file = issuer(text);
        let (part, problem, offset) = file_error(pskc(&file));
        assert_eq!(
            (part, problem, offset),
            (Part::File, Problem::Entity, at(&file, text)),
            "{text}"
        );
    }
    for text in
        ["&lt;&gt;&amp;&quot;&apos;", "&#65;", "&#x41;", "<![CDATA[&lol;]]>", "<!-- &lol; -->"]
    {
        assert!(only(pskc(&issuer(text))).is_ok(), "{text}");
    }
    // A reference stands for text, never for markup.
    let no = only(pskc(&totp("", "").replace(SECRET, "&#60;Secret/>"))).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::Secret, Problem::Missing));
}

/// Every prefix of a file is an error of the file, and the tokens before the cut are complete.
#[test]
fn a_file_that_is_cut_off_says_so() {
    for (name, unlock) in [
        ("python_pskc_plain.xml", Unlock::Plain),
        ("python_pskc_aes128.xml", Unlock::Key(b" !\"#$%&'()*+,-./")),
    ] {
        let file = data(name);
        let file = file.trim_end();
        let open = |file: &[u8]| pskc_with(file, unlock, PskcOptions::DEFAULT);
        let (whole, error) = open(file.as_bytes());
        assert_eq!((whole.len(), error), (7, None));
        for end in (0..file.len()).filter(|end| file.is_char_boundary(*end)) {
            let (tokens, error) = open(&file.as_bytes()[..end]);
            let error = error.expect("an error of the file");
            assert_eq!(error.problem(), Problem::Truncated, "{end} {error}");
            assert!(error.offset() <= end);
            assert_eq!(tokens, whole[..tokens.len()]);
            let complete = file[..end].matches("</pskc:KeyPackage>").count();
            assert_eq!(tokens.len(), complete);
        }
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for depth in [31_usize, 32, 100_000] {
        let inside = "<a>".repeat(depth) + &"</a>".repeat(depth);
        let file = container(&inside);
        match depth {
            31 => assert_eq!(pskc(&file), (vec![], None)),
            _ => {
                let place = file.match_indices("<a>").nth(31).unwrap().0;
                assert_eq!(file_error(pskc(&file)), (Part::File, Problem::TooDeep, place));
            }
        }
    }
}

#[test]
fn many_attributes_or_namespaces_are_an_error() {
    let element = |count: usize, name: &str| {
        let attributes: String = (0..count).map(|n| format!(" {name}{n}=\"u\"")).collect();
        container(&format!("<a{attributes}/>"))
    };
    assert_eq!(pskc(&element(32, "x")), (vec![], None));
    assert_eq!(pskc(&element(31, "xmlns:x")), (vec![], None));
    for file in [element(33, "x"), element(100_000, "x"), element(32, "xmlns:x")] {
        let (part, problem, _) = file_error(pskc(&file));
        assert_eq!((part, problem), (Part::File, Problem::TooMany));
    }
}

#[test]
fn each_element_is_there_once() {
    let key = "<Key Id=\"k\" Algorithm=\"hotp\"><Issuer>a</Issuer><UserId>u</UserId><AlgorithmParameters>\
               <Suite>SHA1</Suite><ResponseFormat Length=\"6\"/></AlgorithmParameters>\
               <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>\
               <Counter><PlainValue>1</PlainValue></Counter></Data>\
               <Policy><StartDate>x</StartDate><ExpiryDate>x</ExpiryDate></Policy></Key>";
    let file = with_key(key);
    assert!(only(pskc(&file)).is_ok());
    for name in [
        "SerialNo",
        "Key",
        "Issuer",
        "UserId",
        "Suite",
        "ResponseFormat",
        "Data",
        "Secret",
        "PlainValue",
        "Counter",
        "Policy",
        "StartDate",
        "ExpiryDate",
    ] {
        let start = file
            .match_indices(&format!("<{name}"))
            .find(|(at, found)| file[at + found.len()..].starts_with([' ', '>']))
            .unwrap()
            .0;
        let close = format!("</{name}>");
        let end = file[start..].find(&close).map_or_else(
            || start + file[start..].find("/>").unwrap() + 2,
            |end| start + end + close.len(),
        );
        let twice = format!("{}{}{}", &file[..end], &file[start..end], &file[end..]);
        let no = only(pskc(&twice)).unwrap_err();
        assert_eq!(no.problem, Problem::Duplicate, "{name}: {no:?}");
        assert!(no.offset >= end, "{name}: {no:?}");
    }
    // A name for each language is not a duplicate, and the first one counts.
    let names = "<FriendlyName xml:lang=\"en\">Gate</FriendlyName><FriendlyName xml:lang=\"de\">Tor</FriendlyName>";
    assert!(only(pskc(&totp("", names))).is_ok());
    // Attributes.
    let file = file.replace("Id=\"k\"", "Id=\"k\" Id=\"l\"");
    assert_eq!(file_error(pskc(&file)), (Part::File, Problem::Duplicate, at(&file, "Id=\"l\"")));
}

#[test]
fn elements_instead_of_text_are_an_error_of_the_token() {
    for (text, with) in [
        ("<SerialNo>7</SerialNo>", "<SerialNo>7<b><c/></b>8</SerialNo>"),
        ("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "MTIz<b/>NDU2"),
    ] {
        let file = totp("", "").replace(text, with);
        let no = only(pskc(&file)).unwrap_err();
        assert_eq!(no.problem, Problem::Nested, "{no:?}");
    }
}

#[test]
fn other_prefixes_and_foreign_elements_are_read() {
    let prefixed = "<p:KeyContainer xmlns:p=\"urn:ietf:params:xml:ns:keyprov:pskc\" xmlns=\"urn:x\">\
        <KeyPackage><nonsense/></KeyPackage>\
        <q:KeyPackage xmlns:q=\"urn:ietf:params:xml:ns:keyprov:pskc\">\
        <Key/><q:Key Algorithm=\"hotp\" p:Algorithm=\"x\"><Data/><p:Data xmlns:p=\"urn:y\"/>\
        <Data xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">SECRET</Data></q:Key></q:KeyPackage></p:KeyContainer>"
        .replace("SECRET", SECRET);
    let row = only(pskc(&prefixed)).unwrap();
    assert_eq!((row.hotp, &row.secret[..]), (true, &b"12345678901234567890"[..]));
    // A prefix whose declaration has ended.
    let file = container("<a xmlns:z=\"urn:z\"/><z:b/>");
    assert_eq!(file_error(pskc(&file)), (Part::File, Problem::Malformed, at(&file, "<z:b")));
    // The same attribute with two prefixes.
    let file = container("<a xmlns:y=\"urn:z\" xmlns:z=\"urn:z\" y:b=\"1\" z:b=\"2\"/>");
    assert_eq!(file_error(pskc(&file)), (Part::File, Problem::Duplicate, at(&file, "z:b=\"2\"")));
}

#[test]
fn drafts_and_other_formats_are_named() {
    for (file, part, problem) in [
        (
            container("").replace(NAMESPACE, "xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc:1.0\""),
            Part::Container,
            Problem::Namespace,
        ),
        (
            container("").replace(NAMESPACE, "xmlns=\"urn:ietf:params:xml:ns:keyprov:container\""),
            Part::Container,
            Problem::Namespace,
        ),
        (container("").replace(NAMESPACE, ""), Part::Container, Problem::Namespace),
        ("<svg/>".to_owned(), Part::Container, Problem::Unsupported),
        (container("").replace("1.0", "1.1"), Part::Version, Problem::Unsupported),
        (String::new(), Part::File, Problem::Truncated),
        ("\u{feff}  \n".to_owned(), Part::File, Problem::Truncated),
        ("serial,seed\n1,2\n".to_owned(), Part::File, Problem::Malformed),
        ("{\"a\":1}".to_owned(), Part::File, Problem::Malformed),
        (
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>".to_owned(),
            Part::File,
            Problem::NotUtf8,
        ),
    ] {
        let error = file_error(pskc(&file));
        assert_eq!((error.0, error.1), (part, problem), "{file}");
    }
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain("<a/>".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let error = pskc_with(&utf16, Unlock::Plain, PskcOptions::DEFAULT);
    assert_eq!(file_error(error), (Part::File, Problem::NotUtf8, 0));
    // Without a byte order mark every second byte is zero.
    for text in [container(""), "serial,seed\n1,2\n".to_owned()] {
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let utf16: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            let error = pskc_with(&utf16, Unlock::Plain, PskcOptions::DEFAULT);
            assert_eq!(file_error(error), (Part::File, Problem::NotUtf8, 0));
            let error = super::csv_with(&utf16, otp_core::seeds::CsvOptions::DEFAULT);
            assert_eq!(file_error(error), (Part::File, Problem::NotUtf8, 0));
        }
    }
}

#[test]
fn texts_that_steer_a_screen_are_refused() {
    for text in ["a\u{202e}b", "a&#x202e;b", "a\nb", "a&#9;b", "a\u{85}b", "<![CDATA[a\u{2028}b]]>"]
    {
        let file = totp("", "").replace(">7<", &format!(">{text}<"));
        let no = only(pskc(&file)).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Serial, Problem::Control), "{text}");
        // The text is not shown. The identifier of the key replaces it.
        assert_eq!(no.name.as_deref(), Some("k"));
        assert!(no.offset > at(&file, "<SerialNo>"));
    }
    let file = totp("", "").replace("Id=\"k\"", "Id=\"k&#10;l\"");
    let no = only(pskc(&file)).unwrap_err();
    assert_eq!((no.part, no.problem), (Part::KeyId, Problem::Control));
    // White space around a text carries no information.
    let file = totp("", "").replace(">7<", ">\r\n\t7 \r<");
    assert_eq!(only(pskc(&file)).unwrap().serial.as_deref(), Some("7"));
}

#[test]
fn base64_is_strict_where_it_could_hide_something() {
    let with =
        |base64: &str| only(pskc(&totp("", "").replace("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", base64)));
    for base64 in [
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA",
        " MTIz\nNDU2 Nzg5\tMDEy\r\nMzQ1Njc4OTA= ",
        "MTIz<!-- half -->NDU2Nzg5MDEyMzQ1<![CDATA[Njc4OTA=]]>",
        "&#77;TIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
    ] {
        assert_eq!(with(base64).unwrap().secret, b"12345678901234567890", "{base64}");
    }
    for base64 in [
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA==",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTB=",
        "MTIz=NDU2",
        "MTIzN",
        "MTIz-_==",
        "MTIz\u{a0}NDU2",
        "====",
    ] {
        let no = with(base64).unwrap_err();
        assert_eq!((no.part, no.problem), (Part::Secret, Problem::Base64), "{base64}");
    }
    assert_eq!(with("").unwrap_err().problem, Problem::Missing);
    assert_eq!(with(&"QUFB".repeat(42)).unwrap().secret.len(), 126);
    for count in [43, 53, 54, 100_000] {
        assert_eq!(with(&"QUFB".repeat(count)).unwrap_err().problem, Problem::TooLong, "{count}");
    }
}

/// Two keys in a package, no key, and an empty package: each is an error of that package.
#[test]
fn a_package_has_one_key() {
    let file =
        container(&format!("<KeyPackage/>{}{}", package(""), package("<Key Algorithm=\"hotp\"/>")));
    let (tokens, error) = pskc(&file);
    assert_eq!(error, None);
    let found: Vec<_> = tokens
        .into_iter()
        .map(|token| token.unwrap_err())
        .map(|no| (no.part, no.problem))
        .collect();
    assert_eq!(
        found,
        [
            (Part::Token, Problem::Missing),
            (Part::Token, Problem::Missing),
            (Part::Secret, Problem::Missing)
        ]
    );
}
