//! What a test asks of every state machine.

use std::fmt::Debug;

use clinicos_contract::Word;

/// That every state is reached from the first ones, that these states and no others are the end, and
/// that no state names itself or another one twice.
pub fn check<W: Word + Debug>(names: &[&str], next: impl Fn(W) -> &'static [W], first: &[W], last: &[W]) {
    let all: Vec<W> = names.iter().map(|name| W::of(name).unwrap()).collect();
    let mut reached = first.to_vec();
    let mut at = 0;
    while let Some(state) = reached.get(at).copied() {
        for to in next(state) {
            if !reached.contains(to) {
                reached.push(*to);
            }
        }
        at += 1;
    }
    for state in all {
        assert!(reached.contains(&state), "nothing leads to {state:?}");
        assert_eq!(next(state).is_empty(), last.contains(&state), "{state:?}");
        assert!(!next(state).contains(&state), "{state:?} names itself");
        for (index, to) in next(state).iter().enumerate() {
            assert!(!next(state).iter().take(index).any(|earlier| earlier == to), "{state:?} names {to:?} twice");
        }
    }
}
