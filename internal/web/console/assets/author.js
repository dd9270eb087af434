// A text is shown as it will look while it is typed. Without this the button does the same.
"use strict";

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
