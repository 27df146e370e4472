//! Scripts for the choice of a transport: scenes and random ones.

use serde_json::{Value, json};
use towpath_session::{Action, Choice, TRANSPORTS, Transport};

use super::random::Dice;

/// Name, what is remembered, and the steps: `+N` lets time pass, `due` goes on to the deadline and ticks, a name of a transport
/// with `!` is proven, with `?` fails, with `<` is superseded; the others are the functions.
const SCENES: [(&str, &str, &str); 17] = [
    (
        "healthy",
        "",
        "start +150 websocket! +60000 websocket? +90 websocket! stop",
    ),
    (
        "refused",
        "",
        "start +20 websocket? +40 stream! due +30 websocket?",
    ),
    ("hung", "", "start due due +50 stream! due due due"),
    (
        "slow, then better",
        "",
        "start due +50 stream! +600 websocket! due",
    ),
    (
        "slow and overtaken",
        "",
        "start due +50 stream! websocket< +90 websocket!",
    ),
    (
        "overtaken before anything is proven",
        "",
        "start due websocket< +50 stream! due",
    ),
    (
        "a slow winner gives the better one more time",
        "",
        "start due +3000 stream! +11000 tick due",
    ),
    (
        "cut early, again and again",
        "",
        "start +50 websocket! +200 websocket? +50 websocket! +200 websocket? +100 retry +50 stream! +9000 stream? +10 stream!",
    ),
    (
        "cut late is no strike",
        "",
        "start +50 websocket! +5000 websocket? +50 websocket!",
    ),
    (
        "asleep",
        "",
        "start +50 websocket! +10 woke +20 websocket? +50 websocket? +10 stream!",
    ),
    (
        "offline and online again",
        "",
        "start offline websocket? stream? sse? poll? +2000 online websocket!",
    ),
    (
        "remembered, tried again, moved up",
        "poll",
        "start +30 poll! due +10 websocket? sse? stream? due +50 stream! +50 websocket! due",
    ),
    ("remembered and dead", "sse", "start sse? +40 websocket!"),
    (
        "another network",
        "poll",
        "start +30 poll! +1000 network_changed +50 websocket!",
    ),
    (
        "another network while nothing works",
        "",
        "start websocket? stream? sse? poll? +5 network_changed +50 websocket!",
    ),
    (
        "death while a better one is under way",
        "",
        "start due +20 stream! +50 stream? +20 websocket!",
    ),
    ("stopped within a race", "", "start due stop retry"),
];

/// One script in the making.
struct Scene {
    head: Value,
    choice: Choice,
    steps: Vec<Value>,
    now: u64,
    wait: u64,
}

fn told(action: &Action) -> String {
    match *action {
        Action::Start {
            transport,
            in_use,
            ping,
        } => {
            let in_use = if in_use { " use" } else { "" };
            let ping = if ping { " ping" } else { "" };
            format!("start {}{in_use}{ping}", transport.name())
        }
        Action::Cancel { transport } => format!("cancel {}", transport.name()),
        Action::Use { transport } => format!("use {}", transport.name()),
        Action::Remember { transport } => format!("remember {}", transport.name()),
        Action::Forget => "forget".to_owned(),
        Action::Wait { milliseconds } => format!("wait {milliseconds}"),
    }
}

impl Scene {
    fn new(name: &str, allowed: &[Transport], remembered: Option<Transport>) -> Self {
        let names: Vec<&str> = allowed.iter().map(|one| one.name()).collect();
        let remembered_name = remembered.map(Transport::name);
        Self {
            head: json!({"name": name, "allowed": names, "remembered": remembered_name}),
            choice: Choice::new(allowed, remembered),
            steps: Vec::new(),
            now: 0,
            wait: 0,
        }
    }

    /// Does one word of a scene.
    fn act(&mut self, word: &str) {
        if let Some(milliseconds) = word.strip_prefix('+') {
            self.now += milliseconds.parse::<u64>().unwrap();
            return;
        }
        if word == "due" {
            self.now = self
                .choice
                .deadline()
                .map_or(self.now, |due| due.max(self.now));
        }
        let now = self.now;
        let choice = &mut self.choice;
        let transport = Transport::from_name(word.trim_end_matches(['!', '?', '<']));
        let (what, actions) = match (word.chars().last().unwrap(), transport) {
            ('!', Some(transport)) => ("proven", choice.proven(transport, now)),
            ('?', Some(transport)) => ("failed", choice.failed(transport, now)),
            ('<', Some(transport)) => ("superseded", choice.superseded(transport, now)),
            _ => match word {
                "start" => (word, choice.start(now)),
                "retry" => (word, choice.retry(now)),
                "tick" | "due" => ("tick", choice.tick(now)),
                "online" => (word, choice.online(true, now)),
                "offline" => ("online", choice.online(false, now)),
                "woke" => (word, choice.woke(now)),
                "network_changed" => (word, choice.network_changed(now)),
                "stop" => (word, choice.stop()),
                other => panic!("{other}"),
            },
        };
        let mut step = json!({
            "do": what,
            "at": now,
            "gives": actions.iter().map(told).collect::<Vec<_>>(),
            "deadline": choice.deadline(),
            "current": choice.current().map(Transport::name),
        });
        if let Some(transport) = transport {
            step["transport"] = json!(transport.name());
        } else if what == "online" {
            step["online"] = json!(word == "online");
        }
        self.steps.push(step);
        for action in actions {
            if let Action::Wait { milliseconds } = action {
                self.wait = milliseconds;
            }
        }
    }

    fn play(mut self, words: &str) -> Self {
        for word in words.split_whitespace() {
            self.act(word);
        }
        self
    }

    fn end(mut self) -> Value {
        self.head["steps"] = json!(self.steps);
        self.head
    }
}

pub(crate) fn content() -> Value {
    let scenes = SCENES.iter().map(|(name, remembered, words)| {
        Scene::new(name, &TRANSPORTS, Transport::from_name(remembered)).play(words)
    });
    let mut scripts: Vec<Value> = scenes.map(Scene::end).collect();
    let alone = Scene::new("one alone", &[Transport::Poll], None);
    scripts.push(
        alone
            .play("start +10 poll? +5 poll? +100 retry poll! due")
            .end(),
    );
    let some = [Transport::Sse, Transport::Poll];
    let other = Scene::new(
        "remembered, but not allowed",
        &some,
        Some(Transport::Stream),
    );
    scripts.push(other.play("start due poll! sse!").end());
    scripts.push(outage());
    scripts.extend((1..=15).map(random));
    json!({ "scripts": scripts })
}

fn outage() -> Value {
    let name = "an outage teaches nothing and is not hurried";
    let mut scene =
        Scene::new(name, &TRANSPORTS, None).play("start +50 websocket! +2000 websocket?");
    for _ in 0..16 {
        scene = scene.play("+3 websocket? +3 stream? +3 sse? +3 poll?");
        let wait = scene.wait;
        scene = scene.play(&format!("+{wait} retry"));
    }
    scene.play("+40 websocket!").end()
}

fn random(seed: u64) -> Value {
    let mut dice = Dice::new(seed);
    let mut one_of = |words: &[&str]| {
        let count = u64::try_from(words.len()).unwrap();
        words[usize::try_from(dice.roll(count)).unwrap()].to_owned()
    };
    let remembered = one_of(&["websocket", "stream", "sse", "poll", "", "", "", ""]);
    let remembered = Transport::from_name(&remembered);
    let mut scene = Scene::new(&format!("random {seed}"), &TRANSPORTS, remembered).play("start");
    for _ in 0..40 {
        let pause = one_of(&["+0", "+40", "+150", "+700", "+3000", "+20000"]);
        let transport = one_of(&["websocket", "stream", "sse", "poll"]);
        let what = one_of(&["!", "!", "?", "?", "?", "<", "retry", "due", "due", "rare"]);
        let word = match what.as_str() {
            "rare" => one_of(&["online", "online", "offline", "woke", "network_changed"]),
            "!" | "?" | "<" => format!("{transport}{what}"),
            _ => what,
        };
        scene = scene.play(&format!("{pause} tick {word}"));
    }
    scene.play("stop").end()
}
