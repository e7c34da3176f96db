//! A stack that the program owns, so that all of it can be read after a call.

use core::arch::asm;

const LEN: usize = 256 * 1024;
const PAINT: u8 = 0xa5;

/// The memory of a stack.
pub struct OwnStack(Box<[Slot]>);

/// A stack pointer is a multiple of 16.
#[derive(Clone, Copy)]
#[repr(align(16))]
struct Slot([u8; 16]);

impl OwnStack {
    pub fn new() -> Self {
        Self(vec![Slot([PAINT; 16]); LEN / 16].into())
    }

    /// Calls a function on this stack, and returns what the stack holds afterwards, from the
    /// deepest byte that was written to the top.
    pub fn after<T>(&mut self, call: extern "C" fn(&T), argument: &T) -> Vec<u8> {
        self.0.fill(Slot([PAINT; 16]));
        let top = self.0.as_mut_ptr_range().end.cast::<u8>();
        // SAFETY: the stack pointer is set to the end of memory that is borrowed here, is a
        // multiple of 16, and is put back before the block ends. The register that keeps it
        // belongs to the callee. `call` does not unwind: a panic in it aborts the program.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!(
                "mov r12, rsp",
                "mov rsp, {top}",
                "call {call}",
                "mov rsp, r12",
                top = in(reg) top,
                call = in(reg) call,
                in("rdi") argument,
                out("r12") _,
                clobber_abi("C"),
            );
            #[cfg(target_arch = "aarch64")]
            asm!(
                "mov x20, sp",
                "mov sp, {top}",
                "blr {call}",
                "mov sp, x20",
                top = in(reg) top,
                call = in(reg) call,
                in("x0") argument,
                out("x20") _,
                clobber_abi("C"),
            );
        }
        let all = self.0.iter().flat_map(|slot| slot.0);
        all.skip_while(|byte| *byte == PAINT).collect()
    }
}
