//! What a browser says that it is, in words out of a closed list: whoever looks at their sessions
//! knows which is which. The header itself is not kept: it tells one person's browser from others.

use clinicos_contract::words;

words! {
    /// A browser that many people use.
    Browser {
        /// Microsoft Edge.
        Edge = "Edge",
        /// Opera.
        Opera = "Opera",
        /// That of Samsung's phones.
        SamsungInternet = "Samsung Internet",
        /// Mozilla Firefox.
        Firefox = "Firefox",
        /// Google Chrome, and what looks like it.
        Chrome = "Chrome",
        /// Apple Safari.
        Safari = "Safari",
    }
}

words! {
    /// A system that browsers run on.
    System {
        /// Apple's phone.
        Iphone = "iPhone",
        /// Apple's tablet, where it says so.
        Ipad = "iPad",
        /// Phones and tablets of others.
        Android = "Android",
        /// Microsoft Windows.
        Windows = "Windows",
        /// Google's laptops.
        ChromeOs = "ChromeOS",
        /// Apple's computers.
        Mac = "Mac",
        /// Any other Linux.
        Linux = "Linux",
    }
}

/// What a name stands for, in the order in which they are looked for: Chrome calls itself Safari,
/// too, and the others call themselves Chrome.
const BROWSERS: [(&[&str], Browser); 6] = [
    (&["Edg/", "EdgA/", "EdgiOS/"], Browser::Edge),
    (&["OPR/"], Browser::Opera),
    (&["SamsungBrowser/"], Browser::SamsungInternet),
    (&["Firefox/", "FxiOS/"], Browser::Firefox),
    (&["Chrome/", "CriOS/"], Browser::Chrome),
    (&["Safari/"], Browser::Safari),
];
/// The same of systems: Android calls itself Linux, too.
const SYSTEMS: [(&str, System); 7] = [
    ("iPhone", System::Iphone),
    ("iPad", System::Ipad),
    ("Android", System::Android),
    ("Windows NT", System::Windows),
    ("CrOS", System::ChromeOs),
    ("Macintosh", System::Mac),
    ("Linux", System::Linux),
];
/// More of a header is not read.
const HEADER_BYTES_MAX: usize = 512;

/// What a browser's `User-Agent` says, if it is of the list.
pub fn read(header: &str) -> Option<(Browser, System)> {
    if header.len() > HEADER_BYTES_MAX {
        return None;
    }
    let (_, browser) = BROWSERS.iter().find(|(names, _)| names.iter().any(|name| header.contains(name)))?;
    let (_, system) = SYSTEMS.iter().find(|(name, _)| header.contains(name))?;
    Some((*browser, *system))
}

/// Both, as a person says them.
pub fn words(browser: Browser, system: System) -> String {
    format!("{} on {}", browser.name(), system.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_say_is_told_in_few_words() {
        let told = |header: &str| read(header).map(|(browser, system)| words(browser, system));
        for (header, expected) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPad",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                "Edge on Mac",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/115.0",
                "Opera on Linux",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
        ] {
            assert_eq!(told(header).as_deref(), Some(expected), "{header}");
        }
        for unknown in
            ["", "curl/8.9.1", "Firefox/132.0", "Windows NT 10.0", &format!("{}Firefox/1 Linux", " ".repeat(HEADER_BYTES_MAX))]
        {
            assert_eq!(told(unknown), None, "{unknown}");
        }
    }
}
