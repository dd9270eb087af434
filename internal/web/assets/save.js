// A form that saves itself while it is filled in, and a clock that runs down. Without this the buttons do the same.
"use strict";

const wait = 1500; // ms without a key before a text is sent
const retry = 10000;
const patience = 20000; // with a connection that says nothing

for (const form of document.querySelectorAll("form[data-saves]")) {
  const said = form.querySelector(".saved");
  let timer = 0;
  let dirty = false;
  let stopped = false;
  let leaving = false;
  let sending = null; // what is on its way

  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => { sending ??= send().finally(() => { sending = null; }); }, ms);
  };
  const send = async () => {
    if (!dirty || stopped || leaving) return;
    dirty = false;
    said.textContent = form.dataset.saves;
    const body = new URLSearchParams(new FormData(form));
    body.set("auto", "1");
    let answer = null;
    try {
      const got = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) });
      if (got.headers.get("Content-Type")?.startsWith("application/json")) answer = await got.json();
    } catch { /* no connection: the words below say so, and it is tried again */ }
    for (const [name, value] of Object.entries(answer?.carry ?? {})) form.elements.namedItem(name).value = value;
    if (answer?.saved || answer?.refused) {
      said.textContent = answer.saved ?? answer.refused;
      stopped = answer.stop === true; // it can't be saved any more: the button shows what stands against what
    } else {
      said.textContent = form.dataset.fails;
      dirty = true;
    }
    if (dirty) later(answer ? wait : retry);
  };
  form.addEventListener("input", () => {
    dirty = true;
    later(wait);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    leaving = true;
    if (!sending) return;
    // What is on its way was written before: it has to arrive before what is sent now.
    event.preventDefault();
    sending.finally(() => form.requestSubmit(event.submitter));
  });
  addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
}

// The time that is left, and the form that is handed in when it is up. The server keeps the time; this only shows it.
for (const clock of document.querySelectorAll("[data-left]")) {
  const end = performance.now() + Number(clock.dataset.left) * 1000;
  const shown = clock.querySelector("[data-clock]");
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const pad = (n) => String(n).padStart(2, "0");
    shown.textContent = (left >= 3600 ? Math.floor(left / 3600) + ":" + pad(Math.floor(left / 60) % 60) : Math.floor(left / 60)) + ":" + pad(left % 60);
    clock.classList.toggle("short", left <= 60);
    if (left > 0) {
      setTimeout(tick, 1000 - (performance.now() % 1000));
      return;
    }
    const form = document.querySelector("form[data-saves]");
    const button = form?.querySelector("button[data-last]");
    if (button) form.requestSubmit(button);
  };
  clock.hidden = false;
  tick();
}
