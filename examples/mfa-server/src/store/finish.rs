//! Completes requests that have started to commit.
//!
//! If a client hangs up, hyper drops its request at the point where it waits. Before the
//! commit, that undoes everything. During the commit, the database might store the result, and
//! no line of the audit log would report it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

tokio::task_local! {
    static BEGUN: Arc<AtomicBool>;
}

/// Marks the request as one that now stores something. Outside of [`to_its_end`] it does
/// nothing.
pub(super) fn begun() {
    let _nobody = BEGUN.try_with(|begun| begun.store(true, Ordering::Relaxed));
}

/// Runs a request. If the request is dropped after it started to store something, it goes on in
/// a task of its own.
pub async fn to_its_end<T: Send + 'static>(request: impl Future<Output = T> + Send + 'static) -> T {
    let begun = Arc::new(AtomicBool::new(false));
    let request = Some(Box::pin(BEGUN.scope(Arc::clone(&begun), request)) as BoxFuture<'_, T>);
    Finished { request, begun }.await
}

struct Finished<T: Send + 'static> {
    request: Option<BoxFuture<'static, T>>,
    begun: Arc<AtomicBool>,
}

impl<T: Send + 'static> Future for Finished<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(request) = &mut self.request else { return Poll::Pending };
        let polled = request.as_mut().poll(context);
        if polled.is_ready() {
            self.request = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finished<T> {
    fn drop(&mut self) {
        if let Some(request) = self.request.take()
            && self.begun.load(Ordering::Relaxed)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(request);
        }
    }
}
