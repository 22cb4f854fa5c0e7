//! Blocks of whole numbers: in chunks, as distances from the chunk's smallest number, or, for times, as distances between
//! neighbours.

use super::bits;
use crate::vector::NULL;

/// Numbers of a chunk: an outlier makes only its own chunk larger.
const CHUNK: usize = 1024;
const DELTA: u8 = 1;
const NULLS: u8 = 2;

/// Reads bytes from the front.
#[derive(Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        Some(self.bytes(1)?[0])
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.bytes(8)?.try_into().ok()?))
    }
}

/// One chunk as distances: what is added to each, and the distances.
fn distances(numbers: &[i64], is_delta: bool) -> (i64, i64, Vec<u64>) {
    let first = numbers[0];
    if is_delta {
        let deltas: Vec<i64> =
            numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        let least = deltas.iter().copied().min().unwrap_or(0);
        (first, least, deltas.iter().map(|delta| delta.wrapping_sub(least) as u64).collect())
    } else {
        let least = numbers.iter().copied().min().unwrap_or(0);
        (first, least, numbers.iter().map(|number| number.wrapping_sub(least) as u64).collect())
    }
}

fn encode_chunks(numbers: &[i64], is_delta: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in numbers.chunks(CHUNK) {
        let (first, least, distances) = distances(chunk, is_delta);
        let width = bits::width(distances.iter().copied().max().unwrap_or(0));
        if is_delta {
            out.extend_from_slice(&first.to_le_bytes());
        }
        out.extend_from_slice(&least.to_le_bytes());
        out.push(width as u8);
        bits::pack(&distances, width, &mut out);
    }
    out
}

/// A block of numbers, [`NULL`] for null.
pub(super) fn encode(numbers: &[i64]) -> Vec<u8> {
    let mut nulls = vec![0_u8; numbers.len().div_ceil(8)];
    let mut filled = Vec::with_capacity(numbers.len());
    let mut last = numbers.iter().copied().find(|number| *number != NULL).unwrap_or(0);
    let mut has_nulls = false;
    for (at, number) in numbers.iter().enumerate() {
        if *number == NULL {
            nulls[at / 8] |= 1 << (at % 8);
            has_nulls = true;
        } else {
            last = *number;
        }
        filled.push(last);
    }
    let (plain, delta) = (encode_chunks(&filled, false), encode_chunks(&filled, true));
    let is_delta = delta.len() < plain.len();
    let mut out = vec![if is_delta { DELTA } else { 0 } | if has_nulls { NULLS } else { 0 }];
    if has_nulls {
        out.extend_from_slice(&nulls);
    }
    out.extend_from_slice(if is_delta { &delta } else { &plain });
    out
}

/// The numbers of a block; `None` if it is not one.
pub(super) fn decode(reader: &mut Reader<'_>, count: usize) -> Option<Vec<i64>> {
    let flags = reader.u8()?;
    let nulls = if flags & NULLS == 0 { None } else { Some(reader.bytes(count.div_ceil(8))?) };
    let mut numbers = Vec::with_capacity(count);
    while numbers.len() < count {
        let chunk = CHUNK.min(count - numbers.len());
        let is_delta = flags & DELTA != 0;
        let (distances, mut last) = if is_delta { (chunk - 1, reader.i64()?) } else { (chunk, 0) };
        let least = reader.i64()?;
        let width = u32::from(reader.u8()?);
        if width > 64 {
            return None;
        }
        let packed = reader.bytes(bits::bytes(distances, width))?;
        if is_delta {
            numbers.push(last);
            bits::unpack(packed, distances, width, |distance| {
                last = last.wrapping_add(least).wrapping_add(distance as i64);
                numbers.push(last);
            });
        } else {
            bits::unpack(packed, distances, width, |distance| {
                numbers.push(least.wrapping_add(distance as i64));
            });
        }
    }
    if let Some(nulls) = nulls {
        for (at, number) in numbers.iter_mut().enumerate() {
            if nulls[at / 8] >> (at % 8) & 1 == 1 {
                *number = NULL;
            }
        }
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_numbers_come_back(numbers in prop::collection::vec(any::<i64>(), 0..3000)) {
            let block = encode(&numbers);
            prop_assert_eq!(decode(&mut Reader(&block), numbers.len()), Some(numbers));
        }

        #[test]
        fn a_damaged_block_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), count in 0_usize..3000) {
            let _ = decode(&mut Reader(&bytes), count);
        }
    }

    #[test]
    fn times_take_about_the_bits_of_their_distances() {
        let times: Vec<i64> =
            (0..65_536_i64).map(|at| 638_000_000_000_000_000 + at * 86_400 + at % 1000).collect();
        let nulls: Vec<i64> =
            times.iter().map(|time| if time % 7 == 0 { NULL } else { *time }).collect();
        assert!(encode(&times).len() < 65_536 * 11 / 8 + 2000, "{}", encode(&times).len());
        assert_eq!(decode(&mut Reader(&encode(&nulls)), nulls.len()), Some(nulls));
    }
}
