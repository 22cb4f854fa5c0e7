//! Computes expressions for all rows of a batch.

use std::rc::Rc;
use std::sync::Arc;

use super::batch::Batch;
use super::budget::{Budget, Stop};
use super::fast;
use crate::functions::Function;
use crate::plan::{Expr, ExprNode};
use crate::types::{Type, Value};
use crate::vector::{Data, NULL, NULL_BOOL, Vector};

/// Rows between two looks at the clock.
const CHECK_ROWS: usize = 256;

/// The values of an expression.
pub(super) fn eval(expr: &Expr, batch: &Batch, budget: &Budget) -> Result<Rc<Vector>, Stop> {
    match &expr.node {
        ExprNode::Constant(value) => Ok(Rc::new(Vector::constant(value.clone(), batch.len))),
        ExprNode::Column(at) => batch.columns[*at].get(),
        ExprNode::Call(function, arguments) => {
            let arguments = arguments
                .iter()
                .map(|one| eval(one, batch, budget))
                .collect::<Result<Vec<_>, _>>()?;
            call(function, expr.kind, &arguments, batch.len, budget).map(Rc::new)
        }
    }
}

fn call(
    function: &Function,
    kind: Type,
    arguments: &[Rc<Vector>],
    len: usize,
    budget: &Budget,
) -> Result<Vector, Stop> {
    let constant = |vector: &Rc<Vector>| match &vector.data {
        Data::Const(value) => Some(value.clone()),
        _ => None,
    };
    if let Some(values) = arguments.iter().map(constant).collect::<Option<Vec<_>>>() {
        return Ok(Vector::constant(function.apply(&values), len));
    }
    if let Some(vector) = fast::call(function, arguments, len) {
        return Ok(vector);
    }
    let mut varying = arguments.iter().enumerate().filter(|(_, vector)| constant(vector).is_none());
    let only = (varying.next(), varying.next());
    if let (Some((at, vector)), None) = only
        && let Data::Dict { codes, values } = &vector.data
        && values.len() <= codes.len()
    {
        let results = each(function, arguments, Some((at, values)), values.len(), budget)?;
        return Ok(spread(kind, codes, results));
    }
    let values = each(function, arguments, None, len, budget)?;
    Ok(Vector::pack(kind, values))
}

/// The function's values for each row; for one argument the values of a dictionary may take the place of rows.
fn each(
    function: &Function,
    arguments: &[Rc<Vector>],
    dictionary: Option<(usize, &Arc<Vec<Value>>)>,
    len: usize,
    budget: &Budget,
) -> Result<Vec<Value>, Stop> {
    let mut results = Vec::with_capacity(len);
    let mut inputs: Vec<Value> = arguments.iter().map(|_| Value::Null).collect();
    let mut bytes = 0;
    for row in 0..len {
        for (place, vector) in arguments.iter().enumerate() {
            inputs[place] = match dictionary {
                Some((at, values)) if at == place => values[row].clone(),
                // The other arguments are constant.
                Some(_) => vector.value(0),
                None => vector.value(row),
            };
        }
        let result = function.apply(&inputs);
        bytes += result.size();
        results.push(result);
        if row % CHECK_ROWS == 0 {
            budget.check()?;
            budget.has(bytes)?;
        }
    }
    budget.has(bytes)?;
    Ok(results)
}

/// A dictionary's results for each row.
fn spread(kind: Type, codes: &[u32], results: Vec<Value>) -> Vector {
    if kind == Type::Bool {
        let bools: Vec<u8> =
            results.iter().map(|value| value.as_bool().map_or(NULL_BOOL, u8::from)).collect();
        return Vector::bools(codes.iter().map(|code| bools[*code as usize]).collect());
    }
    if kind.is_long() {
        let longs: Vec<i64> = results.iter().map(|value| value.as_long().unwrap_or(NULL)).collect();
        return Vector::longs(codes.iter().map(|code| longs[*code as usize]).collect());
    }
    Vector::dict(codes.to_vec(), Arc::new(results))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::Comparison;

    #[test]
    fn a_function_of_a_dictionary_is_the_function_of_its_rows() {
        let values = Arc::new(vec![Value::text("a"), Value::text("b")]);
        let codes = vec![1, 0, 1];
        let dictionary = Rc::new(Vector::dict(codes, values));
        let plain = Rc::new(Vector::pack(
            Type::String,
            vec![Value::text("b"), Value::text("a"), Value::text("b")],
        ));
        let constant = Rc::new(Vector::constant(Value::text("b"), 3));
        let budget = Budget::new(None, usize::MAX);
        for (kind, function) in [
            (Type::Bool, Function::Compare(Comparison::Equal)),
            (Type::String, Function::Concatenate),
            (Type::Long, Function::IndexOf),
        ] {
            let of = |vector: &Rc<Vector>| {
                let arguments = [Rc::clone(vector), Rc::clone(&constant)];
                let result = call(&function, kind, &arguments, 3, &budget).expect("in budget");
                (0..3).map(|row| result.value(row)).collect::<Vec<_>>()
            };
            assert_eq!(of(&dictionary), of(&plain), "{function:?}");
        }
    }
}
