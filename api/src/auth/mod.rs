//! Who is calling: secrets, tokens, and the caller they stand for.

pub mod caller;
pub mod confirmed;
pub mod issue;
pub mod jwt;
pub mod keyring;
pub mod oidc;
pub mod opaque;
pub mod rotation;
pub mod secret;
pub mod service;
pub mod source_keys;
pub mod store;
#[cfg(test)]
mod tests;

/// Why there is no caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No credentials were sent.
    #[error("credentials are missing")]
    Missing,
    /// The credentials are wrong, expired or revoked. Which of these it is stays with us.
    #[error("the credentials are not valid")]
    Invalid,
    /// The database does not answer, and what was last known is too old.
    #[error("credentials cannot be checked at the moment")]
    Unavailable,
}

/// Chooses the cryptography of tokens and of TLS for the process. May be called more than once.
pub fn install_crypto() {
    // An error says that a provider is installed already: by us, since nothing else installs one.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let _ = rustls::crypto::ring::default_provider().install_default();
}
