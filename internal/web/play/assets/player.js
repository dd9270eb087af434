// Gives a package the API that it looks for, and passes on what it says. On the page of an origin of its own the package lies in a frame below; where
// there is none, this stands in each of the package's pages, and what is to be remembered stands in the frame's name.
(() => {
  "use strict";
  const { main, version, alone } = document.currentScript.dataset;
  if (alone && parent !== top) return; // a frame within the package
  const old = version === "1.2";
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

  const begin = (given) => {
    const { cmi } = given;
    const fresh = !cmi.status && !cmi.location && !cmi.suspend;
    const entry = fresh ? "ab-initio" : cmi.exit === "suspend" || cmi.status === "incomplete" ? "resume" : "";
    const api = old ? new Scorm12API({ autocommit: false, autoCompleteLessonStatus: true, logLevel: 5 }) : new Scorm2004API({ autocommit: false, logLevel: 5 });
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

    let seq = given.seq ?? 0;
    let timer = 0;
    let dirty = false;
    let closed = true;
    let words = null;
    const told = () => {
      const all = api.renderCommitCMI(true).cmi;
      const core = old ? all.core : all;
      const spent = String(core.total_time ?? "");
      return {
        status: String(old ? core.lesson_status : core.completion_status), success: old ? "" : String(core.success_status),
        location: String((old ? core.lesson_location : core.location) ?? ""), exit: String(core.exit ?? ""), suspend: String(all.suspend_data ?? ""),
        time: time.test(spent) ? spent : "", progress: old ? "" : number(core.progress_measure), score: score(core.score),
        objectives: list(all.objectives).map((o) => ({ id: String(o.id ?? ""), status: String((old ? o.status : o.completion_status) ?? ""), success: old ? "" : String(o.success_status ?? ""), score: score(o.score) })),
      };
    };
    // A page that is going can't be sure that its words arrive above: then they go the straight way too.
    const pass = (last) => {
      clearTimeout(timer);
      if (!dirty && (!last || closed)) return;
      if (dirty) words = { seq: ++seq, cmi: told() };
      dirty = false;
      closed = last === true;
      if (alone) window.name = JSON.stringify({ ...given, ...words });
      parent.postMessage({ ticket: given.ticket, last, ...words }, main);
      if (last && !alone && given.view) navigator.sendBeacon("/end/" + given.ticket, JSON.stringify({ view: given.view, ...words }));
    };
    const changed = () => {
      dirty = true;
      closed = false;
      clearTimeout(timer);
      timer = setTimeout(pass, 50);
    };
    api.on(old ? "LMSSetValue" : "SetValue", changed);
    api.on(old ? "LMSCommit" : "Commit", () => pass());
    api.on(old ? "LMSFinish" : "Terminate", () => {
      dirty = true; // to end may set a status
      pass(true);
    });
    addEventListener("pagehide", () => pass(true));
    window[old ? "API" : "API_1484_11"] = api;
  };

  if (alone) {
    try {
      begin(JSON.parse(window.name));
    } catch { /* it is looked at by itself: nobody is there to be told anything */ }
    return;
  }
  const ticket = location.hash.slice(1);
  let opened = false;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || origin !== main || data?.ticket !== ticket || !data.open || opened) return;
    const at = new URL(data.open.launch, location.href);
    if (at.origin !== location.origin || !at.pathname.startsWith("/b/")) return;
    opened = true;
    begin({ ...data.open, ticket });
    const frame = document.createElement("iframe");
    document.documentElement.lang = data.open.lang;
    frame.title = document.title = data.open.title;
    frame.allow = "fullscreen";
    frame.src = at.href;
    document.body.append(frame);
  });
  parent.postMessage({ ticket, ready: true }, main);
})();
