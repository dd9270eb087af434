// Everything here only improves: each page works without it.
"use strict";

// A form that came back with faults: go to them, as a reader without a mouse would want.
const faults = document.querySelector("[data-focus]");
if (faults) faults.focus();

// A password can be looked at while it is typed.
for (const box of document.querySelectorAll(".secret")) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "show";
  button.setAttribute("aria-controls", input.id);
  const say = () => { button.textContent = input.type === "password" ? box.dataset.show : box.dataset.hide; };
  button.addEventListener("click", () => {
    input.type = input.type === "password" ? "text" : "password";
    say();
  });
  input.form?.addEventListener("submit", () => { input.type = "password"; });
  say();
  box.append(button);
}

// A field with suggestions. The server understands what was typed; a choice from the list only makes it certain.
for (const input of document.querySelectorAll("input[data-source]")) {
  const list = document.createElement("datalist");
  list.id = input.id + "-list";
  input.after(list);
  input.setAttribute("list", list.id);
  input.autocomplete = "off";
  const code = input.form?.elements.namedItem(input.name + "_code");
  const codes = new Map();
  let timer = 0;
  let asked = "";
  const ask = async () => {
    const words = input.value.trim();
    if (words.length < 2 || words === asked || codes.has(words)) return;
    asked = words;
    const answer = await fetch(input.dataset.source + "?q=" + encodeURIComponent(words)).catch(() => null);
    if (!answer?.ok || asked !== words) return;
    codes.clear();
    list.replaceChildren(...(await answer.json()).map((found) => {
      codes.set(found.text, found.value);
      const option = document.createElement("option");
      option.value = found.text;
      return option;
    }));
  };
  input.addEventListener("input", () => {
    if (code) code.value = codes.get(input.value) ?? "";
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  });
}
