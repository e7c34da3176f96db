//! The memory that the module shares with JavaScript: the input, the output, and the objects that
//! JavaScript holds by number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::fmt;

use otp_core::Engine;
use otp_core::recovery::Pepper;
use otp_core::verifier::Verifier;
#[cfg(feature = "main")]
use otp_core::{Hotp, Totp};
use zeroize::Zeroize as _;

use crate::fault::Fault;

/// A buffer over this size is given back after the call, so that a large file does not stay.
const KEPT: usize = 64 * 1024;

struct Module {
    input: Vec<u8>,
    output: Output,
    kept: Kept,
}

struct OneThread(RefCell<Module>);

// SAFETY: the module is built without threads, and only one agent of JavaScript has its instance.
unsafe impl Sync for OneThread {}

static MODULE: OneThread = OneThread(RefCell::new(Module {
    input: Vec::new(),
    output: Output(Vec::new()),
    kept: Kept { slots: Vec::new(), empty: Vec::new() },
}));

/// Reserves `len` bytes for arguments. Returns their address, or null if there is no memory left.
#[unsafe(no_mangle)]
pub extern "C" fn input(len: u32) -> *const u8 {
    let input = &mut MODULE.0.borrow_mut().input;
    let len = len as usize;
    if input.len() < len {
        // It is empty of secrets, because each call wipes what it was passed.
        *input = Vec::new();
        if input.try_reserve_exact(len).is_err() {
            return core::ptr::null();
        }
        input.resize(len, 0);
    }
    input.as_ptr()
}

/// Returns the address of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    MODULE.0.borrow().output.0.as_ptr()
}

/// Returns the length of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn output_len() -> u32 {
    u32::try_from(MODULE.0.borrow().output.0.len()).unwrap_or_default()
}

/// Wipes the answer after JavaScript has read it.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    MODULE.0.borrow_mut().output.clear();
}

/// Wipes the object with this number and forgets it.
#[unsafe(no_mangle)]
pub extern "C" fn release(number: u32) {
    MODULE.0.borrow_mut().kept.remove(number);
}

/// The body of a function of the module.
type Body<'a> = dyn FnMut(&mut Arguments<'_>, &mut Output, &mut Kept) -> Result<f64, Fault> + 'a;

/// Runs the body of a function on its arguments, and turns an error into -1 and an output.
pub(crate) fn call(
    mut body: impl FnMut(&mut Arguments<'_>, &mut Output, &mut Kept) -> Result<f64, Fault>,
) -> f64 {
    run(&mut body)
}

/// It is one function for all bodies: a copy for each of them would make the module larger.
#[inline(never)]
fn run(body: &mut Body<'_>) -> f64 {
    let module = &mut *MODULE.0.borrow_mut();
    module.output.clear();
    let mut arguments = Arguments { bytes: &module.input, read: 0 };
    let result = body(&mut arguments, &mut module.output, &mut module.kept);
    // A call that failed may not have read all of its arguments.
    let read = if result.is_ok() { arguments.read } else { usize::MAX };
    module.wipe_input(read);
    result.unwrap_or_else(|fault| {
        module.refuse(&fault);
        -1.0
    })
}

impl Module {
    #[inline(never)]
    fn wipe_input(&mut self, read: usize) {
        let end = read.min(self.input.len());
        if let Some(read) = self.input.get_mut(..end) {
            read.zeroize();
        }
        if self.input.len() > KEPT {
            self.input = Vec::new();
        }
    }

    #[inline(never)]
    fn refuse(&mut self, fault: &Fault) {
        self.output.clear();
        fault.write(&mut self.output);
    }
}

/// The texts and bytes among the arguments of a call, in the order in which JavaScript wrote them.
pub(crate) struct Arguments<'a> {
    bytes: &'a [u8],
    read: usize,
}

impl<'a> Arguments<'a> {
    #[inline(never)]
    pub(crate) fn bytes(&mut self, len: u32) -> Result<&'a [u8], Fault> {
        let end = self.read.saturating_add(len as usize);
        let bytes = self.bytes.get(self.read..end).ok_or_else(internal)?;
        self.read = end;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self, len: u32) -> Result<&'a str, Fault> {
        str::from_utf8(self.bytes(len)?).map_err(|_| internal())
    }

    #[cfg(feature = "main")]
    pub(crate) fn number(&mut self) -> Result<u32, Fault> {
        let bytes = self.bytes(4)?.try_into().map_err(|_| internal())?;
        Ok(u32::from_le_bytes(bytes))
    }

    #[cfg(feature = "main")]
    pub(crate) fn float(&mut self) -> Result<f64, Fault> {
        let bytes = self.bytes(8)?.try_into().map_err(|_| internal())?;
        Ok(f64::from_le_bytes(bytes))
    }
}

/// The error for JavaScript that wrote other arguments than it announced.
fn internal() -> Fault {
    Fault::new("internal", "the module and its JavaScript do not fit together")
}

/// The answer of a call.
pub(crate) struct Output(Vec<u8>);

impl Output {
    #[inline(never)]
    fn clear(&mut self) {
        self.0.as_mut_slice().zeroize();
        self.0.clear();
        if self.0.capacity() > KEPT {
            self.0 = Vec::new();
        }
    }

    #[inline(never)]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            // Growing in place would leave a copy of the answer so far.
            let mut larger = Vec::with_capacity(needed.saturating_mul(2).max(512));
            larger.extend_from_slice(&self.0);
            self.0.as_mut_slice().zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    /// The length of the answer, as a function of the module returns it.
    pub(crate) fn len(&self) -> f64 {
        self.0.len() as f64
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

/// An object that JavaScript holds by its number.
#[cfg_attr(not(feature = "main"), expect(dead_code, reason = "a seed file leaves nothing behind"))]
pub(crate) enum Slot {
    Engine(Engine),
    Policy(Verifier),
    Pepper(Pepper),
}

/// All objects, numbered from 1. Each is in a box: if the list grew with the objects in it, it
/// would leave unwiped copies of their keys behind.
pub(crate) struct Kept {
    slots: Vec<Option<Box<Slot>>>,
    empty: Vec<u32>,
}

impl Kept {
    #[cfg(feature = "main")]
    pub(crate) fn add(&mut self, slot: Slot) -> f64 {
        let slot = Some(Box::new(slot));
        let index = self.empty.pop().unwrap_or(self.slots.len() as u32);
        match self.slots.get_mut(index as usize) {
            Some(place) => *place = slot,
            None => self.slots.push(slot),
        }
        f64::from(index) + 1.0
    }

    fn remove(&mut self, number: u32) {
        let index = number.wrapping_sub(1);
        if self.slots.get_mut(index as usize).and_then(Option::take).is_some() {
            self.empty.push(index);
        }
    }
}

#[cfg(feature = "main")]
impl Kept {
    fn get(&self, number: u32) -> Option<&Slot> {
        self.slots.get(number.wrapping_sub(1) as usize)?.as_deref()
    }

    pub(crate) fn engine(&self, number: u32) -> Result<&Engine, Fault> {
        let Some(Slot::Engine(engine)) = self.get(number) else { return Err(internal()) };
        Ok(engine)
    }

    pub(crate) fn totp(&self, number: u32) -> Result<&Totp, Fault> {
        let Engine::Totp(totp) = self.engine(number)? else { return Err(internal()) };
        Ok(totp)
    }

    pub(crate) fn hotp(&self, number: u32) -> Result<&Hotp, Fault> {
        let Engine::Hotp { hotp, .. } = self.engine(number)? else { return Err(internal()) };
        Ok(hotp)
    }

    /// 0 is the default.
    pub(crate) fn policy(&self, number: u32) -> Result<Verifier, Fault> {
        match self.get(number) {
            Some(Slot::Policy(policy)) => Ok(*policy),
            None if number == 0 => Ok(Verifier::DEFAULT),
            _ => Err(internal()),
        }
    }

    pub(crate) fn pepper(&self, number: u32) -> Result<&Pepper, Fault> {
        let Some(Slot::Pepper(pepper)) = self.get(number) else { return Err(internal()) };
        Ok(pepper)
    }
}
