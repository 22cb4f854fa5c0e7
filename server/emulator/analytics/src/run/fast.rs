//! Functions of plain arrays, without a [`Value`] for each row. Each computes what [`Function::apply`] does; a test compares
//! them.

use std::rc::Rc;

use crate::functions::{Arithmetic, Comparison, Domain, Function, bin};
use crate::ticks;
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, NULL_BOOL, Vector, is_null_real, null_real};

/// Numbers of each row, or one for all of them.
#[derive(Clone, Copy)]
enum Numbers<'a, T> {
    One(T),
    Each(&'a [T]),
}

impl<T: Copy> Numbers<'_, T> {
    fn at(self, row: usize) -> T {
        match self {
            Self::One(number) => number,
            Self::Each(numbers) => numbers[row],
        }
    }

    /// A number for each pair. The loops are apart so that each is simple.
    fn zip<R>(self, other: Self, len: usize, pair: impl Fn(T, T) -> R) -> Vec<R> {
        match (self, other) {
            (Self::Each(left), Self::One(right)) => {
                left.iter().map(|left| pair(*left, right)).collect()
            }
            (Self::Each(left), Self::Each(right)) => {
                left.iter().zip(right).map(|(left, right)| pair(*left, *right)).collect()
            }
            _ => (0..len).map(|row| pair(self.at(row), other.at(row))).collect(),
        }
    }
}

fn longs(vector: &Vector) -> Option<Numbers<'_, i64>> {
    match &vector.data {
        Data::Const(Value::Long(number)) => Some(Numbers::One(*number)),
        Data::Const(Value::Null) => Some(Numbers::One(NULL)),
        Data::Longs(numbers) => Some(Numbers::Each(numbers)),
        _ => None,
    }
}

fn reals(vector: &Vector) -> Option<Numbers<'_, f64>> {
    match &vector.data {
        Data::Const(Value::Real(number)) => Some(Numbers::One(*number)),
        Data::Const(Value::Null) => Some(Numbers::One(null_real())),
        Data::Reals(numbers) => Some(Numbers::Each(numbers)),
        _ => None,
    }
}

/// The result; `None` if the arguments are not plain arrays.
pub(super) fn call(function: &Function, arguments: &[Rc<Vector>], len: usize) -> Option<Vector> {
    match (function, arguments) {
        (Function::Compare(comparison), [left, right]) => compare(*comparison, left, right, len),
        (Function::Bin(Domain::Long | Domain::Time), [value, size]) => {
            let (value, size) = (longs(value)?, longs(size)?);
            let bin =
                |value, size| if value == NULL { NULL } else { bin(value, size).unwrap_or(NULL) };
            Some(Vector::longs(value.zip(size, len, bin)))
        }
        (Function::Arithmetic(arithmetic, domain), [left, right]) => {
            calculate(*arithmetic, *domain, left, right, len)
        }
        (Function::And, all) => logical(all, len, 0),
        (Function::Or, all) => logical(all, len, 1),
        (Function::Not, [value]) => match &value.data {
            Data::Bools(bools) => {
                let not = |is: &u8| if *is == NULL_BOOL { NULL_BOOL } else { 1 - is };
                Some(Vector::bools(bools.iter().map(not).collect()))
            }
            _ => None,
        },
        (Function::Text(test), [left, right]) => match (&left.data, &right.data) {
            (Data::Texts(texts), Data::Const(Value::Text(right))) => {
                let rows = 0..texts.len();
                Some(Vector::bools(
                    rows.map(|row| u8::from(test.of(texts.get(row), right))).collect(),
                ))
            }
            _ => None,
        },
        (Function::Cast(Type::Int | Type::Long, Type::Real), [value]) => match &value.data {
            Data::Longs(numbers) => {
                let real =
                    |number: &i64| if *number == NULL { null_real() } else { *number as f64 };
                Some(Vector { len, data: Data::Reals(numbers.iter().map(real).collect()) })
            }
            _ => None,
        },
        _ => None,
    }
}

fn bool_or_null(is: Option<bool>) -> u8 {
    is.map_or(NULL_BOOL, u8::from)
}

fn compare(comparison: Comparison, left: &Vector, right: &Vector, len: usize) -> Option<Vector> {
    if let (Some(left), Some(right)) = (longs(left), longs(right)) {
        // Only a null can be equal to it, so that most rows need one comparison.
        let pair = |a: i64, b: i64| {
            if a == NULL || b == NULL {
                return bool_or_null(comparison.with_null(a == b));
            }
            u8::from(comparison.of(&a, &b))
        };
        return Some(Vector::bools(left.zip(right, len, pair)));
    }
    if let (Some(left), Some(right)) = (reals(left), reals(right)) {
        let pair = |a: f64, b: f64| match (is_null_real(a), is_null_real(b)) {
            (false, false) => u8::from(comparison.of(&a, &b)),
            (a, b) => bool_or_null(comparison.with_null(a && b)),
        };
        return Some(Vector::bools(left.zip(right, len, pair)));
    }
    let (texts, constant, comparison) = match (&left.data, &right.data) {
        (Data::Texts(texts), Data::Const(Value::Text(constant))) => (texts, constant, comparison),
        (Data::Const(Value::Text(constant)), Data::Texts(texts)) => {
            (texts, constant, comparison.mirrored())
        }
        _ => return None,
    };
    let rows = 0..texts.len();
    Some(Vector::bools(
        rows.map(|row| u8::from(comparison.of(&texts.get(row), &&**constant))).collect(),
    ))
}

fn calculate(
    arithmetic: Arithmetic,
    domain: Domain,
    left: &Vector,
    right: &Vector,
    len: usize,
) -> Option<Vector> {
    if let Domain::Long | Domain::Time = domain {
        let (left, right) = (longs(left)?, longs(right)?);
        let pair = |a: i64, b: i64| {
            if a == NULL || b == NULL {
                return NULL;
            }
            let number = arithmetic.longs(a, b).unwrap_or(NULL);
            if domain == Domain::Time && !ticks::is_time(number) { NULL } else { number }
        };
        return Some(Vector::longs(left.zip(right, len, pair)));
    }
    if domain != Domain::Real {
        return None;
    }
    let (left, right) = (reals(left)?, reals(right)?);
    let pair = |a: f64, b: f64| {
        if is_null_real(a) || is_null_real(b) { null_real() } else { arithmetic.reals(a, b) }
    };
    Some(Vector { len, data: Data::Reals(left.zip(right, len, pair)) })
}

/// `and` with 0 as the decisive value, `or` with 1.
fn logical(all: &[Rc<Vector>], len: usize, decisive: u8) -> Option<Vector> {
    let mut result = vec![1 - decisive; len];
    for vector in all {
        let bools = match &vector.data {
            Data::Bools(bools) => Numbers::Each(bools),
            Data::Const(value) => Numbers::One(bool_or_null(value.as_bool())),
            _ => return None,
        };
        for (row, result) in result.iter_mut().enumerate() {
            let next = bools.at(row);
            if *result != decisive && (next == decisive || next == NULL_BOOL) {
                *result = next;
            }
        }
    }
    Some(Vector::bools(result))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn long() -> impl Strategy<Value = Value> {
        prop_oneof![3 => (-5_i64..5).prop_map(Value::Long), 1 => Just(Value::Null), 1 => any::<i64>().prop_filter_map("null", |n| (n != NULL).then_some(Value::Long(n)))]
    }

    fn real() -> impl Strategy<Value = Value> {
        prop_oneof![3 => (-4_i64..4).prop_map(|n| Value::Real(n as f64 / 2.0)), 1 => Just(Value::Null), 1 => any::<f64>().prop_map(Value::Real)]
    }

    fn bool() -> impl Strategy<Value = Value> {
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Bool)]
    }

    fn check(function: &Function, kind: Type, left: &[Value], right: &[Value]) {
        let constant = Rc::new(Vector::constant(right[0].clone(), left.len()));
        let [left_vector, right_vector] =
            [left, right].map(|one| Rc::new(Vector::pack(kind, one.to_vec())));
        for (is_constant, arguments) in
            [(true, [Rc::clone(&left_vector), constant]), (false, [left_vector, right_vector])]
        {
            let Some(vector) = call(function, &arguments, left.len()) else { continue };
            for (row, one) in left.iter().enumerate() {
                let other = if is_constant { &right[0] } else { &right[row] };
                let expected = function.apply(&[one.clone(), other.clone()]);
                assert_eq!(vector.value(row), expected, "{function:?} {one:?} {other:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn plain_arrays_give_what_values_give(
            longs in prop::collection::vec((long(), long()), 1..20),
            reals in prop::collection::vec((real(), real()), 1..20),
            bools in prop::collection::vec((bool(), bool()), 1..20),
        ) {
            let (a, b): (Vec<_>, Vec<_>) = longs.into_iter().unzip();
            let (c, d): (Vec<_>, Vec<_>) = reals.into_iter().unzip();
            let (e, f): (Vec<_>, Vec<_>) = bools.into_iter().unzip();
            for operator in ["==", "!=", "<", "<=", ">", ">="] {
                let comparison = Comparison::parse(operator).expect("a comparison");
                check(&Function::Compare(comparison), Type::Long, &a, &b);
                check(&Function::Compare(comparison), Type::Real, &c, &d);
            }
            for operator in ["+", "-", "*", "/", "%"] {
                let one = Arithmetic::parse(operator).expect("arithmetic");
                check(&Function::Arithmetic(one, Domain::Long), Type::Long, &a, &b);
                check(&Function::Arithmetic(one, Domain::Time), Type::DateTime, &a, &b);
                check(&Function::Arithmetic(one, Domain::Real), Type::Real, &c, &d);
            }
            check(&Function::Bin(Domain::Long), Type::Long, &a, &b);
            check(&Function::And, Type::Bool, &e, &f);
            check(&Function::Or, Type::Bool, &e, &f);
        }
    }
}
