//! The pages at `/docs`.

use clinicos_contract::problem;
use clinicos_testkit::{Call, Reply, on_both_engines};

on_both_engines! {
    /// Every page of the documentation is listed, public, the same in Markdown, and leaves no cookie.
    async fn documentation_is_public(world: World) {
        let list = world.send(Call::get("/llms.txt")).await.expect(200);
        let list = String::from_utf8_lossy(&list.bytes).into_owned();
        let pages: Vec<&str> = list.split("](http://clinicos.test").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(pages.len() > 15 && pages.contains(&"/docs/get-started.md") && pages.contains(&"/docs/reference/invoices.md"), "{list}");
        for twin in pages.iter().filter(|page| page.ends_with(".md")) {
            let markdown = world.send(Call::get(*twin)).await.expect(200);
            let markdown = String::from_utf8_lossy(&markdown.bytes).into_owned();
            let title = markdown.lines().next().unwrap().strip_prefix("# ").unwrap();
            let reply = world.send(Call::get(twin.strip_suffix(".md").unwrap())).await.expect(200);
            let page = String::from_utf8_lossy(&reply.bytes).into_owned();
            assert!(page.contains("<h1") && page.contains(&title.replace('\'', "&#39;")) && !page.contains("<script>"), "{twin}");
            assert!(reply.headers.get("set-cookie").is_none(), "{twin}");
            for link in markdown.split("](/docs").skip(1).filter_map(|rest| rest.split(')').next()) {
                world.send(Call::get(format!("/docs{link}"))).await.expect(200);
            }
            assert!(!twin.starts_with("/docs/problems/") || !markdown.contains("```"), "{twin} has samples, which no test runs");
            assert!(page.contains(&format!("href=\"{twin}\"")), "{twin} is not linked");
        }
        let text = |reply: Reply| String::from_utf8_lossy(&reply.bytes).into_owned();
        for code in problem::ALL {
            assert!(pages.contains(&&*format!("/docs/problems/{}.md", code.name)), "{} is not listed", code.name);
        }
        let index = text(world.send(Call::get("/docs/index.md")).await.expect(200));
        assert_eq!(text(world.send(Call::get("/docs.md")).await.expect(200)), index);
    }

    /// The reference says what is on a page and what words mean.
    async fn a_reference_page_begins_with_its_contents(world: World) {
        for path in ["/docs/reference/payments", "/docs/reference/patients", "/docs/reference/imports"] {
            let page = world.send(Call::get(path)).await.expect(200);
            let page = String::from_utf8_lossy(&page.bytes).into_owned();
            let contents = page.split_once("id=\"on-this-page\"").unwrap().1.split("</ul>").next().unwrap().to_owned();
            let links: Vec<&str> = contents.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert!(links.len() > 3, "{contents}");
            for link in links {
                assert_eq!(page.matches(&format!("id=\"{link}\"")).count(), 1, "{path}#{link}");
            }
        }
        let page = world.send(Call::get("/docs/reference/payments.md")).await.expect(200);
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        for words in ["- `ach`: a transfer between bank accounts", "- `e_transfer`: a transfer", "- `partially_refunded`: part was paid back"] {
            assert!(page.contains(words), "no {words}: {page}");
        }
    }

    async fn where_no_help_page_is_there_are_links_to_those_that_are(world: World) {
        for path in ["/docs/nothing", "/docs/reference/nothing"] {
            let reply = world.send(Call::get(path)).await.expect(404);
            let page = String::from_utf8_lossy(&reply.bytes).into_owned();
            assert!(page.contains("There is no such help page") && page.contains("href=\"/docs/stop-a-connection\""), "{page}");
        }
        for path in ["/docs/problems/nothing", "/docs/a/b/c"] {
            let reply = world.send(Call::get(path).header("accept", "text/html")).await.expect(404);
            assert!(String::from_utf8_lossy(&reply.bytes).contains("There is no such help page"), "{path}");
        }
        for path in ["/docs/nothing.md", "/docs/reference/nothing.md"] {
            let reply = world.send(Call::get(path).header("accept", "text/html")).await.expect(404);
            assert!(reply.header("content-type").starts_with("text/markdown"), "{path}");
            assert!(String::from_utf8_lossy(&reply.bytes).starts_with("# There is no such help page\n"), "{path}");
        }
    }
}
