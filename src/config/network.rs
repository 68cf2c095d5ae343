//! Networks by their prefix (CIDR, RFC 4632 and RFC 4291).
//!
//! In: `10.0.0.0/8`, `2001:db8::/32`, or one address. Out: a [`Network`], which says of an address whether it is of it.
//! An IPv4 address that is written as IPv6 (`::ffff:10.1.2.3`) is the IPv4 address. Refuses an address that has bits
//! beyond its prefix: whoever writes `10.0.0.1/8` means something else.

use std::net::IpAddr;

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads one; `None` where the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(number(prefix)?)),
            None => (text, None),
        };
        let written: IpAddr = address.parse().ok()?;
        let address = written.to_canonical();
        // Of an IPv4 network that is written as IPv6, the prefix counts the 96 bits before it.
        let before = if written.is_ipv6() && address.is_ipv4() { 96 } else { 0 };
        let prefix = match prefix {
            Some(prefix) => prefix.checked_sub(before)?,
            None => length(address),
        };
        let network = Self { address, prefix };
        (prefix <= length(address) && network.beyond(bits(address)) == 0).then_some(network)
    }

    /// Whether an address is of it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4()
            && (bits(address) ^ bits(self.address)).checked_shr(length(address) - self.prefix).unwrap_or(0) == 0
    }

    /// The bits after the prefix.
    fn beyond(&self, bits: u128) -> u128 {
        match length(self.address).saturating_sub(self.prefix) {
            128 => bits,
            rest => bits & ((1 << rest) - 1),
        }
    }
}

/// Digits alone: a sign, which `parse` would take, is a slip.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn length(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_the_addresses_of_its_prefix() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"][..], &["11.0.0.0", "::a00:1"][..]),
            ("192.0.2.7", &["192.0.2.7", "::ffff:192.0.2.7"], &["192.0.2.6", "192.0.2.8"]),
            ("192.0.2.7/32", &["192.0.2.7"], &["192.0.2.6"]),
            ("192.0.2.6/31", &["192.0.2.6", "192.0.2.7"], &["192.0.2.8", "192.0.2.5"]),
            ("0.0.0.0/0", &["0.0.0.0", "255.255.255.255"], &["::1"]),
            ("::/0", &["::1", "2001:db8::1"], &["10.0.0.1"]),
            ("2001:db8::/32", &["2001:db8::", "2001:db8:ffff::1"], &["2001:db9::"]),
            ("2001:db8::1", &["2001:db8::1"], &["2001:db8::2"]),
            ("::ffff:10.0.0.0/104", &["10.2.3.4"], &["11.2.3.4"]),
            ("::1", &["::1"], &["127.0.0.1"]),
        ] {
            let of = Network::parse(network).unwrap_or_else(|| panic!("{network}"));
            for address in inside {
                assert!(of.contains(address.parse().unwrap()), "{address} is of {network}");
            }
            for address in outside {
                assert!(!of.contains(address.parse().unwrap()), "{address} is not of {network}");
            }
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0.1/8",
            "10.0.0/8",
            "2001:db8::/129",
            "2001:db8::1/32",
            "::ffff:10.0.0.0/8",
            "proxy.example.com",
            "10.0.0.0/8/8",
            "10.0.0.0/8 ",
            "fe80::1%eth0",
            "10.0.0.0/99999999999",
        ] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
    }
}
