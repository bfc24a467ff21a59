pub fn run(_: Vec<String>) -> anyhow::Result<()> {
    Ok(())
}
