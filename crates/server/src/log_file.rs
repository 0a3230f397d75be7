//! Logs: written by a thread of their own, so that no request waits for the disk, and rotated by size.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use fs_err::File;

/// Lines that wait for being written; more are dropped and counted.
const MAX_WAITING_LINES: usize = 4096;

/// A log that takes lines.
pub(crate) struct LogFile {
    lines: Option<SyncSender<String>>,
    writer: Option<JoinHandle<()>>,
}

impl LogFile {
    /// Opens a log in a directory; `bytes` after which it is rotated, and how many old `files` stay.
    pub(crate) fn open(
        directory: &Path,
        name: &str,
        bytes: u64,
        files: u32,
    ) -> std::io::Result<Self> {
        files::create_private_dir(directory)?;
        let path = directory.join(name);
        let rotating = RotatingFile {
            size: fs_err::metadata(&path).map_or(0, |log| log.len()),
            file: files::open_append(&path)?,
            path,
            bytes: bytes.max(1),
            files,
        };
        let (lines, waiting) = sync_channel(MAX_WAITING_LINES);
        let writer = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || rotating.write_all(&waiting))?;
        Ok(Self {
            lines: Some(lines),
            writer: Some(writer),
        })
    }

    /// Adds a line; it is lost where the disk is too slow. A line break in it is a space.
    pub(crate) fn line(&self, line: &str) {
        let mut line = line.replace(['\n', '\r'], " ");
        line.push('\n');
        if let Some(lines) = &self.lines {
            match lines.try_send(line) {
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        self.lines = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

struct RotatingFile {
    path: PathBuf,
    file: File,
    size: u64,
    bytes: u64,
    files: u32,
}

impl RotatingFile {
    fn write_all(mut self, waiting: &Receiver<String>) {
        while let Ok(mut lines) = waiting.recv() {
            lines.extend(waiting.try_iter().take(MAX_WAITING_LINES));
            // Where it can't be written it is lost: the server goes on.
            let _ = self.write(&lines);
        }
    }

    fn write(&mut self, lines: &str) -> std::io::Result<()> {
        if self.size >= self.bytes {
            self.rotate()?;
        }
        self.file.write_all(lines.as_bytes())?;
        self.size += lines.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> std::io::Result<()> {
        let old = |number: u32| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..self.files).rev() {
            if old(number).exists() {
                files::rename(&old(number), &old(number + 1))?;
            }
        }
        if self.files > 0 {
            files::rename(&self.path, &old(1))?;
        } else {
            fs_err::remove_file(&self.path)?;
        }
        self.file = files::open_append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_logs_are_kept_up_to_a_number() {
        let dir = tempfile::tempdir().expect("a directory");
        for number in 0..6 {
            let log = LogFile::open(dir.path(), "a.log", 10, 2).expect("a log");
            log.line(&format!("line\n {number} of some length"));
        }
        let text = |name: &str| files::read_text(&dir.path().join(name), 1000).ok();
        assert_eq!(text("a.log").as_deref(), Some("line  5 of some length\n"));
        assert_eq!(text("a.log.1").as_deref(), Some("line  4 of some length\n"));
        assert_eq!(text("a.log.2").as_deref(), Some("line  3 of some length\n"));
        assert_eq!(text("a.log.3"), None);
    }
}
