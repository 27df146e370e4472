//! What is known around a message when it is composed for a side. It must never hold what the message itself says.

/// What is known around a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// What the network of the side it comes from is called: `IRC`, `Kosmi`. Where the author has one, that stands instead.
    pub network: String,
    /// What the operator calls the side it comes from; empty: as the network.
    pub label: String,
    /// The link's name.
    pub link: String,
    /// Now, in milliseconds since 1970.
    pub now_unix_ms: i64,
    /// For an edit and a delete: the ids that the pieces of the earlier message have on the side that is told, in order.
    pub earlier: Vec<String>,
    /// For a reply: what it replies to, as far as is known.
    pub replied: Option<Replied>,
}

/// What a message replies to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replied {
    /// Its id on the side that is told.
    pub id: Option<String>,
    /// Who wrote it, as the side it comes from shows the name.
    pub author: String,
    /// Its text; empty where it is not known.
    pub text: String,
}
