//! The deployment secret, and the keys derived from it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, hmac, rand};
use secrecy::{ExposeSecret, SecretString};

use crate::db::hex;

/// The fewest bytes of text that make a secret.
const SHORTEST: usize = 32;
/// The fewest different characters: a stretched word or a row of zeros is no secret.
const FEWEST_CHARACTERS: usize = 8;
/// More than any secret; keeps a wrong path from being read whole.
const LONGEST_FILE: u64 = 4096;

/// Why there is no deployment secret, or why a key derived from it failed.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text is too weak to be a secret.
    #[error(
        "LAZO_SECRET needs at least 32 bytes of random text, such as the output of `openssl rand -hex 32`."
    )]
    Weak,
    /// Neither a secret nor a place for one.
    #[error(
        "LAZO_SECRET is missing: it can only be generated beside an embedded database kept in a file."
    )]
    Missing,
    /// Others than the owner can reach the file.
    #[error("{}: others can read this secret. Allow its owner alone: chmod 600.", .0.display())]
    Exposed(PathBuf),
    /// The file could not be read or written.
    #[error("{}: the file of the deployment secret cannot be used: {error}.", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system answered.
        error: io::Error,
    },
    /// The library refused an operation.
    #[error("the cryptography library refused an operation.")]
    Crypto,
    /// What was encrypted was so under another secret, or has been altered.
    #[error("a signing key cannot be decrypted: LAZO_SECRET is not the one it was stored under.")]
    Sealed,
}

impl From<aws_lc_rs::error::Unspecified> for SecretError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}

/// The secret of a deployment: all its processes and the command line share it.
pub struct DeploymentSecret {
    token_hashes: hmac::Key,
    signing_keys: LessSafeKey,
    deployment_name: String,
}

impl DeploymentSecret {
    /// Takes the secret given, else the file beside an embedded database, which is generated at its first use.
    pub fn find(given: Option<&SecretString>, beside: Option<&Path>) -> Result<Self, SecretError> {
        match (given, beside) {
            (Some(text), _) => Self::from_text(text.expose_secret()),
            (None, Some(database)) => Self::from_file(&Self::file_beside(database)),
            (None, None) => Err(SecretError::Missing),
        }
    }

    /// The secret given, else that of the file beside an embedded database; none where the file is not there yet.
    pub fn existing(
        given: Option<&SecretString>,
        beside: Option<&Path>,
    ) -> Result<Option<Self>, SecretError> {
        match (given, beside.map(Self::file_beside)) {
            (None, Some(file)) if !file.exists() => Ok(None),
            _ => Self::find(given, beside).map(Some),
        }
    }

    /// The file of the secret of an embedded database.
    pub fn file_beside(database: &Path) -> PathBuf {
        let mut path = database.as_os_str().to_owned();
        path.push(".secret");
        path.into()
    }

    /// A secret for a database in memory, which ends with the process as its data do.
    pub fn ephemeral() -> Result<Self, SecretError> {
        Self::from_text(random_text()?.expose_secret())
    }

    /// Derives the keys from the text of a secret; space around it does not count.
    pub fn from_text(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        if text.len() < SHORTEST || characters.len() < FEWEST_CHARACTERS {
            return Err(SecretError::Weak);
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"lazo").extract(text.as_bytes());
        let name = hex(&derive(&root, b"deployment name")?);
        let signing_keys = UnboundKey::new(&CHACHA20_POLY1305, &derive(&root, b"signing keys")?)?;
        Ok(Self {
            token_hashes: hmac::Key::new(hmac::HMAC_SHA256, &derive(&root, b"token hashes")?),
            signing_keys: LessSafeKey::new(signing_keys),
            deployment_name: name.chars().take(16).collect(),
        })
    }

    /// Reads the file, which none but its owner may reach; where there is none, generates it.
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        let failed = |error| SecretError::File {
            path: path.to_owned(),
            error,
        };
        let text = match read_private(path) {
            Err(SecretError::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                let generated = random_text()?;
                match create_private(path, generated.expose_secret()) {
                    Ok(()) => generated,
                    // Another process was first: its secret is the deployment's.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                        read_private(path)?
                    }
                    Err(error) => return Err(failed(error)),
                }
            }
            found => found?,
        };
        Self::from_text(text.expose_secret())
    }

    /// The keyed hash (HMAC-SHA256, in hexadecimal) under which a token is stored and looked up.
    pub fn token_hash(&self, token: &str) -> String {
        hex(hmac::sign(&self.token_hashes, token.as_bytes()).as_ref())
    }

    /// A name that tells deployments apart where they share a server, and from which nothing can be learnt.
    pub fn deployment_name(&self) -> &str {
        &self.deployment_name
    }

    /// Encrypts a signing key (ChaCha20-Poly1305), bound to its id: nonce, then ciphertext and tag.
    pub fn seal(&self, id: &str, key: &[u8]) -> Result<Vec<u8>, SecretError> {
        let mut nonce = [0; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let mut text = key.to_vec();
        self.signing_keys.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(id),
            &mut text,
        )?;
        Ok([&nonce[..], &text].concat())
    }

    /// Decrypts what `seal` made for the same id.
    pub fn open(&self, id: &str, sealed: &[u8]) -> Result<Vec<u8>, SecretError> {
        let (nonce, text) = sealed.split_first_chunk().ok_or(SecretError::Sealed)?;
        let mut text = text.to_vec();
        let length = self
            .signing_keys
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(id),
                &mut text,
            )
            .map_err(|_| SecretError::Sealed)?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

impl fmt::Debug for DeploymentSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeploymentSecret([redacted])")
    }
}

/// One key of 256 bits for one purpose (HKDF, RFC 5869).
fn derive(root: &hkdf::Prk, label: &[u8]) -> Result<[u8; 32], SecretError> {
    let mut key = [0; 32];
    root.expand(&[label], hkdf::HKDF_SHA256)?.fill(&mut key)?;
    Ok(key)
}

fn random_text() -> Result<SecretString, SecretError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(hex(&bytes).into())
}

fn read_private(path: &Path) -> Result<SecretString, SecretError> {
    let failed = |error| SecretError::File {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(SecretError::Exposed(path.to_owned()));
    }
    let mut text = String::new();
    file.take(LONGEST_FILE)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text.into())
}

/// Creates the file whole or not at all: written under another name, then linked to its own, which fails where there is one.
fn create_private(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = Path::new(&draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    let written = writeln!(file, "{text}")
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(draft, path));
    fs::remove_file(draft)?;
    written?;
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    fn secret() -> DeploymentSecret {
        DeploymentSecret::from_text(TEXT).unwrap()
    }

    #[rstest]
    #[case::empty("")]
    #[case::short("0123456789abcdef0123456789abcde")]
    #[case::padded("changeme                                  ")]
    #[case::repeated("changechangechangechangechangechange")]
    fn a_weak_text_is_no_secret(#[case] text: &str) {
        assert!(matches!(
            DeploymentSecret::from_text(text),
            Err(SecretError::Weak)
        ));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", secret()), "DeploymentSecret([redacted])");
    }

    #[test]
    fn hashes_depend_on_the_secret_and_agree_between_processes() {
        let other = DeploymentSecret::from_text("another0123456789abcdef0123456789").unwrap();
        assert_eq!(secret().token_hash("token"), secret().token_hash("token"));
        assert_ne!(secret().token_hash("token"), other.token_hash("token"));
        assert_eq!(secret().token_hash("token").len(), 64);
    }

    #[test]
    fn deployments_differ_by_name_and_their_processes_agree() {
        let other = DeploymentSecret::ephemeral().unwrap();
        assert_eq!(secret().deployment_name(), secret().deployment_name());
        assert_ne!(secret().deployment_name(), other.deployment_name());
        assert_eq!(secret().deployment_name().len(), 16);
    }

    #[test]
    fn a_sealed_key_opens_only_unaltered_under_its_own_id_and_secret() {
        let sealed = secret().seal("sgk_1", b"key").unwrap();
        assert_eq!(secret().open("sgk_1", &sealed).unwrap(), b"key");
        assert!(secret().open("sgk_2", &sealed).is_err());
        let other = DeploymentSecret::ephemeral().unwrap();
        assert!(other.open("sgk_1", &sealed).is_err());
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert!(secret().open("sgk_1", &altered).is_err());
            assert!(secret().open("sgk_1", &sealed[..place]).is_err());
        }
    }

    #[test]
    fn the_file_is_generated_once_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("lazo.db");
        let first = DeploymentSecret::find(None, Some(&database)).unwrap();
        let second = DeploymentSecret::find(None, Some(&database)).unwrap();
        assert_eq!(first.token_hash("token"), second.token_hash("token"));

        let path = directory.path().join("lazo.db.secret");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[rstest]
    #[case(0o640)]
    #[case(0o604)]
    #[case(0o620)]
    fn a_file_that_others_can_reach_is_refused(#[case] mode: u32) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        fs::write(&path, TEXT).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(
            DeploymentSecret::from_file(&path),
            Err(SecretError::Exposed(_))
        ));
    }

    #[test]
    fn processes_that_start_together_share_one_secret() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        create_private(&path, TEXT).unwrap();
        let late = create_private(&path, "another0123456789abcdef0123456789");
        assert_eq!(late.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let read = DeploymentSecret::from_file(&path).unwrap();
        assert_eq!(read.token_hash("token"), secret().token_hash("token"));
    }

    #[test]
    fn without_a_secret_and_a_place_for_one_nothing_starts() {
        assert!(matches!(
            DeploymentSecret::find(None, None),
            Err(SecretError::Missing)
        ));
    }
}
