//! `lorekeep extract-document`: reads one document from standard input, as a process of its own that can do nothing
//! else: it gets little memory and processor time, opens no file and no connection, and ends with its parent.

use std::io::{BufWriter, Read as _, Write as _};

use anyhow::Context as _;
use document::{DocumentKind, ExtractLimits, ExtractRecord, extract};

use crate::args::knowledge::ExtractDocumentArgs;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::output::Output;

/// The stack of the thread that reads: pages may be nested deeply.
const STACK_BYTES: usize = 64 << 20;

/// Reads the document and writes records, a JSON object a line.
pub(crate) fn run(args: &ExtractDocumentArgs, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let kind = DocumentKind::from_name(&args.kind)
        .ok_or_else(|| Fault::usage(format!("`{}` is no kind of document", args.kind)))?;
    let output = out.take_stdout()?;
    let (memory, cpu) = (args.memory_mib, args.cpu_seconds);
    let reading = std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || read(kind, output, (memory, cpu)))
        .context("starting to read")?;
    match reading.join() {
        Ok(outcome) => outcome,
        Err(_) => Ok(CommandOutcome::Failed),
    }
}

fn read(
    kind: DocumentKind,
    output: std::fs::File,
    (memory, cpu): (u64, u64),
) -> anyhow::Result<CommandOutcome> {
    // The first allocation of a thread takes address space for all later ones.
    let mut bytes = Vec::with_capacity(64 << 10);
    limits::set(memory, cpu)?;
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let mut output = BufWriter::new(output);
    let mut failed = None;
    let write =
        |record: &ExtractRecord, output: &mut BufWriter<std::fs::File>| -> std::io::Result<()> {
            serde_json::to_writer(&mut *output, record)?;
            output.write_all(b"\n")?;
            // Should the next page be the last, it is known which one it was.
            if matches!(record, ExtractRecord::At { .. }) {
                output.flush()?;
            }
            Ok(())
        };
    let read = extract(kind, &bytes, ExtractLimits::default(), &mut |record| {
        if failed.is_none() {
            failed = write(&record, &mut output).err();
        }
    });
    let outcome = match read {
        Ok(()) => CommandOutcome::Done,
        Err(error) => {
            write(&ExtractRecord::Problem { what: error.0 }, &mut output)?;
            CommandOutcome::Failed
        }
    };
    output.flush()?;
    Ok(outcome)
}

#[cfg(target_os = "linux")]
mod limits {
    //! What the system holds the process to.

    use rustix::process::{Resource, Rlimit, Signal, setrlimit};

    /// Sets the limits, of which none can be lifted again but by a process with the rights of the administrator.
    pub(super) fn set(memory_mib: u64, cpu_seconds: u64) -> anyhow::Result<()> {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        let used = used_bytes();
        let both = |limit: u64| Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(Resource::As, both(used + (memory_mib << 20)))?;
        setrlimit(Resource::Cpu, both(cpu_seconds))?;
        setrlimit(Resource::Core, both(0))?;
        setrlimit(Resource::Fsize, both(0))?;
        // Neither files nor sockets: both need a number, and there are none left.
        setrlimit(Resource::Nofile, both(0))?;
        Ok(())
    }

    /// The address space that the process has by now.
    fn used_bytes() -> u64 {
        let status = files::read_start("/proc/self/status".as_ref(), 8 << 10).unwrap_or_default();
        let status = String::from_utf8_lossy(&status);
        let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        kib.map_or(512 << 20, |kib| kib << 10)
    }
}

#[cfg(not(target_os = "linux"))]
mod limits {
    //! Only what every Unix has; elsewhere the parent's time limit alone.

    #[cfg(unix)]
    pub(super) fn set(_: u64, cpu_seconds: u64) -> anyhow::Result<()> {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let both = |limit: u64| Rlimit {
            current: Some(limit),
            maximum: Some(limit),
        };
        setrlimit(Resource::Cpu, both(cpu_seconds))?;
        setrlimit(Resource::Fsize, both(0))?;
        setrlimit(Resource::Nofile, both(0))?;
        Ok(())
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "as elsewhere")]
    pub(super) fn set(_: u64, _: u64) -> anyhow::Result<()> {
        Ok(())
    }
}
