//! What stands around a message when it is composed: whose it is, and which messages of the told room it is about.

use towpath_chat::{Context, Kind, Message};
use towpath_outbox::Room;

use super::Courier;

impl Courier {
    /// Nothing where the store is closed.
    pub(super) async fn context(&self, message: &Message, now_unix_ms: i64) -> Option<Context> {
        let source = self.shared.routes().source(&message.side);
        let earlier = match &message.kind {
            Kind::Edit { of } | Kind::Delete { of } => self.twins(message, of).await?,
            _ => Vec::new(),
        };
        let replied = match &message.reply_to {
            Some(id) => self.replied(message, id).await?,
            None => None,
        };
        Some(Context {
            network: source.network,
            label: source.label,
            link: self.target.link.clone(),
            now_unix_ms,
            earlier,
            replied,
        })
    }

    /// The message, with the name of who said what is now gone where the side does not tell by whom it was taken away.
    pub(super) async fn with_author(&self, message: &Message) -> Option<Message> {
        let mut named = message.clone();
        if let Kind::Delete { of } = &message.kind
            && message.author.id.is_none()
        {
            let outbox = &self.shared.outbox;
            let from = room_of(message);
            let quote = self.shared.read(|| outbox.quote(&from, of)).await?;
            if let Some(quote) = quote {
                named.author.name = quote.author;
            }
        }
        Some(named)
    }

    async fn twins(&self, message: &Message, id: &str) -> Option<Vec<String>> {
        let outbox = &self.shared.outbox;
        let (from, to) = (room_of(message), self.target.place());
        self.shared.read(|| outbox.twins(&from, id, &to)).await
    }

    async fn replied(&self, message: &Message, id: &str) -> Option<Option<towpath_chat::Replied>> {
        let twins = self.twins(message, id).await?;
        let outbox = &self.shared.outbox;
        let from = room_of(message);
        let quote = self.shared.read(|| outbox.quote(&from, id)).await?;
        if twins.is_empty() && quote.is_none() {
            return Some(None);
        }
        let quote = quote.unwrap_or_default();
        Some(Some(towpath_chat::Replied {
            id: twins.into_iter().next(),
            author: quote.author,
            text: quote.start,
        }))
    }
}

fn room_of(message: &Message) -> Room {
    Room {
        side: message.side.clone(),
        room: message.room.clone(),
    }
}
