//! Notes and warnings beside the keys: policies, short secrets, times in milliseconds, and
//! labels that are hidden.

use crate::tool::{SECRET, otp, otp_reading};

/// A file that limits how its tokens may be used: nothing of that is dropped without a word.
#[test]
fn the_policy_of_a_token_is_told() {
    let policy = "<Policy><StartDate>2026-01-01T00:00:00Z</StartDate><ExpiryDate>2031-01-01T00:00:00Z</ExpiryDate>\
                  <NumberOfTransactions>10</NumberOfTransactions><PINPolicy PINUsageMode=\"Local\"/></Policy>";
    let device = |serial: &str, dates: &str, policy: &str| {
        format!(
            "<KeyPackage><DeviceInfo><SerialNo>{serial}</SerialNo>{dates}</DeviceInfo><Key Algorithm=\"hotp\"><Data>\
             <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret></Data>{policy}</Key></KeyPackage>"
        )
    };
    let file = format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">{}{}{}</KeyContainer>",
        device("7", "", policy),
        device("8", "", ""),
        device("9", "<ExpiryDate>2030-01-01</ExpiryDate>", "<Policy><PINPolicy/></Policy>"),
    );
    let csv = format!("serial,seed,expiry date\n6,{SECRET},31.12.2030\n");
    for command in [&["import", "-"][..], &["export", "-"], &["export", "--google", "--text", "-"]]
    {
        let answer = otp_reading(&file, command);
        assert_eq!(answer.status, 0);
        let told = "note: key 1 (7): its file says: valid from 2026-01-01T00:00:00Z, valid until 2031-01-01T00:00:00Z, for 10 \
                    uses, with a PIN on the device. Nothing checks this\n\
                    note: key 3 (9): its file says: valid until 2030-01-01, with a PIN on the device. Nothing checks this\n";
        assert_eq!(answer.err, told, "{command:?}");
        let told = "note: key 1 (6): its file says: valid until 31.12.2030. Nothing checks this\n";
        assert_eq!(otp_reading(&csv, command).err, told);
    }
    let answer = otp_reading(&file, &["import", "--json", "-"]);
    assert_eq!((answer.err.as_str(), answer.status), ("", 0));
    let ends = [
        ",\"serial\":\"7\",\"start_date\":\"2026-01-01T00:00:00Z\",\"expiry_date\":\"2031-01-01T00:00:00Z\",\
         \"number_of_transactions\":10,\"pin_policy\":true}",
        ",\"serial\":\"8\"}",
        ",\"serial\":\"9\",\"expiry_date\":\"2030-01-01\",\"pin_policy\":true}",
    ];
    for (line, end) in answer.out.lines().zip(ends) {
        assert!(line.ends_with(end), "{line}");
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok());
    }
}

/// RFC 4226 section 4, R6. A secret that was cut off is shorter, too.
#[test]
fn a_short_secret_of_a_list_is_told() {
    let (short, cut) = (&SECRET[..16], &SECRET[..24]);
    let warning = |place: &str, bits: u8| {
        format!("warning: {place}: the secret has {bits} bits, RFC 4226 asks for at least 128\n")
    };
    let aegis = format!(
        "{{\"header\":{{}},\"db\":{{\"entries\":[{{\"type\":\"totp\",\"name\":\"a\",\"info\":{{\"secret\":\"{short}\"}}}}]}}}}"
    );
    for (input, told) in [
        (
            format!(
                "otpauth://totp/a?secret={short}\notpauth://totp/b?secret={SECRET}\nsteam://{cut}\n"
            ),
            warning("line 1 (a)", 80) + &warning("line 3 (Steam)", 120),
        ),
        (format!("serial,seed\n7,{short}\n8,{SECRET}\n"), warning("token 1 (7)", 80)),
        (aegis, warning("entry 1 (a)", 80)),
        (
            format!("name,login_uri,login_username,login_totp\nACME,,bob,{cut}\n"),
            warning("entry 1 (ACME: bob)", 120),
        ),
    ] {
        let answer = otp_reading(&input, &["import", "-"]);
        assert_eq!((answer.err.as_str(), answer.status), (told.as_str(), 0), "{input}");
    }
}

/// A label that is a secret, as swapped fields make it, is not told.
#[test]
fn a_label_that_looks_like_a_secret_is_not_told() {
    for secret in [SECRET, &SECRET.to_lowercase(), "3132333435363738393031323334353637383930"] {
        for input in [
            format!(
                "name,login_uri,login_username,login_totp\n{secret},,{secret},bob@example.com\n"
            ),
            format!(
                "[{{\"type\":\"TOTP\",\"secret\":\"bob@example.com\",\"label\":\"{secret}\",\"issuer\":\"{secret}\"}}]"
            ),
            format!("otpauth://totp/{secret}?secret={}\n", &SECRET[..16]),
        ] {
            let answer = otp_reading(&input, &["import", "-"]);
            assert!(!answer.err.contains(secret), "{input}: {}", answer.err);
            assert!(
                answer.err.contains("(hidden)") || answer.err.contains(": (hidden)"),
                "{}",
                answer.err
            );
        }
    }
    // One of 80 bits looks like a name, but it is the key's own.
    let short = &SECRET[..16];
    for label in [short, &short.to_lowercase(), "31323334353637383930", "1234567890"] {
        let input = format!("otpauth://totp/ACME:{label}?secret={short}\n");
        let told = otp_reading(&input, &["import", "-"]).err;
        assert!(told.starts_with("warning: line 1 (ACME: (hidden)): the secret has 80"), "{told}");
    }
    // People and companies are told.
    for name in [
        "alice",
        "alice.long-name.of.somebody@example.com",
        "christianmaximilianschmidt1",
        "ACME AND SONS LIMITED COMPANY",
    ] {
        let input =
            format!("otpauth://totp/{}?secret={}\n", name.replace(' ', "%20"), &SECRET[..16]);
        let told = otp_reading(&input, &["import", "-"]).err;
        assert!(told.contains(name), "{told}");
    }
}

/// Milliseconds for seconds: the tool prints the code of that time, and warns.
#[test]
fn milliseconds_are_told() {
    let told = "the time is beyond the year 5000: pass seconds, not milliseconds\n";
    let answer = otp(&format!("code --at 1764288000000 {SECRET}"));
    assert_eq!((answer.status, answer.err), (0, format!("warning: --at: {told}")));
    let answer = otp(&format!("verify --at 59000000000000 {SECRET} 287082"));
    assert_eq!((answer.status, answer.err), (1, format!("warning: --at: {told}")));
    let answer = otp(&format!("code --at 95617583999 {SECRET}"));
    assert_eq!((answer.status, answer.err.as_str()), (0, ""));
    let keys = format!("otpauth://totp/a?secret={SECRET}\n").repeat(3);
    let answer = otp_reading(&keys, &["find", "--at", "1764288000000", "287082", "-"]);
    let expected = (2, String::new(), format!("error: --at: {told}"));
    assert_eq!((answer.status, answer.out, answer.err), expected);
}
