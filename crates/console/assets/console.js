// Adds what plain HTML cannot do. Every page works without it.
"use strict";
// What says that it goes on by itself shows only where it does.
document.documentElement.classList.add("scripted");
function copies(button, field) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText("value" in field ? field.value : field.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  if (field && navigator.clipboard) copies(button, field);
}
// Samples of the documentation.
for (const sample of navigator.clipboard ? document.querySelectorAll(".prose pre") : []) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn slim copy";
  button.textContent = "Copy";
  sample.before(button);
  copies(button, sample);
}
// A page that is made to be printed.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => { window.print(); });
}
// A menu closes on Escape and when the visitor goes elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
