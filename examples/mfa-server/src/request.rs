//! The id of a request and the address of its client, for the log and the audit log.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::keys::{hex, random};

/// The header of the id, in requests and in answers.
pub const ID: &str = "x-request-id";
/// The header to which each proxy appends the address of its client.
const FORWARDED_FOR: &str = "x-forwarded-for";
const MAX_ID_LEN: usize = 64;

/// The warning is logged once: an operator may have forgotten a flag, but any client may send
/// the header.
static STRANGE_PROXY: Once = Once::new();

tokio::task_local! {
    static CURRENT: Arc<Known>;
}

/// A request's id and its client's address.
#[derive(Debug)]
pub struct Known {
    pub id: String,
    /// `None` without a socket, as in tests.
    pub address: Option<IpAddr>,
}

/// Returns the request that this task answers. An administrator's command has none.
pub fn current() -> Option<Arc<Known>> {
    CURRENT.try_with(Arc::clone).ok()
}

impl Known {
    /// Reads the id and the address. `proxies` are the proxies whose `X-Forwarded-For` header
    /// is believed.
    pub fn of(headers: &HeaderMap, extensions: &Extensions, proxies: &[IpNet]) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|peer| peer.0.ip().to_canonical());
        if let Some(peer) = peer
            && headers.contains_key(FORWARDED_FOR)
            && !proxies.iter().any(|net| net.contains(&peer))
        {
            STRANGE_PROXY.call_once(|| {
                tracing::warn!(%peer, "ignored X-Forwarded-For: --trusted-proxy does not name this peer");
            });
        }
        Self {
            id: given_id(headers).unwrap_or_else(made_id),
            address: peer.map(|peer| client(peer, headers, proxies)),
        }
    }

    /// Runs `answer` so that [`current`] returns this request inside of it.
    pub async fn scope<T>(self: Arc<Self>, answer: impl Future<Output = T>) -> T {
        CURRENT.scope(self, answer).await
    }
}

/// Returns the id that a proxy or a client sent, if it contains only characters that are safe
/// in a log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

fn made_id() -> String {
    random::<16>().map_or_else(|_| "none".into(), |bytes| hex(&bytes))
}

/// Returns the last address that is not a trusted proxy. The client may have written the
/// addresses before it. Without a trusted proxy, the client may have written all of them.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    let mut last = peer;
    for hop in hops {
        if !is_trusted(&last) {
            break;
        }
        // Text that is not an address ends the list. The proxy that added it is then the last
        // known address.
        let Some(hop) = address(hop.trim()) else { break };
        last = hop;
    }
    last
}

/// Reads an address with or without a port, because proxies write both.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok();
    let address = address.or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(peer: &str, lines: &[&str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        let proxies: Vec<IpNet> = proxies.iter().map(|net| net.parse().unwrap()).collect();
        client(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn nobody_writes_their_own_address() {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"];
        for (peer, lines, expected) in [
            // The peer is not a trusted proxy, so its header is ignored.
            ("192.0.2.7", &["198.51.100.1"][..], "192.0.2.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1, 10.2.0.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9,"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:1234"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db9::1]:1234"], "2001:db9::1"),
            ("10.0.0.1", &["[2001:db9::1]"], "2001:db9::1"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("2001:db8::1", &["10.1.1.1"], "10.1.1.1"),
        ] {
            assert_eq!(known(peer, lines, &proxies), expected, "{peer} {lines:?}");
        }
        assert_eq!(known("10.0.0.1", &["198.51.100.1"], &[]), "10.0.0.1");
    }

    #[test]
    fn an_id_that_is_not_plain_is_replaced() {
        let long = "x".repeat(65);
        for id in ["", "a b", "a\"b", "é", &long] {
            let mut headers = HeaderMap::new();
            headers.insert(ID, id.parse().unwrap());
            assert_eq!(Known::of(&headers, &Extensions::new(), &[]).id.len(), 32, "{id}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(ID, "01J-a_b.c".parse().unwrap());
        assert_eq!(Known::of(&headers, &Extensions::new(), &[]).id, "01J-a_b.c");
    }
}
