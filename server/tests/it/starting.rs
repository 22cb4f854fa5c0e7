//! Failed starts: the program prints the reason, exits with status 1, and changes nothing.

use crate::support::TestConsole;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

fn understudy(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_understudy"));
    // Even with Rust's backtraces switched on, the program prints a sentence.
    command.args(arguments).env("RUST_BACKTRACE", "1").env("UNDERSTUDY_LOG", "error");
    command.output().expect("it runs")
}

/// A folder with the smallest site that the console can serve, and no data.
fn prepared() -> tempfile::TempDir {
    let files = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(files.path().join("site/pkg")).expect("a folder");
    let hashes = "js: 0123456789abcdef\nwasm: 0123456789abcdef\ncss: 0123456789abcdef\n";
    std::fs::write(files.path().join("site/pkg/hash.txt"), hashes).expect("a file");
    files
}

/// Runs `serve` and expects it to fail.
fn serve(files: &Path, data: &Path, more: &[&str]) -> Output {
    let (site, data) = (files.join("site"), data.to_string_lossy());
    let site = site.to_string_lossy();
    let mut arguments = vec!["serve", "--site", &site, "--data", &data];
    for (option, free) in [("--listen", "127.0.0.1:0"), ("--emulator-listen", "127.0.0.1:0")] {
        if !more.contains(&option) {
            arguments.extend([option, free]);
        }
    }
    arguments.extend(more);
    understudy(&arguments)
}

#[track_caller]
fn refused(output: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let sentence = text.lines().find(|line| line.starts_with("understudy: ")).unwrap_or_default();
    for part in parts {
        assert!(sentence.contains(part), "no “{part}” in: {text}");
    }
    assert!(!text.contains("backtrace"), "{text}");
}

#[test]
fn a_used_port_is_reported_with_the_option_that_changes_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let files = prepared();
    let data = files.path().join("data");
    let output = serve(files.path(), &data, &["--listen", &address]);
    refused(&output, &[&address, "cannot listen", "--listen"]);
    assert!(!data.exists());
    let output = serve(files.path(), &data, &["--emulator-listen", &address]);
    refused(&output, &[&address, "in use", "--emulator-listen"]);
}

#[test]
fn unusable_data_is_left_unchanged() {
    let files = prepared();
    let file = files.path().join("a-file");
    std::fs::write(&file, "mine").expect("a file");
    refused(&serve(files.path(), &file, &[]), &["a-file cannot be written", "--data"]);
    for (name, advice) in [("understudy.db", "move it away"), ("emulator/state.json", "remove")] {
        let data = files.path().join(name.replace(['/', '.'], "-"));
        let bad = data.join(name);
        std::fs::create_dir_all(bad.parent().expect("a folder")).expect("a folder");
        let nonsense =
            "this is neither SQLite nor JSON, and long enough to be looked at ".repeat(20);
        std::fs::write(&bad, &nonsense).expect("a file");
        refused(&serve(files.path(), &data, &[]), &["cannot be used", advice]);
        assert_eq!(std::fs::read_to_string(&bad).expect("a file"), nonsense);
    }
}

#[tokio::test]
async fn a_data_directory_has_one_console() {
    let console = TestConsole::start().await;
    let files = prepared();
    let data = console.data();
    refused(&serve(files.path(), &data, &[]), &["in use by another console", "--data"]);
    // The first console is unaffected, and when it stops, its data is free.
    let stopped = console.stop().await;
    server::store::directory::claim(&data).expect("it is free");
    drop(stopped);
}

#[test]
fn an_invalid_configuration_is_rejected_with_the_reason() {
    let files = prepared();
    let config = files.path().join("understudy.yaml");
    let given = config.to_string_lossy().into_owned();
    for (text, part) in [
        ("stages: [", "line 2 column 1"),
        ("public_url: http://example.org", "missing field"),
        ("nonsense: 1", "unknown field `nonsense`"),
        ("\u{0}", "understudy.yaml"),
    ] {
        std::fs::write(&config, text).expect("a file");
        let data = files.path().join("data");
        refused(&serve(files.path(), &data, &["--config", &given]), &["is invalid", part]);
        let checked = understudy(&["check", "--config", &given, "--data", &data.to_string_lossy()]);
        let shown = String::from_utf8_lossy(&checked.stdout);
        assert_eq!(checked.status.code(), Some(1));
        assert!(shown.contains("FAIL  configuration: ") && shown.contains(part), "{shown}");
    }
    refused(&serve(files.path(), files.path(), &["--config", "nobody.yaml"]), &["cannot be read"]);
}
