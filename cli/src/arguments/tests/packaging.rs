//! What `packaging/` starts is what this program understands.

use std::path::{Path, PathBuf};

use clap::Parser as _;

use crate::arguments::Arguments;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_understood(words: &[&str]) {
    let line = std::iter::once("towpath").chain(words.iter().copied());
    if let Err(error) = Arguments::try_parse_from(line) {
        panic!("{words:?}: {error}");
    }
}

/// The lists of words behind an instruction, `CMD ["relay"]` for example, in the order of the file.
fn lists(text: &str, instruction: &str) -> Vec<Vec<String>> {
    let lines = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(instruction));
    let lists = lines.map(|line| serde_json::from_str(line.trim()));
    lists
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("{instruction}: {error}"))
}

#[test]
fn the_unit_starts_what_this_program_understands() {
    let unit = file("packaging/towpath-relay.service");
    let line = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="));
    let words: Vec<&str> = line.expect("it starts something").split(' ').collect();
    assert_eq!(words[0], "/usr/local/bin/towpath");
    is_understood(&words[1..]);
    assert!(unit.contains("ExecReload=/bin/kill -HUP $MAINPID\n"));
}

#[test]
fn the_container_starts_what_this_program_understands() {
    let text = file("packaging/Containerfile");
    assert_eq!(lists(&text, "ENTRYPOINT "), [["towpath"]]);
    let commands = lists(&text, "CMD ");
    let [health, command] = commands.as_slice() else {
        panic!("one command is for health, one for the start: {commands:?}");
    };
    let words = |list: &[String]| {
        list.iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(health[0], "towpath");
    for list in [&health[1..], command] {
        is_understood(&words(list).split(' ').collect::<Vec<_>>());
    }
    let stages = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!(stages("USER root"), 1);
    assert_eq!(stages("USER 8043:8043"), 2, "nothing runs as root");
}

#[test]
fn the_container_is_built_from_what_is_there() {
    let ignored = file("packaging/Containerfile.dockerignore");
    let taken: Vec<&str> = ignored
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for path in &taken {
        assert!(root().join(path).exists(), "{path}");
    }
    let manifest = file("Cargo.toml");
    let members = manifest
        .lines()
        .find_map(|line| line.strip_prefix("members = "));
    let members: Vec<String> = serde_json::from_str(members.expect("members on one line")).unwrap();
    for member in &members {
        let folder = member.trim_end_matches("/*");
        assert!(
            taken.contains(&folder),
            "{folder} is missing in Containerfile.dockerignore"
        );
    }
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let version = version.expect("a Rust version").trim_matches('"');
    let image = format!("FROM docker.io/library/rust:{version}-slim-bookworm AS build");
    assert!(file("packaging/Containerfile").contains(&image), "{image}");
}
