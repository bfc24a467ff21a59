//! The few pages that stand beside the documentation: a welcome, and one for each problem code.

use clinicos_console::web::beside;
use clinicos_contract::Code;
use clinicos_gate::Door;

const WELCOME: &str = "\
The clean doorway to a clinic's data: partners work through one API, and the clinic decides and sees what they do.

- **You look after a clinic:** [open the console](/console), and see what is connected and what it did.
- **You build for clinics:** [make a first call](/docs/get-started), or look into the [reference](/docs/reference). \
The whole API is also one [OpenAPI 3.1 document](/v1/openapi.json).
";

/// Where a newcomer goes from here.
pub fn welcome(door: &dyn Door) -> String {
    beside(door, "ClinicOS OpenAPI", WELCOME, None)
}

/// The page that a problem's `type` leads to.
pub fn problem(door: &dyn Door, code: &Code) -> String {
    beside(door, code.title, &problem_text(code), Some(format!("/docs/problems/{}.md", code.name)))
}

/// The same as Markdown.
pub fn problem_markdown(code: &Code) -> String {
    format!("# {}\n\n{}", code.title, problem_text(code))
}

fn problem_text(code: &Code) -> String {
    format!(
        "`{}`, HTTP status {}.\n\n{}\n\nEvery problem has this form: [Errors](/docs/errors).\n",
        code.name, code.status, code.help
    )
}
