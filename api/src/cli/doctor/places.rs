//! Files, folders, rights and the address.

use std::fs::{self, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::database::UNREACHABLE;
use super::finding::Finding;
use crate::auth::secret::DeploymentSecret;
use crate::config::Config;
use crate::db::Db;

/// Less free space than this is told of, and less than the second is an error.
const SPACE: (u64, u64) = (1 << 30, 64 << 20);

/// Who may reach what is kept, and whether it can be written.
pub(super) async fn permissions(config: &Config, db: Option<&Db>) -> Finding {
    let mut finding = Finding::about("permissions");
    match (config.database.url.file(), db) {
        (Some(file), _) => embedded(config, &file, &mut finding),
        (None, Some(db)) => role(db, &mut finding).await,
        (None, None) => finding.fact(UNREACHABLE),
    }
    finding
}

fn embedded(config: &Config, file: &Path, finding: &mut Finding) {
    for suffix in ["", "-wal", "-shm"] {
        let path = beside(file, suffix);
        if let Some(mode) = mode(&path) {
            if suffix.is_empty() {
                finding.fact(format!("{} {mode:03o}", path.display()));
            }
            if mode & 0o077 != 0 {
                finding.warning(
                    format!(
                        "others on this machine reach {} ({mode:03o})",
                        path.display()
                    ),
                    format!("chmod 600 {}", path.display()),
                );
            }
            if let Err(error) = OpenOptions::new().write(true).open(&path) {
                finding.error(
                    format!("{} cannot be written ({error})", path.display()),
                    "run the program as its owner",
                );
            }
        }
    }
    let secret = DeploymentSecret::file_beside(file);
    if config.secret.is_none()
        && let Some(mode) = mode(&secret)
    {
        finding.fact(format!("{} {mode:03o}", secret.display()));
        if mode & 0o077 != 0 {
            finding.error(
                format!("others can read the deployment secret ({mode:03o})"),
                format!("chmod 600 {}", secret.display()),
            );
        }
    }
    let folder = folder(file);
    if let Err(error) = try_to_write(&folder) {
        finding.error(
            format!("nothing can be written in {} ({error})", folder.display()),
            "let the program's user own the folder; SQLite keeps files beside the database",
        );
    }
    if let Ok(disk) = rustix::fs::statvfs(&folder) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        finding.fact(format!("{} MiB free", free >> 20));
        let mend = "make room: without it nothing more is stored";
        if free < SPACE.1 {
            finding.error("the disk is full", mend);
        } else if free < SPACE.0 {
            finding.warning("the disk is nearly full", mend);
        }
    }
}

async fn role(db: &Db, finding: &mut Finding) {
    match db.role().await {
        Ok(Some((name, is_super))) => {
            finding.fact(format!("role {name}"));
            if is_super {
                finding.warning(
                    "it is a superuser",
                    "give the program a role of its own that owns its database alone",
                );
            }
        }
        Ok(None) => {}
        Err(error) => finding.error(error.to_string(), "the role cannot be asked for"),
    }
    match db.missing_rights().await {
        Ok(missing) => {
            for what in missing {
                finding.error(what, "let the program's role own the database");
            }
        }
        Err(error) => finding.error(error.to_string(), "the rights cannot be asked for"),
    }
}

/// Whether the address can be listened on, or this program listens there already.
pub(super) async fn address(address: SocketAddr) -> Finding {
    let mut finding = Finding::about("address");
    finding.fact(address.to_string());
    match TcpListener::bind(address).await {
        Ok(_) => finding.fact("free"),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if lives(address).await.unwrap_or_default() {
                finding.fact("a running Lazo listens here");
            } else {
                finding.error(
                    "another program listens here",
                    "stop it, or set LAZO_LISTEN to another port",
                );
            }
        }
        Err(error) => finding.error(
            format!("it cannot be listened on ({error})"),
            "set LAZO_LISTEN to an address of this machine and a port that its user may use",
        ),
    }
    finding
}

/// Whether a Lazo answers there.
async fn lives(address: SocketAddr) -> io::Result<bool> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer).await?;
        let text = String::from_utf8_lossy(&answer);
        Ok(text.contains(r#""status":"live""#))
    };
    tokio::time::timeout(Duration::from_secs(1), ask)
        .await
        .unwrap_or(Ok(false))
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

/// Writes a file that is gone again at once: asking for permissions alone overlooks read-only disks.
fn try_to_write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".lazo-doctor-{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&probe)
        .and_then(|mut file| io::Write::write_all(&mut file, b"probe"));
    match fs::remove_file(&probe) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => written,
    }
}
