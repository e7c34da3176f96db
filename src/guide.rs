//! A guide: what to do first, code that works, and what can go wrong.
//!
//! | you want to | page |
//! |---|---|
//! | show a QR code and take the first code | [Enrol and confirm](enrol) |
//! | know whether to ask for a code | [Who is asked for a code](ask) |
//! | check a code | [Log in](log_in) |
//! | help a user whose phone is gone | [Lost phone](lost_phone) |
//! | move a user to a new phone | [New phone](new_phone) |
//! | let a user have a phone and a tablet | [Two devices](two_devices) |
//! | give out codes for the day when the phone is gone | [Recovery codes](recovery) |
//! | unlock, disable, repair, resynchronise | [What an administrator does](administrator) |
//! | take in users who have a factor already | [Users of another system](migrate) |
//! | run more than one server | [Two servers](two_servers) |
//! | keep the secrets out of the server | [Keys in a KMS or an HSM](kms) |
//! | build a token or a lock | [On a hardware token or a lock](token) |
//! | use it from JavaScript | [In a browser, a Worker or Node](browser) |
//! | test your service | [Test your own code with a fixed clock](testing) |
//! | see an attack | [Monitoring and alerts](monitoring) |
//! | review a service | [A security check list](checklist) |
//! | know what a word means | [Glossary](glossary) |
//!
//! # A login
#![doc = include_str!("../docs/pictures/login.svg")]
//!
//! # The layers of the crate
#![doc = include_str!("../docs/pictures/layers.svg")]

// The pages link one another by titles. Here the titles stand for modules; in the files, for files.
macro_rules! pages {
    ($($name:ident $file:literal, $see:literal;)+) => {$(
        #[doc = "[new phone]: new_phone\n[recovery code]: recovery\n[recovery codes]: recovery"]
        #[doc = "[two devices]: two_devices\n[watch it]: monitoring"]
        #[doc = "[what an administrator does]: administrator\n[lost phone]: lost_phone"]
        #[doc = "[in JavaScript]: browser\n"]
        #[doc = include_str!($file)]
        #[doc = ""]
        #[doc = $see]
        pub mod $name {}
    )+};
}

pages! {
    enrol "../docs/guide/enrol.md", "In the reference: [`UriBuilder`](crate::otpauth::UriBuilder), \
        [`State::enrolment`](crate::verifier::State::enrolment), [`SecretBuffer`](crate::SecretBuffer).";
    ask "../docs/guide/ask.md", "In the reference: \
        [`State::requires_code`](crate::verifier::State::requires_code), \
        [`Lifecycle`](crate::verifier::Lifecycle).";
    log_in "../docs/guide/log_in.md", "In the reference: \
        [`Verifier::log_in`](crate::verifier::Verifier::log_in), [`Verdict`](crate::verifier::Verdict), \
        [`Swap`](crate::verifier::Swap), [`Throttle`](crate::verifier::Throttle).";
    lost_phone "../docs/guide/lost_phone.md", "In the reference: \
        [`State::disabled`](crate::verifier::State::disabled), \
        [`State::enabled`](crate::verifier::State::enabled).";
    new_phone "../docs/guide/new_phone.md", "In the reference: \
        [`State::enrolment`](crate::verifier::State::enrolment), \
        [`Accepted::confirms`](crate::verifier::Accepted::confirms).";
    two_devices "../docs/guide/two_devices.md", "In the reference: \
        [`Verifier::log_in_any`](crate::verifier::Verifier::log_in_any), \
        [`Changes`](crate::verifier::Changes).";
    recovery "../docs/guide/recovery.md", "In the reference: `recovery::Set`, `recovery::Pepper`, \
        `Verifier::redeem`.";
    administrator "../docs/guide/administrator.md", "In the reference: \
        [`State`](crate::verifier::State), \
        [`Verifier::resynchronise`](crate::verifier::Verifier::resynchronise), \
        [`find`](crate::verifier::find).";
    migrate "../docs/guide/migrate.md", "In the reference: \
        [`State::confirmed`](crate::verifier::State::confirmed), \
        [`Export`](crate::migration::Export), `seeds`.";
    two_servers "../docs/guide/two_servers.md", "In the reference: \
        [`Attempt::commit`](crate::verifier::Attempt::commit).";
    kms "../docs/guide/kms.md", "In the reference: \
        [`Verifier::plan`](crate::verifier::Verifier::plan), [`HmacKey`](crate::HmacKey), \
        [`Truncated`](crate::Truncated).";
    token "../docs/guide/token.md", "In the reference: \
        [`DriftLearning`](crate::verifier::DriftLearning), [`Hotp`](crate::Hotp).";
    browser "../docs/guide/browser.md", "";
    testing "../docs/guide/testing.md", "In the reference: `conformance`.";
    monitoring "../docs/guide/monitoring.md", "In the reference: \
        [`Record`](crate::verifier::Record), \
        [`State::budget_full_at`](crate::verifier::State::budget_full_at).";
    checklist "../docs/guide/checklist.md", "In the reference: \
        [`Verifier::guess_bound`](crate::verifier::Verifier::guess_bound).";
    glossary "../docs/guide/glossary.md", "";
}
