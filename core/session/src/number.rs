//! Numbers on the wire: unsigned LEB128 of at most eight bytes, below 2^53, because a browser cannot hold more.
//! It never judges what a number means.

/// The first value that is too large for the wire.
pub const NUMBER_LIMIT: u64 = 1 << 53;

/// Bytes of the longest number.
pub const NUMBER_BYTES_MAX: usize = 8;

/// What the front of some bytes holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// A number and how many bytes it took.
    Number(u64, usize),
    /// The bytes end within the number.
    Short,
    /// More than eight bytes, or 2^53 and more.
    TooLarge,
}

/// Reads the number at the front of `bytes`. Leading zero groups are accepted.
pub fn read(bytes: &[u8]) -> Read {
    let mut value = 0_u64;
    for (index, &byte) in bytes.iter().take(NUMBER_BYTES_MAX).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return if value < NUMBER_LIMIT {
                Read::Number(value, index + 1)
            } else {
                Read::TooLarge
            };
        }
    }
    if bytes.len() < NUMBER_BYTES_MAX {
        Read::Short
    } else {
        Read::TooLarge
    }
}

/// Appends a number in its shortest form. `value` is below [`NUMBER_LIMIT`].
pub fn write(mut value: u64, out: &mut Vec<u8>) {
    debug_assert!(value < NUMBER_LIMIT, "no number of the wire is this large");
    while value >= 0x80 {
        out.push(low_byte(value) | 0x80);
        value >>= 7;
    }
    out.push(low_byte(value));
}

/// How many bytes [`write()`] appends.
pub fn length(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

fn low_byte(value: u64) -> u8 {
    (value & 0x7f) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        let mut value = 1_u64;
        while value < NUMBER_LIMIT {
            for near in [value - 1, value, value + 1] {
                let mut out = Vec::new();
                write(near, &mut out);
                assert_eq!(out.len(), length(near), "{near}");
                assert_eq!(read(&out), Read::Number(near, out.len()));
            }
            value <<= 1;
        }
    }

    #[test]
    fn the_limit_is_refused_and_the_value_below_it_is_not() {
        let mut out = Vec::new();
        write(NUMBER_LIMIT - 1, &mut out);
        assert_eq!(read(&out), Read::Number(NUMBER_LIMIT - 1, 8));
        out[7] += 1;
        assert_eq!(read(&out), Read::TooLarge);
        assert_eq!(read(&[0x80; 8]), Read::TooLarge);
    }

    #[test]
    fn a_cut_number_is_short() {
        assert_eq!(read(&[]), Read::Short);
        assert_eq!(read(&[0x80; 7]), Read::Short);
    }
}
