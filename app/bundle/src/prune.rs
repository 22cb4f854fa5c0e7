//! Takes out of the module what islands never run: `hydrate_async` of every view.
//!
//! leptos hydrates whole pages asynchronously only through `hydrate_lazy`; islands hydrate at once.
//! But every `.into_any()` stores a pointer to the asynchronous variant, so no compiler may drop
//! it, and it was a quarter of what the browser loads. Here its bodies become traps, and the
//! linker's garbage collection of wasm-bindgen removes what only they called.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use walrus::ir::{self, Visitor};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, Module, ModuleConfig};

/// Part of the symbol of everything that hydrates asynchronously.
const ASYNCHRONOUS: &str = "hydrate_async";
/// The one function by which asynchronous hydration starts.
const ENTRY: &str = "hydrate_from_async";
/// Smaller functions gain nothing, and the compiler may have merged them with others.
const INSTRUCTIONS_MIN: u64 = 50;

/// A raw module without asynchronous hydration, or unchanged if it starts that somewhere.
pub fn prune(module: Vec<u8>) -> Result<Vec<u8>> {
    let mut parsed = ModuleConfig::new()
        .generate_name_section(true)
        .parse(&module)
        .context("the compiled module cannot be read")?;
    let is_started = parsed.funcs.iter().any(|function| is_named(function.name.as_deref(), ENTRY));
    let dead = if is_started { HashSet::new() } else { dead(&parsed) };
    if dead.is_empty() {
        return Ok(module);
    }
    for id in dead {
        trap(&mut parsed, id);
    }
    Ok(parsed.emit_wasm())
}

/// The asynchronous functions that nothing but asynchronous functions calls by name.
fn dead(module: &Module) -> HashSet<FunctionId> {
    let mut dead = HashSet::new();
    let mut live = Vec::new();
    let mut callees = HashMap::new();
    for (id, function) in module.funcs.iter_local() {
        callees.insert(id, Callees::of(function));
        let name = module.funcs.get(id).name.as_deref();
        if !is_named(name, ASYNCHRONOUS) {
            live.push(id);
        } else if function.size() >= INSTRUCTIONS_MIN {
            dead.insert(id);
        }
    }
    while let Some(id) = live.pop() {
        for callee in callees.get(&id).into_iter().flatten() {
            if dead.remove(callee) {
                live.push(*callee);
            }
        }
    }
    dead
}

fn is_named(name: Option<&str>, part: &str) -> bool {
    name.is_some_and(|name| name.contains(part))
}

fn trap(module: &mut Module, id: FunctionId) {
    let function_type = module.types.get(module.funcs.get(id).ty());
    let parameters = function_type.params().to_vec();
    let results = function_type.results().to_vec();
    let mut body = FunctionBuilder::new(&mut module.types, &parameters, &results);
    body.func_body().unreachable();
    let locals = parameters.into_iter().map(|parameter| module.locals.add(parameter)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(body.local_func(locals));
}

/// Collects which functions a function calls directly.
#[derive(Default)]
struct Callees(Vec<FunctionId>);

impl Callees {
    fn of(function: &LocalFunction) -> Vec<FunctionId> {
        let mut callees = Self::default();
        ir::dfs_in_order(&mut callees, function, function.entry_block());
        callees.0
    }
}

impl Visitor<'_> for Callees {
    fn visit_call(&mut self, call: &ir::Call) {
        self.0.push(call.func);
    }

    fn visit_return_call(&mut self, call: &ir::ReturnCall) {
        self.0.push(call.func);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds an exported function of that many instructions that then calls some others.
    fn add(module: &mut Module, name: &str, length: u64, calls: &[FunctionId]) -> FunctionId {
        let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
        let mut body = builder.name(name.to_owned()).func_body();
        for _ in 0..length {
            body.i32_const(1).drop();
        }
        for callee in calls {
            body.call(*callee);
        }
        let id = builder.finish(Vec::new(), &mut module.funcs);
        module.exports.add(name, id);
        id
    }

    fn size_after(module: &mut Module, name: &str) -> u64 {
        let bytes = prune(module.emit_wasm()).unwrap();
        let pruned = ModuleConfig::new().generate_name_section(true).parse(&bytes).unwrap();
        let id = pruned.funcs.by_name(name).unwrap();
        pruned.funcs.get(id).kind.unwrap_local().size()
    }

    #[test]
    fn asynchronous_hydration_becomes_a_trap_and_the_rest_stays() {
        let mut module = Module::default();
        let inner = add(&mut module, "a::hydrate_async::inner", 100, &[]);
        add(&mut module, "a::hydrate_async::closure", 100, &[inner]);
        add(&mut module, "a::hydrate", 100, &[]);
        assert_eq!(size_after(&mut module, "a::hydrate_async::closure"), 1);
        assert_eq!(size_after(&mut module, "a::hydrate_async::inner"), 1);
        assert_eq!(size_after(&mut module, "a::hydrate"), 200);
    }

    #[test]
    fn what_anything_else_calls_stays_with_all_that_it_calls() {
        let mut module = Module::default();
        let inner = add(&mut module, "a::hydrate_async::inner", 100, &[]);
        let shared = add(&mut module, "a::hydrate_async::shared", 100, &[inner]);
        add(&mut module, "b::live", 1, &[shared]);
        assert_eq!(size_after(&mut module, "a::hydrate_async::shared"), 201);
        assert_eq!(size_after(&mut module, "a::hydrate_async::inner"), 200);
    }

    #[test]
    fn an_app_that_hydrates_asynchronously_is_left_alone() {
        let mut module = Module::default();
        add(&mut module, "a::hydrate_async::closure", 100, &[]);
        add(&mut module, "leptos::mount::hydrate_from_async", 1, &[]);
        assert_eq!(size_after(&mut module, "a::hydrate_async::closure"), 200);
    }
}
