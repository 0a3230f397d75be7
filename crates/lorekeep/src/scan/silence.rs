//! Reading what a process prints, unless it falls silent: a repository can make git wait for ever in more
//! ways than anybody could list.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Bytes that are handed over at once.
const PIECE_BYTES: usize = 64 << 10;

/// Pieces that wait to be read, before the process has to wait.
const MAX_WAITING: usize = 8;

/// What is printed, as a reader that fails with [`ErrorKind::TimedOut`] once nothing has come for as long
/// as it waits.
pub(super) struct UntilSilent {
    pieces: Receiver<io::Result<Vec<u8>>>,
    patience: Duration,
    piece: Vec<u8>,
    at: usize,
}

impl UntilSilent {
    /// Reads in a thread of its own, which ends when the other end does.
    pub(super) fn new(from: impl Read + Send + 'static, patience: Duration) -> Self {
        let (sender, pieces) = sync_channel(MAX_WAITING);
        std::thread::spawn(move || hand_over(from, &sender));
        Self {
            pieces,
            patience,
            piece: Vec::new(),
            at: 0,
        }
    }
}

fn hand_over(mut from: impl Read, to: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        let read = from.read(&mut piece).map(|length| {
            piece.truncate(length);
            piece
        });
        let is_last = read.as_ref().map_or(true, Vec::is_empty);
        if to.send(read).is_err() || is_last {
            return;
        }
    }
}

impl Read for UntilSilent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            self.at = 0;
            self.piece = match self.pieces.recv_timeout(self.patience) {
                Ok(piece) => piece?,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
                Err(RecvTimeoutError::Timeout) => {
                    let seconds = self.patience.as_secs();
                    let what = format!(
                        "git printed nothing for {seconds} s; a file of the repository may be a named pipe"
                    );
                    return Err(io::Error::new(ErrorKind::TimedOut, what));
                }
            };
        }
        let length = buffer.len().min(self.piece.len() - self.at);
        buffer[..length].copy_from_slice(&self.piece[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_silent_is_given_up_and_the_rest_is_read_whole() {
        let text: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let mut whole = Vec::new();
        let from = io::Cursor::new(text.clone());
        let mut reader = UntilSilent::new(from, Duration::from_secs(60));
        reader.read_to_end(&mut whole).expect("all of it");
        assert_eq!(whole, text);
        let (silent, _open) = io::pipe().expect("a pipe");
        let error = UntilSilent::new(silent, Duration::from_millis(1)).read(&mut [0; 8]);
        assert_eq!(error.expect_err("silence").kind(), ErrorKind::TimedOut);
    }
}
