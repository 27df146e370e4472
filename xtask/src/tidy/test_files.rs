//! Tells files that only tests compile from files that are shipped, by how their modules are declared.

use super::tree::{File, Tree};

/// Whether only tests compile this file: an integration test, or a module that it or a parent declares for tests only.
pub(super) fn is_test_file(tree: &Tree, path: &str) -> bool {
    if path.starts_with("tests/") || path.contains("/tests/") {
        return true;
    }
    let Some((folder, name)) = module_of(path) else {
        return false;
    };
    let parents = ["mod.rs", "lib.rs", "main.rs"].map(|file| format!("{folder}/{file}"));
    let parent = parents
        .iter()
        .chain([&format!("{folder}.rs")])
        .find_map(|candidate| tree.get(candidate));
    parent
        .is_some_and(|parent| declares_for_tests(parent, name) || is_test_file(tree, &parent.path))
}

/// The folder that the parent module owns, and the module's name. `None` for the root of a crate.
fn module_of(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    match file.strip_suffix(".rs")? {
        "lib" | "main" => None,
        "mod" => folder.rsplit_once('/'),
        name => Some((folder, name)),
    }
}

fn declares_for_tests(parent: &File, name: &str) -> bool {
    let declaration = format!("mod {name};");
    let mut lines = parent.text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        if line == "#[cfg(test)]"
            && (next == declaration || next.ends_with(&format!(") {declaration}")))
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_declared_for_tests_are_tests() {
        let tree = Tree::of(&[
            (
                "core/a/src/lib.rs",
                "mod wire;\n#[cfg(test)]\nmod scene;\n#[cfg(test)]\npub(crate) mod testing;\n",
            ),
            (
                "core/a/src/wire.rs",
                "mod parts;\n#[cfg(test)]\nmod tests;\n",
            ),
            ("core/a/src/scene.rs", "mod props;\n"),
        ]);
        for path in [
            "tests/src/lib.rs",
            "io/a/tests/b.rs",
            "core/a/src/scene.rs",
            "core/a/src/testing.rs",
            "core/a/src/wire/tests.rs",
            "core/a/src/scene/props.rs",
            "core/a/src/scene/mod.rs",
        ] {
            assert!(is_test_file(&tree, path), "{path}");
        }
        for path in [
            "core/a/src/lib.rs",
            "core/a/src/wire.rs",
            "core/a/src/wire/parts.rs",
            "core/a/src/attests.rs",
            "xtask/src/test/mod.rs",
        ] {
            assert!(!is_test_file(&tree, path), "{path}");
        }
    }
}
