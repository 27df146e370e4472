//! What there is to look up: products, how long each answer takes, and what it says for a route.
//!
//! Everything follows from the route, so that two searches for the same one tell the same.

use std::time::Duration;

/// A way to send something, asked of whoever offers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) name: &'static str,
    /// How long whoever offers it takes to answer, in milliseconds.
    takes_ms: u64,
    /// In cents, for the shortest way.
    price: u64,
    /// Working days, for the shortest way.
    days: u64,
}

/// What was found for one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) product: &'static str,
    /// In cents.
    pub(super) price: u64,
    /// Working days.
    pub(super) days: u64,
}

/// From where to where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    hash: u64,
    /// How far it is, from 0 to 9, as the first digits of the postcodes tell.
    far: u64,
}

impl Route {
    /// A route between two postcodes; `None` where one is none.
    pub(super) fn of(from: &str, to: &str) -> Option<Self> {
        let first = |code: &str| {
            let is_code = (3..=10).contains(&code.len())
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'));
            let digit = code.bytes().find(u8::is_ascii_digit);
            is_code.then(|| digit.map_or(5, |digit| u64::from(digit - b'0')))
        };
        let far = first(from)?.abs_diff(first(to)?);
        Some(Self {
            hash: hash(&format!("{from}>{to}")),
            far,
        })
    }
}

impl Product {
    /// Asks for it: waits as long as that takes, then says what it found.
    pub(super) async fn look_up(self, route: Route) -> Offer {
        tokio::time::sleep(self.takes(&route)).await;
        self.offer(&route)
    }

    fn takes(self, route: &Route) -> Duration {
        let more = (route.hash ^ hash(self.name)) % SPREAD_MS;
        Duration::from_millis((self.takes_ms + more).min(self.takes_ms.max(SLOWEST_MS)))
    }

    fn offer(self, route: &Route) -> Offer {
        let per_step = self.price / 8;
        let odd = (route.hash ^ hash(self.name)) % 40 * 10;
        Offer {
            product: self.name,
            price: self.price + per_step * route.far + odd,
            days: self.days + route.far * self.days.min(2) / 4,
        }
    }
}

/// FNV-1a; it need not withstand anybody.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

const fn product(name: &'static str, takes_ms: u64, price: u64, days: u64) -> Product {
    Product {
        name,
        takes_ms,
        price,
        days,
    }
}

/// All that every search asks for.
pub(super) const PRODUCTS: [Product; 12] = [
    product("Letter, tracked", 80, 690, 2),
    product("Mailbox parcel", 120, 890, 2),
    product("Parcel to a locker", 190, 1_090, 2),
    product("Parcel to the door", 260, 1_590, 2),
    product("Parcel, evening delivery", 370, 1_890, 2),
    product("Return parcel", 520, 1_190, 3),
    product("Same-day courier", 700, 2_450, 0),
    product("Overnight by nine", 930, 4_900, 1),
    product("Chilled box", 1_200, 5_600, 1),
    product("Pallet, shared load", 1_550, 11_900, 3),
    product("Half load", 1_950, 42_000, 3),
    product("Ship and rail", 2_350, 38_500, 6),
];
/// What is asked for only on request: somebody has to look it up by hand.
pub(super) const HAULIER: Product = product("Haulier's own quote", 8_000, 29_500, 2);
/// How much a route adds to the time of an answer at most.
const SPREAD_MS: u64 = 150;
/// The longest that an answer takes, but for those that take longer of themselves.
const SLOWEST_MS: u64 = 2_500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_one_by_one_within_their_time() {
        let route = Route::of("0150", "9170").unwrap();
        let times: Vec<_> = PRODUCTS
            .iter()
            .map(|product| product.takes(&route))
            .collect();
        assert!(
            times
                .iter()
                .all(|time| (80..=2_500).contains(&time.as_millis()))
        );
        let distinct: std::collections::HashSet<_> = times.iter().collect();
        assert_eq!(distinct.len(), PRODUCTS.len());
        assert!(HAULIER.takes(&route) >= Duration::from_secs(8));
    }

    #[test]
    fn a_longer_way_costs_more_and_takes_no_less() {
        let (near, far) = (Route { hash: 1, far: 0 }, Route { hash: 1, far: 9 });
        for product in PRODUCTS {
            let (near, far) = (product.offer(&near), product.offer(&far));
            assert!(far.price > near.price && far.days >= near.days);
        }
    }

    #[test]
    fn what_is_no_postcode_is_refused() {
        for (from, to) in [("", "9170"), ("0150", "<b>"), ("0150", "12345678901")] {
            assert_eq!(Route::of(from, to), None, "{from} {to}");
        }
        assert_eq!(Route::of("0150", "9170"), Route::of("0150", "9170"));
    }
}
