//! Who a request is from where proxies are in between.
//!
//! In: the peer's address, the headers, and whom to trust. Out: the client's address, and the scheme and host that it used,
//! as far as a trusted proxy says them. The peer is the client unless it is trusted; then the last entry of
//! `X-Forwarded-For`, or of `Forwarded` (RFC 7239), that is of no trusted proxy is: each proxy puts the address that it saw
//! at the end, so what is before such an entry anybody may have made up. An entry that is no address ends the search at the
//! proxy that wrote it. Refuses nothing.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, uri::Authority};

use crate::config::Network;

/// The client's address: the peer's, unless that is a trusted proxy. An IPv4 address that came as IPv6 is the IPv4 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

/// The scheme and host that a client used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: Option<&'static str>,
    /// Host, and port where it is not the scheme's own.
    pub host: Option<String>,
}

impl Client {
    /// Finds the client.
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        if !is_trusted(peer, trusted) {
            return Self(peer);
        }
        let lists = [entries(headers, "x-forwarded-for", plain), entries(headers, "forwarded", of_element)];
        let mut found = lists.into_iter().flatten().map(|entries| last_untrusted(peer, &entries, trusted));
        match (found.next(), found.next()) {
            (None, _) => Self(peer),
            (Some(client), None) => Self(client),
            // One of them is not the proxy's, and nothing says which.
            (Some(one), Some(other)) => Self(if one == other { one } else { peer }),
        }
    }
}

impl Origin {
    /// What a trusted peer says in `X-Forwarded-Proto` and `X-Forwarded-Host`; nothing of anybody else's.
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        if !is_trusted(peer.to_canonical(), trusted) {
            return Self::default();
        }
        let last = |name| entries(headers, name, |entry| Some(entry.to_owned()))?.pop()?;
        Self {
            scheme: last("x-forwarded-proto")
                .and_then(|scheme| ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))),
            host: last("x-forwarded-host")
                .filter(|host| host.parse::<Authority>().is_ok_and(|authority| !authority.as_str().contains('@'))),
        }
    }
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Walks back from the peer for as long as proxies are trusted.
fn last_untrusted(peer: IpAddr, entries: &[Option<IpAddr>], trusted: &[Network]) -> IpAddr {
    let mut last = peer;
    for entry in entries.iter().rev() {
        let Some(address) = entry else { return last };
        last = *address;
        if !is_trusted(last, trusted) {
            return last;
        }
    }
    last
}

/// The entries of a list in all headers of a name, read one by one; `None` where there is no such header.
fn entries<T>(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    headers.contains_key(name).then(|| {
        let values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
        values.flat_map(|value| split(value, ',')).map(|entry| read(entry.trim())).collect()
    })
}

/// An entry of `X-Forwarded-For`: an address, with a port where a proxy adds one.
fn plain(entry: &str) -> Option<IpAddr> {
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    entry.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

/// An element of `Forwarded`: `for=192.0.2.60;proto=http`, `For="[2001:db8::17]:4711"`.
fn of_element(element: &str) -> Option<IpAddr> {
    let mut nodes = split(element, ';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let (Some(node), None) = (nodes.next(), nodes.next()) else { return None };
    match node.strip_prefix('"') {
        // No address has anything to be escaped.
        Some(quoted) => plain(quoted.strip_suffix('"')?),
        None => plain(node),
    }
}

/// Parts between separators that are not in quotes (RFC 9110, 5.6.4).
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |c| {
        let was_escaped = is_escaped;
        is_escaped = is_quoted && c == '\\' && !was_escaped;
        if c == '"' && !was_escaped {
            is_quoted = !is_quoted;
        }
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(headers: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        headers.iter().map(pair).collect()
    }

    fn trusted() -> Vec<Network> {
        ["10.0.0.0/8", "2001:db8:1::/48", "127.0.0.1"].map(|text| Network::parse(text).unwrap()).to_vec()
    }

    fn client(peer: &str, given: &[(&str, &str)]) -> String {
        Client::find(peer.parse().unwrap(), &headers(given), &trusted()).0.to_string()
    }

    #[test]
    fn the_client_is_the_last_that_no_trusted_proxy_is() {
        let long = vec!["10.1.1.1"; 5000].join(",");
        for (peer, list, expected) in [
            // Of nobody who is trusted, nothing is believed.
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("11.0.0.1", "198.51.100.1", "11.0.0.1"),
            ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("2001:db8:1::5", "2001:db8:2::7", "2001:db8:2::7"),
            // What the client has made up is before what the proxy saw.
            ("10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.66, 198.51.100.1, 10.0.0.2, 10.0.0.3", "198.51.100.1"),
            ("10.0.0.1", "192.0.2.66, 198.51.100.1, 2001:db8:1::9", "198.51.100.1"),
            ("10.0.0.1", "10.0.0.66, 198.51.100.1", "198.51.100.1"),
            // Ports, brackets, IPv4 as IPv6.
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("10.0.0.1", "[2001:db8:2::7]:4711", "2001:db8:2::7"),
            ("10.0.0.1", "[2001:db8:2::7]", "2001:db8:2::7"),
            ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, ::ffff:10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "[::ffff:198.51.100.1]:80", "198.51.100.1"),
            // All are trusted: the first.
            ("10.0.0.1", "10.0.0.7, 10.0.0.2", "10.0.0.7"),
            ("10.0.0.1", long.as_str(), "10.1.1.1"),
            // What is no address ends the search.
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "unknown", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1, unknown, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "198.51.100.1,", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1:99999", "10.0.0.1"),
            ("10.0.0.1", "fe80::1%eth0", "10.0.0.1"),
            ("10.0.0.1", "[198.51.100.1", "10.0.0.1"),
            ("10.0.0.1", "\"198.51.100.1\"", "10.0.0.1"),
            ("10.0.0.1", "\u{e6}\u{f8}\u{e5}", "10.0.0.1"),
        ] {
            assert_eq!(client(peer, &[("x-forwarded-for", list)]), expected, "{peer}: {list}");
        }
        let several = [("x-forwarded-for", "192.0.2.66"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client("10.0.0.1", &several), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_as_the_standard_has_it() {
        for (list, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("For=\"[2001:db8:2::7]:4711\"", "2001:db8:2::7"),
            ("for=192.0.2.66, for=198.51.100.1;proto=https;by=10.0.0.1", "198.51.100.1"),
            ("proto=http;for=198.51.100.1:80 , for=10.0.0.2", "198.51.100.1"),
            (
                "for=192.0.2.66;host=\"a,for=192.0.2.67\", for=198.51.100.1;host=\"a\\\",for=192.0.2.68\"",
                "198.51.100.1",
            ),
            ("for=198.51.100.1, for=_hidden", "10.0.0.1"),
            ("for=198.51.100.1, proto=https", "10.0.0.1"),
            ("for=198.51.100.1;for=198.51.100.2", "10.0.0.1"),
            ("for=\"198.51.100.1", "10.0.0.1"),
            ("for", "10.0.0.1"),
            ("=;,\"", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", &[("forwarded", list)]), expected, "{list}");
        }
        assert_eq!(client("203.0.113.9", &[("forwarded", "for=198.51.100.1")]), "203.0.113.9");
    }

    #[test]
    fn of_two_lists_that_differ_neither_is_believed() {
        let both = |list, forwarded| client("10.0.0.1", &[("x-forwarded-for", list), ("forwarded", forwarded)]);
        assert_eq!(both("198.51.100.1", "for=192.0.2.66"), "10.0.0.1");
        assert_eq!(both("192.0.2.1, 198.51.100.1", "for=198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn scheme_and_host_are_those_that_a_trusted_peer_says() {
        let given = headers(&[("x-forwarded-proto", "http, HTTPS"), ("x-forwarded-host", "api.example.com:8443")]);
        let find = |peer: &str, headers| Origin::find(peer.parse().unwrap(), headers, &trusted());
        let told = Origin { scheme: Some("https"), host: Some("api.example.com:8443".to_owned()) };
        assert_eq!(find("10.0.0.1", &given), told);
        assert_eq!(find("203.0.113.9", &given), Origin::default());
        let odd = headers(&[("x-forwarded-proto", "gopher"), ("x-forwarded-host", "a/b c")]);
        assert_eq!(find("10.0.0.1", &odd), Origin::default());
        assert_eq!(find("10.0.0.1", &headers(&[("x-forwarded-host", "user@host")])), Origin::default());
    }
}
