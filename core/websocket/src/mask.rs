//! The masking of RFC 6455 section 5.3: an XOR with a four-byte key, its own inverse.
//!
//! The key is always an argument. This module must never invent one: whoever owns the randomness
//! decides what is unpredictable.

/// Masks or unmasks `bytes` in place.
///
/// `position` is the place of `bytes[0]` in the frame's payload, in bytes, so that a payload can be
/// treated piece by piece as it arrives.
pub fn apply(key: [u8; 4], position: u64, bytes: &mut [u8]) {
    let shift = usize::try_from(position % 4).expect("a remainder of four fits");
    let mut turned = key;
    turned.rotate_left(shift);
    let [a, b, c, d] = turned;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key_byte) in rest.iter_mut().zip(turned.iter().cycle()) {
        *byte ^= key_byte;
    }
}

#[cfg(test)]
mod tests {
    use super::apply;
    use proptest::prelude::*;

    #[test]
    fn the_rfc_example_unmasks_to_hello() {
        let mut bytes = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        apply([0x37, 0xfa, 0x21, 0x3d], 0, &mut bytes);
        assert_eq!(&bytes, b"Hello");
    }

    proptest! {
        #[test]
        fn equals_the_definition_at_any_cut(
            key: [u8; 4],
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            cut in 0_usize..64,
        ) {
            let cut = cut.min(bytes.len());
            let expected: Vec<u8> =
                bytes.iter().enumerate().map(|(at, byte)| byte ^ key[at % 4]).collect();
            let mut actual = bytes;
            let (head, tail) = actual.split_at_mut(cut);
            apply(key, 0, head);
            apply(key, cut as u64, tail);
            prop_assert_eq!(actual, expected);
        }
    }
}
