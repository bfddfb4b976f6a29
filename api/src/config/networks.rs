//! Networks of addresses.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// A list of networks; an address stands for the network of itself alone.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of them holds the address. An IPv4 address in the clothes of IPv6 counts as what it is.
    pub fn hold(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let network = |text: &String| {
            let address = text.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| text.parse::<IpNet>())
        };
        let networks: Result<Vec<_>, _> = texts.iter().map(network).collect();
        networks
            .map(Self)
            .map_err(|_| de::Error::custom("not an address or a network"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn networks(texts: &[&str]) -> Result<Networks, serde_json::Error> {
        serde_json::from_value(serde_json::json!(texts))
    }

    #[rstest]
    #[case("10.1.2.3", true)]
    #[case("11.1.2.3", false)]
    #[case("192.0.2.7", true)]
    #[case("192.0.2.8", false)]
    #[case("::ffff:10.1.2.3", true)]
    #[case("2001:db8::9", true)]
    #[case("::1", false)]
    fn an_address_is_in_a_network_or_not(#[case] address: &str, #[case] held: bool) {
        let networks = networks(&["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]).unwrap();
        assert_eq!(networks.hold(address.parse().unwrap()), held);
    }

    #[rstest]
    #[case("")]
    #[case("proxy.example.com")]
    #[case("10.0.0.0/33")]
    fn other_texts_are_no_networks(#[case] text: &str) {
        assert!(networks(&[text]).is_err());
    }
}
