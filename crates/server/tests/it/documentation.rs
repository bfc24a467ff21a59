//! The pages at `/docs`.

use clinicos_testkit::{Call, on_both_engines};

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
            assert!(page.contains("<h1") && page.contains(title) && !page.contains("<script>"), "{twin}");
            assert!(reply.headers.get("set-cookie").is_none(), "{twin}");
            for link in markdown.split("](/docs").skip(1).filter_map(|rest| rest.split(')').next()) {
                world.send(Call::get(format!("/docs{link}"))).await.expect(200);
            }
        }
    }
}
