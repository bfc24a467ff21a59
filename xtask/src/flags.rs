//! Reads the arguments of a command.

use anyhow::{Context as _, Result, bail};

/// Arguments that were not taken yet.
#[derive(Debug)]
pub struct Flags {
    rest: Vec<String>,
}

impl Flags {
    /// Starts with all of them.
    pub fn new(arguments: Vec<String>) -> Self {
        Self { rest: arguments }
    }

    /// Takes a switch such as `--json`.
    pub fn switch(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|argument| argument != name);
        self.rest.len() != before
    }

    /// Takes a number: `--rounds 3` or `--rounds=3`.
    pub fn number(&mut self, name: &str, default: u64) -> Result<u64> {
        let Some(value) = self.text(name)? else { return Ok(default) };
        value.parse().with_context(|| format!("`{value}` is no number"))
    }

    /// Takes a text: `--binary FILE` or `--binary=FILE`.
    pub fn text(&mut self, name: &str) -> Result<Option<String>> {
        let Some(place) = self.rest.iter().position(|argument| argument == name || starts(argument, name)) else {
            return Ok(None);
        };
        let argument = self.rest.remove(place);
        match argument.split_once('=') {
            Some((_, value)) => Ok(Some(value.to_owned())),
            None if place < self.rest.len() => Ok(Some(self.rest.remove(place))),
            None => bail!("`{name}` wants a value"),
        }
    }

    /// Takes the next word that is no flag.
    pub fn word(&mut self) -> Option<String> {
        let place = self.rest.iter().position(|argument| !argument.starts_with('-'))?;
        Some(self.rest.remove(place))
    }

    /// Whatever is left: words only.
    pub fn words(self) -> Result<Vec<String>> {
        match self.rest.iter().find(|argument| argument.starts_with('-')) {
            Some(unknown) => bail!("unknown argument `{unknown}`"),
            None => Ok(self.rest),
        }
    }

    /// Nothing may be left.
    pub fn end(self) -> Result<()> {
        match self.rest.first() {
            Some(unknown) => bail!("unknown argument `{unknown}`"),
            None => Ok(()),
        }
    }
}

fn starts(argument: &str, name: &str) -> bool {
    argument.strip_prefix(name).is_some_and(|rest| rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::Flags;

    fn flags(line: &str) -> Flags {
        Flags::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn takes_switches_numbers_and_words() {
        let mut flags = flags("cut --rounds 3 --json --seed=9 --binary a/b A7");
        assert_eq!(flags.word().as_deref(), Some("cut"));
        assert_eq!(flags.number("--rounds", 1).ok(), Some(3));
        assert_eq!(flags.number("--seed", 1).ok(), Some(9));
        assert_eq!(flags.number("--other", 5).ok(), Some(5));
        assert!(flags.switch("--json"));
        assert_eq!(flags.text("--binary").ok(), Some(Some("a/b".to_owned())));
        assert_eq!(flags.text("--binary").ok(), Some(None));
        assert_eq!(flags.words().ok(), Some(vec!["A7".to_owned()]));
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(flags("--what").words().is_err());
        assert!(flags("what").end().is_err());
        assert!(flags("--rounds").number("--rounds", 1).is_err());
        assert!(flags("--binary").text("--binary").is_err());
    }
}
