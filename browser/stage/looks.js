// How a page is looked at: light and dark, wide and narrow.
import { violations } from "./axe.js";
import { sideways } from "./scene.js";

export const NARROW = { width: 320, height: 800 };
const WIDE = { width: 1280, height: 900 };
/** Themes differ in colors alone: every rule is asked in the light, and in the dark those about colors. */
const RULES = { light: undefined, dark: ["color-contrast", "link-in-text-block"] };

/**
 * What is wrong with the page that is open: axe in light and dark at both widths, and no sideways scrolling.
 * A page that is `alike` to another one in all but its words is looked at once at each width, light then dark.
 */
export async function faultsOf(page, { name, alike = false }) {
  const faults = [];
  for (const viewport of [WIDE, NARROW]) {
    await page.setViewportSize(viewport);
    const theme = viewport === WIDE ? "light" : "dark";
    for (const [colorScheme, rules] of Object.entries(RULES).filter(([scheme]) => !alike || scheme === theme)) {
      await page.emulateMedia({ colorScheme });
      const found = await violations(page, rules);
      faults.push(...found.map((violation) => `${name}, ${colorScheme}, ${viewport.width} px: ${violation}`));
    }
    const wide = await sideways(page);
    if (wide) faults.push(`${name} scrolls sideways at ${viewport.width} px: ${wide}`);
  }
  return faults;
}
