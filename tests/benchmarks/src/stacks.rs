//! The stacks in a file of callgrind's, and the instructions of each: who called whom for what.
//!
//! With `--separate-callers` the name of a function is that of its whole stack, innermost first, with `'` between. The format:
//! <https://valgrind.org/docs/manual/cl-format.html>.

use std::collections::BTreeMap;

/// Instructions of the innermost function of each stack, itself alone. Stacks are outermost first.
pub(crate) type Stacks = BTreeMap<Vec<String>, u64>;

/// Reads a file.
pub(crate) fn read(file: &str) -> Result<Stacks, String> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut stacks = Stacks::new();
    let mut current = "";
    // What a call cost in all stands in the line after it, and is told with the called function.
    let mut is_of_a_call = false;
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            current = resolved(name, &mut names)?;
        } else if let Some(name) = line.strip_prefix("cfn=") {
            resolved(name, &mut names)?;
        } else if line.starts_with("calls=") {
            is_of_a_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) && !std::mem::take(&mut is_of_a_call) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok());
            *stacks.entry(stack(current)).or_default() += cost.ok_or_else(|| format!("no cost in {line:?}"))?;
        }
    }
    if stacks.is_empty() {
        return Err("callgrind's file has no costs".to_owned());
    }
    Ok(stacks)
}

/// What is in `more` and not in `few`.
pub(crate) fn difference(more: Stacks, few: &Stacks) -> Stacks {
    let differences = more.into_iter().map(|(stack, cost)| {
        let before = few.get(&stack).copied().unwrap_or(0);
        (stack, cost.saturating_sub(before))
    });
    differences.filter(|(_, cost)| *cost > 0).collect()
}

/// A name is written once, with a number, and from then on the number stands for it.
fn resolved<'a>(name: &'a str, names: &mut BTreeMap<&'a str, &'a str>) -> Result<&'a str, String> {
    let (number, written) = name.split_once(')').ok_or_else(|| format!("no name: {name:?}"))?;
    if !written.is_empty() {
        names.insert(number, written.trim_start());
    }
    names
        .get(number)
        .copied()
        .ok_or_else(|| format!("a name that was never written: {name:?}"))
}

fn stack(name: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for part in name.split('\'') {
        // `name'2` is a call of itself, and `<'a>` or `&'_` a lifetime.
        let is_lifetime = frames.last().is_some_and(|frame| frame.ends_with(['<', '&', ' ']));
        match frames.last_mut() {
            Some(frame) if is_lifetime => {
                frame.push('\'');
                frame.push_str(part);
            }
            Some(_) if part.chars().all(|letter| letter.is_ascii_digit()) => {}
            _ => frames.push(part.to_owned()),
        }
    }
    frames.reverse();
    frames
}

/// Stacks as a test writes them.
#[cfg(test)]
pub(crate) fn of(stacks: &[(&[&str], u64)]) -> Stacks {
    let owned = |stack: &[&str]| stack.iter().map(|frame| (*frame).to_owned()).collect();
    stacks.iter().map(|(stack, cost)| (owned(stack), *cost)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_of_the_innermost_function_and_calls_are_not_counted_twice() {
        let file = "version: 1\npositions: line\nevents: Ir\n\nfn=(1) main\n16 20\ncfn=(2) work'main\ncalls=1 50\n16 400\n+1 3\n\nfn=(2)\n50 300\n* 100\ntotals: 423\n";
        assert_eq!(read(file).unwrap(), of(&[(&["main"], 23), (&["main", "work"], 400)]));
    }

    #[test]
    fn recursion_and_lifetimes_are_no_frames() {
        assert_eq!(
            stack("poll'2'<Read<'a> as Future>::poll'main"),
            ["main", "<Read<'a> as Future>::poll", "poll"]
        );
    }

    #[test]
    fn a_difference_is_what_is_taken_in_addition() {
        let (more, few) = (of(&[(&["a"], 100), (&["b"], 40)]), of(&[(&["a"], 60), (&["b"], 40)]));
        assert_eq!(difference(more, &few), of(&[(&["a"], 40)]));
    }

    #[test]
    fn what_is_no_file_of_callgrinds_is_refused() {
        for file in ["", "fn=(1)\n1 2\n", "fn=(1) main\n1 many\n", "fn=main\n1 2\n"] {
            assert!(read(file).is_err(), "{file:?}");
        }
    }
}
