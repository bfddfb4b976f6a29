//! The address of a client.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};

use crate::config::Networks;

/// Where proxies note whom they pass on.
pub(super) const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address: the connection's, or where that is a trusted proxy's the right-most address that is none.
///
/// Further left anybody may have written anything.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &Networks) -> IpAddr {
    let mut client = peer.to_canonical();
    let noted: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .flat_map(|line| line.to_str().unwrap_or_default().split(','))
        .collect();
    for text in noted.into_iter().rev() {
        if !trusted.hold(client) {
            break;
        }
        let Some(before) = parse(text.trim()) else {
            break;
        };
        client = before.to_canonical();
    }
    client
}

/// An address, alone or with a port.
fn parse(text: &str) -> Option<IpAddr> {
    let alone = text.trim_start_matches('[').trim_end_matches(']');
    alone
        .parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
}

/// What stands for all addresses that one client may take: of IPv6, a network of 64 bits.
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("192.0.2.1", &["198.51.100.7"], "192.0.2.1")]
    #[case("10.0.0.1", &[], "10.0.0.1")]
    #[case("10.0.0.1", &["198.51.100.7"], "198.51.100.7")]
    #[case("::ffff:10.0.0.1", &["198.51.100.7"], "198.51.100.7")]
    #[case("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7")]
    #[case("10.0.0.1", &["203.0.113.9", "198.51.100.7"], "198.51.100.7")]
    #[case("10.0.0.1", &["203.0.113.9, nonsense"], "10.0.0.1")]
    #[case("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3")]
    #[case("10.0.0.1", &["198.51.100.7:4711"], "198.51.100.7")]
    #[case("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1")]
    #[case("10.0.0.1", &["2001:db8::1"], "2001:db8::1")]
    fn only_trusted_proxies_are_believed(
        #[case] peer: &str,
        #[case] noted: &[&'static str],
        #[case] client: &str,
    ) {
        let trusted = serde_json::from_value(serde_json::json!(["10.0.0.0/8"])).unwrap();
        let headers = noted
            .iter()
            .map(|text| (FORWARDED_FOR, HeaderValue::from_static(text)))
            .collect();
        let found = address(peer.parse().unwrap(), &headers, &trusted);
        assert_eq!(found, client.parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_client_of_ipv6_has_many_addresses() {
        let of = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
