//! Sums and products over columns: `unit_price * quantity * (1 - discount)`.
//!
//! There are numbers, columns (in backticks if a name is no plain word), `+`, `-`, `*`, parentheses,
//! `round(x, digits)`, and `percent(column)`, which is 0.15 for `15` and for `15%`. Division is left out,
//! because its results have no end.

use crate::decimal::{Decimal, Figures};

/// Deepest nesting, and most parts of an expression.
const PARTS_MAX: usize = 100;

/// An expression. Columns are numbers of places in a table of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A number.
    Number(Decimal),
    /// The value of a column.
    Column(usize),
    /// A sum.
    Add(Box<Self>, Box<Self>),
    /// A difference.
    Sub(Box<Self>, Box<Self>),
    /// A product.
    Mul(Box<Self>, Box<Self>),
    /// Rounded half up.
    Round(Box<Self>, u32),
    /// The hundredths that a column says in percent.
    Percent(usize),
}

/// How the text of a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// As a number.
    Number,
    /// As a number that may have the sign of percent behind it.
    Percentage,
}

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub enum NoResult {
    /// A column has no value.
    Null,
    /// The result is too large, or has too many digits.
    Range,
    /// A column holds no number, read like this.
    NoNumber(usize, Reads),
}

impl Expression {
    /// Reads an expression; `column` numbers the names.
    pub fn parse(text: &str, column: &mut dyn FnMut(&str) -> usize) -> Result<Self, String> {
        let tokens = tokens(text)?;
        if tokens.len() > PARTS_MAX {
            return Err(format!("has more than {PARTS_MAX} parts"));
        }
        let mut reader = Reader { tokens: &tokens, column };
        let expression = reader.sum()?;
        match reader.tokens.first() {
            None => Ok(expression),
            Some(token) => Err(format!("`{}` is not expected there", token.text())),
        }
    }

    /// Its value, exactly.
    pub fn value(&self, column: &dyn Fn(usize, Reads) -> Result<Decimal, NoResult>) -> Result<Decimal, NoResult> {
        let both = |a: &Self, b: &Self, f: fn(Decimal, Decimal) -> Option<Decimal>| {
            f(a.value(column)?, b.value(column)?).ok_or(NoResult::Range)
        };
        match self {
            Self::Number(number) => Ok(*number),
            Self::Column(place) => column(*place, Reads::Number),
            Self::Add(a, b) => both(a, b, Decimal::plus),
            Self::Sub(a, b) => both(a, b, Decimal::minus),
            Self::Mul(a, b) => both(a, b, Decimal::times),
            Self::Round(inner, digits) => inner.value(column)?.round(*digits).ok_or(NoResult::Range),
            Self::Percent(place) => column(*place, Reads::Percentage)?.times(Decimal::HUNDREDTH).ok_or(NoResult::Range),
        }
    }

    /// The same with `percent(column)` in place of `column * 0.01`, so that the two can be compared. Of numbers
    /// without a sign both are the same.
    pub(crate) fn with_percent(&self) -> Self {
        let both = |a: &Self, b: &Self| (Box::new(a.with_percent()), Box::new(b.with_percent()));
        match self {
            Self::Number(_) | Self::Column(_) | Self::Percent(_) => self.clone(),
            Self::Mul(a, b) => match (&**a, &**b) {
                (Self::Column(place), Self::Number(Decimal::HUNDREDTH)) => Self::Percent(*place),
                _ => {
                    let (a, b) = both(a, b);
                    Self::Mul(a, b)
                }
            },
            Self::Add(a, b) => {
                let (a, b) = both(a, b);
                Self::Add(a, b)
            }
            Self::Sub(a, b) => {
                let (a, b) = both(a, b);
                Self::Sub(a, b)
            }
            Self::Round(inner, digits) => Self::Round(Box::new(inner.with_percent()), *digits),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(String),
    Name(String),
    Sign(char),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Self::Number(text) | Self::Name(text) => text.clone(),
            Self::Sign(sign) => sign.to_string(),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let take = |fits: fn(char) -> bool| rest.split_at(rest.find(|c| !fits(c)).unwrap_or(rest.len()));
        rest = match first {
            '0'..='9' => {
                let (number, rest) = take(|c| c.is_ascii_digit() || c == '.');
                found.push(Token::Number(number.to_owned()));
                rest
            }
            '`' => {
                let quoted = rest.strip_prefix('`').and_then(|rest| rest.split_once('`'));
                let (name, rest) = quoted.ok_or("a backtick is not closed")?;
                found.push(Token::Name(name.to_owned()));
                rest
            }
            '+' | '-' | '*' | '(' | ')' | ',' => {
                found.push(Token::Sign(first));
                rest.strip_prefix(first).unwrap_or_default()
            }
            c if c.is_alphabetic() || c == '_' => {
                let (name, rest) = take(|c| c.is_alphanumeric() || c == '_' || c == '.');
                found.push(Token::Name(name.to_owned()));
                rest
            }
            other => return Err(format!("`{other}` has no meaning here")),
        }
        .trim_start();
    }
    Ok(found)
}

struct Reader<'t, 'c> {
    tokens: &'t [Token],
    column: &'c mut dyn FnMut(&str) -> usize,
}

impl Reader<'_, '_> {
    fn next(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_next = self.tokens.first() == Some(&Token::Sign(sign));
        if is_next {
            self.next();
        }
        is_next
    }

    fn wants(&mut self, sign: char) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        loop {
            if self.takes('+') {
                left = Expression::Add(Box::new(left), Box::new(self.product()?));
            } else if self.takes('-') {
                left = Expression::Sub(Box::new(left), Box::new(self.product()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.part()?;
        while self.takes('*') {
            left = Expression::Mul(Box::new(left), Box::new(self.part()?));
        }
        Ok(left)
    }

    fn part(&mut self) -> Result<Expression, String> {
        match self.next() {
            None => Err("ends too early".to_owned()),
            Some(Token::Number(text)) => {
                let number = Decimal::parse(&text, Figures::default());
                number.map(Expression::Number).ok_or_else(|| format!("`{text}` is no number"))
            }
            Some(Token::Name(name)) if name == "round" && self.takes('(') => {
                let inner = self.sum()?;
                self.wants(',')?;
                let digits = match self.next() {
                    Some(Token::Number(text)) => text.parse().ok().filter(|digits| *digits <= 9),
                    _ => None,
                };
                let digits = digits.ok_or("`round` wants a number of digits from 0 to 9")?;
                self.wants(')')?;
                Ok(Expression::Round(Box::new(inner), digits))
            }
            Some(Token::Name(name)) if name == "percent" && self.takes('(') => {
                let Some(Token::Name(name)) = self.next() else { return Err("`percent` wants a column".to_owned()) };
                self.wants(')')?;
                Ok(Expression::Percent((self.column)(&name)))
            }
            Some(Token::Name(name)) => Ok(Expression::Column((self.column)(&name))),
            Some(Token::Sign('(')) => {
                let inner = self.sum()?;
                self.wants(')')?;
                Ok(inner)
            }
            Some(Token::Sign('-')) => {
                let zero = Decimal::parse("0", Figures::default()).ok_or("no zero")?;
                Ok(Expression::Sub(Box::new(Expression::Number(zero)), Box::new(self.part()?)))
            }
            Some(Token::Sign(sign)) => Err(format!("`{sign}` is not expected there")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<String, String> {
        let mut names: Vec<String> = Vec::new();
        let expression = Expression::parse(text, &mut |name| {
            names.push(name.to_owned());
            names.len() - 1
        })?;
        let figure = |place: usize, reads: Reads| match names[place].as_str() {
            "price" => Ok(Decimal::parse("9.8", Figures::default()).unwrap()),
            // `15%`, which is no number by itself.
            "off" if reads == Reads::Percentage => Ok(Decimal::parse("15", Figures::default()).unwrap()),
            "off" => Err(NoResult::NoNumber(place, reads)),
            "line qty" => Ok(Decimal::parse("3", Figures::default()).unwrap()),
            _ => Err(NoResult::Null),
        };
        expression.value(&figure).map(|value| value.to_string()).map_err(|why| format!("{why:?}"))
    }

    #[test]
    fn reckons_as_on_paper() {
        assert_eq!(value("price * `line qty` * (1 - 0.15)"), Ok("24.99".to_owned()));
        assert_eq!(value("price*`line qty` - round(price * `line qty` * 0.85, 1)"), Ok("4.4".to_owned()));
        assert_eq!(value("1 - 2 - 3"), Ok("-4".to_owned()));
        assert_eq!(value("-price + 10"), Ok("0.2".to_owned()));
        assert_eq!(value("nothing * 2"), Err("Null".to_owned()));
        assert_eq!(value("price * (1 - percent(`off`))"), Ok("8.33".to_owned()));
        assert_eq!(value("price * (1 - off * 0.01)"), Err("NoNumber(1, Number)".to_owned()));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            ("1 +", "too early"),
            ("1 2", "`2` is not expected"),
            ("(1", "`)` is missing"),
            ("a / b", "`/` has no meaning"),
            ("round(1)", "`,` is missing"),
            ("percent(1)", "`percent` wants a column"),
            ("percent(a + 1)", "`)` is missing"),
            ("`a", "backtick"),
            ("1.2.3", "no number"),
        ] {
            let error = value(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(value(&"(".repeat(200)).unwrap_err().contains("more than 100"));
    }
}
