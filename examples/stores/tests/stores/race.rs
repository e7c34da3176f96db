//! Many threads of two processes submit one code at the same time.

use std::io::{BufRead, BufReader, Lines, Write};
use std::mem;
use std::process::{Child, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::Duration;

use otp_core::{Secret, Totp};
use otp_stores::open;

use super::program;

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const USER: &str = "racer";
/// The number of threads in all processes together.
const THREADS: usize = 32;
const ROUNDS: u64 = 12;
const BUSY: usize = 20;
/// The number of times that a code is submitted again until a killed store has come back.
const TRIES: usize = 20;

pub(crate) struct Race {
    name: String,
    address: String,
    racers: Vec<Racer>,
    /// The output of a process that was killed.
    last_words: Outcome,
}

struct Racer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The number of codes that it has not answered yet.
    asked: usize,
}

/// The result of submitting one code.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    accepted: usize,
    failed: usize,
}

impl Race {
    pub(crate) fn start(name: &str, address: &str) -> Self {
        Self::of(name, address, 2)
    }

    pub(crate) fn of_one_process(name: &str, address: &str) -> Self {
        Self::of(name, address, 1)
    }

    fn of(name: &str, address: &str, processes: usize) -> Self {
        open(name, address).unwrap().enrol(USER).unwrap();
        let (name, address) = (name.to_owned(), address.to_owned());
        let mut race = Self { name, address, racers: Vec::new(), last_words: Outcome::default() };
        race.racers = (0..processes).map(|_| race.racer(THREADS / processes)).collect();
        race
    }

    fn racer(&self, threads: usize) -> Racer {
        let mut command = program();
        command.args([&self.name, &self.address, "race", USER, &threads.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "{SECRET}").unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        Racer { child, lines, asked: 0 }
    }

    /// Submits one code per round from all threads at the same time. In every third round,
    /// `break_it` runs meanwhile. No code is accepted twice, even if it is submitted again
    /// later. If nothing breaks, the code is accepted once.
    pub(crate) fn run(mut self, mut break_it: impl FnMut(&mut Self)) {
        let totp = Totp::new(&Secret::from_base32(SECRET).unwrap());
        let mut broke = 0;
        for round in 1..=ROUNDS {
            let now = round * 90;
            let line = format!("{now} {}", totp.code_at(now).unwrap());
            let breaks = round % 3 == 0;
            self.submit(&line);
            if breaks {
                // Enough work for the time that it takes to kill something.
                (0..BUSY).for_each(|_| self.submit(&line));
                sleep(Duration::from_millis(round / 3));
                break_it(&mut self);
            }
            let first = self.outcome();
            let mut accepted = first.accepted;
            let heals = (0..TRIES).any(|_| {
                self.submit(&line);
                let again = self.outcome();
                accepted += again.accepted;
                again.failed == 0
            });
            assert!(heals, "round {round}: the store does not recover");
            assert!(accepted <= 1, "round {round}: accepted {accepted} times");
            if breaks {
                broke += first.failed;
            } else {
                assert_eq!((first.accepted, first.failed), (1, 0), "round {round}");
            }
        }
        // At least one kill happened while codes were being checked.
        assert!(broke > 0, "nothing broke");
    }

    fn submit(&mut self, line: &str) {
        for racer in &mut self.racers {
            writeln!(racer.child.stdin.as_mut().unwrap(), "{line}").unwrap();
            racer.asked += 1;
        }
    }

    fn outcome(&mut self) -> Outcome {
        let outcomes = self.racers.iter_mut().map(Racer::outcome);
        outcomes.fold(mem::take(&mut self.last_words), Outcome::and)
    }

    pub(crate) fn kill_and_restart_one(&mut self) {
        let threads = THREADS / self.racers.len();
        let mut killed = self.racers.pop().unwrap();
        killed.child.kill().unwrap();
        killed.child.wait().unwrap();
        self.last_words = killed.outcome();
        let fresh = self.racer(threads);
        self.racers.push(fresh);
    }
}

impl Racer {
    /// Returns the results. Codes without an answer before the kill count as failed.
    fn outcome(&mut self) -> Outcome {
        let asked = mem::take(&mut self.asked);
        let one = |_| match self.lines.next() {
            Some(line) => {
                let line = line.unwrap();
                let (accepted, failed) = line.split_once(' ').unwrap();
                Outcome { accepted: accepted.parse().unwrap(), failed: failed.parse().unwrap() }
            }
            None => Outcome { accepted: 0, failed: 1 },
        };
        (0..asked).map(one).fold(Outcome::default(), Outcome::and)
    }
}

impl Outcome {
    fn and(self, other: Self) -> Self {
        Self { accepted: self.accepted + other.accepted, failed: self.failed + other.failed }
    }
}

impl Drop for Race {
    fn drop(&mut self) {
        for racer in &mut self.racers {
            let _ = racer.child.kill();
            let _ = racer.child.wait();
        }
    }
}
