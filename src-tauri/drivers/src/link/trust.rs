//! Who is at the other end of a TLS link: by its certificate's name, by a key that somebody has compared once, or anybody.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How the other end is made sure of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// No TLS.
    Plain,
    /// A certificate for this name from an authority the machine trusts; the link still goes to the address.
    Named(String),
    /// The one key that was compared when the device was set up.
    Pinned(Fingerprint),
    /// Any certificate: whoever answers at the address is believed.
    Anybody,
}

/// SHA-256 of a certificate's public key (SubjectPublicKeyInfo): a renewed certificate with the same key keeps it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// No key has this one.
    pub const NONE: Fingerprint = Fingerprint([0; 32]);

    /// 64 hexadecimal digits, with colons or without.
    pub fn read(text: &str) -> Option<Fingerprint> {
        let digits: String = text.chars().filter(|c| *c != ':' && !c.is_whitespace()).collect();
        if digits.len() != 64 || !digits.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Fingerprint(bytes))
    }

    fn of(certificate: &CertificateDer<'_>) -> Result<Fingerprint, Error> {
        let parsed = webpki::EndEntityCert::try_from(certificate).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        Ok(Fingerprint(Sha256::digest(parsed.subject_public_key_info()).into()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        f.write_str(&pairs.join(":"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why the other end is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("its certificate has ended or has not begun, or this machine's clock is wrong")]
    OutOfTime,
    #[error("its certificate is for another name")]
    WrongName,
    #[error("no authority that this machine trusts has signed its certificate")]
    UnknownAuthority,
    #[error("its key is not the one that was compared")]
    KeyChanged,
    #[error("what answers does not speak TLS")]
    NoTls,
    #[error("its certificate is not good")]
    Other,
}

impl Distrust {
    /// Read from a failed handshake.
    pub(super) fn of(error: &Error) -> Distrust {
        match error {
            Error::InvalidCertificate(error) => match error {
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. } => Distrust::OutOfTime,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Distrust::WrongName,
                CertificateError::UnknownIssuer => Distrust::UnknownAuthority,
                CertificateError::ApplicationVerificationFailure => Distrust::KeyChanged,
                _ => Distrust::Other,
            },
            Error::InvalidMessage(_) => Distrust::NoTls,
            _ => Distrust::Other,
        }
    }
}

/// The TLS side of a link. `authorities` are trusted besides the machine's own.
pub(super) fn config(trust: &Trust, authorities: &[Vec<u8>]) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Named(_) => {
            let also = authorities.iter().map(|der| CertificateDer::from(der.clone()));
            Arc::new(rustls_platform_verifier::Verifier::new_with_extra_roots(also, provider.clone())?)
        }
        Trust::Pinned(key) => Arc::new(ByKey::new(Some(*key), &provider)),
        // A plain link never comes to TLS; the library wants to know all the same.
        Trust::Anybody | Trust::Plain => Arc::new(ByKey::new(None, &provider)),
    };
    client(verifier, provider)
}

fn client(verifier: Arc<dyn ServerCertVerifier>, provider: Arc<CryptoProvider>) -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// A look at the key that answers: the handshake ends there, and nothing is sent.
pub(super) struct Look {
    seen: Arc<Mutex<Option<Fingerprint>>>,
}

impl Look {
    pub(super) fn config() -> Result<(Look, ClientConfig), Error> {
        let provider = Arc::new(ring::default_provider());
        let seen = Arc::new(Mutex::new(None));
        let verifier = ByKey { seen: Some(seen.clone()), ..ByKey::new(None, &provider) };
        Ok((Look { seen }, client(Arc::new(verifier), provider)?))
    }

    pub(super) fn seen(&self) -> Option<Fingerprint> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Believes a key, or any. That the other end holds the key is proven by its signature in each case.
#[derive(Debug)]
struct ByKey {
    expected: Option<Fingerprint>,
    /// Where set, the key is noted and the handshake broken off.
    seen: Option<Arc<Mutex<Option<Fingerprint>>>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ByKey {
    fn new(expected: Option<Fingerprint>, provider: &CryptoProvider) -> ByKey {
        ByKey { expected, seen: None, algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for ByKey {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = Fingerprint::of(certificate)?;
        if let Some(seen) = &self.seen {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
            return Err(Error::General("only looked at".to_owned()));
        }
        match self.expected {
            Some(expected) if expected != key => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
