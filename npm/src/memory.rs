//! The memory that the module shares with JavaScript: the input, the output, and what JavaScript keeps by number.

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

/// Makes room for so many bytes of arguments. Returns where it is, or null if there is no memory left.
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

/// Returns where the answer lies.
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    MODULE.0.borrow().output.0.as_ptr()
}

/// Returns the length of the answer.
#[unsafe(no_mangle)]
pub extern "C" fn output_len() -> u32 {
    u32::try_from(MODULE.0.borrow().output.0.len()).unwrap_or_default()
}

/// Wipes the answer, after it was read.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    MODULE.0.borrow_mut().output.clear();
}

/// Wipes and forgets what JavaScript kept by this number.
#[unsafe(no_mangle)]
pub extern "C" fn release(number: u32) {
    MODULE.0.borrow_mut().kept.remove(number);
}

/// Runs a function of the module on its arguments, and turns an error into -1 and an output.
pub(crate) fn call<T: From<i8>>(
    run: impl FnOnce(&mut Arguments<'_>, &mut Output, &mut Kept) -> Result<T, Fault>,
) -> T {
    let module = &mut *MODULE.0.borrow_mut();
    module.output.clear();
    let mut arguments = Arguments { bytes: &module.input, read: 0 };
    let result = run(&mut arguments, &mut module.output, &mut module.kept);
    // A call that failed may not have read all that was written.
    let read = if result.is_ok() { arguments.read } else { usize::MAX };
    module.wipe_input(read);
    result.unwrap_or_else(|fault| {
        module.refuse(&fault);
        T::from(-1)
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

/// The arguments of a call that are texts or bytes, in the order in which JavaScript wrote them.
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

/// JavaScript wrote something else than it announced.
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
            // Growing in place would leave a copy of what was written so far.
            let mut larger = Vec::with_capacity(needed.saturating_mul(2).max(512));
            larger.extend_from_slice(&self.0);
            self.0.as_mut_slice().zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn len(&self) -> i32 {
        i32::try_from(self.0.len()).unwrap_or(i32::MAX)
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

/// What JavaScript keeps by a number.
#[cfg_attr(not(feature = "main"), expect(dead_code, reason = "a seed file leaves nothing behind"))]
pub(crate) enum Slot {
    Engine(Engine),
    Policy(Verifier),
    Pepper(Pepper),
}

/// All of it, by number from 1 on.
pub(crate) struct Kept {
    slots: Vec<Option<Slot>>,
    empty: Vec<u32>,
}

impl Kept {
    #[cfg(feature = "main")]
    pub(crate) fn add(&mut self, slot: Slot) -> i32 {
        let number = match self.empty.pop() {
            Some(number) => {
                if let Some(place) = self.slots.get_mut(number as usize) {
                    *place = Some(slot);
                }
                number
            }
            None => {
                self.slots.push(Some(slot));
                u32::try_from(self.slots.len()).unwrap_or_default().wrapping_sub(1)
            }
        };
        i32::try_from(number).map_or(-1, |number| number.saturating_add(1))
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
        self.slots.get(number.wrapping_sub(1) as usize)?.as_ref()
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
