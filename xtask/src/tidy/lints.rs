//! Every package takes the workspace's lints; a package that forgets them could use `unsafe` unseen.

use super::tree::{Complaint, File, Tree};
use toml::{Table, Value};

/// Complains about packages of the workspace without `[lints] workspace = true`.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    // The fuzz targets are a workspace of their own, and their runtime needs `unsafe`.
    tree.ending("Cargo.toml")
        .filter(|file| !file.path.starts_with("fuzz/"))
        .filter_map(check_manifest)
        .collect()
}

fn check_manifest(file: &File) -> Option<Complaint> {
    let manifest = file.text.parse::<Table>().ok()?;
    manifest.get("package")?;
    let inherited = manifest
        .get("lints")
        .and_then(|lints| lints.get("workspace"))
        .and_then(Value::as_bool);
    (inherited != Some(true))
        .then(|| Complaint::new(&file.path, 0, "needs [lints] workspace = true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn packages_take_the_lints_of_the_workspace() {
        assert_eq!(
            complaints("io/a/Cargo.toml", "[package]\nname = \"a\"\n"),
            1
        );
        assert_eq!(
            complaints(
                "io/a/Cargo.toml",
                "[package]\nname = \"a\"\n[lints.rust]\nunsafe_code = \"allow\"\n"
            ),
            1
        );
        assert_eq!(
            complaints(
                "io/a/Cargo.toml",
                "[package]\nname = \"a\"\n[lints]\nworkspace = true\n"
            ),
            0
        );
        assert_eq!(complaints("Cargo.toml", "[workspace]\n"), 0);
        assert_eq!(
            complaints("fuzz/Cargo.toml", "[package]\nname = \"a\"\n"),
            0
        );
    }
}
