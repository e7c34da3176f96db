//! Logs in with a store. You can try a store with it, and the tests start it in several
//! processes.

use std::env::args;
use std::io::{BufRead, stdin};
use std::process::ExitCode;
use std::thread;
use std::time::{Instant, SystemTime};

use otp_core::verifier::{LoginError, Verdict, Verifier};
use otp_core::{Secret, Totp};
use otp_stores::{Error, NAMES, StateStore, open};

const USAGE: &str = "usage: otp-stores STORE ADDRESS COMMAND
  enrol USER          stores the state of a new user
  log-in USER CODE    checks a code; the input is the secret, as Base32
  race USER THREADS   the input's first line is the secret; each further line has a time and a code, which all
                      threads submit at the same time; prints how many were accepted, and how many failed
  measure USER TIMES  prints how long a login takes: one load and one swap";

fn main() -> ExitCode {
    let arguments: Vec<String> = args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [store, address, command @ ..] = &*arguments else {
        eprintln!("{USAGE}\nstores: {}", NAMES.join(", "));
        return ExitCode::from(2);
    };
    let done = open(store, address).and_then(|store| match command {
        ["enrol", user] => store.enrol(user),
        ["log-in", user, code] => log_in(&*store, user, code),
        ["race", user, threads] => race(&*store, user, threads.parse()?),
        ["measure", user, times] => measure(&*store, user, times.parse()?),
        _ => Err(USAGE.into()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn read_secret() -> Result<Totp, Error> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    Ok(Totp::new(&Secret::from_base32(line.trim())?))
}

fn submit(
    store: &dyn StateStore,
    user: &str,
    totp: &Totp,
    code: &str,
    now: u64,
) -> Result<Verdict, Error> {
    let swap = |old, new| store.swap(user, old, new);
    let settled = Verifier::DEFAULT.log_in(totp, code, now, || store.load(user), swap);
    Ok(settled.map_err(LoginError::into_error)?.verdict)
}

fn log_in(store: &dyn StateStore, user: &str, code: &str) -> Result<(), Error> {
    let totp = read_secret()?;
    let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
    println!("{:?}", submit(store, user, &totp, code, now)?);
    Ok(())
}

fn race(store: &dyn StateStore, user: &str, threads: usize) -> Result<(), Error> {
    let totp = read_secret()?;
    println!("ready");
    for line in stdin().lines() {
        let line = line?;
        let (now, code) = line.split_once(' ').ok_or("a line needs a time and a code")?;
        let now = now.parse()?;
        let verdicts: Vec<_> = thread::scope(|scope| {
            let submit = || submit(store, user, &totp, code, now);
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(submit)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
        });
        let accepted =
            verdicts.iter().filter(|verdict| matches!(verdict, Ok(Verdict::Accepted(_))));
        let (accepted, failed) = (accepted.count(), verdicts.iter().filter(|v| v.is_err()).count());
        println!("{accepted} {failed}");
    }
    Ok(())
}

fn measure(store: &dyn StateStore, user: &str, times: u64) -> Result<(), Error> {
    let totp = Totp::new(&Secret::from_bytes(b"12345678901234567890")?);
    store.enrol(user)?;
    // Starts after the stored state, so that the command can run again.
    let first = store.load(user)?.next_factor().unwrap_or(1);
    let mut took = Vec::new();
    for step in first..first.saturating_add(times) {
        let now = step.saturating_mul(30);
        let code = totp.code_at(now)?;
        let start = Instant::now();
        let verdict = submit(store, user, &totp, code.as_str(), now)?;
        took.push(start.elapsed());
        if !matches!(verdict, Verdict::Accepted(_)) {
            return Err(format!("the code of step {step} is {verdict:?}").into());
        }
    }
    took.sort_unstable();
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    println!("a login takes {:?} (99 of 100: {:?})", at(50), at(99));
    Ok(())
}
