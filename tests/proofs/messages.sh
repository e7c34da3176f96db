#!/usr/bin/env bash
# The compiler's message says what to do if a program calls a method whose feature is off, or passes
# a type that is not an engine, a key or a hash. It also names each setting that is out of range.
# Functions are called by `holds` and `noticed`.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "$0")/lib.sh"
host=$work/messages
mkdir -p "$host/src/bin"
cp "$root/Cargo.lock" "$host"

cat >"$host/Cargo.toml" <<TOML
[package]
name = "host"
version = "0.0.0"
edition = "2024"
[workspace]
[features]
recovery = ["otp-core/recovery"]
[dependencies]
otp-core = { path = "$root", default-features = false }
TOML

# mistake NAME: the program on standard input, which does not compile.
mistake() { { echo '#![allow(unused)]'; cat; } >"$host/src/bin/$1.rs"; }
# says NAME FEATURES WORDS…: the compiler refuses the program and says each of the words.
says() {
  local name=$1 features=$2 said word missing=0
  said=$(cargo check --quiet --manifest-path "$host/Cargo.toml" --target-dir "$host/target" \
    --features "$features" --bin "$name" 2>&1) && { echo "it compiles"; return 1; }
  printf '%s\n' "$said"
  for word in "${@:3}"; do
    grep -Fq -- "$word" <<<"$said" || { echo "not said: $word"; missing=1; }
  done
  return "$missing"
}
# refused NAME COUNT: as many constants do not compile.
refused() {
  local count
  count=$(says "$1" recovery "E0080" | tee /dev/stderr | grep -c '^error\[E0080\]')
  [[ $count == "$2" ]] || { echo "$count are refused, not $2"; return 1; }
}

mistake secret_from_os <<'RUST'
fn main() { let _ = otp_core::Secret::generate_from_os(otp_core::Algorithm::Sha1); }
RUST
mistake buffer_from_os <<'RUST'
fn main() { let _ = otp_core::SecretBuffer::new().generate_from_os(otp_core::Algorithm::Sha1); }
RUST
mistake secret_from_rng <<'RUST'
fn main() { let _ = otp_core::Secret::generate(&mut (), otp_core::Algorithm::Sha1); }
RUST
mistake buffer_from_rng <<'RUST'
fn main() { let _ = otp_core::SecretBuffer::new().generate(&mut (), otp_core::Algorithm::Sha1); }
RUST
for holder in secret buffer; do
  holds "the feature getrandom is named: $holder" \
    says "${holder}_from_os" "" "needs the feature \`getrandom\`" "cargo add otp-core --features getrandom"
  holds "the feature rand_core is named: $holder" \
    says "${holder}_from_rng" "" "needs the feature \`rand_core\`" "cargo add otp-core --features rand_core"
done

# The compiler itself knows of modules and types that are configured out.
for feature in conformance qr recovery seeds; do
  mistake "module_$feature" <<<"use otp_core::$feature; fn main() {}"
  holds "the feature $feature is named" says "module_$feature" "" "gated behind the \`$feature\` feature"
done

mistake not_an_engine <<'RUST'
use otp_core::{Secret, verifier::{State, Verifier}};
fn main() {
    let secret = Secret::from_bytes(&[7; 20]).unwrap();
    let _ = Verifier::DEFAULT.attempt(&secret, State::confirmed(), "123456", 59);
}
RUST
holds "what is not an engine" says not_an_engine "" \
  "a verifier does not check codes of \`otp_core::Secret\`" "Totp::new(&secret)" "Verifier::attempt_by_host"

mistake own_engine <<'RUST'
struct Sms;
impl otp_core::verifier::Verifiable for Sms { type Key = (); }
fn main() {}
RUST
holds "an engine of one's own" says own_engine "" \
  "\`Verifiable\` is sealed: it cannot be implemented for \`Sms\`" "Totp::from_key"

mistake not_a_key <<'RUST'
use otp_core::{Totp, verifier::{State, Verifier}};
struct Slot;
fn main() { let _ = Verifier::DEFAULT.attempt(&Totp::from_key(Slot), State::confirmed(), "123456", 59); }
RUST
holds "what is not a key" says not_a_key "" \
  "\`Slot\` does not compute the HMACs of one-time codes" "implement \`otp_core::HmacKey\`"

mistake not_a_hash <<'RUST'
use otp_core::recovery::{Length, Pepper, Set};
fn main() {
    let pepper = Pepper::new(1, &[7; 32]).unwrap();
    let fill = |_: &mut [u8]| Ok::<_, ()>(());
    let _ = Set::<10, _>::generate(fill, "bcrypt", Length::DEFAULT, &pepper, b"user", |_, _| ());
}
RUST
holds "what is not a hash" says not_a_hash recovery \
  "\`&str\` is not a hash of recovery codes" "the feature \`argon2\` of otp-core"

mistake settings <<'RUST'
use otp_core::{recovery::Length, verifier::*, LookAhead, Period, Window};
const A: Window = Window::of::<101, 0>();
const B: Window = Window::of::<0, 101>();
const C: LookAhead = LookAhead::of::<101>();
const D: Period = Period::of::<0>();
const E: Budget = Budget::of::<0, 1>();
const F: Budget = Budget::of::<1, { 1 << 32 }>();
const G: Throttle = Throttle::DEFAULT.with_free_tries_of::<0>();
const H: Throttle = Throttle::DEFAULT.with_waits_of::<60, 30>(Backoff::Linear);
const I: Throttle = Throttle::DEFAULT.with_max_failures_of::<0>();
const J: DriftLearning = DriftLearning::of::<0, 1>();
const K: DriftLearning = DriftLearning::of::<20, 1>().with_widening_of::<0, 1>();
const L: Resynchronisation = Resynchronisation::DEFAULT.with_hours_of::<25>();
const M: Resynchronisation = Resynchronisation::DEFAULT.with_counters_of::<1001>();
const N: Resynchronisation = Resynchronisation::DEFAULT.with_codes_of::<4>();
const O: Length = Length::of::<15>();
fn main() {}
RUST
holds "settings out of range: what is wrong" says settings recovery \
  "a window reaches at most 100 steps in a direction" "a period is at least 1 second" \
  "budget: it needs at least 1 guess" "free tries: 0 is out of range" "waits: the first is 0 or over the longest" \
  "resynchronisation: it needs 1 to 24 hours" "a recovery code has 16 to 32 symbols"
holds "settings out of range: each of them" refused settings 15

mistake right <<'RUST'
const WINDOW: otp_core::Window = otp_core::Window::of::<100, 0>();
fn main() {}
RUST
noticed "a program without a mistake" "it compiles" says right ""
exit "$failed"
