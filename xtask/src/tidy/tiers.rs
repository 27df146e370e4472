//! The tiers: core <- io <- apps <- cli. An edge upward or sideways among the apps fails; so does I/O in core.
//!
//! Development dependencies count as well: a test that spans tiers lives in `tests/`, which may use everything.

use super::tree::{Complaint, File, Tree};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Reads every manifest and complains about each forbidden edge.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut packages = Vec::new();
    for file in tree.ending("Cargo.toml") {
        match file.text.parse::<Table>() {
            Ok(manifest) => packages.extend(Package::read(file, &manifest)),
            Err(error) => complaints.push(Complaint::new(
                &file.path,
                0,
                format!("not a manifest: {}", error.message()),
            )),
        }
    }
    let tiers: BTreeMap<&str, Tier> = packages
        .iter()
        .map(|package| (package.name.as_str(), package.tier))
        .collect();
    for package in &packages {
        for (dependency, line) in &package.dependencies {
            if let Some(message) =
                forbidden(package, dependency, tiers.get(dependency.as_str()).copied())
            {
                complaints.push(Complaint::new(&package.path, *line, message));
            }
        }
    }
    complaints
}

/// Where a package stands; a package may use the tiers below its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Core,
    Io,
    Apps,
    Cli,
    /// Tests and chores, which nothing may use.
    Outside,
}

#[derive(Debug)]
struct Package {
    path: String,
    name: String,
    tier: Tier,
    /// Names of the packages it depends on, each with its line in the manifest.
    dependencies: Vec<(String, usize)>,
}

impl Package {
    /// `None` for a manifest without a package, such as the workspace's own.
    fn read(file: &File, manifest: &Table) -> Option<Self> {
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        let tier = match file.path.split('/').next()? {
            "core" => Tier::Core,
            "io" => Tier::Io,
            "apps" => Tier::Apps,
            "cli" => Tier::Cli,
            _ => Tier::Outside,
        };
        let mut dependencies = Vec::new();
        for name in dependency_names(manifest) {
            let line = file
                .text
                .lines()
                .position(|line| starts_with_word(line, &name))
                .map_or(0, |index| index + 1);
            dependencies.push((name, line));
        }
        Some(Self {
            path: file.path.clone(),
            name,
            tier,
            dependencies,
        })
    }
}

/// All kinds of dependencies, those for one platform included, by the name of the package and not its alias.
fn dependency_names(manifest: &Table) -> Vec<String> {
    let platforms = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::values);
    let sections = std::iter::once(manifest).chain(platforms.filter_map(Value::as_table));
    let mut names = Vec::new();
    for section in sections {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (alias, value) in section
                .get(kind)
                .and_then(Value::as_table)
                .into_iter()
                .flatten()
            {
                let package = value
                    .get("package")
                    .and_then(Value::as_str)
                    .unwrap_or(alias);
                names.push(package.to_owned());
            }
        }
    }
    names
}

fn forbidden(package: &Package, dependency: &str, tier: Option<Tier>) -> Option<String> {
    match tier {
        Some(Tier::Outside) => Some(format!(
            "{dependency} is for tests or chores; nothing may depend on it"
        )),
        Some(below) if below > package.tier => Some(format!(
            "{:?} must not depend on {dependency}, which is in {below:?}",
            package.tier
        )),
        Some(Tier::Apps) if package.tier == Tier::Apps => Some(format!(
            "apps must not depend on each other ({dependency}); move what both need down a tier"
        )),
        None if package.tier == Tier::Core && is_impure(dependency) => Some(format!(
            "core must stay pure; {dependency} brings sockets, a clock or randomness"
        )),
        _ => None,
    }
}

fn is_impure(dependency: &str) -> bool {
    IMPURE.iter().any(|name| {
        dependency == *name
            || dependency.starts_with(&format!("{name}-"))
            || dependency.starts_with(&format!("{name}_"))
    })
}

fn starts_with_word(line: &str, word: &str) -> bool {
    line.trim_start()
        .strip_prefix(word)
        .is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
}

/// With every crate that is named after one of them, such as `tokio-rustls`.
const IMPURE: [&str; 16] = [
    "tokio",
    "rand",
    "getrandom",
    "fastrand",
    "async-std",
    "smol",
    "mio",
    "socket2",
    "hyper",
    "reqwest",
    "ureq",
    "h2",
    "rustls",
    "openssl",
    "chrono",
    "uuid",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, body: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{body}\n")
    }

    /// Complaints of a tree with one package in each tier, of which `path` has these dependencies.
    fn check_with(path: &str, name: &str, body: &str) -> Vec<Complaint> {
        let others = [
            ("core/core/Cargo.toml", manifest("a-core", "")),
            ("io/io/Cargo.toml", manifest("an-io", "")),
            ("apps/app/Cargo.toml", manifest("an-app", "")),
            ("cli/Cargo.toml", manifest("a-cli", "")),
            ("tests/Cargo.toml", manifest("a-test", "")),
        ];
        let own = manifest(name, body);
        let mut files: Vec<(&str, &str)> = others
            .iter()
            .map(|(path, text)| (*path, text.as_str()))
            .collect();
        files.push((path, &own));
        check(&Tree::of(&files))
    }

    #[test]
    fn upward_edges_fail() {
        for (path, up) in [
            ("core/x/Cargo.toml", "an-io"),
            ("core/x/Cargo.toml", "an-app"),
            ("io/x/Cargo.toml", "an-app"),
            ("apps/x/Cargo.toml", "a-cli"),
            ("cli/Cargo.toml", "a-test"),
        ] {
            let found = check_with(path, "x", &format!("[dependencies]\n{up}.workspace = true"));
            assert_eq!(found.len(), 1, "{path} -> {up}");
            assert_eq!(found[0].line, 4);
        }
    }

    #[test]
    fn sideways_edges_fail_among_apps_only() {
        assert_eq!(
            check_with(
                "apps/x/Cargo.toml",
                "x",
                "[dependencies]\nan-app.workspace = true"
            )
            .len(),
            1
        );
        assert_eq!(
            check_with(
                "io/x/Cargo.toml",
                "x",
                "[dependencies]\nan-io.workspace = true"
            ),
            []
        );
        assert_eq!(
            check_with(
                "core/x/Cargo.toml",
                "x",
                "[dependencies]\na-core.workspace = true"
            ),
            []
        );
    }

    #[test]
    fn downward_edges_pass() {
        assert_eq!(
            check_with(
                "apps/x/Cargo.toml",
                "x",
                "[dependencies]\nan-io.workspace = true\na-core.workspace = true"
            ),
            []
        );
        assert_eq!(
            check_with(
                "tests/x/Cargo.toml",
                "x",
                "[dependencies]\na-cli.workspace = true"
            ),
            []
        );
    }

    #[test]
    fn every_kind_of_dependency_counts() {
        for section in [
            "dev-dependencies",
            "build-dependencies",
            "target.'cfg(unix)'.dependencies",
        ] {
            assert_eq!(
                check_with(
                    "io/x/Cargo.toml",
                    "x",
                    &format!("[{section}]\nan-app.workspace = true")
                )
                .len(),
                1,
                "{section}"
            );
        }
        assert_eq!(
            check_with(
                "io/x/Cargo.toml",
                "x",
                "[dependencies]\nfine = { package = \"an-app\", path = \"../..\" }"
            )
            .len(),
            1
        );
    }

    #[test]
    fn core_takes_nothing_impure() {
        for name in ["tokio", "rand", "rand_core", "getrandom", "tokio-rustls"] {
            let body = format!("[dependencies]\n{name} = \"1\"");
            assert_eq!(
                check_with("core/x/Cargo.toml", "x", &body).len(),
                1,
                "{name}"
            );
            assert_eq!(check_with("io/x/Cargo.toml", "x", &body), [], "{name}");
        }
        assert_eq!(
            check_with("core/x/Cargo.toml", "x", "[dependencies]\nserde = \"1\""),
            []
        );
    }

    #[test]
    fn a_broken_manifest_fails() {
        assert_eq!(
            check(&Tree::of(&[("io/x/Cargo.toml", "[package")])).len(),
            1
        );
    }
}
