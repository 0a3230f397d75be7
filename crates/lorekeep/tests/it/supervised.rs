//! The program as the process between itself and a server of tools.

use crate::support::{Home, piped};

#[test]
fn it_supervises_a_command_whatever_the_settings_say() {
    let home = Home::new();
    home.write("lorekeep/config.toml", "this is = no [settings");
    let run = piped(
        &home,
        &["supervise-tool", "--", "sh", "-c", "cat; exit 5"],
        b"a line\n",
    );
    assert_eq!(
        (run.code, &*run.stdout),
        (Some(5), "a line\n"),
        "{}",
        run.stderr
    );
    let run = piped(&home, &["supervise-tool", "--", "no-such-program"], b"");
    assert_eq!(run.code, Some(127));
    assert!(
        run.stderr.contains("can't start `no-such-program`"),
        "{}",
        run.stderr
    );
}

#[test]
fn it_is_no_command_for_people() {
    let home = Home::new();
    let help = home.run(&["--help"]);
    assert!(!help.stdout.contains("supervise"), "{}", help.stdout);
}
