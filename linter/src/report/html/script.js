// Filters the findings. Without it the page shows all of them; nothing else depends on it.
"use strict";
const form = document.querySelector("form");
const status = document.querySelector("#status");
const findings = [...document.querySelectorAll("article")];

const apply = () => {
  const chosen = new FormData(form);
  const kinds = chosen.getAll("kind");
  const rule = chosen.get("rule");
  const plan = chosen.get("plan");
  const words = chosen.get("words").toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const one of findings) {
    const text = one.textContent.toLowerCase();
    const fits = kinds.includes(one.dataset.kind) && (!rule || one.dataset.rule === rule)
      && (!plan || one.dataset.plan === plan) && words.every((word) => text.includes(word));
    one.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  for (const group of document.querySelectorAll("details.rule, section.plan")) {
    const members = [...group.querySelectorAll("article")];
    group.hidden = members.length > 0 && members.every((one) => one.hidden);
  }
  status.textContent = `${shown} of ${findings.length} shown`;
};

if (form) {
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
}
