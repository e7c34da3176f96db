//! The token without a board: on this machine, with overflow checks, and with far more input.

use hardware_token::{COMMANDS, Recovery, Terminal, Timer};

/// Counts nothing, and does the work.
struct NoTimer;

impl Timer for NoTimer {
    fn instructions(&mut self, work: &mut dyn FnMut()) -> Option<u32> {
        work();
        None
    }
}

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn terminal() -> Terminal {
    let set = include_bytes!("../provisioned/recovery_set.bin");
    let mut terminal = Terminal::new();
    terminal.token().provision(Recovery::new(set, 1, &[7; 32], b"user").unwrap());
    terminal
}

fn ask(terminal: &mut Terminal, bytes: &[u8]) -> String {
    let mut answer = String::new();
    bytes.iter().for_each(|byte| terminal.receive(*byte, &mut answer, &mut NoTimer));
    answer
}

#[test]
fn a_session() {
    let mut terminal = terminal();
    let put = format!("put otpauth://totp/alice?secret={SECRET}\n");
    assert_eq!(ask(&mut terminal, put.as_bytes()), "1 alice (TOTP, SHA1, 6 digits, 30 s)\n> ");
    let answer = ask(&mut terminal, b"time 59\rcode 1\r\nverify 1 287082\n");
    let verdict = "the code is accepted and confirms the enrolment, drift 0";
    assert_eq!(answer, format!("it is 59\n> 287082, 1 s left\n> {verdict}\n> "));
    assert!(ask(&mut terminal, b"bench\n").contains("SHA1 code: too many instructions to count\n"));
}

#[test]
fn what_was_provisioned_is_checked() {
    let mut terminal = Terminal::new();
    let none = "error: no recovery codes were provisioned\n> ";
    assert_eq!(ask(&mut terminal, b"time 59\nrecover 0\n"), format!("it is 59\n> {none}"));
    assert!(Recovery::new(&[0; 368], 1, &[7; 32], b"user").is_err());
    let set = include_bytes!("../provisioned/recovery_set.bin");
    assert!(Recovery::new(set, 1, &[7; 13], b"user").is_err());
    // A pepper of another key id: the host's fault, and not counted.
    terminal.token().provision(Recovery::new(set, 2, &[7; 32], b"user").unwrap());
    let answer = "error: the set needs the pepper of key id 1\n> ";
    for _ in 0..9 {
        assert_eq!(ask(&mut terminal, b"recover DETQFDTC4H0CZRYYN10V58B6\n"), answer);
    }
}

/// Each typed line gets its prompt, and no answer has the secret or an escape in it.
#[test]
fn a_hundred_thousand_lines() {
    let put = format!("put otpauth://hotp/a?secret={SECRET}");
    let mut pieces: Vec<&[u8]> = COMMANDS.iter().map(|usage| usage.name.as_bytes()).collect();
    pieces.retain(|piece| *piece != b"bench");
    pieces.extend([
        &b" "[..],
        b" 1",
        b" 2 ",
        b"18446744073709551615",
        b"\x08",
        b"\x7f",
        b"\xc3",
        b"\x1b[",
    ]);
    pieces.extend([
        put.as_bytes(),
        b"&counter=18446744073709551615",
        b"&digits=9",
        b"000000",
        SECRET.as_bytes(),
    ]);
    let mut terminal = terminal();
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for round in 0..100_000 {
        let mut line = Vec::new();
        (0..random(6)).for_each(|_| line.extend(pieces[random(pieces.len())]));
        line.push(b'\n');
        let answer = ask(&mut terminal, &line);
        assert!(answer.ends_with("> "), "{round}: {answer:?} to {line:?}");
        assert!(!answer.contains("GEZDG") && !answer.contains('\x1b'), "{answer:?} to {line:?}");
    }
}
