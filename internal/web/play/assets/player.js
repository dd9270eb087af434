// Gives a package the API that it looks for, and passes on what it says. On the page of an origin of its own the package lies in a frame below. Where
// there is none this stands in each of the package's pages, none of which can look into another: each has an API of its own, what the first page has to
// know stands in its frame's name, and pages in frames below learn it from the page above and tell it what they say, by messages.
(() => {
  "use strict";
  const { main, version, end } = document.currentScript.dataset;
  const alone = end !== undefined;
  const above = parent; // a package's page sees another one under this name, below
  const below = alone && above !== top;
  const old = version === "1.2";
  const says = old ? { begin: "LMSInitialize", set: "LMSSetValue", commit: "LMSCommit", end: "LMSFinish" } : { begin: "Initialize", set: "SetValue", commit: "Commit", end: "Terminate" };
  const form = /^-?\d{1,12}(\.\d{1,12})?$/;
  const time = /^(\d{2,6}:\d\d:\d\d(\.\d{1,2})?|P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d{1,2})?S)?)?)$/;

  // Packages write ".5" and "7." too.
  const number = (v) => {
    const text = String(v ?? "").trim();
    if (text === "" || !Number.isFinite(Number(text))) return "";
    return form.test(text) ? text : form.test(String(Number(text))) ? String(Number(text)) : "";
  };
  const score = (s) => ({ raw: number(s?.raw), min: number(s?.min), max: number(s?.max), scaled: number(s?.scaled) });
  const list = (o) => Object.values(o ?? {}).slice(0, 100);

  const api = old ? new Scorm12API({ autocommit: false, logLevel: 5 }) : new Scorm2004API({ autocommit: false, logLevel: 5 });
  const name = old ? "API" : "API_1484_11";

  const load = (given) => {
    const { cmi } = given;
    const fresh = !cmi.status && !cmi.location && !cmi.suspend;
    const entry = fresh ? "ab-initio" : cmi.exit === "suspend" || cmi.status === "incomplete" ? "resume" : "";
    if (old) {
      api.loadFromJSON({
        core: { student_id: given.learner, lesson_location: cmi.location, lesson_status: cmi.status, credit: "credit", lesson_mode: "normal", entry, score: cmi.score, total_time: cmi.time },
        suspend_data: cmi.suspend, launch_data: given.data, student_data: { mastery_score: given.mastery },
        objectives: list(cmi.objectives).map((o) => ({ id: o.id, status: o.status, score: o.score })),
      }, "cmi");
    } else {
      api.loadFromJSON({
        learner_id: given.learner, location: cmi.location, completion_status: cmi.status, success_status: cmi.success, credit: "credit", mode: "normal", entry, score: cmi.score,
        total_time: cmi.time, suspend_data: cmi.suspend, launch_data: given.data, progress_measure: cmi.progress,
        objectives: list(cmi.objectives).map((o) => ({ id: o.id, completion_status: o.status, success_status: o.success, score: o.score })),
      }, "cmi");
    }
  };

  let mastery = ""; // the score that passes
  let ended = false;
  // outcome is a status of SCORM 1.2 as its end makes it (RTE 3.4.4.2): a score decides where one is to be reached, and who says nothing has completed it.
  const outcome = ({ lesson_status: status, score: { raw } }) => {
    if (!ended) return String(status);
    if (mastery !== "" && number(raw) !== "") return Number(raw) >= Number(mastery) ? "passed" : "failed";
    return !status || status === "not attempted" ? "completed" : String(status);
  };

  const told = () => {
    const all = api.renderCommitCMI(true).cmi;
    const core = old ? all.core : all;
    const spent = String(core.total_time ?? "");
    return {
      status: old ? outcome(core) : String(core.completion_status), success: old ? "" : String(core.success_status),
      location: String((old ? core.lesson_location : core.location) ?? ""), exit: String(core.exit ?? ""), suspend: String(all.suspend_data ?? ""),
      time: time.test(spent) ? spent : "", progress: old ? "" : number(core.progress_measure), score: score(core.score),
      objectives: list(all.objectives).map((o) => ({ id: String(o.id ?? ""), status: String((old ? o.status : o.completion_status) ?? ""), success: old ? "" : String(o.success_status ?? ""), score: score(o.score) })),
    };
  };

  // begin plays a package from what is given, and passes on what it says.
  const begin = (given) => {
    let seq = given.seq ?? 0;
    let timer = 0;
    let dirty = false;
    let closed = true;
    let words = null;
    // A page that is going can't be sure that its words arrive above: then they go the straight way too.
    const pass = (last) => {
      clearTimeout(timer);
      if (!dirty && (!last || closed)) return;
      if (dirty) words = { seq: ++seq, cmi: told() };
      dirty = false;
      closed = last === true;
      if (alone) window.name = JSON.stringify({ ...given, ...words });
      above.postMessage({ ticket: given.ticket, last, ...words }, main);
      if (last && given.kept) navigator.sendBeacon(end ?? "/end", JSON.stringify({ ticket: given.ticket, ...words }));
    };
    load(given);
    mastery = String(given.mastery ?? "");
    api.on(says.set, () => {
      dirty = true;
      closed = false;
      clearTimeout(timer);
      timer = setTimeout(pass, 50);
    });
    api.on(says.commit, () => pass());
    api.on(says.end, () => {
      dirty = ended = true; // to end may set a status
      pass(true);
    });
    addEventListener("pagehide", () => pass(true));
  };

  if (!alone) {
    const ticket = location.hash.slice(1);
    let opened = false;
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== above || origin !== main || data?.ticket !== ticket || !data.open || opened) return;
      const at = new URL(data.open.launch, location.href);
      if (at.origin !== location.origin || !at.pathname.startsWith("/b/")) return;
      opened = true;
      begin({ ...data.open, ticket });
      window[name] = api;
      const frame = document.createElement("iframe");
      document.documentElement.lang = data.open.lang;
      frame.title = document.title = data.open.title;
      frame.allow = "fullscreen";
      frame.src = at.href;
      document.body.append(frame);
    });
    above.postMessage({ ticket, ready: true }, main);
    return;
  }

  // From here on: a page of a package without an origin.
  const native = new Set(Object.getOwnPropertyNames(window));
  const mark = "scorm-page";
  let given = null;
  let nameless = window.name === "";
  let shared = { calls: [], values: {} }; // what the pages above have by name
  try {
    const was = JSON.parse(window.name);
    if (below && was.mark === mark) {
      ({ given, shared } = was);
      nameless = true;
    } else if (!below) given = was;
  } catch { /* looked at by itself, or a frame that has a name */ }
  const plain = (v) => {
    try {
      return JSON.parse(JSON.stringify(v ?? null));
    } catch {
      return null;
    }
  };
  const up = (message) => {
    if (below) above.postMessage({ mark, ...message }, "*");
  };

  // What pages above have: their functions can be called, though what they give back does not come, and their plain values read.
  const page = new Proxy({}, {
    get(_, key) {
      if (key === name) return api;
      if (["parent", "top", "self", "window", "opener"].includes(key)) return key === "opener" ? null : page;
      if (key === "postMessage") return (...args) => above.postMessage(...args);
      if (shared.calls.includes(key)) return (...args) => up({ call: key, args: args.map(plain) });
      return Object.hasOwn(shared.values, key) ? shared.values[key] : undefined;
    },
    set(_, key, value) {
      shared.values[key] = value;
      up({ put: String(key), value: plain(value) });
      return true;
    },
    has: (_, key) => key === name || shared.calls.includes(key) || Object.hasOwn(shared.values, key),
  });
  Object.defineProperty(window, "parent", { value: page, configurable: true, writable: true });
  window[name] = api;

  // What this page has for those below it, and they for it.
  const has = () => {
    const out = { calls: [...shared.calls], values: { ...shared.values } };
    for (const key of Object.keys(window)) {
      if (native.has(key) || key === name || /^\d+$/.test(key)) continue;
      const v = window[key];
      if (typeof v === "function") out.calls.push(key);
      else if (["string", "number", "boolean"].includes(typeof v)) out.values[key] = v;
    }
    return out;
  };
  const frames = () => [...document.querySelectorAll("iframe, frame")];
  const seed = () => ({ mark, given: given && { ...given, cmi: told() }, shared: has() });
  const share = () => {
    const words = seed();
    for (const f of frames()) f.contentWindow?.postMessage(words, "*");
  };
  addEventListener("load", share);

  let echo = false; // what is only repeated here was told already
  let early = []; // said before it was known where the learner stands
  for (const method of Object.values(says)) {
    api.on(method, (element, value) => {
      if (!below || echo) return;
      const said = { api: method, args: method === says.set ? [String(element), String(value)] : [""] };
      if (given) up(said);
      else early.push(said);
    });
  }
  const learn = (data) => {
    shared = data.shared;
    const late = !given && data.given && early.length > 0;
    if (nameless) window.name = JSON.stringify(data);
    if (late && nameless) {
      location.reload(); // it asked too early, and asks again
      return;
    }
    if (!given && data.given && !late) load(data.given);
    given = data.given;
    early.forEach(up);
    early = [];
    share();
  };
  addEventListener("message", (event) => {
    const { source, data } = event;
    if (data?.mark !== mark) return;
    event.stopImmediatePropagation();
    if (below && source === above) {
      learn(data);
      return;
    }
    if (!frames().some((f) => f.contentWindow === source)) return;
    if (data.hello) {
      source.postMessage(seed(), "*");
    } else if (data.put !== undefined) {
      if (native.has(data.put)) return;
      if (Object.hasOwn(window, data.put) || !below) window[data.put] = data.value;
      else up(data);
    } else if (data.call !== undefined) {
      if (!native.has(data.call) && typeof window[data.call] === "function") window[data.call](...data.args);
      else up(data);
      share();
    } else if (Object.values(says).includes(data.api)) {
      echo = below;
      if (data.api !== says.begin && !api.isInitialized()) api[says.begin]("");
      api[data.api](...data.args);
      echo = false;
      if (below) up(data);
    }
  });
  if (below) {
    if (given) load(given);
    up({ hello: true });
  } else if (given) {
    begin(given);
    above.postMessage({ ticket: given.ticket, ready: true }, main);
  }
})();
