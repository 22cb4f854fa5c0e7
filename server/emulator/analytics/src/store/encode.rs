//! A column of a segment as a block of bytes.
//!
//! | form | of what |
//! | --- | --- |
//! | constant | the value, for columns such as `TenantId` |
//! | numbers | see [`super::longs`] |
//! | real numbers | as they are |
//! | dictionary | strings that repeat, each once, and for each row its number |
//! | identifiers | strings that are all UUIDs in lower case: 16 bytes each |
//! | texts | other strings, deflated if that saves a quarter |

use std::collections::HashMap;
use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::growing::Growing;
use super::longs::{self, Reader};
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, NULL_BOOL, Texts, Vector};

const LONG_CONSTANT: u8 = 0;
const LONGS: u8 = 1;
const REALS: u8 = 2;
const TEXT_CONSTANT: u8 = 3;
const DICTIONARY: u8 = 4;
const UUIDS: u8 = 5;
const TEXTS: u8 = 6;
const DEFLATED: u8 = 7;

/// The longest text of a block that is read: four times what a log may hold.
const TEXT_BYTES_MAX: usize = 256 << 20;
const UUID_CHARS: usize = 36;
/// Where a UUID has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The block of a column.
pub(super) fn encode(column: &Growing) -> Vec<u8> {
    match column {
        Growing::Longs(numbers) => encode_longs(numbers),
        Growing::Reals(numbers) => {
            let mut out = vec![REALS];
            numbers
                .iter()
                .for_each(|number| out.extend_from_slice(&number.to_bits().to_le_bytes()));
            out
        }
        Growing::Texts { codes, values } => encode_texts(codes, values),
    }
}

fn encode_longs(numbers: &[i64]) -> Vec<u8> {
    match numbers.first() {
        Some(first) if numbers.iter().all(|number| number == first) => {
            let mut out = vec![LONG_CONSTANT];
            out.extend_from_slice(&first.to_le_bytes());
            out
        }
        _ => {
            let mut out = vec![LONGS];
            out.extend(longs::encode(numbers));
            out
        }
    }
}

fn encode_texts(codes: &[u32], values: &[Arc<str>]) -> Vec<u8> {
    if let [value] = values {
        let mut out = vec![TEXT_CONSTANT];
        out.extend_from_slice(value.as_bytes());
        return out;
    }
    if values.len() * 2 <= codes.len() {
        let mut out = vec![DICTIONARY];
        out.extend_from_slice(&u32::try_from(values.len()).unwrap_or(0).to_le_bytes());
        put_texts(values.iter().map(|value| &**value), &mut out);
        out.extend(longs::encode(&codes.iter().map(|code| i64::from(*code)).collect::<Vec<_>>()));
        return out;
    }
    let rows = || codes.iter().map(|code| &*values[*code as usize]);
    if let Some(uuids) = rows().map(uuid).collect::<Option<Vec<_>>>() {
        let mut out = vec![UUIDS];
        uuids.iter().for_each(|uuid| out.extend_from_slice(uuid));
        return out;
    }
    let mut out = vec![TEXTS];
    put_texts(rows(), &mut out);
    let mut deflated = vec![DEFLATED];
    deflated.extend_from_slice(&u32::try_from(out.len() - 1).unwrap_or(0).to_le_bytes());
    let mut encoder = DeflateEncoder::new(deflated, Compression::fast());
    let done = encoder.write_all(&out[1..]).and_then(|()| encoder.finish());
    match done {
        Ok(deflated) if deflated.len() < out.len() / 4 * 3 => deflated,
        _ => out,
    }
}

/// Strings: their lengths, then their bytes.
fn put_texts<'a>(texts: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    for text in texts {
        lengths.push(i64::try_from(text.len()).unwrap_or(0));
        bytes.extend_from_slice(text.as_bytes());
    }
    out.extend(longs::encode(&lengths));
    out.extend(bytes);
}

fn take_texts(reader: &mut Reader<'_>, count: usize) -> Option<Texts> {
    let mut end = 0_u32;
    let mut ends = Vec::with_capacity(count);
    for length in longs::decode(reader, count)? {
        end = end.checked_add(u32::try_from(length).ok()?)?;
        ends.push(end);
    }
    let bytes = reader.bytes(end as usize)?;
    Texts::new(std::str::from_utf8(bytes).ok()?.to_owned(), ends)
}

fn uuid(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != UUID_CHARS {
        return None;
    }
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (mut uuid, mut at) = ([0; 16], 0);
    for place in &mut uuid {
        if HYPHENS.contains(&at) {
            if bytes[at] != b'-' {
                return None;
            }
            at += 1;
        }
        *place = digit(bytes[at])? << 4 | digit(bytes[at + 1])?;
        at += 2;
    }
    Some(uuid)
}

fn decode_uuids(bytes: &[u8], rows: usize) -> Option<Texts> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if bytes.len() != rows * 16 {
        return None;
    }
    let mut text = Vec::with_capacity(rows * UUID_CHARS);
    for uuid in bytes.chunks_exact(16) {
        let mut letters = [b'-'; UUID_CHARS];
        let mut at = 0;
        for byte in uuid {
            if HYPHENS.contains(&at) {
                at += 1;
            }
            letters[at] = DIGITS[usize::from(byte >> 4)];
            letters[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        text.extend_from_slice(&letters);
    }
    let ends = (1..=rows).map(|row| u32::try_from(row * UUID_CHARS)).collect::<Result<_, _>>();
    Texts::new(String::from_utf8(text).ok()?, ends.ok()?)
}

/// The values of a block; `None` if it is not one of `rows` rows.
pub(super) fn decode(kind: Type, block: &[u8], rows: usize) -> Option<Vector> {
    let mut reader = Reader(block);
    let vector = match reader.u8()? {
        LONG_CONSTANT => Vector::constant(long(kind, reader.i64()?), rows),
        LONGS => of_longs(kind, longs::decode(&mut reader, rows)?),
        REALS => {
            let bits = reader.bytes(rows * 8)?.chunks_exact(8);
            let number = |bits: &[u8]| bits.try_into().map(u64::from_le_bytes).map(f64::from_bits);
            let numbers = bits.map(number).collect::<Result<Vec<_>, _>>().ok()?;
            Vector { len: rows, data: Data::Reals(numbers) }
        }
        TEXT_CONSTANT => Vector::constant(text(kind, std::str::from_utf8(reader.0).ok()?), rows),
        DICTIONARY => {
            let count = Some(reader.u32()? as usize).filter(|count| *count <= rows)?;
            let texts = take_texts(&mut reader, count)?;
            let values = (0..texts.len()).map(|at| text(kind, texts.get(at))).collect();
            let code = |code: i64| u32::try_from(code).ok().filter(|code| (*code as usize) < count);
            let codes = longs::decode(&mut reader, rows)?;
            Vector::dict(codes.into_iter().map(code).collect::<Option<_>>()?, Arc::new(values))
        }
        UUIDS => of_texts(kind, decode_uuids(reader.0, rows)?),
        TEXTS => of_texts(kind, take_texts(&mut reader, rows)?),
        DEFLATED => {
            let length = reader.u32()? as usize;
            let mut bytes = Vec::new();
            let limit = length.min(TEXT_BYTES_MAX) as u64;
            DeflateDecoder::new(reader.0).take(limit).read_to_end(&mut bytes).ok()?;
            of_texts(kind, take_texts(&mut Reader(&bytes), rows)?)
        }
        _ => return None,
    };
    (vector.len == rows).then_some(vector)
}

fn long(kind: Type, number: i64) -> Value {
    match number {
        NULL => Value::Null,
        number if kind == Type::Bool => Value::Bool(number == 1),
        number => Value::Long(number),
    }
}

fn of_longs(kind: Type, numbers: Vec<i64>) -> Vector {
    if kind == Type::Bool {
        let bool = |number: &i64| if *number == NULL { NULL_BOOL } else { u8::from(*number == 1) };
        return Vector::bools(numbers.iter().map(bool).collect());
    }
    Vector::longs(numbers)
}

/// A string as a value; a dynamic one is kept as JSON, and null as nothing.
pub(super) fn text(kind: Type, text: &str) -> Value {
    match kind {
        Type::Dynamic => serde_json::from_str(text).map_or(Value::Null, Value::dynamic),
        _ => Value::text(text),
    }
}

fn of_texts(kind: Type, texts: Texts) -> Vector {
    if kind == Type::Dynamic {
        let values = (0..texts.len()).map(|at| text(kind, texts.get(at))).collect();
        return Vector::pack(kind, values);
    }
    Vector::texts(texts)
}

/// The numbers of strings that a growing column has already.
pub(super) type Index = HashMap<Arc<str>, u32>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(texts: &[String]) -> Growing {
        let mut column = Growing::new(Type::String);
        let mut index = Index::new();
        texts.iter().for_each(|text| column.push(Type::String, &Value::text(text), &mut index));
        column
    }

    fn check(texts: &[String]) -> u8 {
        let block = encode(&column(texts));
        let vector = decode(Type::String, &block, texts.len()).expect("a block");
        let back: Vec<Value> = (0..texts.len()).map(|row| vector.value(row)).collect();
        assert_eq!(back, texts.iter().map(Value::text).collect::<Vec<_>>());
        block[0]
    }

    #[test]
    fn each_kind_of_strings_gets_its_form() {
        let numbered = |form: fn(usize) -> String| (0..300).map(form).collect::<Vec<_>>();
        assert_eq!(check(&numbered(|_| "blue".to_owned())), TEXT_CONSTANT);
        assert_eq!(check(&numbered(|at| format!("d{}", at % 5))), DICTIONARY);
        let uuid = |at: usize| format!("{:08x}-1111-4222-8333-{:012x}", at * 7919, at * 104_729);
        assert_eq!(check(&numbered(uuid)), UUIDS);
        assert_eq!(check(&numbered(|at| format!("GET /score took {at} ms — done"))), DEFLATED);
        assert_eq!(check(&["a".to_owned(), "ü".to_owned()]), TEXTS);
    }

    proptest! {
        #[test]
        fn any_strings_come_back(texts in prop::collection::vec(".{0,12}", 1..60)) {
            check(&texts);
        }

        #[test]
        fn a_damaged_block_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), tag in 0_u8..9, rows in 0_usize..400) {
            let mut block = vec![tag];
            block.extend(bytes);
            for kind in [Type::String, Type::Dynamic, Type::Long, Type::Bool, Type::Real] {
                let _ = decode(kind, &block, rows);
            }
        }
    }
}
