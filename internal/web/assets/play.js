// A lesson that is a package plays in a frame of another origin. It speaks to this page, which keeps what it says: every ten seconds at most, and the
// last of it when the page goes.
"use strict";

const pause = 10000; // ms between two savings
const carried = 60000; // bytes that a browser sends for a page that is gone

for (const box of document.querySelectorAll("[data-play]")) {
  const given = JSON.parse(box.dataset.play);
  const place = box.querySelector("iframe");
  const frame = place.cloneNode(); // a frame has the name with which it is made
  const said = box.querySelector(".saved");
  let waiting = ""; // what is not kept yet
  let busy = false;
  let stopped = !given.commit;
  let timer = 0;
  let sentAt = -pause;

  const send = async () => {
    clearTimeout(timer);
    if (busy || stopped || !waiting) return;
    busy = true;
    const body = waiting;
    sentAt = performance.now();
    said.textContent = box.dataset.saves;
    let answer = null;
    try {
      const got = await fetch(given.commit, { method: "POST", body, headers: { "Content-Type": "text/plain" } });
      if (got.headers.get("Content-Type")?.startsWith("application/json")) answer = await got.json();
    } catch { /* no connection: the words below say so, and it is tried again */ }
    busy = false;
    if (answer?.refused) {
      said.textContent = answer.refused;
      stopped = answer.over === true;
    } else {
      said.textContent = answer?.saved ?? box.dataset.fails;
    }
    if (answer && waiting === body) waiting = "";
    if (waiting) later();
  };
  const later = () => {
    clearTimeout(timer);
    const wait = waiting.length > carried / 3 ? 0 : pause;
    timer = setTimeout(send, Math.max(0, sentAt + wait - performance.now()));
  };

  addEventListener("message", ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== given.origin || data?.ticket !== given.ticket) return;
    box.dataset.heard = "1";
    if (data.ready && !given.alone) source.postMessage({ ticket: given.ticket, open: given.open }, given.origin);
    if (data.cmi && !stopped) {
      waiting = JSON.stringify({ ticket: given.ticket, seq: data.seq, cmi: data.cmi });
      if (data.last) sentAt = -pause;
      later();
    }
  });
  addEventListener("pagehide", () => {
    if (waiting && !stopped && navigator.sendBeacon(given.commit, waiting)) waiting = "";
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) send(); // a phone may end a page that nobody sees
  });
  addEventListener("beforeunload", (event) => {
    if (stopped || new Blob([waiting]).size < carried) return;
    send();
    event.preventDefault(); // more than a browser would send afterwards
  });

  const whole = box.querySelector("[data-whole]");
  const words = [whole.textContent, whole.dataset.whole];
  whole.hidden = false;
  whole.addEventListener("click", () => {
    whole.textContent = words[box.classList.toggle("whole") ? 1 : 0];
  });
  if (given.alone) frame.name = JSON.stringify({ ticket: given.ticket, seq: 0, ...given.open });
  frame.src = given.src;
  place.replaceWith(frame);
}
