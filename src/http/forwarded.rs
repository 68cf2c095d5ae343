//! Who a request is from where proxies are in between.
//!
//! In: the peer's address, the headers, and whom to trust. Out: the client's address, and the scheme and host that it used,
//! as far as a trusted proxy says them. The peer is the client unless it is trusted; then the last entry of
//! `X-Forwarded-For` that is of no trusted proxy is, or of `Forwarded` (RFC 7239) where there is no other list: each proxy
//! puts the address that it saw at the end, so what is before such an entry anybody may have made up. That is why lists are
//! read from their end: nothing in front changes what is read there. An entry that is no address ends the search at the
//! proxy that wrote it. Refuses nothing.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue, uri::Authority};

use crate::config::Network;

const ADDRESSES: &str = "x-forwarded-for";

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
        let client = match headers.contains_key(ADDRESSES) {
            true => last_untrusted(peer, entries(headers, ADDRESSES).map(|entry| plain(text(entry)?)), trusted),
            false => last_untrusted(peer, headers.get_all("forwarded").iter().rev().flat_map(elements), trusted),
        };
        Self(client)
    }
}

impl Origin {
    /// What a trusted peer says in `X-Forwarded-Proto` and `X-Forwarded-Host`; nothing of anybody else's.
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        if !is_trusted(peer.to_canonical(), trusted) {
            return Self::default();
        }
        let last = |name| entries(headers, name).next().and_then(text);
        Self {
            scheme: last("x-forwarded-proto")
                .and_then(|scheme| ["http", "https"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))),
            host: last("x-forwarded-host")
                .filter(|host| host.parse::<Authority>().is_ok_and(|authority| !authority.as_str().contains('@')))
                .map(str::to_owned),
        }
    }
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Walks back from the peer for as long as proxies are trusted; the entries come last first.
fn last_untrusted(peer: IpAddr, entries: impl Iterator<Item = Option<IpAddr>>, trusted: &[Network]) -> IpAddr {
    let mut last = peer;
    for entry in entries {
        let Some(address) = entry else { return last };
        last = address;
        if !is_trusted(last, trusted) {
            return last;
        }
    }
    last
}

/// The entries of a list without quotes, in all headers of a name, the last first.
fn entries<'h>(headers: &'h HeaderMap, name: &'static str) -> impl Iterator<Item = &'h [u8]> {
    headers.get_all(name).iter().rev().flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','))
}

fn text(entry: &[u8]) -> Option<&str> {
    std::str::from_utf8(entry).ok().map(str::trim)
}

/// An entry of `X-Forwarded-For`: an address, with a port where a proxy adds one.
fn plain(entry: &str) -> Option<IpAddr> {
    let in_brackets = || entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(entry.parse::<SocketAddr>().ok()?.ip());
    entry.parse().ok().or_else(with_port).or_else(in_brackets).map(|address: IpAddr| address.to_canonical())
}

/// The addresses in a value of `Forwarded`, the last first.
fn elements(value: &HeaderValue) -> Vec<Option<IpAddr>> {
    // No address has anything to be escaped, and what is escaped is no quote that ends a string.
    let value = String::from_utf8_lossy(value.as_bytes()).replace(r"\\", "_").replace(r#"\""#, "_");
    split(&value, ',').map(of_element).collect()
}

/// An element of `Forwarded`: `for=192.0.2.60;proto=http`, `For="[2001:db8::17]:4711"`.
fn of_element(element: &str) -> Option<IpAddr> {
    let mut nodes = split(element, ';').filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    });
    let (Some(node), None) = (nodes.next(), nodes.next()) else { return None };
    match node.strip_prefix('"') {
        Some(quoted) => plain(quoted.strip_suffix('"')?),
        None => plain(node),
    }
}

/// Parts between separators that are not in quotes (RFC 9110, 5.6.4), the last first: a quote that was left open in front
/// takes nothing of what is behind it.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.rsplit(move |c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

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
            // Nothing in front erases what the proxy wrote.
            ("10.0.0.1", "\", 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "a=\"b\\, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "\u{e6}, 198.51.100.1", "198.51.100.1"),
        ] {
            assert_eq!(client(peer, &[("x-forwarded-for", list)]), expected, "{peer}: {list}");
        }
        let several = [("x-forwarded-for", "192.0.2.66"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client("10.0.0.1", &several), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        for name in ["x-forwarded-for", "forwarded"] {
            let entry = if name == "forwarded" { "for=198.51.100.1" } else { "198.51.100.1" };
            let value = HeaderValue::from_bytes(&[&b"\xe6, "[..], entry.as_bytes()].concat()).unwrap();
            let no_text = HeaderMap::from_iter([(HeaderName::from_static(name), value)]);
            let found = Client::find("10.0.0.1".parse().unwrap(), &no_text, &trusted());
            assert_eq!(found.0.to_string(), "198.51.100.1", "{name}");
        }
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
            ("for=\", for=198.51.100.1", "198.51.100.1"),
            ("for=\"a\\, for=198.51.100.1;host=\"a,b\"", "198.51.100.1"),
            ("for", "10.0.0.1"),
            ("=;,\"", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.1", &[("forwarded", list)]), expected, "{list}");
        }
        assert_eq!(client("203.0.113.9", &[("forwarded", "for=198.51.100.1")]), "203.0.113.9");
    }

    #[test]
    fn of_two_lists_that_of_addresses_counts() {
        let both = |list, forwarded| client("10.0.0.1", &[("x-forwarded-for", list), ("forwarded", forwarded)]);
        assert_eq!(both("198.51.100.1", "for=192.0.2.66"), "198.51.100.1");
        assert_eq!(both("unknown", "for=192.0.2.66"), "10.0.0.1");
    }

    #[test]
    fn scheme_and_host_are_those_that_a_trusted_peer_says() {
        let given = headers(&[("x-forwarded-proto", "http, HTTPS"), ("x-forwarded-host", "api.example.com:8443")]);
        let find = |peer: &str, headers| Origin::find(peer.parse().unwrap(), headers, &trusted());
        let told = Origin { scheme: Some("https"), host: Some("api.example.com:8443".to_owned()) };
        assert_eq!(find("10.0.0.1", &given), told);
        assert_eq!(find("203.0.113.9", &given), Origin::default());
        let erased = headers(&[("x-forwarded-proto", "\", https"), ("x-forwarded-host", "\", api.example.com:8443")]);
        assert_eq!(find("10.0.0.1", &erased), told);
        let odd = headers(&[("x-forwarded-proto", "gopher"), ("x-forwarded-host", "a/b c")]);
        assert_eq!(find("10.0.0.1", &odd), Origin::default());
        assert_eq!(find("10.0.0.1", &headers(&[("x-forwarded-host", "user@host")])), Origin::default());
    }
}
