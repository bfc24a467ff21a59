//! The few pages that stand without a console: a welcome, and one for each problem code.

use clinicos_contract::Code;
use clinicos_gate::Services;

/// Where a newcomer goes from here.
pub fn welcome(services: &Services) -> String {
    let sandbox = match services.environment {
        clinicos_gate::Environment::Sandbox => "<p>This is a sandbox: its data is synthetic.</p>",
        clinicos_gate::Environment::Live => "",
    };
    page(
        "ClinicOS OpenAPI",
        &format!(
            "<h1>ClinicOS OpenAPI</h1>{sandbox}<p>The governed doorway to a clinic's data.</p>\
             <ul><li><a href=\"/v1/openapi.json\">OpenAPI 3.1 document</a></li>\
             <li>Send a key as <code>Authorization: Bearer</code> and call <code>GET /v1/invoices</code>.</li></ul>"
        ),
    )
}

/// The page that a problem's `type` leads to.
pub fn problem(code: &Code) -> String {
    let body = format!(
        "<p><a href=\"/\">ClinicOS OpenAPI</a></p><h1>{}</h1><p><code>{}</code> · HTTP {}</p><p>{}</p>",
        code.title,
        code.name,
        code.status,
        code_spans(code.help)
    );
    page(code.title, &body)
}

/// Text of the table with `code` in backticks. The table is this program's own, so it holds no markup.
fn code_spans(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;\
         color-scheme:light dark}}code{{font-size:.95em}}</style></head><body>{body}</body></html>"
    )
}
