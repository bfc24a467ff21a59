// Accessibility, as axe sees it: every rule, those that are off by default included where WCAG 2.2 AA has them.
import axe from "axe-core";

/** Violations on the page as it is now, a line each. */
export async function violations(page) {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const options = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } };
    const found = await globalThis.axe.run(document, options);
    return found.violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  });
}
