//! Numbers of a few bits each, one behind the other in little-endian words of 64 bits.

/// The bits that the largest number needs.
pub(super) fn width(largest: u64) -> u32 {
    64 - largest.leading_zeros()
}

/// The bytes of `count` numbers.
pub(super) fn bytes(count: usize, width: u32) -> usize {
    (count * width as usize).div_ceil(64) * 8
}

/// Appends numbers of at most `width` bits.
pub(super) fn pack(numbers: &[u64], width: u32, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut word, mut used) = (0_u64, 0_u32);
    for number in numbers {
        word |= number << used;
        if used + width >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            let kept = 64 - used;
            word = if kept == 64 { 0 } else { number >> kept };
            used = used + width - 64;
        } else {
            used += width;
        }
    }
    if used > 0 {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// The numbers of `packed`, which has [`bytes`] bytes.
pub(super) fn unpack(packed: &[u8], count: usize, width: u32, mut each: impl FnMut(u64)) {
    if width == 0 {
        (0..count).for_each(|_| each(0));
        return;
    }
    let mask = if width == 64 { u64::MAX } else { (1 << width) - 1 };
    let mut words = packed.chunks_exact(8).map(|word| {
        u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]])
    });
    let mut word = words.next().unwrap_or(0);
    let mut used = 0;
    for _ in 0..count {
        if used == 64 {
            word = words.next().unwrap_or(0);
            used = 0;
        }
        let mut number = word >> used;
        if used + width > 64 {
            let next = words.next().unwrap_or(0);
            number |= next << (64 - used);
            word = next;
            used = used + width - 64;
        } else {
            used += width;
        }
        each(number & mask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_width_come_back() {
        for wide in 0..=64 {
            let mask = if wide == 64 { u64::MAX } else { (1_u64 << wide) - 1 };
            for count in [0, 1, 7, 64, 1024] {
                let number = |at: usize| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) & mask;
                let numbers: Vec<u64> = (0..count).map(number).collect();
                let mut packed = Vec::new();
                pack(&numbers, wide, &mut packed);
                assert_eq!(packed.len(), bytes(count, wide), "{wide} bits, {count} numbers");
                let mut back = Vec::new();
                unpack(&packed, count, wide, |number| back.push(number));
                assert_eq!(back, numbers, "{wide} bits, {count} numbers");
            }
        }
        assert_eq!((width(0), width(1), width(255), width(u64::MAX)), (0, 1, 8, 64));
    }
}
