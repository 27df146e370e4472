//! The page's own files, compiled in. They hold no data, so that anybody may read them.

/// A file with what it is.
pub(crate) fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    let name = path.strip_prefix("/static/")?;
    let (_, kind, bytes) = FILES.iter().find(|(known, _, _)| *known == name)?;
    Some((kind, bytes))
}

const FILES: [(&str, &str, &[u8]); 5] = [
    (
        "style/base.css",
        "text/css; charset=utf-8",
        include_bytes!("../../../../web/style/base.css"),
    ),
    (
        "board/board.css",
        "text/css; charset=utf-8",
        include_bytes!("../../../../web/board/board.css"),
    ),
    (
        "relay/relay.css",
        "text/css; charset=utf-8",
        include_bytes!("../../../../web/relay/relay.css"),
    ),
    (
        "relay/relay.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../../../web/relay/relay.js"),
    ),
    (
        "relay/icon.svg",
        "image/svg+xml",
        include_bytes!("../../../../web/relay/icon.svg"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_page_names_is_there() {
        let page = crate::page::whole(&crate::testing::status());
        let mut named = 0;
        for part in page.split('"').filter(|part| part.starts_with("/static/")) {
            assert!(file(part).is_some(), "{part}");
            named += 1;
        }
        assert!(named >= 5, "{named}");
        assert!(file("/static/../Cargo.toml").is_none());
    }
}
