//! Power cuts and failing disks, of a real till process. `power/disk.c` is loaded before libc and writes down what the process
//! does to its folder: real writes and real syncs in their order. What a cut may leave is then built from that record: of each
//! file all that was synced, and of what was written since any part, in sectors of 512 bytes, whole or torn, in any order.
//!
//! Taken as given: a file that was made, renamed or removed stays so (the journal of the file system keeps their order), and
//! a sync that was answered has happened.

use crate::chance::Chance;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The disk to load, built for this run.
pub struct Disk {
    _folder: tempfile::TempDir,
    library: PathBuf,
}

impl Disk {
    pub fn build() -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("disk.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/power/disk.c");
        let built =
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-o"]).arg(&library).arg("-lpthread").status();
        assert!(built.unwrap().success(), "the disk could not be compiled");
        Disk { _folder: folder, library }
    }

    /// The command, its folder watched and written down.
    pub fn record(&self, command: &mut Command, data: &Path, log: &Path) {
        command.env("LD_PRELOAD", &self.library).env("KASSA_DISK_UNDER", data).env("KASSA_DISK_LOG", log);
    }

    /// The command, its disk failing from the n-th operation on. `hit` comes into being when it does.
    pub fn fail(&self, command: &mut Command, data: &Path, nth: u64, errno: i32, hit: &Path) {
        command.env("LD_PRELOAD", &self.library).env("KASSA_DISK_UNDER", data);
        command.env("KASSA_DISK_FAIL", format!("{nth} {errno}")).env("KASSA_DISK_HIT", hit);
    }
}

/// One thing done to a file, by its name in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Write { file: String, offset: usize, bytes: Vec<u8> },
    Truncate { file: String, length: usize },
    Sync { file: String },
    Remove { file: String },
    Rename { from: String, to: String },
}

pub fn read_log(log: &Path, data: &Path) -> Vec<Deed> {
    let bytes = std::fs::read(log).unwrap();
    let name = |path: &[u8]| {
        let path = Path::new(std::str::from_utf8(path).unwrap()).strip_prefix(data).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (mut deeds, mut rest) = (Vec::new(), bytes.as_slice());
    while let [kind, low, high, tail @ ..] = rest {
        let (path, tail) = tail.split_at(usize::from(u16::from_le_bytes([*low, *high])));
        let (offset, tail) = tail.split_first_chunk::<8>().unwrap();
        let (length, tail) = tail.split_first_chunk::<4>().unwrap();
        let (bytes, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        let (file, offset) = (name(path), u64::from_le_bytes(*offset) as usize);
        deeds.push(match kind {
            b'w' => Deed::Write { file, offset, bytes: bytes.to_vec() },
            b't' => Deed::Truncate { file, length: offset },
            b's' => Deed::Sync { file },
            b'u' => Deed::Remove { file },
            b'r' => Deed::Rename { from: file, to: name(bytes) },
            other => panic!("a deed of kind {other}"),
        });
        rest = tail;
    }
    deeds
}

/// A file as the disk has it for sure, and what has been done to it since its last sync.
#[derive(Debug, Clone, Default)]
struct File {
    synced: Vec<u8>,
    since: Vec<Deed>,
}

/// A folder on its way through a record.
#[derive(Debug, Clone, Default)]
pub struct Folder {
    files: BTreeMap<String, File>,
}

const SECTOR: usize = 512;

impl Folder {
    /// A folder all of which is on the disk.
    pub fn of(data: &Path) -> Folder {
        let mut files = BTreeMap::new();
        for file in std::fs::read_dir(data).unwrap() {
            let file = file.unwrap();
            let synced = std::fs::read(file.path()).unwrap();
            files.insert(file.file_name().into_string().unwrap(), File { synced, since: Vec::new() });
        }
        Folder { files }
    }

    pub fn follow(&mut self, deed: &Deed) {
        match deed {
            Deed::Write { file, .. } | Deed::Truncate { file, .. } => {
                self.files.entry(file.clone()).or_default().since.push(deed.clone());
            }
            // A folder's own sync is of names alone.
            Deed::Sync { file } => {
                if let Some(file) = self.files.get_mut(file) {
                    for deed in std::mem::take(&mut file.since) {
                        apply(&mut file.synced, &deed);
                    }
                }
            }
            Deed::Remove { file } => drop(self.files.remove(file)),
            Deed::Rename { from, to } => {
                let file = self.files.remove(from).unwrap();
                self.files.insert(to.clone(), file);
            }
        }
    }

    /// What a cut now may leave: of unsynced writes nothing, all, the first ones, or any sectors, some of them torn.
    pub fn cut(&self, dice: &mut Chance) -> BTreeMap<String, Vec<u8>> {
        let left = |file: &File, dice: &mut Chance| {
            let mut bytes = file.synced.clone();
            let (way, first) = (dice.below(5), dice.below(file.since.len() as u64 + 1) as usize);
            for (nth, deed) in file.since.iter().enumerate() {
                match way {
                    0 => {}
                    1 => apply(&mut bytes, deed),
                    2 if nth < first => apply(&mut bytes, deed),
                    2 if nth == first => apply_in_part(&mut bytes, deed, dice),
                    2 => {}
                    3 if nth < first => {}
                    _ => apply_in_part(&mut bytes, deed, dice),
                }
            }
            bytes
        };
        self.files.iter().map(|(name, file)| (name.clone(), left(file, dice))).collect()
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

fn apply(file: &mut Vec<u8>, deed: &Deed) {
    match deed {
        Deed::Write { offset, bytes, .. } => put(file, *offset, bytes),
        Deed::Truncate { length, .. } => file.resize(*length, 0),
        Deed::Sync { .. } | Deed::Remove { .. } | Deed::Rename { .. } => {}
    }
}

fn apply_in_part(file: &mut Vec<u8>, deed: &Deed, dice: &mut Chance) {
    let Deed::Write { offset, bytes, .. } = deed else {
        if dice.below(2) == 0 {
            apply(file, deed);
        }
        return;
    };
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes.len().min((offset + at) / SECTOR * SECTOR + SECTOR - offset);
        let torn = at + dice.below((end - at) as u64) as usize;
        match dice.below(5) {
            0 | 1 => {}
            2 | 3 => put(file, offset + at, &bytes[at..end]),
            _ => put(file, offset + at, &bytes[at..torn]),
        }
        at = end;
    }
}

/// Puts what a cut left into an empty folder.
pub fn lay(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (name, bytes) in files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
