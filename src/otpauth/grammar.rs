//! The grammar of labels. All other grammar of key URIs is that of URIs.

use crate::uri::{Span, first_of};

/// Returns the issuer and the account of a label.
///
/// > label = accountname / issuer (":" / "%3A") *"%20" accountname (Key Uri Format)
///
/// The first colon separates them. Spaces after it are dropped, unless the issuer is empty: after
/// an empty issuer the account is taken as it is, so that every account can be written.
pub(super) fn split_issuer(label: Span<'_>) -> (Option<Span<'_>>, Span<'_>) {
    let mut at = 0_usize;
    let colon = loop {
        let Some(more) = label.text.as_bytes().get(at..).and_then(|rest| first_of(rest, *b":%"))
        else {
            return (None, label);
        };
        at = at.saturating_add(more);
        match label.text.get(at..at.saturating_add(3)) {
            Some(escape) if escape.eq_ignore_ascii_case("%3A") => break 3,
            _ if label.text.as_bytes().get(at) == Some(&b':') => break 1,
            _ => at = at.saturating_add(1),
        }
    };
    let (issuer, mut account) = (label.before(at), label.after(at.saturating_add(colon)));
    if !issuer.text.is_empty() {
        while let Some(rest) =
            account.text.strip_prefix(' ').or_else(|| account.text.strip_prefix("%20"))
        {
            account = account.after(account.text.len().saturating_sub(rest.len()));
        }
    }
    (Some(issuer), account)
}
