//! `otp verify --state FILE` from the outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use otp_core::verifier::{Lifecycle, State};

use crate::tool::{SECRET, TOOL, answers, otp};

/// The bytes of a state file, as this version writes it.
pub(crate) const STATE_LEN: usize = 38;

/// A folder of one test, gone after it.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("otp-core-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.0.join("state")
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn verify(state: &Path, rest: &str) -> String {
    format!("verify --state {} {rest}", state.display())
}

fn spawn(line: &str) -> Child {
    Command::new(TOOL)
        .args(line.split_whitespace())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) fn code_at(at: u64) -> String {
    otp(&format!("code --at {at} {SECRET}")).out.trim().to_owned()
}

#[test]
fn a_code_is_accepted_once() {
    let folder = Folder::new("once");
    let at_59 = verify(&folder.state(), &format!("--at 59 {SECRET} 287082"));
    answers(&at_59, "accepted step=1 drift=0\n", 0);
    answers(&at_59, "replayed\n", 1);
    answers(&verify(&folder.state(), &format!("--at 89 {SECRET} 287082")), "replayed\n", 1);
    answers(
        &verify(&folder.state(), &format!("--at 89 {SECRET} {}", code_at(89))),
        "accepted step=2 drift=0\n",
        0,
    );
    // The state and its lock are left.
    assert_eq!(folder.names(), ["state", "state.lock"]);
    assert_eq!(fs::read(folder.state()).unwrap().len(), STATE_LEN);
}

/// The tool wrote 24 bytes before it wrote 36.
pub(crate) fn version_1(flags: u8, failures: u32, last: u64, wait_until: u64) -> Vec<u8> {
    let fields: [&[u8]; 4] = [
        &[1, flags, 0, 0],
        &failures.to_be_bytes(),
        &last.to_be_bytes(),
        &wait_until.to_be_bytes(),
    ];
    fields.concat()
}

#[test]
fn a_file_of_24_bytes_is_read_and_its_used_code_stays_used() {
    let folder = Folder::new("version-1");
    // Confirmed by the code of step 1, with two wrong codes since then.
    let old = version_1(0b101, 2, 1, 0);
    assert_eq!(old.len(), 24);
    fs::write(folder.state(), &old).unwrap();
    let at_59 = verify(&folder.state(), &format!("--at 59 {SECRET} 287082"));
    answers(&at_59, "replayed\n", 1);
    // A replay changes nothing, so that the file stays as it is.
    assert_eq!(fs::read(folder.state()).unwrap(), old);
    let wrong = otp(&verify(&folder.state(), &format!("--at 59 {SECRET} 000000")));
    assert_eq!((wrong.out.as_str(), wrong.status), ("rejected\n", 1));
    assert_eq!(wrong.err, "2 tries left before a wait\n");
    let state = fs::read(folder.state()).unwrap();
    assert_eq!(state.len(), STATE_LEN);
    assert_eq!(State::from_bytes(&state).unwrap().failures(), 3);
    answers(&at_59, "replayed\n", 1);
    let at_89 = verify(&folder.state(), &format!("--at 89 {SECRET} {}", code_at(89)));
    answers(&at_89, "accepted step=2 drift=0\n", 0);
    answers(&at_89, "replayed\n", 1);
    answers(&at_59, "replayed\n", 1);
    let state = fs::read(folder.state()).unwrap();
    assert_eq!(state.len(), STATE_LEN);
    let state = State::from_bytes(&state).unwrap();
    assert_eq!((state.lifecycle(), state.failures()), (Lifecycle::Confirmed, 0));
}

#[test]
fn a_file_of_24_bytes_keeps_its_lock_and_its_end() {
    let folder = Folder::new("version-1-lock");
    let line = verify(&folder.state(), &format!("--at 89 {SECRET} {}", code_at(89)));
    fs::write(folder.state(), version_1(0b101, 5, 1, 100)).unwrap();
    answers(&line, "locked until=100\n", 1);
    fs::write(folder.state(), version_1(0b111, 100, 1, 0)).unwrap();
    answers(&line, "disabled\n", 1);
    // Counters go on from such a file too.
    fs::write(folder.state(), version_1(0b101, 0, 3, 0)).unwrap();
    let line = verify(&folder.state(), &format!("--counter 0 {SECRET} 338314"));
    answers(&line, "accepted counter=4 next=5\n", 0);
    answers(&line, "replayed\n", 1);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_write_the_state() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("private");
    answers(
        &verify(&folder.state(), &format!("--at 59 {SECRET} 287082")),
        "accepted step=1 drift=0\n",
        0,
    );
    for name in ["state", "state.lock"] {
        let mode = fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = Folder::new("link");
    let real = folder.0.join("real");
    let line = format!("--at 59 {SECRET} 287082");
    answers(&verify(&real, &line), "accepted step=1 drift=0\n", 0);
    std::os::unix::fs::symlink(&real, folder.state()).unwrap();
    answers(&verify(&folder.state(), &line), "replayed\n", 1);
    let line = format!("--at 89 {SECRET} {}", code_at(89));
    answers(&verify(&folder.state(), &line), "accepted step=2 drift=0\n", 0);
    assert!(folder.state().is_symlink());
    answers(&verify(&real, &line), "replayed\n", 1);
}

#[test]
fn counters_go_on_from_the_state() {
    let folder = Folder::new("counter");
    let verify = |rest: &str| verify(&folder.state(), rest);
    // 969429 is the code of counter 3.
    answers(&verify(&format!("--counter 2 {SECRET} 969429")), "accepted counter=3 next=4\n", 0);
    answers(&verify(&format!("--counter 2 {SECRET} 969429")), "replayed\n", 1);
    answers(&verify(&format!("--counter 0 {SECRET} 338314")), "accepted counter=4 next=5\n", 0);
    let uri = format!("otpauth://hotp/a?secret={SECRET}&counter=5");
    answers(&verify(&format!("{uri} 254676")), "accepted counter=5 next=6\n", 0);
    let folder = Folder::new("last-counter");
    let last =
        super::state::verify(&folder.state(), &format!("--counter {} {SECRET} 094451", u64::MAX));
    answers(&last, &format!("accepted counter={} next=none\n", u64::MAX), 0);
    answers(&last, "replayed\n", 1);
}

#[test]
fn a_lock_ends_and_a_hundred_failures_disable() {
    let folder = Folder::new("lock");
    let try_at =
        |at: u64, code: &str| otp(&verify(&folder.state(), &format!("--at {at} {SECRET} {code}")));
    let (mut at, mut tries) = (1_000_000_000, 0);
    loop {
        let answer = try_at(at, "000000");
        assert_eq!((answer.out.as_str(), answer.status), ("rejected\n", 1), "{}", answer.err);
        tries += 1;
        if tries == 1 {
            assert_eq!(answer.err, "4 tries left before a wait\n");
        }
        if tries == 100 {
            assert_eq!(answer.err, "disabled from now on\n");
            break;
        }
        if tries >= 5 {
            let until: u64 =
                answer.err.trim().strip_prefix("locked until=").unwrap().parse().unwrap();
            if tries < 7 {
                // The right code and a wrong one get the same answer.
                for code in [code_at(until - 1).as_str(), "000000"] {
                    let answer = try_at(until - 1, code);
                    assert_eq!(answer.out, format!("locked until={until}\n"));
                    assert_eq!(answer.status, 1);
                }
            }
            at = until;
        }
    }
    answers(
        &verify(&folder.state(), &format!("--at {at} {SECRET} {}", code_at(at))),
        "disabled\n",
        1,
    );
}

#[test]
fn a_malformed_code_is_an_error_and_counts_nothing() {
    let folder = Folder::new("malformed");
    for _ in 0..10 {
        let answer = otp(&verify(&folder.state(), &format!("--at 59 {SECRET} 28708")));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert_eq!(answer.err, "error: malformed code: a code here has 6 digits\n");
    }
    answers(
        &verify(&folder.state(), &format!("--at 59 {SECRET} 287082")),
        "accepted step=1 drift=0\n",
        0,
    );
}

#[test]
fn a_file_that_is_no_state_is_refused_and_left() {
    let folder = Folder::new("damaged");
    let good: Vec<u8> = State::enrolment().to_bytes().as_ref().to_vec();
    let with = |place: usize, byte| {
        let mut bytes = good.clone();
        bytes[place] = byte;
        bytes
    };
    let old = version_1(0, 0, 0, 0);
    let length = "wrong number of bytes for its version";
    let cases: [(&[u8], &str); 9] = [
        (b"", length),
        (&good[..35], length),
        (&good[..24], length),
        (&old[..23], length),
        (&[&good[..], b"\n"].concat(), length),
        (&[&old[..], b"\n"].concat(), length),
        (&with(0, 3), "has an unknown version"),
        (&with(15, 7), "is damaged"),
        (b"some text of a user, not ours", "has an unknown version"),
    ];
    for (bytes, sentence) in cases {
        fs::write(folder.state(), bytes).unwrap();
        let answer = otp(&verify(&folder.state(), &format!("--at 59 {SECRET} 287082")));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert!(answer.err.contains("left as it is"), "{}", answer.err);
        assert!(answer.err.contains(sentence), "{}", answer.err);
        assert!(!answer.err.contains("287082") && !answer.err.contains(SECRET));
        assert_eq!(fs::read(folder.state()).unwrap(), bytes);
    }
}

#[test]
fn a_place_where_no_file_can_be_is_an_error() {
    let folder = Folder::new("places");
    for place in [folder.0.clone(), folder.0.join("absent").join("state")] {
        let answer = otp(&verify(&place, &format!("--at 59 {SECRET} 287082")));
        assert_eq!((answer.out.as_str(), answer.status), ("", 2));
        assert!(answer.err.contains("the file of the state"), "{}", answer.err);
    }
    assert_eq!(folder.names(), [""; 0]);
    // If the state cannot be put in its place, nobody is let in.
    fs::create_dir(folder.0.join("state.new")).unwrap();
    let answer = otp(&verify(&folder.state(), &format!("--at 59 {SECRET} 287082")));
    assert_eq!((answer.out.as_str(), answer.status), ("", 2));
    assert!(answer.err.contains("cannot write the file of the state or set"), "{}", answer.err);
}

#[test]
fn f09_of_many_processes_with_one_code_one_is_let_in() {
    let folder = Folder::new("processes");
    let line = verify(&folder.state(), &format!("--at 59 {SECRET} 287082"));
    let children: Vec<_> = (0..30).map(|_| spawn(&line)).collect();
    let mut outputs: Vec<_> = children
        .into_iter()
        .map(|child| String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
        .collect();
    outputs.sort();
    assert_eq!(outputs[0], "accepted step=1 drift=0\n");
    assert!(outputs[1..].iter().all(|output| output == "replayed\n"), "{outputs:?}");
}

#[test]
fn f09_of_many_processes_that_guess_each_is_counted() {
    let folder = Folder::new("guesses");
    let line = verify(&folder.state(), &format!("--at 59 {SECRET} 000000"));
    let children: Vec<_> = (0..20).map(|_| spawn(&line)).collect();
    let outputs = children.into_iter().map(|child| child.wait_with_output().unwrap().stdout);
    let rejected = outputs.filter(|output| output == b"rejected\n").count();
    // The rest found it locked.
    assert_eq!(rejected, 5);
    let state = State::from_bytes(&fs::read(folder.state()).unwrap()).unwrap();
    assert_eq!(state.failures(), 5);
}

#[test]
fn a_process_that_is_killed_leaves_a_whole_state() {
    let folder = Folder::new("killed");
    // As long as one takes that nobody kills.
    let start = Instant::now();
    otp(&verify(&folder.state(), &format!("--at 59 {SECRET} 287082")));
    let undisturbed = start.elapsed();

    let mut committed = 0;
    for round in 0..40 {
        let at = 1_000_000_000 + u64::from(round) * 30;
        let line = verify(&folder.state(), &format!("--at {at} {SECRET} {}", code_at(at)));
        let mut child = spawn(&line);
        thread::sleep(undisturbed * round / 20);
        let _ = child.kill();
        let first = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        if let Ok(bytes) = fs::read(folder.state()) {
            State::from_bytes(&bytes).unwrap();
        }
        // The code lets nobody in a second time, at whichever moment the process was killed.
        let second = otp(&line);
        let accepted = format!("accepted step={} drift=0\n", at / 30);
        if first == accepted {
            assert_eq!(second.out, "replayed\n");
        } else {
            assert!([accepted.as_str(), "replayed\n"].contains(&second.out.as_str()));
        }
        committed += usize::from(second.out == "replayed\n");
    }
    // Some came before the commit and some after it, else this has shown nothing.
    assert!((1..40).contains(&committed), "{committed} of 40");
    assert_eq!(folder.names(), ["state", "state.lock"]);
}
