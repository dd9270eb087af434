// A form that saves itself, and a text that is shown as it will look. Without this the buttons do the same.
"use strict";

const wait = 1500; // ms without a key before a text is sent
const retry = 10000;

for (const form of document.querySelectorAll("form[data-saves]")) {
  const said = form.querySelector(".saved");
  let timer = 0;
  let dirty = false;
  let busy = false;
  let stopped = false;

  const send = async () => {
    if (busy || !dirty || stopped) return;
    busy = true;
    dirty = false;
    said.textContent = form.dataset.saves;
    const body = new URLSearchParams(new FormData(form));
    body.set("auto", "1");
    let answer = null;
    try {
      const got = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (got.headers.get("Content-Type")?.startsWith("application/json")) answer = await got.json();
    } catch { /* no connection: the words below say so, and it is tried again */ }
    busy = false;
    if (answer?.saved) {
      said.textContent = answer.saved;
      for (const [name, value] of Object.entries(answer.carry ?? {})) form.elements.namedItem(name).value = value;
      if (dirty) later(wait);
    } else if (answer?.refused) {
      said.textContent = answer.refused;
      stopped = true; // the button shows what stands against what
    } else {
      said.textContent = form.dataset.fails;
      dirty = true;
      later(retry);
    }
  };
  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  };
  form.addEventListener("input", () => {
    dirty = true;
    later(wait);
  });
  let leaving = false;
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
}

for (const area of document.querySelectorAll("textarea[data-preview]")) {
  const shown = document.getElementById("preview");
  if (!shown) continue;
  let timer = 0;
  let asked = 0;
  const draw = async () => {
    const turn = ++asked;
    const body = new URLSearchParams({ text: area.value });
    const got = await fetch(area.dataset.preview, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (!got?.ok || turn !== asked) return;
    const answer = await got.json();
    // The server made this of Markdown in which no markup of the author's survives.
    shown.querySelector("[data-made]").innerHTML = answer.html;
    shown.querySelector("[data-problems]").replaceChildren(...answer.problems.map((words) => {
      const line = document.createElement("li");
      line.textContent = words;
      return line;
    }));
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 400);
  });
}

// A sample of each kind of question, put where the cursor stands.
for (const button of document.querySelectorAll("button[data-sample]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const area = document.getElementById(button.dataset.into);
    const before = area.value.trim() === "" ? "" : area.value.replace(/\n*$/, "\n\n");
    area.value = before + button.dataset.sample;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
