//! Looking for terminals in the shop's network, when somebody asks for it. Nobody's registration is asked for, and what may
//! be somebody else's terminal gets no token unless it has shown that it is a terminal.

use super::{KaspiError, link, trust};
use crate::settings::{KaspiSettings, Security, Settings};
use crate::{Till, TillError};
use checkout::payment::Device;
use checkout::ports::Unit;
use drivers::kaspi::{Heard, who_answers};
use drivers::link::LinkFailure;
use drivers::link::http::Http;
use drivers::link::trust::Trust;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// For each address that may or may not have somebody behind it.
const PROBE_TIMEOUT_MS: u64 = 1_500;
const AT_ONCE: usize = 64;
/// Where terminals listen.
pub const USUAL_PORT: u16 = 8080;

/// The addresses that are looked at: `192.168.1` is 192.168.1.1 to 192.168.1.254.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: [u8; 3],
    port: u16,
}

impl Network {
    /// The network of an address `192.168.1.40:8080`, or one that is named `192.168.1`; none where it is not one of these.
    pub fn read(text: &str, usual_port: u16) -> Option<Network> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (text, usual_port),
        };
        let parts: Vec<u8> = host.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        match parts.as_slice() {
            [a, b, c] | [a, b, c, _] => Some(Network { first: [*a, *b, *c], port }),
            _ => None,
        }
    }

    /// The network this machine is in. Nothing is sent: a way out is chosen, and the machine's own address on it is read.
    fn of_this_machine(port: u16) -> Option<Network> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        // Of documentation: nobody is there.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        match socket.local_addr().ok()?.ip() {
            IpAddr::V4(own) => own.octets().first_chunk().map(|first| Network { first: *first, port }),
            IpAddr::V6(_) => None,
        }
    }

    fn addresses(self) -> impl Iterator<Item = String> {
        let [a, b, c] = self.first;
        (1..=254).map(move |d| format!("{}:{}", Ipv4Addr::new(a, b, c, d), self.port))
    }
}

/// A terminal that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub address: String,
    pub protected: bool,
    /// None where it tells only who is let in.
    pub unit: Option<Unit>,
}

impl Till {
    /// Looks through a network, or the one the terminal was in; where none is set up, the one this machine is in.
    pub async fn discover_kaspi(&self, network: Option<Network>) -> Result<Vec<Found>, TillError> {
        let (kaspi, means) = (self.settings().kaspi.clone(), self.means());
        let usual = || match &kaspi {
            Some(kaspi) => Network::read(&kaspi.address, USUAL_PORT),
            None => Network::of_this_machine(USUAL_PORT),
        };
        let network = network.or_else(usual).ok_or(KaspiError::NoNetwork)?;
        let (gate, mut looks) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
        for address in network.addresses() {
            let kaspi = kaspi.clone().map(|kaspi| KaspiSettings { address: address.clone(), ..kaspi });
            let (gate, means) = (gate.clone(), means.clone());
            looks.spawn(async move {
                let _turn = gate.acquire().await;
                let open = Http::new(&address, &Trust::Plain).ok()?;
                match who_answers(&open, None, PROBE_TIMEOUT_MS).await {
                    Heard::Unit(unit) => return Some(Found { address, protected: false, unit: Some(unit) }),
                    Heard::NotAllowed => return Some(Found { address, protected: true, unit: None }),
                    Heard::Nothing(LinkFailure::NotSent(_) | LinkFailure::Distrusted(_)) => return None,
                    Heard::Nothing(LinkFailure::NoReply(_) | LinkFailure::Cut(_)) => {}
                }
                let anybody = Http::new(&address, &Trust::Anybody).ok()?;
                if who_answers(&anybody, None, PROBE_TIMEOUT_MS).await != Heard::NotAllowed {
                    return None;
                }
                let is_sure = |kaspi: &KaspiSettings| matches!(trust(&kaspi.security, means.key), Trust::Named(_) | Trust::Pinned(_));
                let unit = match (&means.tokens, kaspi.filter(is_sure)) {
                    (Some(tokens), Some(own)) => tokens.who_answers_once(&link(&own, &means).ok()?, PROBE_TIMEOUT_MS).await,
                    _ => None,
                };
                Some(Found { address, protected: true, unit })
            });
        }
        let mut found: Vec<Found> = looks.join_all().await.into_iter().flatten().collect();
        found.sort_by(|one, other| one.address.len().cmp(&other.address.len()).then_with(|| one.address.cmp(&other.address)));
        Ok(found)
    }

    /// Takes the terminal with this serial number, where it was found, for the shop's own. With a payment open only the unit
    /// that has it is taken, whose address has changed.
    pub async fn take_kaspi(self: &Arc<Self>, found: &[Found], serial: &str) -> Result<Found, TillError> {
        let serials = |found: &&Found| found.unit.as_ref().is_some_and(|unit| unit.serial == serial);
        let taken = found.iter().find(serials).ok_or_else(|| KaspiError::NotFound(serial.to_owned()))?;
        let unit = taken.unit.clone().ok_or_else(|| KaspiError::NotFound(serial.to_owned()))?;
        // Payments begin under this lock.
        let state = self.state().await;
        if let Some(bound) = self.unit().await?.filter(|bound| *bound != unit)
            && self.open_on_kaspi().await?
        {
            return Err(KaspiError::PaymentOpen(bound.serial).into());
        }
        let mut file = self.stored_shop().await?;
        file["devices"]["kaspi"]["address"] = json!(taken.address);
        let settings = Settings::parse(&file.to_string())?;
        if taken.protected != settings.kaspi.as_ref().is_some_and(|kaspi| kaspi.security != Security::Open) {
            return Err(KaspiError::OpenMode.into());
        }
        self.bind(&unit).await?;
        self.adopt_shop(&file.to_string(), settings).await?;
        drop(state);
        self.ask_anew(Device::Kaspi).await?;
        Ok(taken.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_read_from_an_address_or_its_beginning() {
        let network = |text: &str| Network::read(text, 8080);
        assert_eq!(network("192.168.1.40:8081"), Some(Network { first: [192, 168, 1], port: 8081 }));
        assert_eq!(network("10.0.0"), Some(Network { first: [10, 0, 0], port: 8080 }));
        for wrong in ["", "10.0", "shop.example:8080", "300.1.1.1:1", "10.0.0.1:70000"] {
            assert_eq!(network(wrong), None, "{wrong}");
        }
        assert_eq!(network("10.0.0").unwrap().addresses().last().as_deref(), Some("10.0.0.254:8080"));
    }
}
