//! How often an address may do something in a minute.
//!
//! Minutes are counted as they come, not sliding: at the turn of one, an address may do twice as much for a moment.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Counts what addresses do, and forgets it each minute.
#[derive(Debug)]
pub(crate) struct Rate {
    per_minute: u32,
    minute: Mutex<Minute>,
}

#[derive(Debug)]
struct Minute {
    began: Instant,
    counts: HashMap<IpAddr, u32>,
}

impl Rate {
    /// So many a minute.
    pub(crate) fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            minute: Mutex::new(Minute {
                began: Instant::now(),
                counts: HashMap::new(),
            }),
        }
    }

    /// Counts one more, or says after how many seconds it may be tried again. The address is one of
    /// [`crate::client::Client::counted_address`].
    pub(crate) fn take(&self, address: IpAddr) -> Result<(), u64> {
        let now = Instant::now();
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.saturating_duration_since(minute.began);
        if age >= MINUTE {
            *minute = Minute {
                began: now,
                counts: HashMap::new(),
            };
        }
        let wait = MINUTE.saturating_sub(now.saturating_duration_since(minute.began));
        let wait = wait.as_secs() + 1;
        let is_full = minute.counts.len() >= ADDRESSES_MAX;
        if is_full && !minute.counts.contains_key(&address) {
            return Err(wait);
        }
        let count = minute.counts.entry(address).or_default();
        if *count >= self.per_minute {
            return Err(wait);
        }
        *count += 1;
        Ok(())
    }
}

const MINUTE: Duration = Duration::from_mins(1);

/// Addresses that are counted in one minute; to any more it is as if they had done too much.
const ADDRESSES_MAX: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_address_has_its_own_count_which_a_minute_forgets() {
        let rate = Rate::new(2);
        let [a, b]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        assert_eq!([rate.take(a), rate.take(a), rate.take(b)], [Ok(()); 3]);
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(rate.take(a), Err(41));
        assert_eq!(rate.take(b), Ok(()));
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(rate.take(a), Ok(()));
    }

    #[test]
    fn a_crowd_of_addresses_fills_no_memory() {
        let rate = Rate::new(1);
        let most = u32::try_from(ADDRESSES_MAX).unwrap();
        for number in 0..most {
            assert_eq!(rate.take(IpAddr::V4(number.into())), Ok(()));
        }
        assert!(rate.take(IpAddr::V4(most.into())).is_err());
        let minute = rate.minute.lock().unwrap();
        assert_eq!(minute.counts.len(), ADDRESSES_MAX);
    }
}
