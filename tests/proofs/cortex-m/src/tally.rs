//! The numbers of instructions that trials took, class by class.

use cortex_m_semihosting::hprintln;
use heapless::Vec;

/// Classes of one section at most.
const CLASSES: usize = 16;
/// Trials of a class at least: fewer would show nothing.
const ENOUGH: u32 = 1000;

/// Trials of which only what is secret differs.
struct Class {
    name: &'static str,
    trials: u32,
    least: u32,
    most: u32,
}

/// The classes of a section, and whether all trials of each class so far were alike.
pub struct Tally {
    section: &'static str,
    classes: Vec<Class, CLASSES>,
    is_even: bool,
}

impl Tally {
    /// An empty tally.
    #[must_use]
    pub const fn new() -> Self {
        Self { section: "", classes: Vec::new(), is_even: true }
    }

    /// Begins a section.
    pub fn begin(&mut self, section: &'static str) {
        self.section = section;
        self.classes.clear();
    }

    /// Counts a trial in.
    pub fn note(&mut self, name: &'static str, instructions: u32) {
        if let Some(class) = self.classes.iter_mut().find(|class| class.name == name) {
            class.trials += 1;
            class.least = class.least.min(instructions);
            class.most = class.most.max(instructions);
            return;
        }
        let class = Class { name, trials: 1, least: instructions, most: instructions };
        // A class that does not fit is missed, and then nothing is proven.
        self.is_even &= self.classes.push(class).is_ok();
    }

    /// Prints the section, and checks it.
    pub fn end(&mut self) {
        self.is_even &= !self.classes.is_empty();
        for Class { name, trials, least, most } in &self.classes {
            hprintln!("{}, {}: {} trials, {} to {}", self.section, name, trials, least, most);
            if least != most {
                hprintln!("UNEVEN: {}, {}", self.section, name);
                self.is_even = false;
            }
            if *trials < ENOUGH {
                hprintln!("TOO FEW TRIALS: {}, {}", self.section, name);
                self.is_even = false;
            }
        }
    }

    /// Returns whether every class took the same number of instructions in all its trials, and had
    /// enough of them.
    #[must_use]
    pub const fn is_even(&self) -> bool {
        self.is_even
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}
