//! The work grows linearly with the file. The test does not measure time precisely: a reader that
//! is not linear takes minutes here.

use otp_core::seeds::{Buffer, Pskc, Unlock};

use super::{container, csv_with, package, pskc};

#[test]
fn the_work_is_linear() {
    let key = format!("<Key Algorithm=\"hotp\"><Data>{}</Data></Key>", super::SECRET);
    for inside in [
        package(&key).repeat(20_000),
        "<a>".repeat(30) + &"x".repeat(4_000_000) + &"</a>".repeat(30),
        "<a b='c'/>".repeat(400_000),
        "&amp;".repeat(800_000),
        "<![CDATA[]]>".repeat(300_000),
        "<!---->".repeat(500_000),
        format!("<KeyPackage>{}</KeyPackage>", "<Key/>".repeat(500_000)),
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{}</SerialNo></DeviceInfo></KeyPackage>",
            " <!---->".repeat(500_000)
        ),
    ] {
        let (tokens, error) = pskc(&container(&inside));
        assert!(tokens.len() <= 20_000 && error.is_none());
    }
    for file in [
        "1,00\n".repeat(500_000),
        "\"".repeat(2_000_000),
        ",".repeat(2_000_000),
        "#\n".repeat(1_000_000),
    ] {
        csv_with(file.as_bytes(), otp_core::seeds::CsvOptions::DEFAULT);
    }
}

/// Prints the number of seeds per second:
/// `cargo test --release --features seeds --test it -- --ignored --nocapture seeds_a_second`.
#[test]
#[ignore = "measures"]
fn seeds_a_second() {
    for (name, unlock) in [
        ("python_pskc_plain.xml", Unlock::Plain),
        ("python_pskc_aes256_all.xml", Unlock::Key(b" !\"#$%&'()*+,-./0123456789:;<=>?")),
    ] {
        let file = super::data(name);
        let (start, end) =
            (super::at(&file, "<pskc:KeyPackage>"), super::at(&file, "</pskc:KeyContainer>"));
        let file = format!("{}{}{}", &file[..start], file[start..end].repeat(10_000), &file[end..]);
        let mut buffer = Buffer::new();
        let started = std::time::Instant::now();
        let mut tokens = Pskc::open(file.as_bytes(), unlock, &mut buffer).unwrap();
        let mut count = 0;
        while let Some(token) = tokens.next_token().unwrap() {
            std::hint::black_box((token.unwrap().engine().unwrap(), token.unwrap().state()));
            count += 1;
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{name}: {count} seeds, {:.0} a second, {:.0} MB/s",
            f64::from(count) / seconds,
            file.len() as f64 / 1e6 / seconds
        );
    }
}
