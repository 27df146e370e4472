//! HTML that cannot be broken by what is shown: every text is escaped as it is put in. It must never take a text as markup.

use std::fmt::{Display, Write as _};

/// A page that is being written.
#[derive(Debug, Default)]
pub(crate) struct Html(String);

impl Html {
    /// Markup of ours.
    pub(crate) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// A text, whoever wrote it.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        let mut plain = String::new();
        write!(plain, "{text}").expect("a String takes everything");
        for character in plain.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// A text between two pieces of markup of ours.
    pub(crate) fn within(
        &mut self,
        before: &'static str,
        text: impl Display,
        behind: &'static str,
    ) -> &mut Self {
        self.raw(before).text(text).raw(behind)
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        let mut html = Html::default();
        html.within("<p title=\"", "\" onclick='x'", "\">")
            .text("<b>&");
        assert_eq!(
            html.finish(),
            "<p title=\"&quot; onclick=&#39;x&#39;\">&lt;b&gt;&amp;"
        );
    }
}
