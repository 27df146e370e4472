//! Each kind of side with its settings, as the plan wants it. It must never know more of a side than how it is started.

use std::any::Any;

use towpath_chat::Rules;
use towpath_sides::{Side, irc, kosmi, matterbridge, webhook};

use crate::plan::SideKind;

/// Settings of a side, with what the operator calls it.
#[derive(Debug, PartialEq)]
pub(crate) struct Labelled<S> {
    pub(crate) settings: S,
    pub(crate) label: Option<String>,
}

/// Whether another side is of the same kind and has equal settings.
fn is_same<T: PartialEq + 'static>(one: &T, other: &dyn SideKind) -> bool {
    let other: &dyn Any = other;
    other.downcast_ref::<T>().is_some_and(|other| one == other)
}

impl SideKind for Labelled<kosmi::Settings> {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &self.settings
    }

    fn start(&self, own_user_ids: Vec<String>) -> Side {
        kosmi::start_knowing(self.settings.clone(), own_user_ids)
    }

    fn rules(&self, room: &str) -> Rules {
        kosmi::rules(&self.settings, room)
    }

    fn kind(&self) -> &'static str {
        "kosmi"
    }

    fn network(&self) -> String {
        "Kosmi".to_owned()
    }

    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn looks_back(&self) -> bool {
        true
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        is_same(self, other)
    }
}

impl SideKind for Labelled<irc::Settings> {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &self.settings
    }

    fn start(&self, _: Vec<String>) -> Side {
        irc::start(self.settings.clone())
    }

    fn rules(&self, room: &str) -> Rules {
        irc::rules(&self.settings, room)
    }

    fn kind(&self) -> &'static str {
        "irc"
    }

    fn network(&self) -> String {
        "IRC".to_owned()
    }

    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn looks_back(&self) -> bool {
        false
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        is_same(self, other)
    }
}

impl SideKind for Labelled<matterbridge::Settings> {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &self.settings
    }

    fn start(&self, _: Vec<String>) -> Side {
        matterbridge::start(self.settings.clone())
    }

    fn rules(&self, room: &str) -> Rules {
        matterbridge::rules(&self.settings, room)
    }

    fn kind(&self) -> &'static str {
        "matterbridge"
    }

    fn network(&self) -> String {
        "Matterbridge".to_owned()
    }

    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn looks_back(&self) -> bool {
        false
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        is_same(self, other)
    }
}

impl SideKind for Labelled<webhook::Settings> {
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &self.settings
    }

    fn start(&self, _: Vec<String>) -> Side {
        webhook::start(self.settings.clone())
    }

    fn rules(&self, room: &str) -> Rules {
        webhook::rules(&self.settings, room)
    }

    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn network(&self) -> String {
        "Webhook".to_owned()
    }

    fn label(&self) -> Option<String> {
        self.label.clone()
    }

    fn looks_back(&self) -> bool {
        false
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        is_same(self, other)
    }
}
