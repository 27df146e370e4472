//! What a side takes: how long, how many lines, whose words it would take for a command. It must never hold anything of one message.

/// What a side takes in one room. [`Rules::default`] is the plainest one: text of any length, the name within it, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The longest text of one piece in bytes of UTF-8. Less than [`LENGTH_MIN`] counts as that.
    pub bytes_max: Option<usize>,
    /// The longest text of one piece in characters (Unicode scalar values). Less than [`LENGTH_MIN`] counts as that.
    pub chars_max: Option<usize>,
    /// Whether a text may hold line breaks. Otherwise each line becomes a piece.
    pub several_lines: bool,
    /// Whether the side shows the author beside the text. Otherwise the name stands in the text, by the format.
    pub name_apart: bool,
    /// What the side's text means beyond its letters.
    pub markup: Markup,
    /// What the side takes as such, and not as a sentence about it.
    pub takes: Takes,
    /// How many pieces one message may become. What is left is counted at the end of the last one. None counts as one.
    pub pieces_max: usize,
}

/// What a text may mean beyond its letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Markup {
    /// Nothing: text for programs.
    #[default]
    None,
    /// Lines of IRC.
    Irc,
    /// Discord: Markdown, `@everyone`, `<@…>`, masked links.
    Discord,
    /// Slack: `&`, `<` and `>` are written as entities.
    Slack,
    /// Mattermost: Markdown, `@name`.
    Mattermost,
    /// Matterbridge, which hands on to any network.
    Matterbridge,
    /// Kosmi; what it takes for a mention is not known, so what others do is assumed.
    Kosmi,
}

/// What a side takes as such. What it does not take is told by a sentence, by the format of its kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Takes {
    /// [`crate::Kind::Action`], with the author's name beside it.
    pub action: bool,
    /// [`crate::Kind::Notice`].
    pub notice: bool,
    /// [`crate::Kind::Edit`].
    pub edit: bool,
    /// [`crate::Kind::Delete`].
    pub delete: bool,
    /// [`crate::Kind::Join`] and [`crate::Kind::Leave`].
    pub presence: bool,
    /// [`crate::Kind::Topic`].
    pub topic: bool,
    /// A reply that names the earlier message.
    pub reply: bool,
    /// Files apart from the text. Otherwise their addresses stand in it.
    pub files: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            bytes_max: None,
            chars_max: None,
            several_lines: false,
            name_apart: false,
            markup: Markup::None,
            takes: Takes::default(),
            pieces_max: PIECES_MAX,
        }
    }
}

impl Takes {
    /// Everything as such, as a program would want it.
    pub const ALL: Self = Self {
        action: true,
        notice: true,
        edit: true,
        delete: true,
        presence: true,
        topic: true,
        reply: true,
        files: true,
    };
}

impl Markup {
    /// Whether a name within the text could be read as Markdown.
    pub(crate) fn has_markdown(self) -> bool {
        matches!(self, Self::Discord | Self::Slack | Self::Mattermost)
    }
}

/// The shortest limit that is kept to: anything less has no room for a character of every script with its marks.
pub const LENGTH_MIN: usize = 16;

/// Pieces of one message where a side does not say.
pub const PIECES_MAX: usize = 12;
