//! Seed files of hardware tokens: PSKC (RFC 6030) and CSV.
//!
//! A manufacturer ships hardware tokens with a file of their shared secrets, the seeds. [`Pskc`]
//! and [`Csv`] read such a file one token at a time. A [`Token`] provides the engine that verifies
//! its codes, and the initial state for the verifier.
//!
//! # From a manufacturer's PSKC file to a verifying token
//! # From a maker's PSKC file to a verifying token
//! ```
//! use otp_core::seeds::{Buffer, Pskc, Unlock};
//! use otp_core::verifier::{Swap, Verdict, Verifier};
//!
//! let file = br#"<?xml version="1.0" encoding="UTF-8"?>
//!     <KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">
//!       <KeyPackage>
//!         <DeviceInfo><Manufacturer>ACME</Manufacturer><SerialNo>2600001</SerialNo></DeviceInfo>
//!         <Key Id="1" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
//!           <AlgorithmParameters>
//!             <ResponseFormat Length="8" Encoding="DECIMAL"/>
//!           </AlgorithmParameters>
//!           <Data>
//!             <Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret>
//!             <TimeInterval><PlainValue>60</PlainValue></TimeInterval>
//!           </Data>
//!         </Key>
//!       </KeyPackage>
//!     </KeyContainer>"#;
//!
//! let mut buffer = Buffer::new();
//! // For an encrypted file use Unlock::Key or Unlock::Passphrase.
//! let mut tokens = Pskc::open(file, Unlock::Plain, &mut buffer)?;
//! while let Some(token) = tokens.next_token()? {
//!     let token = match token {
//!         Ok(token) => token,
//!         Err(refused) => { println!("{refused}"); continue } // this token only
//!     };
//!     assert_eq!(token.serial().unwrap(), "2600001");
//!     let (engine, state) = (token.engine()?, token.state());
//!
//!     // Store the secret and the state. At a login:
//!     let attempt = Verifier::DEFAULT.attempt(&engine, state, "94287082", 119)?;
//!     let settled = attempt.commit(|_old, _new| Ok::<_, std::io::Error>(Swap::Stored))?;
//!     assert!(matches!(settled.verdict, Verdict::Accepted(_)));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Errors
//! An error names the part that is wrong, the problem, and the byte of the file. It does not
//! contain any of the file.
//!
//! - [`Error`], from `open` and `next_token`, is an error of the file. Nothing more can be read
//!   from it. For example, the XML is not well-formed, the file is cut off, or the key is wrong.
//! - [`Refused`] is an error of one token. It names the token by its serial number, if the file has
//!   one. The reader continues with the next token.
//!
//! A token is returned completely or not at all. An encrypted value is used only after its MAC was
//! checked.
//!
//! # Memory
//! The readers do not allocate, and their memory does not grow with the file. The file is a slice:
//! read it into memory, or map it. Decrypted secrets and keys are only in the [`Buffer`], which is
//! wiped.

mod buffer;
mod cells;
mod cipher;
mod columns;
mod container;
mod csv;
mod cursor;
mod derive;
mod error;
mod exposed;
mod fault;
mod mac;
mod namespace;
mod options;
mod package;
mod policy;
mod pskc;
mod suite;
mod text;
mod token;
mod value;
mod xml;

pub use self::{
    buffer::Buffer,
    columns::Column,
    csv::Csv,
    error::{Error, Part, Problem, Refused},
    options::{CsvOptions, PskcOptions, SecretEncoding, Unlock},
    pskc::Pskc,
    text::{Chars, Text},
    token::Token,
};
