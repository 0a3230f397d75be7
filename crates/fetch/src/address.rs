//! Which addresses are public: reached through the internet, and not in a network of their own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is public. Addresses of IPv6 that stand for one of IPv4 are as public as that; what the
/// registries of IANA list as of special use is not.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match inner_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = match (a, b, c) {
        // "This network", and what is kept for later or for all of a network.
        (0, ..) | (240.., ..) => true,
        // Carriers' own networks (RFC 6598).
        (100, 64..=127, _) => true,
        // Protocols (RFC 6890), a relay that is no more, and measurements between networks (RFC 2544).
        (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) => true,
        _ => false,
    };
    !(is_special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only these are given out to be reached from everywhere.
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = match (first, second) {
        // Protocols, tunnels (Teredo), benchmarks, and identifiers that aren't addresses.
        (0x2001, 0..=0x01ff) => true,
        // Documentation.
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) => true,
        _ => false,
    };
    is_given_out && !is_special
}

/// The address of IPv4 that one of IPv6 stands for: mapped, compatible, translated (NAT64) or tunnelled (6to4).
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
            if !address.is_loopback() && !address.is_unspecified() =>
        {
            Some(of(high, low))
        }
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(of(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}
