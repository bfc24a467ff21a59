//! Allow-lists of addresses: from where a key or a connection may be used.
//!
//! A range is a network in CIDR notation, in one spelling: IPv4 that is mapped into IPv6 is IPv4,
//! a single address has the longest prefix, and no bit stands behind the prefix.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Most ranges of one list.
pub const ADDRESSES_MAX: u32 = 50;

const V4_BITS: u8 = 32;
const V6_BITS: u8 = 128;
/// Where IPv4 starts in an IPv6 address that holds one (RFC 4291, 2.5.5.2).
const MAPPED_BITS: u8 = V6_BITS - V4_BITS;

/// A network. Never one of IPv4 that is mapped into IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u8,
}

/// Why a text is no range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRange {
    /// It is no address, and no network.
    Unreadable,
    /// Bits stand behind the prefix: this network may have been meant, or the address alone.
    HostBits(AddressRange),
    /// It takes in IPv4 addresses and others.
    Mixed,
}

impl AddressRange {
    /// Reads `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32` and the like.
    pub fn parse(text: &str) -> Result<Self, NoRange> {
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            Some((address, prefix)) => (address, Some(prefix_of(prefix).ok_or(NoRange::Unreadable)?)),
        };
        let address: IpAddr = address.parse().map_err(|_| NoRange::Unreadable)?;
        let prefix = prefix.unwrap_or(bits(address));
        if prefix > bits(address) {
            return Err(NoRange::Unreadable);
        }
        let (address, prefix) = match address.to_canonical() {
            v4 @ IpAddr::V4(_) if address.is_ipv6() => (v4, prefix.checked_sub(MAPPED_BITS).ok_or(NoRange::Mixed)?),
            canonical => (canonical, prefix),
        };
        let range = Self { network: cut(address, prefix), prefix };
        if range.network == address { Ok(range) } else { Err(NoRange::HostBits(range)) }
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && cut(address, self.prefix) == self.network
    }

    /// Whether all of another range lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.network)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

fn prefix_of(text: &str) -> Option<u8> {
    // Rust reads `+8` and `008`, too: those are other spellings.
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { V4_BITS } else { V6_BITS }
}

/// An address without the bits behind a prefix.
fn cut(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(u32::from(V4_BITS.saturating_sub(prefix))).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(u32::from(V6_BITS.saturating_sub(prefix))).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

/// From where calls may come. The default is anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Option<Arc<[AddressRange]>>);

impl AllowList {
    /// The list of these ranges, each once; none at all is anywhere. If one cannot be read, its
    /// place and why.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, (usize, NoRange)> {
        let mut ranges = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            ranges.push(AddressRange::parse(text.as_ref()).map_err(|why| (at, why))?);
        }
        ranges.sort_unstable();
        ranges.dedup();
        Ok(Self((!ranges.is_empty()).then(|| ranges.into())))
    }

    /// Whether it is no bound at all.
    pub fn is_anywhere(&self) -> bool {
        self.0.is_none()
    }

    /// The ranges, in one spelling and order.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().flat_map(|ranges| ranges.iter()).map(ToString::to_string).collect()
    }

    /// Whether a call from here may pass. What came by no network passes only where anywhere will do.
    pub fn allows(&self, address: Option<IpAddr>) -> bool {
        match (&self.0, address) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ranges), Some(address)) => ranges.iter().any(|range| range.contains(address)),
        }
    }

    /// Whether nothing passes another list that does not pass this one.
    pub fn covers(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(ours), Some(theirs)) => theirs.iter().all(|range| ours.iter().any(|own| own.covers(range))),
        }
    }

    /// What passes both. Two networks are apart, or one lies in the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let (Some(ours), Some(theirs)) = (&self.0, &other.0) else {
            return if self.is_anywhere() { other.clone() } else { self.clone() };
        };
        let pairs = ours.iter().flat_map(|own| theirs.iter().map(move |range| (own, range)));
        let narrower = |(own, range): (&AddressRange, &AddressRange)| match (own.covers(range), range.covers(own)) {
            (true, _) => Some(*range),
            (false, true) => Some(*own),
            (false, false) => None,
        };
        let mut both: Vec<AddressRange> = pairs.filter_map(narrower).collect();
        both.sort_unstable();
        both.dedup();
        Self(Some(both.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> AllowList {
        AllowList::parse(texts).unwrap()
    }

    #[test]
    fn a_range_has_one_spelling() {
        for (text, canonical) in [
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8:0:0::/32", "2001:db8::/32"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("::/0", "::/0"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
            ("::ffff:cb00:7107", "203.0.113.7/32"),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
        ] {
            assert_eq!(AddressRange::parse(text).unwrap().to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn what_is_no_range_says_why() {
        for text in [
            "",
            "/",
            "203.0.113",
            "203.0.113.0/33",
            "203.0.113.0/",
            "203.0.113.0/+8",
            "203.0.113.0/024",
            "203.0.113.0/8/8",
            " 203.0.113.7",
            "203.0.113.07",
            "2001:db8::/129",
            "fe80::1%eth0",
            "example.org",
            "203.0.113.7:80",
            "[::1]",
            "*",
        ] {
            assert_eq!(AddressRange::parse(text), Err(NoRange::Unreadable), "{text}");
        }
        assert_eq!(AddressRange::parse("203.0.113.7/24"), Err(NoRange::HostBits(AddressRange::parse("203.0.113.0/24").unwrap())));
        assert!(matches!(AddressRange::parse("2001:db8::1/64"), Err(NoRange::HostBits(_))));
        assert_eq!(AddressRange::parse("::ffff:203.0.113.0/95"), Err(NoRange::Mixed));
    }

    #[test]
    fn an_address_passes_however_it_is_written() {
        let office = list(&["203.0.113.0/24", "2001:db8:5::/48"]);
        for (address, passes) in [
            ("203.0.113.0", true),
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("203.0.112.255", false),
            ("::ffff:203.0.113.9", true),
            ("::ffff:203.0.114.9", false),
            ("::203.0.113.9", false),
            ("2001:db8:5::1", true),
            ("2001:db8:5:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8:6::1", false),
            ("::1", false),
            ("0.0.0.0", false),
        ] {
            assert_eq!(office.allows(Some(address.parse().unwrap())), passes, "{address}");
        }
        assert!(!office.allows(None), "what has no address is nowhere");
        assert!(AllowList::default().allows(None));
        assert!(!list(&["::/0"]).allows(Some(IpAddr::V4(Ipv4Addr::LOCALHOST))), "IPv6 alone");
        assert!(list(&["0.0.0.0/0"]).allows(Some("::ffff:1.2.3.4".parse().unwrap())));
    }

    #[test]
    fn both_lists_must_be_passed() {
        let (wide, narrow) = (list(&["10.0.0.0/8", "2001:db8::/32"]), list(&["10.1.0.0/16", "192.0.2.1"]));
        assert_eq!(wide.and(&narrow).texts(), ["10.1.0.0/16"]);
        assert_eq!(narrow.and(&wide), wide.and(&narrow));
        let none = list(&["192.0.2.1"]).and(&wide);
        assert!(!none.is_anywhere() && !none.allows(Some("192.0.2.1".parse().unwrap())));
        assert_eq!(AllowList::default().and(&wide), wide);
        assert!(wide.covers(&list(&["10.1.0.0/16"])) && !wide.covers(&narrow) && !wide.covers(&AllowList::default()));
        assert!(AllowList::default().covers(&wide));
        assert_eq!(list(&["10.0.0.1", "10.0.0.1/32", "::ffff:10.0.0.1"]).texts(), ["10.0.0.1/32"]);
    }
}
