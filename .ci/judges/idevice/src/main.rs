//! Asks the first phone behind USBMUXD_SOCKET_ADDRESS, by the idevice crate alone:
//!
//!   list                  prints the UDID of every phone
//!   pair                  pairs, and has usbmuxd keep the record
//!   get KEY [DOMAIN]      prints a value of lockdown
//!   backup [--full] DIR   backs up into DIR/UDID
//!   password DIR OLD NEW  changes the password of backups; "" is none
//!   restore DIR PASSWORD  gives DIR/UDID back; "" is none

use idevice::lockdown::LockdownClient;
use idevice::mobilebackup2::{FsBackupDelegate, MobileBackup2Client, RestoreOptions};
use idevice::provider::{IdeviceProvider, UsbmuxdProvider};
use idevice::usbmuxd::UsbmuxdAddr;
use idevice::{IdeviceError, IdeviceService};
use plist::{Dictionary, Value};
use std::{error::Error, path::Path};

const HOST_ID: &str = "3B1E2F60-6D1C-4C57-9A3E-0D2B8C5F7A41";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&args))
}

async fn run(args: &[&str]) -> Result<(), Box<dyn Error>> {
    let address = UsbmuxdAddr::from_env_var()?;
    let mut mux = address.connect(0).await?;
    let phones = mux.get_devices().await?;
    if args == ["list"] {
        phones.iter().for_each(|p| println!("{}", p.udid));
        return Ok(());
    }
    let phone = phones.first().ok_or("no phone")?.to_provider(address, "idevice-judge");
    match args {
        ["pair"] => {
            let buid = mux.get_buid().await?;
            let record = LockdownClient::connect(&phone).await?.pair(HOST_ID, buid, None).await?;
            mux.save_pair_record(&phone.udid, record.serialize()?).await?;
        }
        ["get", key] => println!("{}", get(&phone, key, None).await?),
        ["get", key, domain] => println!("{}", get(&phone, key, Some(domain)).await?),
        ["backup", dir] => backup(&phone, dir, None).await?,
        ["backup", "--full", dir] => {
            let full = Dictionary::from_iter([("ForceFullBackup", Value::Boolean(true))]);
            backup(&phone, dir, Some(full)).await?
        }
        ["password", dir, old, new] => {
            // The crate does not hand on what the phone answers.
            let mut service = MobileBackup2Client::connect(&phone).await?;
            service.change_password_from_path(Path::new(dir), some(old), some(new), &FsBackupDelegate).await?;
            service.disconnect().await?;
        }
        ["restore", dir, password] => {
            let options = RestoreOptions {
                system_files: true,
                reboot: false,
                password: some(password).map(Into::into),
                ..Default::default()
            };
            let mut service = MobileBackup2Client::connect(&phone).await?;
            let answer = service.restore_from_path(Path::new(dir), None, Some(options), &FsBackupDelegate).await?;
            service.disconnect().await?;
            check(answer)?;
        }
        _ => return Err("usage: the head of main.rs says".into()),
    }
    Ok(())
}

/// get reads a value in a session.
async fn get(phone: &UsbmuxdProvider, key: &str, domain: Option<&str>) -> Result<String, IdeviceError> {
    let mut lockdown = LockdownClient::connect(phone).await?;
    lockdown.start_session(&phone.get_pairing_file().await?).await?;
    let value = lockdown.get_value(Some(key), domain).await?;
    lockdown.stop_session().await?;
    Ok(match value {
        Value::String(s) => s,
        Value::Boolean(b) => b.to_string(),
        other => format!("{other:?}"),
    })
}

async fn backup(phone: &UsbmuxdProvider, dir: &str, options: Option<Dictionary>) -> Result<(), Box<dyn Error>> {
    let mut service = MobileBackup2Client::connect(phone).await?;
    let answer = service.backup_from_path(Path::new(dir), None, options, &FsBackupDelegate).await?;
    service.disconnect().await?;
    check(answer)
}

/// check makes an error of a last answer that is none, or tells of one.
fn check(answer: Option<Dictionary>) -> Result<(), Box<dyn Error>> {
    let answer = answer.ok_or("the phone ended it without an answer")?;
    match answer.get("ErrorCode").and_then(Value::as_signed_integer) {
        Some(0) => Ok(()),
        _ => Err(format!("the phone answers {answer:?}").into()),
    }
}

/// some is a password, if there is one.
fn some(password: &str) -> Option<&str> {
    (!password.is_empty()).then_some(password)
}
