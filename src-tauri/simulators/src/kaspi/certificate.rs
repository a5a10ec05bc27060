//! The certificate a simulated terminal shows, and the authority behind it. A real unit has one for `*.kaspipos.kz` from an
//! authority that every machine trusts (sheet §1.1); this one's authority is made with it and trusted by nobody else.

use std::fmt;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::SimulatorError;

/// A certificate with its key, and the authority that signed it.
#[derive(Clone)]
pub struct Certificate {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    authority: CertificateDer<'static>,
    authority_pem: String,
}

/// From when to when a certificate is good, as years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Years {
    /// From the first of January of this year.
    pub from: i32,
    /// To the first of January of this year.
    pub to: i32,
}

impl Default for Years {
    fn default() -> Self {
        Self { from: 2020, to: 2100 }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate")
    }
}

impl Certificate {
    /// A certificate for these names, such as `*.kaspipos.kz`.
    ///
    /// # Errors
    /// [`SimulatorError::Certificate`] if a name cannot stand in one.
    pub fn of(names: &[&str], years: Years) -> Result<Self, SimulatorError> {
        let broken = |error: rcgen::Error| SimulatorError::Certificate(error.to_string());
        let authority_key = KeyPair::generate().map_err(broken)?;
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "Authority of a simulated terminal");
        let authority_certificate = authority.self_signed(&authority_key).map_err(broken)?;
        let issuer = Issuer::new(authority, authority_key);

        let key = KeyPair::generate().map_err(broken)?;
        let mut own = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).map_err(broken)?;
        own.not_before = rcgen::date_time_ymd(years.from, 1, 1);
        own.not_after = rcgen::date_time_ymd(years.to, 1, 1);
        let certificate = own.signed_by(&key, &issuer).map_err(broken)?;
        Ok(Self {
            chain: vec![certificate.der().clone()],
            key: key.serialize_der(),
            authority: authority_certificate.der().clone(),
            authority_pem: authority_certificate.pem(),
        })
    }

    /// The authority, for who is to trust it.
    pub fn authority(&self) -> &[u8] {
        &self.authority
    }

    /// The authority as a file that a system's list of authorities takes.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, SimulatorError> {
        let broken = |error: tokio_rustls::rustls::Error| SimulatorError::Certificate(error.to_string());
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(broken)?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), key)
            .map_err(broken)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
