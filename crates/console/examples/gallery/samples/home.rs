//! The first page, the emergency switch, errors and documentation.

use clinicos_console::chart::{Chart, Hour};
use clinicos_console::frame::{FlashKind, Section};
use clinicos_console::pages::activity::Outcome;
use clinicos_console::pages::connection::Change;
use clinicos_console::pages::docs::{DocLink, DocSection, Docs, TrustedHtml};
use clinicos_console::pages::emergency::Emergency;
use clinicos_console::pages::home::{Home, Need, NeedKind};
use clinicos_console::pages::problem::ProblemPage;
use clinicos_console::words::Count;

use super::Say;

/// Calls and refusals from ten in the morning to ten in the morning.
const DAY: [(u64, u64); 24] = [
    (412, 6),
    (388, 3),
    (290, 0),
    (301, 2),
    (377, 0),
    (431, 12),
    (398, 4),
    (352, 0),
    (214, 0),
    (120, 0),
    (64, 0),
    (48, 0),
    (33, 0),
    (31, 0),
    (204, 96),
    (40, 0),
    (29, 0),
    (28, 0),
    (30, 1),
    (66, 0),
    (131, 0),
    (340, 5),
    (455, 2),
    (276, 1),
];

fn chart(say: &Say<'_>) -> Chart {
    let hour = |(at, (calls, refused)): (usize, &(u64, u64))| Hour {
        label: say.text(&format!("{:02}:00", (at + 10) % 24)),
        calls: Count(*calls),
        refused: Count(*refused),
    };
    Chart { hours: DAY.iter().enumerate().map(hour).collect() }
}

fn needs(say: &Say<'_>) -> Vec<Need> {
    let need = |kind: NeedKind, id: &str, name: &str, detail: &str| Need {
        kind,
        connection_id: say.text(id),
        name: say.text(name),
        detail: say.text(detail),
    };
    vec![
        need(
            NeedKind::Suspended,
            "con_1",
            "LabLink results",
            "It asked for 4,100 patients in 10 minutes last night; its usual is 30. Its calls are refused until you decide.",
        ),
        need(
            NeedKind::Refused,
            "con_2",
            "Bookkeeping",
            "96 of its 204 calls were refused between 00:00 and 01:00: it may not see phone numbers.",
        ),
        need(NeedKind::Expiring, "con_3", "Recall letters", "Its key ends on 30 November, in 6 days."),
        need(NeedKind::Made, "con_6", "Night sync", "A key of another connection made it, yesterday, 22:10. Nobody was asked."),
        need(NeedKind::Paused, "con_4", "Online booking", "You paused it on 12 November, with no end: “New website”."),
        need(
            NeedKind::Unused,
            "con_5",
            "Old phone system",
            "It last called 143 days ago, and may still see how to reach every owner.",
        ),
    ]
}

pub fn home(say: &Say<'_>) -> Home {
    let mut activity = super::connections::lines(say);
    let names = ["Bookkeeping", "Card terminal", "Bookkeeping", "Online booking", "Group figures", "LabLink results"];
    for (line, name) in activity.iter_mut().zip(names) {
        line.who = say.text(name);
    }
    if let Some(line) = activity.get_mut(1) {
        line.did = say.text("recorded a payment of 84.50 EUR");
        line.outcome = Outcome::Done;
    }
    Home {
        frame: say.frame(Section::Home),
        offers_second_factor: false,
        faults: 2,
        is_empty: false,
        more_needs: 0,
        needs: needs(say),
        connections: Count(6),
        calls: Count(5058),
        refused: Count(132),
        records_read: Count(61_730),
        chart: chart(say),
        activity,
    }
}

pub fn calm(say: &Say<'_>) -> Home {
    let mut page =
        Home { offers_second_factor: true, needs: Vec::new(), activity: Vec::new(), chart: Chart::default(), ..home(say) };
    page.frame.writes_stopped = say.stopped();
    page.frame.flash = say
        .flash(FlashKind::Error, "That did not work: someone else changed the connection meanwhile. Look again, then repeat it.");
    page
}

pub fn emergency(say: &Say<'_>) -> Emergency {
    let history = vec![Change {
        at: say.when("2026-05-03T14:00:00+02:00", "3 May"),
        who: say.text("Dr. Asha Verma"),
        what: say.text("stopped all changes for 25 minutes"),
        why: say.some("Duplicate appointments"),
    }];
    Emergency { frame: say.frame(Section::Other), version: 3, writers: Count(5), history }
}

pub fn emergency_stopped(say: &Say<'_>) -> Emergency {
    let mut page = emergency(say);
    page.frame.writes_stopped = say.stopped();
    page
}

pub fn problem(say: &Say<'_>) -> ProblemPage {
    ProblemPage {
        frame: say.frame(Section::Other),
        status: 404,
        title: say.text("There is no such page"),
        what_to_do: say
            .text("The link may be old, or the connection may belong to another clinic. Go home and look for it there."),
        request_id: say.some("req_01k9zq4f"),
    }
}

const BODY: &str = r#"<p>You make a key, copy one line into a terminal, and see invoices of the sandbox. It takes about three minutes, and nothing real is touched.</p>
<h2>1. Make a key</h2>
<p>Open <a href="/console/keys/new">New connection</a>, give it a name, and tick <strong>Can see</strong> beside <em>Invoices</em>. The key is shown once.</p>
<h2>2. Call</h2>
<pre><code>curl https://localhost:8443/v1/invoices?limit=3 \
  -H "Authorization: Bearer clk_test_…"</code></pre>
<p>The answer is a page of invoices. A field that your key may not see is left out, and <code>Clinicos-Omitted</code> says so.</p>
<pre><code>{
  "data": [
    { "id": "inv_01k9x3", "number": "2026-1042", "total": { "amount": 8450, "currency": "EUR" }, "status": "open" }
  ],
  "next_cursor": null
}</code></pre>
<blockquote><p>Money is a whole number of cents beside its currency.</p></blockquote>
<h2>3. When it is refused</h2>
<p>Every refusal says what is missing and who can grant it.</p>
<table><thead><tr><th scope="col">Status</th><th scope="col">Means</th><th scope="col">Do</th></tr></thead><tbody>
<tr><td>401</td><td>No key, or not a valid one</td><td>Send the header</td></tr>
<tr><td>403</td><td>The key may not do this</td><td>Ask the clinic</td></tr>
<tr><td>429</td><td>Too many calls</td><td>Wait as long as <code>Retry-After</code> says</td></tr></tbody></table>
<ul><li>Try again only what is safe to try again.</li><li>Send an <code>Idempotency-Key</code> with every change.</li></ul>"#;

pub fn docs(say: &Say<'_>) -> Docs {
    let link = |title: &str, href: &str, current: bool| DocLink { title: say.text(title), href: say.text(href), current };
    let section = |title: &str, links: Vec<DocLink>| DocSection { title: say.text(title), links };
    let mut frame = say.frame(Section::Help);
    frame.sandbox = false;
    Docs {
        frame,
        title: say.text("Your first call"),
        sections: vec![
            section(
                "Start",
                vec![
                    link("What it is", "/docs", false),
                    link("Your first call", "/docs/first-call", true),
                    link("The sandbox", "/docs/sandbox", false),
                ],
            ),
            section(
                "For clinics",
                vec![
                    link("Connections and keys", "/docs/connections", false),
                    link("Who saw what", "/docs/log", false),
                    link("Emergency switch", "/docs/emergency", false),
                ],
            ),
            section(
                "For developers",
                vec![
                    link("Reference", "/docs/reference", false),
                    link("Errors", "/docs/errors", false),
                    link("Limits", "/docs/limits", false),
                ],
            ),
        ],
        body: TrustedHtml::of_own_markdown(BODY),
        previous: Some(link("What it is", "/docs", false)),
        next: Some(link("The sandbox", "/docs/sandbox", false)),
        markdown_href: say.some("/docs/first-call.md"),
    }
}
