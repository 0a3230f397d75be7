//! The program: settings, command line, and the surfaces over the archive.
fn main() -> anyhow::Result<()> {
    Ok(())
}
