//! Which machines are one, as far as their processor tells: `tests/benches/measuring/machine.rs`.

use crate::machine::{UNKNOWN, processor};

#[test]
fn two_generations_of_one_name_are_two_processors() {
    let named = |model: u32| format!("processor\t: 0\ncpu family\t: 25\nmodel\t\t: {model}\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\n");
    assert_eq!(processor(&named(1)), "AMD EPYC (family 25, model 1)");
    assert_ne!(processor(&named(1)), processor(&named(17)));
}

#[test]
fn a_processor_that_is_not_named_is_unknown() {
    assert_eq!(processor("processor\t: 0\nCPU implementer\t: 0x41\n"), UNKNOWN);
    assert_eq!(processor(""), UNKNOWN);
}
