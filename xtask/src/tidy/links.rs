//! Relative links of the Markdown pages lead to a file of the project, and anchors to a heading of it.
//!
//! Links to other sites are not followed: a test must not depend on them.

use super::tree::{Complaint, File, Tree};
use std::collections::BTreeSet;

/// Complains about every relative link that leads nowhere.
pub(super) fn check(tree: &Tree) -> Vec<Complaint> {
    tree.ending(".md")
        .flat_map(|file| check_file(tree, file))
        .collect()
}

fn check_file(tree: &Tree, file: &File) -> Vec<Complaint> {
    let mut found = Vec::new();
    for (line, link) in links(&file.text) {
        if let Some(message) = broken(tree, file, &link) {
            found.push(Complaint::new(&file.path, line, message));
        }
    }
    found
}

fn broken(tree: &Tree, file: &File, link: &str) -> Option<String> {
    let has_scheme = link
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric));
    if has_scheme || link.starts_with("//") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() {
        Some(file.path.clone())
    } else {
        resolve(&file.path, path)
    };
    let Some(target) = target else {
        return Some(format!("the link `{link}` leads out of the project"));
    };
    if !tree.has(&target) {
        return Some(format!(
            "the link `{link}` leads to `{target}`, which does not exist"
        ));
    }
    let page = tree.get(&target).filter(|page| has_headings(&page.path))?;
    let missing = !anchor.is_empty() && !anchors(&page.text).contains(anchor);
    missing.then(|| format!("the link `{link}` names a heading that `{target}` does not have"))
}

fn has_headings(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "md")
}

/// The path from the root that `link` means on the page at `from`; `None` when it leads out of the project.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = if link.starts_with('/') {
        Vec::new()
    } else {
        from.split('/').collect()
    };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Every link target of the page with its line, code left out.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, prose) in prose_lines(text) {
        let prose = without_code(prose);
        let inline = prose
            .match_indices("](")
            .filter_map(|(at, _)| target(&prose[at + 2..], &[')', ' ']));
        found.extend(inline.map(|link| (line, link)));
        // `[name]: target` on a line of its own.
        if let Some((_, rest)) = prose
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("]: "))
        {
            found.extend(target(rest, &[' ']).map(|link| (line, link)));
        }
    }
    found
}

fn target(rest: &str, ends: &[char]) -> Option<String> {
    let link = rest.split(ends).next()?.trim_matches(['<', '>']);
    (!link.is_empty()).then(|| link.to_owned())
}

/// Lines outside fenced code blocks, numbered from 1.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((index + 1, line))
    })
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Names of the page's headings as hosting sites derive them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut names: Vec<(String, String)> = Vec::new();
    for (_, line) in prose_lines(text) {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let kept = heading.trim().to_lowercase().replace(' ', "-");
        let name: String = kept
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .collect();
        // The second of two equal headings gets `-1`, the third `-2`.
        let earlier = names.iter().filter(|(of, _)| *of == name).count();
        let anchor = if earlier == 0 {
            name.clone()
        } else {
            format!("{name}-{earlier}")
        };
        names.push((name, anchor));
    }
    names.into_iter().map(|(_, anchor)| anchor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(page: &str) -> usize {
        let other = "# First `thing`, and more\n\n## Twice\n\n## Twice\n";
        check(&Tree::of(&[
            ("docs/page.md", page),
            ("docs/other.md", other),
            ("README.md", ""),
            ("docs/a/b.svg", ""),
        ]))
        .len()
    }

    #[test]
    fn links_to_files_pass() {
        for link in [
            "other.md",
            "./other.md",
            "../README.md",
            "/README.md",
            "a",
            "a/",
            "a/b.svg",
            "<other.md>",
            "other.md \"title\"",
        ] {
            assert_eq!(complaints(&format!("see [it]({link}).\n")), 0, "{link}");
        }
        assert_eq!(complaints("[it]: other.md\n"), 0);
    }

    #[test]
    fn links_to_nothing_fail() {
        for link in [
            "none.md",
            "../other.md",
            "a/c.svg",
            "/docs/none.md",
            "../../x",
        ] {
            assert_eq!(complaints(&format!("see [it]({link}).\n")), 1, "{link}");
        }
        assert_eq!(complaints("[it]: none.md\n"), 1);
        assert_eq!(complaints("![picture](none.svg) and [again](none.md)\n"), 2);
    }

    #[test]
    fn anchors_need_their_heading() {
        assert_eq!(
            complaints(
                "[a](other.md#first-thing-and-more) [b](other.md#twice-1) [c](#here)\n# Here\n"
            ),
            0
        );
        assert_eq!(complaints("[a](other.md#second) [b](#nowhere)\n"), 2);
    }

    #[test]
    fn other_sites_and_code_are_left_alone() {
        assert_eq!(
            complaints("[a](https://example.org/x) [b](mailto:a@example.org) `[c](none.md)`\n"),
            0
        );
        assert_eq!(complaints("```text\n[a](none.md)\n```\n"), 0);
    }
}
