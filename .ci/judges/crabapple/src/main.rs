//! Decrypts every file of an encrypted backup and prints, for each, its
//! SHA-256, its domain and its path: two tabs between them, a NUL at the end.
//! A file that crabapple cannot read has its error in place of the digest.
//!
//! usage: crabapple-judge BACKUP < password

use crabapple::{Authentication, Backup};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: crabapple-judge BACKUP < password")?;
    let password = io::read_to_string(io::stdin())?;
    let backup = Backup::open(folder, &Authentication::Password(password))?;
    let mut out = io::stdout().lock();
    for entry in backup.entries()?.iter().filter(|e| e.flags == 1) {
        let digest = backup.decrypt_entry_stream(entry).map_err(|e| e.to_string()).and_then(|mut r| {
            let mut hash = Sha256::new();
            io::copy(&mut r, &mut hash).map_err(|e| e.to_string())?;
            Ok(format!("{:x}", hash.finalize()))
        });
        write!(out, "{}\t{}\t{}\0", digest.unwrap_or_else(|e| e), entry.domain, entry.relative_path)?;
    }
    Ok(())
}
