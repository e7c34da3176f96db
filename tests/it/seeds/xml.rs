//! The XML parser, compared with `roxmltree`: both agree on which files are well-formed.

use otp_core::seeds::Part;
use proptest::prelude::*;

use super::{container, data, pskc};

/// Returns whether it is well-formed, or `None` if the reader stopped for another reason.
fn ours(file: &str) -> Option<bool> {
    match pskc(file).1 {
        None => Some(true),
        Some(error) if error.part() == Part::File => Some(false),
        Some(_) => None,
    }
}

fn theirs(file: &str) -> bool {
    roxmltree::Document::parse(file).is_ok()
}

#[test]
fn what_is_not_well_formed_is_an_error() {
    for inside in [
        "<a>",
        "</a>",
        "<a></b>",
        "<a></A>",
        "<a",
        "<a/",
        "< a/>",
        "<a b/>",
        "<a b=c/>",
        "<a b='c\"/>",
        "<a b='<'/>",
        "<a b='1'c='2'/>",
        "<a/ >",
        "<1/>",
        "<-a/>",
        "<a:/>",
        "<:a/>",
        "<a:b:c/>",
        "<xmlns:a/>",
        "<a x:b='1'/>",
        "<!-- -- -->",
        "<!-- x --->",
        "<!-- ",
        "<?xml version='1.0'?>",
        "<?XML x?>",
        "<??>",
        "<?a",
        "<![CDATA[",
        "]]>",
        "<![cdata[x]]>",
        "<!a>",
        "\u{1}",
        "\u{fffe}",
        "<a b='\u{1}'/>",
        "<!-- \u{1} -->",
        "&",
        "&x;",
        "&#x;",
        "<a xmlns:b=''/>",
        "<a xmlns:xmlns='urn:a'/>",
        "<a xmlns:xml='urn:a'/>",
        "<a xmlns:b='http://www.w3.org/2000/xmlns/'/>",
    ] {
        assert_eq!(ours(&container(inside)), Some(false), "{inside}");
    }
    for inside in [
        "<a/>",
        "<a ></a >",
        "<a b = 'c' d=\"e'\"/>",
        "<a b='>'/>",
        "<é/>",
        "<a.b-c_1/>",
        "<!---->",
        "<!-- x - y -->",
        "<?a?>",
        "<?a  ? > ?>",
        "<![CDATA[]]>",
        "<![CDATA[<a>]] >]]>",
        "<![CDATA[]]]]><![CDATA[>]]>",
        "]] >",
        "\u{e000}\u{10ffff}",
        "&#9;",
        "<a xmlns=''/>",
        "<a xml:lang='en'/>",
        "<a xmlns:b='urn:b' b:c='1' c='2'/>",
        "<a\n\tb='1'\r\n/>",
        "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
    ] {
        assert_eq!(ours(&container(inside)), Some(true), "{inside}");
        assert!(theirs(&container(inside)), "{inside}");
    }
}

#[test]
fn declarations_have_their_order() {
    for (declaration, holds) in [
        ("<?xml version=\"1.0\"?>", true),
        ("<?xml version='1.1' encoding='utf-8' standalone='yes' ?>", true),
        ("<?xml\nversion = \"1.0\"\tencoding=\"UTF-8\"?>", true),
        // .NET writers declare UTF-16 for a file that they then save as UTF-8.
        ("<?xml version=\"1.0\" encoding=\"utf-16\"?>", true),
        ("<?xml?>", false),
        ("<?xml encoding=\"UTF-8\"?>", false),
        ("<?xml version=\"2.0\"?>", false),
        ("<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>", false),
        ("<?xml version=\"1.0\" standalone=\"maybe\"?>", false),
        ("<?xml version=\"1.0\" x=\"y\"?>", false),
        ("<?xml version=\"1.0\"encoding=\"UTF-8\"?>", false),
        ("<?xml version=\"1.0\">", false),
        (" <?xml version=\"1.0\"?>", false),
        ("<?xml-stylesheet href=\"a\"?>", true),
    ] {
        assert_eq!(ours(&format!("{declaration}{}", container(""))), Some(holds), "{declaration}");
    }
    assert_eq!(ours(&format!("{}<a/>", container(""))), Some(false));
    assert_eq!(ours(&format!("{}x", container(""))), Some(false));
    assert_eq!(ours(&format!("{}<!-- x --> <?y?>\n", container(""))), Some(true));
}

/// Pieces that have a meaning.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "/>",
    "</",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?a ",
    "?>",
    "&",
    ";",
    "&amp;",
    "&#x41;",
    "=",
    "\"",
    "'",
    " ",
    "\n",
    "a",
    "<a>",
    "</a>",
    "<b c='d'>",
    "</b>",
    "x:y='1'",
    "xmlns:x='urn:x' ",
    "xmlns=''",
    "\u{1}",
    "é",
    ":",
    "<x:a/>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn well_formedness_is_as_roxmltree_has_it(pieces in proptest::collection::vec(0..PIECES.len(), 0..8), at: prop::sample::Index) {
        let inserted: String = pieces.iter().map(|piece| PIECES[*piece]).collect();
        let prefixed = inserted.contains(':') || inserted.contains("xmlns");
        for file in [container("<a b='1'> t </a><b/>"), data("rfc6030_figure3.xml")] {
            let at = at.index(file.len());
            let file = format!("{}{inserted}{}", &file[..at], &file[at..]);
            match (ours(&file), theirs(&file)) {
                (Some(ours), theirs) if ours == theirs => {}
                // `roxmltree` accepts anything after the target of a processing instruction. It is
                // also lax with prefixes: it accepts an empty, an undeclared or a duplicate one.
                (Some(false), true) if file.contains("<?") || prefixed => {}
                (None, _) => {}
                differ => prop_assert!(false, "{differ:?} {file}"),
            }
        }
    }
}
