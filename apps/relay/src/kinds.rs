//! Each kind of side with its settings, as the plan wants it. It must never know more of a side than how it is started.

use std::any::Any;
use std::fmt;

use towpath_chat::Rules;
use towpath_sides::{Side, irc, kosmi, matterbridge, webhook};

use crate::plan::SideKind;

/// Settings of a side, with what the operator calls it.
#[derive(Debug, PartialEq)]
pub(crate) struct Labelled<S> {
    pub(crate) settings: S,
    pub(crate) label: Option<String>,
}

/// What differs from kind to kind.
trait Kind: Clone + PartialEq + fmt::Debug + Send + Sync + 'static {
    const NAME: &'static str;
    const NETWORK: &'static str;
    /// Whether what is in doubt is looked for in the other end's history, always.
    const LOOKS_BACK: bool = false;

    fn start(self, own_user_ids: Vec<String>) -> Side;
    fn rules(&self, room: &str) -> Rules;
}

impl Kind for kosmi::Settings {
    const NAME: &'static str = "kosmi";
    const NETWORK: &'static str = "Kosmi";
    const LOOKS_BACK: bool = true;

    fn start(self, own_user_ids: Vec<String>) -> Side {
        kosmi::start_knowing(self, own_user_ids)
    }

    fn rules(&self, room: &str) -> Rules {
        kosmi::rules(self, room)
    }
}

impl Kind for irc::Settings {
    const NAME: &'static str = "irc";
    const NETWORK: &'static str = "IRC";

    fn start(self, _: Vec<String>) -> Side {
        irc::start(self)
    }

    fn rules(&self, room: &str) -> Rules {
        irc::rules(self, room)
    }
}

impl Kind for matterbridge::Settings {
    const NAME: &'static str = "matterbridge";
    const NETWORK: &'static str = "Matterbridge";

    fn start(self, _: Vec<String>) -> Side {
        matterbridge::start(self)
    }

    fn rules(&self, room: &str) -> Rules {
        matterbridge::rules(self, room)
    }
}

impl Kind for webhook::Settings {
    const NAME: &'static str = "webhook";
    const NETWORK: &'static str = "Webhook";

    fn start(self, _: Vec<String>) -> Side {
        webhook::start(self)
    }

    fn rules(&self, room: &str) -> Rules {
        webhook::rules(self, room)
    }
}

impl<S: Kind> SideKind for Labelled<S> {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &self.settings
    }

    fn start(&self, own_user_ids: Vec<String>) -> Side {
        self.settings.clone().start(own_user_ids)
    }

    fn rules(&self, room: &str) -> Rules {
        self.settings.rules(room)
    }

    fn kind(&self) -> &'static str {
        S::NAME
    }

    fn network(&self) -> String {
        S::NETWORK.to_owned()
    }

    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn looks_back(&self) -> bool {
        S::LOOKS_BACK
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        let other: &dyn Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| self == other)
    }
}
