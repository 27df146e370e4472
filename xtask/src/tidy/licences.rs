//! Every package of the project states the one licence, and its texts are there. `cargo deny` judges dependencies.

use super::tree::{Complaint, File, Tree};
use toml::{Table, Value};

/// Complains about packages without the licence and about missing licence texts.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    let texts = TEXTS
        .iter()
        .filter(|path| tree.get(path).is_none_or(|file| file.text.is_empty()));
    let mut found: Vec<Complaint> = texts
        .map(|path| Complaint::new(path, 0, "the text of the licence is missing"))
        .collect();
    found.extend(tree.ending("Cargo.toml").filter_map(check_manifest));
    let packages = tree
        .ending("package.json")
        .filter(|file| !file.text.contains(&format!("\"license\": \"{LICENCE}\"")));
    found
        .extend(packages.map(|file| {
            Complaint::new(&file.path, 0, format!("needs \"license\": \"{LICENCE}\""))
        }));
    found
}

fn check_manifest(file: &File) -> Option<Complaint> {
    let manifest = file.text.parse::<Table>().ok()?;
    let of_workspace = manifest
        .get("workspace")
        .and_then(|table| table.get("package"));
    let package = manifest.get("package").or(of_workspace)?;
    let licence = package.get("license");
    let inherited = licence
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true);
    let same = licence.and_then(Value::as_str) == Some(LICENCE);
    (!inherited && !same).then(|| {
        Complaint::new(
            &file.path,
            0,
            format!("needs license = \"{LICENCE}\" or the workspace's"),
        )
    })
}

const LICENCE: &str = "MIT OR Apache-2.0";
const TEXTS: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        check(&Tree::of(&[
            ("LICENSE-MIT", "text"),
            ("LICENSE-APACHE", "text"),
            (path, text),
        ]))
        .len()
    }

    #[test]
    fn texts_must_be_there() {
        assert_eq!(check(&Tree::of(&[])).len(), 2);
        assert_eq!(complaints("README.md", ""), 0);
    }

    #[test]
    fn packages_must_state_the_licence() {
        assert_eq!(
            complaints("io/a/Cargo.toml", "[package]\nname = \"a\"\n"),
            1
        );
        assert_eq!(
            complaints("io/a/Cargo.toml", "[package]\nlicense = \"GPL-3.0-only\"\n"),
            1
        );
        assert_eq!(
            complaints("io/a/Cargo.toml", "[package]\nlicense.workspace = true\n"),
            0
        );
        assert_eq!(
            complaints("Cargo.toml", "[workspace.package]\nlicense = \"MIT\"\n"),
            1
        );
        assert_eq!(
            complaints(
                "Cargo.toml",
                "[workspace.package]\nlicense = \"MIT OR Apache-2.0\"\n"
            ),
            0
        );
        assert_eq!(
            complaints("tests/npm/package.json", "{ \"license\": \"ISC\" }"),
            1
        );
        assert_eq!(
            complaints(
                "tests/npm/package.json",
                "{ \"license\": \"MIT OR Apache-2.0\" }"
            ),
            0
        );
    }
}
