//! Random days: people talk on both sides while pieces fail, plans change and the relay crashes. At the end everything is told once, in
//! order.

use super::*;

/// The same days at every run; a failure names the day.
const DAYS: u64 = 25;

struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        // Constants of Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn fate(&mut self) -> Fate {
        match self.below(8) {
            0 => Fate::TakenInSilence,
            1 => Fate::Lost,
            2 => Fate::NotNow,
            _ => Fate::Taken,
        }
    }
}

struct Day {
    ground: Ground,
    chance: Chance,
    relay: Option<Relay>,
    said: [Vec<String>; 2],
    version: u32,
}

impl Day {
    async fn start(seed: u64) -> Self {
        let ground = Ground::new();
        let relay = Some(ground.start().await);
        let chance = Chance(seed);
        Self {
            ground,
            chance,
            relay,
            said: [Vec::new(), Vec::new()],
            version: 0,
        }
    }

    fn plan(&self) -> Plan {
        let mut plan = self.ground.plan();
        let changed = Fake {
            world: Arc::clone(&self.ground.b),
            user: "bot-b".to_owned(),
            has_history: true,
            version: self.version,
        };
        plan.sides.insert("fake.b".to_owned(), Arc::new(changed));
        plan
    }

    async fn hour(&mut self) {
        match self.chance.below(12) {
            0 => self.crash().await,
            1 => {
                self.version += 1;
                let plan = self.plan();
                self.relay.as_ref().expect("it runs").change(plan).await;
            }
            2 => {
                self.relay.take().expect("it runs").end().await;
                self.relay = Some(self.ground.start_with(self.plan()).await);
            }
            3 | 4 => {
                let fates: Vec<Fate> = (0..4).map(|_| self.chance.fate()).collect();
                self.ground.a.fate(fates.iter().copied());
                self.ground.b.fate(fates);
            }
            5 => tokio::time::sleep(Duration::from_millis(self.chance.below(8))).await,
            _ => self.say(),
        }
    }

    /// A kill now, or when the store or a side has gone a few steps further.
    async fn crash(&mut self) {
        let relay = self.relay.take().expect("it runs");
        let outbox = relay.inner.shared.outbox.clone();
        match self.chance.below(3) {
            0 => {
                let commits = self.chance.below(6);
                let answer_last = self.chance.below(2) == 0;
                outbox.interrupt_after(commits, answer_last).await;
            }
            1 => self
                .ground
                .b
                .burn_after(i64::try_from(self.chance.below(6)).unwrap()),
            _ => {}
        }
        self.say();
        tokio::time::sleep(Duration::from_millis(self.chance.below(6))).await;
        kill(relay).await;
        self.ground.b.burn_after(-1);
        self.relay = Some(self.ground.start_with(self.plan()).await);
    }

    fn say(&mut self) {
        let side = usize::try_from(self.chance.below(2)).unwrap();
        let number = self.said[side].len();
        let text = match self.chance.below(4) {
            0 => "again".to_owned(),
            1 => format!("line {number}\nand another"),
            _ => format!("line {number}"),
        };
        self.said[side].extend(text.lines().map(str::to_owned));
        if side == 0 {
            self.ground.a.say("@a", "ann", &text);
        } else {
            self.ground.b.say("#b", "bob", &text);
        }
    }

    async fn end(self, seed: u64) {
        let relay = self.relay.expect("it runs");
        until(&relay, &format!("day {seed} ends"), |status| {
            let [a, b] = [&status.links[0].members[0], &status.links[0].members[1]];
            let told = [
                self.ground.b.texts_by("#b", "bot-b").len(),
                self.ground.a.texts_by("@a", "bot-a").len(),
            ];
            let said = [self.said[0].len(), self.said[1].len()];
            a.queue.waiting + b.queue.waiting == 0 && told >= said
        })
        .await;
        relay.end().await;
        let told = self.ground.b.texts_by("#b", "bot-b");
        assert_eq!(told, self.said[0], "day {seed}, told in b");
        let told = self.ground.a.texts_by("@a", "bot-a");
        assert_eq!(told, self.said[1], "day {seed}, told in a");
    }
}

#[tokio::test]
async fn on_any_day_everything_is_told_once_and_in_order() {
    for seed in 0..DAYS {
        let mut day = Day::start(seed).await;
        for _ in 0..40 {
            day.hour().await;
        }
        day.end(seed).await;
    }
}
