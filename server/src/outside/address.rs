//! IP addresses that requests may be sent to. This prevents server-side request forgery: from inside the network, the
//! cloud's metadata service issues tokens to any caller.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Public,
    /// A private network: RFC 1918, RFC 6598 (carriers), RFC 4193.
    Private,
    Loopback,
    /// Never a target: link-local (metadata services), multicast, unspecified, reserved, and addresses that represent
    /// another one.
    Never,
}

/// The kinds of addresses that requests may be sent to. Public ones always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    pub private: bool,
    pub loopback: bool,
}

impl Reach {
    /// Only public addresses.
    pub const PUBLIC: Self = Self { private: false, loopback: false };
    /// Also private networks and this machine.
    pub const OWN: Self = Self { private: true, loopback: true };

    /// Whether requests may be sent to an address.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match kind(address) {
            Kind::Public => true,
            Kind::Private => self.private,
            Kind::Loopback => self.loopback,
            Kind::Never => false,
        }
    }
}

/// The kind of an address.
#[must_use]
pub fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(v4) => kind_v4(v4),
        IpAddr::V6(v6) => kind_v6(v6),
    }
}

fn kind_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        // Azure's virtual public IP address, and metadata services of other clouds that are not link-local.
        [168, 63, 129, 16] | [100, 100, 100, 200] => Kind::Never,
        [127, ..] => Kind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Kind::Private,
        // “This network”, link-local, protocol assignments, documentation, 6to4 relays, benchmarks.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => Kind::Never,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => Kind::Never,
        _ => Kind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        // Amazon's metadata service.
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Kind::Never,
        [0xfc00..=0xfdff, ..] => Kind::Private,
        // Teredo, benchmarks, ORCHID; documentation; 6to4: they represent another address or none.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, ..] => Kind::Never,
        [0x2000..=0x3fff, ..] => Kind::Public,
        // Mapped and translated IPv4, link-local, site-local, multicast, unspecified, unassigned.
        _ => Kind::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_kinds() {
        let check = |expected: Kind, all: &[&str]| {
            for text in all {
                let address = text.parse().expect(text);
                assert_eq!(kind(address), expected, "{text}");
            }
        };
        check(Kind::Public, &["20.50.2.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "169.253.1.1"]);
        check(Kind::Public, &["2603:1020:201:10::10f", "2a01:111::1", "2001:4860:4860::8888"]);
        check(Kind::Loopback, &["127.0.0.1", "127.255.255.254", "::1"]);
        check(Kind::Private, &["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"]);
        check(Kind::Private, &["100.64.0.1", "100.127.255.255", "fc00::1", "fd12:3456::1"]);
        check(Kind::Never, &["169.254.169.254", "169.254.0.1", "168.63.129.16"]);
        check(Kind::Never, &["100.100.100.200", "192.0.0.192", "fd00:ec2::254"]);
        check(Kind::Never, &["0.0.0.0", "0.1.2.3", "255.255.255.255", "240.0.0.1", "224.0.0.1"]);
        check(Kind::Never, &["192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9"]);
        check(Kind::Never, &["::", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1"]);
        // They represent 127.0.0.1, 10.0.0.1, 169.254.169.254 or 8.8.8.8.
        check(Kind::Never, &["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1"]);
        check(Kind::Never, &["64:ff9b::a00:1", "64:ff9b:1::a9fe:a9fe", "2002:a00:1::"]);
        check(Kind::Never, &["2001:0:a00:1::1", "5f00::1", "4000::1"]);
    }

    #[test]
    fn no_permission_includes_the_kind_never() {
        let all = Reach::OWN;
        for (address, is_allowed) in
            [("10.0.0.1", true), ("127.0.0.1", true), ("169.254.169.254", false), ("::", false)]
        {
            assert_eq!(all.allows(address.parse().expect("an address")), is_allowed, "{address}");
            assert!(!Reach::PUBLIC.allows(address.parse().expect("an address")), "{address}");
        }
    }
}
