//! Gives the HTTP library's own answers the format of all other answers.
//!
//! If hyper cannot read a request, it answers with a status and an empty body, and none of our
//! services sees it. This module recognises such an answer while it is written: it does not
//! have the request id that each of our answers has. The module then writes an answer with a
//! JSON body instead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::timeout;

use crate::error::ApiError;
use crate::request;

/// The time, and the number of bytes, for which the server reads on after its last answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 256 * 1024;

pub struct OwnAnswers<S> {
    stream: S,
    /// The bytes of our answer that are not written yet.
    instead: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> OwnAnswers<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, instead: Vec::new() }
    }

    /// Writes an answer, which is the last one of this connection.
    pub async fn refuse(&mut self, status: StatusCode) {
        // If the client is gone, the answer has no reader.
        let _gone = self.stream.write_all(&answer(status)).await;
    }

    /// Ends the connection so that the last answer arrives. If the server left bytes unread,
    /// the system would reset the connection, and the client might not read the answer.
    pub async fn linger(&mut self) {
        let _gone = self.stream.shutdown().await;
        let mut rest = (&mut self.stream).take(LINGER_BYTES);
        let _enough = timeout(LINGER, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    }

    fn poll_instead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.instead.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.instead))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.instead.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

/// Returns the status if this is an answer that none of our services made.
fn of_the_library(bytes: &[u8]) -> Option<StatusCode> {
    let status = bytes.strip_prefix(b"HTTP/1.1 4").or_else(|| bytes.strip_prefix(b"HTTP/1.0 4"))?;
    let head = bytes.strip_suffix(b"\r\n\r\n")?;
    let id = request::ID.as_bytes();
    let is_ours = head.windows(id.len()).any(|part| part == id);
    let status = [b"4", status.get(..2)?].concat();
    if is_ours { None } else { StatusCode::from_bytes(&status).ok() }
}

fn answer(status: StatusCode) -> Vec<u8> {
    tracing::info!(status = status.as_u16(), "a request could not be read");
    let body = ApiError::of_status(status).body().to_string();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for OwnAnswers<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_instead(context))?;
        if let Some(status) = of_the_library(bytes) {
            self.instead = answer(status);
            // The bytes count as written. Our answer is written now, or at the next flush.
            return match self.poll_instead(context) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ => Poll::Ready(Ok(bytes.len())),
            };
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for OwnAnswers<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_library_are_told_from_ours() {
        let theirs = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
                       content-length: 0\r\n\r\n";
        assert_eq!(of_the_library(theirs).map(|status| status.as_u16()), Some(431));
        for ours in [
            &b"HTTP/1.1 404 Not Found\r\nx-request-id: 1\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 404 Not Found\r\nx-request-id: 1\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 4",
            b"",
        ] {
            assert_eq!(of_the_library(ours), None);
        }
    }
}
