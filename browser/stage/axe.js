// Accessibility, as axe sees it: every rule, those that are off by default included where WCAG 2.2 AA has them.
import axe from "axe-core";

/** Violations on the page as it is now, a line each. `rules`: only these; without it, all. */
export async function violations(page, rules) {
  await page.evaluate(`globalThis.axe ?? (() => { ${axe.source} })()`);
  return page.evaluate(async (rules) => {
    const which = rules ? { runOnly: rules } : { rules: { "target-size": { enabled: true } } };
    const found = await globalThis.axe.run(document, { resultTypes: ["violations"], ...which });
    return found.violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  }, rules);
}
