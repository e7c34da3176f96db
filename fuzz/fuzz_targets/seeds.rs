//! Any text as a PSKC file: read as `roxmltree` and `data-encoding` read it. An encrypted file
//! with bytes changed: no secret comes out that was not in it. Any text as CSV, and any cells in
//! quotes.
//!
//! Work that is not linear shows as a time-out of the fuzzer.
#![no_main]

use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};
use libfuzzer_sys::fuzz_target;
use otp_core::seeds::{Buffer, Csv, Error, Part, Problem, Pskc, Unlock};
use roxmltree::{Document, Node};

/// The names of a token, and its secret.
type Token = (Option<String>, Option<String>, Vec<u8>);

// The first byte says what the others are.
fuzz_target!(|bytes: &[u8]| {
    let [what, rest @ ..] = bytes else { return };
    match (what % 4, str::from_utf8(rest)) {
        (0, Ok(text)) => plain(text),
        (1, _) => changed(rest),
        (2, Ok(text)) => csv(text),
        (3, Ok(text)) => cells(text),
        _ => {}
    }
});

fn pskc(file: &[u8], unlock: Unlock<'_>) -> (Vec<Result<Token, Error>>, Option<Error>) {
    let mut buffer = Buffer::new();
    let mut found = vec![];
    let mut tokens = match Pskc::open(file, unlock, &mut buffer) {
        Ok(tokens) => tokens,
        Err(error) => return (found, Some(error)),
    };
    loop {
        match tokens.next_token() {
            Ok(Some(Ok(token))) => {
                let is_zero = token.expose_secret_bytes().iter().all(|byte| *byte == 0);
                assert_eq!(token.engine_allow_short().is_ok(), !is_zero);
                assert!(token.state().requires_code());
                let text =
                    |text: Option<otp_core::seeds::Text<'_>>| text.map(|text| text.to_string());
                let secret = token.expose_secret_bytes().to_vec();
                assert!(matches!(secret.len(), 1..=128));
                found.push(Ok((text(token.serial()), text(token.key_id()), secret)));
            }
            Ok(Some(Err(refused))) => {
                assert!(refused.error().offset() <= file.len());
                found.push(Err(refused.error()));
            }
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(error)),
        }
    }
}

fn plain(text: &str) {
    let (tokens, error) = pskc(text.as_bytes(), Unlock::Plain);
    let theirs = Document::parse(text);
    if let Some(error) = error {
        assert!(error.offset() <= text.len() && text.is_char_boundary(error.offset()), "{error:?}");
        // Nesting and numbers of attributes are limits of ours. They pass over processing
        // instructions more lightly.
        let ours =
            matches!(error.problem(), Problem::TooDeep | Problem::TooMany | Problem::NotUtf8);
        // And prefixes: they take an empty one, one that is not declared, and declarations that
        // come twice.
        let rest = text.replace("urn:ietf:params:xml:ns:keyprov:pskc", "");
        let lax = rest.contains("<?") || rest.contains(':') || rest.matches("xmlns").count() > 1;
        if error.part() == Part::File && !ours && !lax {
            assert!(theirs.is_err(), "{error}");
        }
        return;
    }
    let document = theirs.expect("well-formed");
    let packages = children(document.root_element()).filter(|node| name(node) == "KeyPackage");
    let packages: Vec<_> = packages.collect();
    assert_eq!(packages.len(), tokens.len());
    for (package, token) in packages.into_iter().zip(tokens) {
        let Ok(token) = token else { continue };
        let device = child(package, "DeviceInfo");
        let serial = children(package)
            .filter(|node| name(node) == "DeviceInfo")
            .find_map(|device| child(device, "SerialNo"));
        assert!(device.is_some() || serial.is_none());
        let key = child(package, "Key").expect("a key");
        let secret = child(child(key, "Data").expect("data"), "Secret").expect("a secret");
        let base64: String = text_of(child(secret, "PlainValue").expect("a value"));
        let base64: String = base64.split([' ', '\t', '\r', '\n']).collect();
        let secret = BASE64_NOPAD.decode(base64.trim_end_matches('=').as_bytes()).expect("Base64");
        let shown = |text: String| Some(text).filter(|text| !text.is_empty());
        // White space around a text is left out as it is written. Around a comment it stays.
        let serial = serial.and_then(|node| shown(text_of(node)));
        assert_eq!(token.0.as_deref().map(str::trim), serial.as_deref().map(str::trim));
        assert_eq!(
            token.1.as_deref().map(str::trim),
            key.attribute("Id").map(str::trim).filter(|id| !id.is_empty())
        );
        assert_eq!(token.2, secret);
    }
}

/// The children whose namespace RFC 6030 knows, or that have none.
fn children<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    const KNOWN: [&str; 5] = [
        "urn:ietf:params:xml:ns:keyprov:pskc",
        "http://www.w3.org/2000/09/xmldsig#",
        "http://www.w3.org/2001/04/xmlenc#",
        "http://www.w3.org/2009/xmlenc11#",
        "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#",
    ];
    node.children().filter(|node| {
        node.is_element()
            && node
                .tag_name()
                .namespace()
                .is_none_or(|uri| KNOWN.contains(&uri.trim()) || uri.trim().is_empty())
    })
}

fn name<'a>(node: &Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

fn child<'a, 'input>(node: Node<'a, 'input>, named: &str) -> Option<Node<'a, 'input>> {
    children(node).find(|node| name(node) == named)
}

fn text_of(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// A file that `python-pskc` has encrypted.
const FILE: &[u8] = include_bytes!("../../tests/data/pskc/python_pskc_aes256_all.xml");
const KEY: &[u8; 32] = b" !\"#$%&'()*+,-./0123456789:;<=>?";

/// Each change takes three bytes: two for the place, and one for the new value. The last two bits
/// of the first say how.
fn changed(changes: &[u8]) {
    static SECRETS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let (tokens, error) = pskc(FILE, Unlock::Key(KEY));
        assert_eq!((tokens.len(), error), (7, None));
        tokens.into_iter().map(|token| token.expect("a token").2).collect()
    });
    let mut file = FILE.to_vec();
    for [low, high, byte] in changes.as_chunks().0.iter().take(16) {
        let at = usize::from(u16::from_le_bytes([*low, *high])) % file.len();
        match low % 3 {
            0 => file[at] = *byte,
            1 => file.insert(at, *byte),
            _ => drop(file.remove(at)),
        }
    }
    let (tokens, error) = pskc(&file, Unlock::Key(KEY));
    assert!(error.is_none_or(|error| error.offset() <= file.len()));
    for (_, _, secret) in tokens.into_iter().flatten() {
        assert!(SECRETS.contains(&secret), "{}", HEXLOWER.encode(&secret));
    }
    assert!(!BASE64.encode(KEY).is_empty());
}

fn csv(text: &str) {
    let mut buffer = Buffer::new();
    let place = |error: &Error| assert!(text.is_char_boundary(error.offset()), "{error:?}");
    let mut tokens = match Csv::open(text.as_bytes(), &mut buffer) {
        Ok(tokens) => tokens,
        Err(error) => return place(&error),
    };
    let mut count = 0;
    loop {
        match tokens.next_token() {
            Ok(Some(Ok(token))) => {
                let is_zero = token.expose_secret_bytes().iter().all(|byte| *byte == 0);
                assert_eq!(token.engine_allow_short().is_ok(), !is_zero);
                assert!(matches!(token.expose_secret_bytes().len(), 10..=128));
            }
            Ok(Some(Err(refused))) => place(&refused.error()),
            Ok(None) => break,
            Err(error) => {
                place(&error);
                break;
            }
        }
        count += 1;
    }
    assert!(count <= text.split(['\r', '\n']).count());
}

/// Lines as models of tokens: quoted as RFC 4180 has it, they come out as they were. One that is
/// the secret is refused.
fn cells(text: &str) {
    let shown = |line: &&str| {
        !line.contains(|c: char| {
            c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
    };
    let models: Vec<&str> = text.split('\n').filter(shown).collect();
    let record = |(at, model): (usize, &&str)| {
        format!("{at},{at:032x},\"{}\"\r\n", model.replace('"', "\"\""))
    };
    let file: String = models.iter().enumerate().map(record).collect();
    let file = format!("serial,seed,model\r\n{file}");
    let mut buffer = Buffer::new();
    let mut tokens = Csv::open(file.as_bytes(), &mut buffer).expect("a header");
    for (at, model) in models.iter().enumerate() {
        let token = match tokens.next_token().expect("a record").expect("a record") {
            Ok(token) => token,
            Err(refused) => {
                let error = refused.error();
                assert_eq!((error.part(), error.problem()), (Part::Model, Problem::LikeSecret));
                assert!(model.len() >= 16, "{model}");
                continue;
            }
        };
        let shown = token.model().map(|text| text.to_string()).unwrap_or_default();
        assert_eq!(
            (shown.as_str(), token.expose_secret_bytes()),
            (model.trim_matches(' '), &(at as u128).to_be_bytes()[..])
        );
    }
    assert!(matches!(tokens.next_token(), Ok(None)));
}
