//! Texts that people really paste, scan and import, row by row, with the right answer of the
//! tool.

use crate::tool::{SECRET, otp_reading_bytes};

/// An export of Google Authenticator, the second of two QR codes: one good entry, one of MD5,
/// one with a control character, one with an empty secret, and a good one.
const EXPORT: &str = "otpauth-migration://offline?data=CigKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgRnb29kGgRBQ01FIAEoATACCiYKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgNtZDUaA09sZCAEKAEwAgonChQxMjM0NTY3ODkwMTIzNDU2Nzg5MBIEYmFkGxoDQ3RsIAEoATACChMKABIFZW1wdHkaAk5vIAEoATACCigKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgRsYXN0GgRBQ01FIAEoATACEAEYAiABKAk%3D";

/// The input on standard input, the arguments, what is printed, what is told, the exit status.
struct Row<'r> {
    input: Vec<u8>,
    line: &'r str,
    out: &'r str,
    err: &'r [&'r str],
    status: i32,
}

fn row<'r>(input: &str, line: &'r str, out: &'r str, err: &'r [&'r str], status: i32) -> Row<'r> {
    Row { input: input.replace("$S", SECRET).into_bytes(), line, out, err, status }
}

/// As PowerShell saves it.
fn utf16(row: Row<'_>) -> Row<'_> {
    let text = String::from_utf8(row.input).unwrap();
    let units = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    Row { input: units, ..row }
}

#[test]
fn every_row_has_its_right_answer() {
    let good = "otpauth://totp/ACME:good?secret=$S&issuer=ACME&algorithm=SHA1&digits=6&period=30\n\
                otpauth://totp/ACME:last?secret=$S&issuer=ACME&algorithm=SHA1&digits=6&period=30\n";
    let a = "otpauth://totp/a?secret=$S&algorithm=SHA1&digits=6&period=30\n";
    let steam = "otpauth://steam/Steam:?secret=$S&issuer=Steam&algorithm=SHA1&digits=5&period=30\n";
    let code = "code --at 59 -";
    let import = "import -";
    let at_nine = otp_at_local_time();
    let rows = [
        // Secrets as they are shown and pasted.
        row("GEZD GNBV GY3T QOJQ\nGEZD GNBV GY3T QOJQ\n", code, "287082\n", &[], 0),
        row(
            "\tGEZD\u{a0}GNBV\u{2009}GY3T\u{202f}QOJQ\u{200b}GEZD\u{ad}GNBV-GY3T-QOJQ",
            code,
            "287082\n",
            &[],
            0,
        ),
        row("\u{feff}$S\r\n", code, "287082\n", &[], 0),
        // Secrets in another encoding.
        row("I7FFCmtSuSFguUDtXMsfTebpQGk=", code, "148563\n", &["it may be Base64"], 0),
        row(
            "gezdGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            code,
            "287082\n",
            &["warning: the secret is read as Base32"],
            0,
        ),
        row("31323334353637383930313233343536373839ff", code, "", &["use --hex"], 2),
        row(
            "{\"services\":[{\"name\":\"a\",\"secret\":\"31323334353637383930313233343536373839ff\",\"otp\":{}}]}",
            import,
            "",
            &["hexadecimal instead of Base32"],
            2,
        ),
        // Lists of key URIs.
        row("\u{feff}\n# mine\n  otpauth://totp/a?secret=$S\r\n\r\n", import, a, &[], 0),
        utf16(row("otpauth://totp/a?secret=$S\r\n", import, a, &[], 0)),
        row("steam://$S\n", import, steam, &[], 0),
        // Apps: plain, and encrypted with the remedy.
        row(
            "{\"header\":{},\"db\":{\"entries\":[{\"type\":\"totp\",\"name\":\"a\",\"info\":{\"secret\":\"$S\"}}]}}",
            import,
            a,
            &[],
            0,
        ),
        row(
            "{\"header\":{},\"db\":\"xyz\"}",
            import,
            "",
            &["an encrypted Aegis vault: export it as plain text"],
            2,
        ),
        row(
            "motp://a:b?secret=1\notpauth://totp/a?secret=$S",
            import,
            a,
            &["refused: line 1: type: mOTP is not supported"],
            1,
        ),
        row(
            "otpauth://totp/a?secret=$S&algorithm=Algorithm.sha1\n",
            import,
            "",
            &["expected SHA1, SHA256 or SHA512"],
            2,
        ),
        row(
            "otpauth://totp/A%E2%80%AEB:a?secret=$S\n",
            import,
            "",
            &["text-direction override", "(at byte 16)"],
            2,
        ),
        // A Google export: the good entries come out, each bad one is named, and so are the
        // other QR codes.
        row(
            EXPORT,
            import,
            good,
            &[
                "refused: line 1, entry 2 (Old: md5): algorithm: not supported",
                "refused: line 1, entry 3 (Ctl): name: ",
                "refused: line 1, entry 4 (No: empty): secret: ",
                "part 1 of 2 is missing",
            ],
            1,
        ),
        // PSKC, with all that it says.
        row(
            "<KeyContainer Version='1.0' xmlns='urn:ietf:params:xml:ns:keyprov:pskc'><KeyPackage><DeviceInfo>\
             <SerialNo>7</SerialNo></DeviceInfo><Key Algorithm='totp'><AlgorithmParameters><Suite>SHA256</Suite>\
             <ResponseFormat Length='8' Encoding='DECIMAL'/></AlgorithmParameters><Data><Secret><PlainValue>\
             MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret><TimeInterval><PlainValue>60</PlainValue></TimeInterval>\
             <TimeDrift><PlainValue>4</PlainValue></TimeDrift></Data></Key></KeyPackage></KeyContainer>",
            "import --json -",
            "{\"ok\":true,\"type\":\"totp\",\"issuer\":null,\"account\":\"7\",\
             \"secret_hex\":\"3132333435363738393031323334353637383930\",\"algorithm\":\"SHA256\",\"digits\":8,\
             \"period\":60,\"counter\":null,\"serial\":\"7\",\"drift\":4}\n",
            &[],
            0,
        ),
        // CSV of token makers.
        row(
            "upn,serial number,secret key,time interval,manufacturer,model\r\na,7,$S,30,,\r\n",
            import,
            a,
            &[],
            0,
        ),
        row(
            "2600001,$S,hotp,6\n",
            import,
            "otpauth://hotp/2600001?secret=$S&algorithm=SHA1&digits=6&counter=0\n",
            &[],
            0,
        ),
        row(
            "serial;seed;type;digits;period\n1;3132333435363738393031323334353637383930;totp;8;60\n",
            import,
            "otpauth://totp/1?secret=$S&algorithm=SHA1&digits=8&period=60\n",
            &[],
            0,
        ),
        // Codes that are malformed, and not merely wrong.
        row("$S", "verify --at 59 - 28708", "", &["malformed code"], 2),
        row("$S", "verify --at 59 - 28708²", "", &["malformed code"], 2),
        row("$S", "verify --at 59 - ۲۸۷۰۸۲", "accepted step=1 drift=0\n", &[], 0),
        row("$S", "verify --at 59 - 287–082", "accepted step=1 drift=0\n", &[], 0),
        row("$S", "verify --at 59 - 287082\t\r\n", "accepted step=1 drift=0\n", &[], 0),
        row(
            "$S",
            "verify --at 59 - \u{200e}287\u{202f}082\u{200b}",
            "accepted step=1 drift=0\n",
            &[],
            0,
        ),
        row("$S", "verify --at 59 -- - -287082", "", &["malformed code"], 2),
        row("$S", "verify --at 59 -- - +287082", "", &["malformed code"], 2),
        // Time.
        row("$S", "verify --at 59000000000000 - 287082", "rejected\n", &["not milliseconds"], 1),
        row("$S", "code --t0 -32400 --at 0 -", &at_nine, &[], 0),
        row("$S", "verify --state /nowhere/state --at 1234567890000 - 287082", "", &["error: "], 2),
    ];
    for Row { input, line, out, err, status } in rows {
        let arguments: Vec<_> = line.split(' ').collect();
        let shown = String::from_utf8_lossy(&input);
        let answer = otp_reading_bytes(&input, &arguments);
        let out = out.replace("$S", SECRET);
        assert_eq!((answer.out, answer.status), (out, status), "{shown} {line}: {}", answer.err);
        assert!(!err.is_empty() || answer.err.is_empty(), "{shown} {line}: {}", answer.err);
        for sentence in err {
            assert!(answer.err.contains(sentence), "{shown} {line}: {}", answer.err);
        }
        assert!(!answer.err.contains("GEZD"), "{}", answer.err);
    }
}

/// The code of a device in Japan at the start of 1970 in its own time.
fn otp_at_local_time() -> String {
    otp_reading_bytes(SECRET.as_bytes(), &["code", "--at", "32400", "-"]).out
}
