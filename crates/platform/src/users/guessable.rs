//! Passwords that are tried first by whoever guesses. NIST SP 800-63B-4, 3.1.1.2 asks that a new
//! password is compared with those that are common, expected or known to be in use.

use clinicos_contract::Problem;

/// What a person is told to do.
const INSTEAD: &str = "take four or more unrelated words";
/// Fewer different characters are no words.
const DISTINCT_MIN: usize = 5;
/// Fewer characters beside the names are as good as none.
const OWN_CHARS_MIN: usize = 6;
/// Shorter parts of a name stand in many words by chance.
const NAME_CHARS_MIN: usize = 3;
/// Letters and digits alone, each long enough to be taken for a good one.
const COMMON: &[&str] = &[
    "passwordpassword",
    "password1234",
    "password12345",
    "password123456",
    "mypassword123",
    "thisismypassword",
    "passwordispassword",
    "changemechangeme",
    "changeme1234",
    "changeme12345",
    "letmeinletmein",
    "letmeinplease",
    "pleaseletmein",
    "letmein12345",
    "welcomewelcome",
    "welcome12345",
    "welcome123456",
    "welcometomyworld",
    "welcomehome123",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdf",
    "qwertyuiopasdfghjkl",
    "qwertyqwerty",
    "qwerty123456",
    "qwerty1234567",
    "qwertyuiop",
    "asdfghjkl123",
    "asdfghjklzxcvbnm",
    "asdfasdfasdf",
    "zxcvbnmasdfghjkl",
    "zxcvbnm12345",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "qazwsxedcrfv",
    "qazwsxedcrfvtgb",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u8i",
    "q1w2e3r4t5y6",
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789123",
    "0123456789012",
    "098765432109",
    "987654321098",
    "112233445566",
    "123123123123",
    "123456123456",
    "111222333444",
    "abcdefghijkl",
    "abcdefghijklm",
    "abcdefghijklmn",
    "abcdefghijklmnop",
    "abcdefghijklmnopqrstuvwxyz",
    "abcd12345678",
    "abcdef123456",
    "abc123abc123",
    "a1b2c3d4e5f6",
    "aabbccddeeff",
    "adminadmin12",
    "adminadminadmin",
    "admin1234567",
    "adminpassword",
    "administrator",
    "administrator1",
    "rootpassword",
    "userpassword",
    "testtesttest",
    "testpassword",
    "defaultpassword",
    "secretpassword",
    "supersecret123",
    "mysecretpassword",
    "temppassword",
    "temporarypassword",
    "newpassword1",
    "newpassword123",
    "iloveyou1234",
    "iloveyouiloveyou",
    "iloveyouforever",
    "iloveyousomuch",
    "ilovemydog123",
    "ilovemycat123",
    "sunshine1234",
    "princess1234",
    "football1234",
    "baseball1234",
    "superman1234",
    "monkey123456",
    "dragon123456",
    "trustno1trustno1",
    "correcthorsebatterystaple",
    "veterinarian",
    "veterinarian1",
    "veterinary123",
    "animalhospital",
    "animalclinic",
    "vetclinic123",
    "petclinic123",
    "springsummer",
    "summerwinter",
];

/// Refuses what is easy to guess. `names` are texts that others know: the name of the
/// person and of the clinic, the e-mail address.
pub fn check(field: &str, password: &str, names: &[&str]) -> Result<(), Problem> {
    let why = if is_repeated(password) {
        "this repeats itself"
    } else if is_common(password) {
        "this is among the first that somebody would try"
    } else if is_a_name(password, names) {
        "this is little more than a name that others know"
    } else {
        return Ok(());
    };
    Err(Problem::rule(format!("/{field}"), "guessable", format!("{why}; {INSTEAD}")))
}

/// Refuses the password that is in use.
pub fn check_other(field: &str, password: &str, present: &str) -> Result<(), Problem> {
    if password != present {
        return Ok(());
    }
    Err(Problem::rule(format!("/{field}"), "same", format!("this is the one that you have now; {INSTEAD}")))
}

/// Letters and digits, in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Few different characters, or one unit again and again, whatever single character follows it.
fn is_repeated(password: &str) -> bool {
    let chars: Vec<char> = password.to_lowercase().chars().collect();
    let distinct: std::collections::BTreeSet<&char> = chars.iter().collect();
    let repeats = |unit: usize| chars.iter().zip(chars.iter().skip(unit)).all(|(earlier, later)| earlier == later);
    distinct.len() < DISTINCT_MIN || (1..=chars.len() / 2).any(repeats)
}

/// One of the list, also with other digits behind it.
fn is_common(password: &str) -> bool {
    let plain = plain(password);
    let word = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let bare = word(&plain);
    COMMON.iter().any(|known| *known == plain || (!bare.is_empty() && word(known) == bare))
}

fn is_a_name(password: &str, names: &[&str]) -> bool {
    let whole = names.iter().map(|name| plain(name));
    let parts = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric())).map(plain);
    let mut known: Vec<String> = whole.chain(parts).filter(|part| part.chars().count() >= NAME_CHARS_MIN).collect();
    known.push("clinicos".to_owned());
    known.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let mut rest = plain(password);
    let before = rest.len();
    for part in &known {
        rest = rest.replace(part.as_str(), "");
    }
    rest.len() < before && rest.chars().count() < OWN_CHARS_MIN
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_is_tried_first_is_refused_and_words_are_not() {
        let names = ["Sam Rivera", "sam.rivera@harbor.example"];
        let refused = |password: &str| check("password", password, &names).is_err();
        for weak in [
            "aaaaaaaaaaaa",
            "abababababab",
            "abcabcabcabca",
            "PasswordPassword",
            "password-99999",
            "1qaz2wsx3edc",
            "Sam Rivera 2026",
            "riverasam1234",
            "clinicos-2026!",
            "sam.rivera@harbor.example",
        ] {
            assert!(refused(weak), "{weak}");
        }
        for good in
            ["four plain words here", "four words or more", "the same sample of words", "vM3#kd9!qLz0w", "гора лимон окно стул"]
        {
            assert!(!refused(good), "{good}");
        }
    }
}
