/* Conveniences of the portal; every page works without them, and the server decides everything again. */
(function () {
  "use strict";

  const root = document.documentElement;
  root.classList.add("js");

  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const build = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  };
  const button = (text, className, onClick) => {
    const node = build("button", "button small " + (className || ""), text);
    node.type = "button";
    node.addEventListener("click", onClick);
    return node;
  };
  const cookie = (name) => {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(name + "="));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
  };
  const clockText = (date) => date.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });

  /* --- small things --- */

  function countCharacters(area) {
    const note = document.getElementById(area.id + "-count");
    if (!note) return;
    const most = Number(area.dataset.maxLength);
    const update = () => {
      const used = Array.from(area.value.replace(/\r\n/g, "\n")).length;
      note.classList.toggle("is-over", used > most);
      note.textContent = used > most ? `超出 ${used - most} 字（最多 ${most} 字）` : `已填 ${used} 字，最多 ${most} 字`;
    };
    area.addEventListener("input", update);
    update();
  }

  function guardDoubleSubmit(form) {
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      if (form.dataset.submitting) {
        event.preventDefault();
        return;
      }
      form.dataset.submitting = "1";
      // After the browser has read which button was pressed.
      setTimeout(() => all("button[type=submit], button:not([type])", form).forEach((node) => node.setAttribute("aria-busy", "true")), 0);
      setTimeout(() => releaseForm(form), 15000);
    });
  }

  function releaseForm(form) {
    delete form.dataset.submitting;
    all("[aria-busy]", form).forEach((node) => node.removeAttribute("aria-busy"));
  }

  /* How many radios of one value are chosen in the form: 已选“同意”2个，最多3个. */
  function countChoices(note) {
    const form = note.closest("form");
    const most = Number(note.dataset.most);
    const update = () => {
      const chosen = all(`input[type=radio][value="${CSS.escape(note.dataset.countChoice)}"]:checked`, form).length;
      note.classList.toggle("is-over", chosen > most);
      note.textContent = `${note.dataset.words}${chosen}个，` + (chosen > most ? `超出${chosen - most}个，最多${most}个` : `最多${most}个`);
    };
    form.addEventListener("change", update);
    update();
  }

  function checkAll(box) {
    const targets = () => all(`input[type=checkbox][name="${CSS.escape(box.dataset.checkAll)}"]`, box.form || document);
    box.addEventListener("change", () => targets().forEach((target) => { if (!target.disabled) target.checked = box.checked; }));
  }

  /* --- uploads: say what is too big before it is sent, show how far it is --- */

  function watchFile(input) {
    const warn = (text) => {
      let note = document.getElementById(input.id + "-refused");
      if (!note) {
        note = build("p", "error");
        note.id = input.id + "-refused";
        note.setAttribute("role", "alert");
        input.before(note);
      }
      note.textContent = text;
      note.hidden = !text;
      input.setCustomValidity(text);
    };
    input.addEventListener("change", () => {
      const most = Number(input.dataset.maxBytes);
      const allowed = (input.accept || "").split(",").filter(Boolean);
      const faults = [];
      for (const file of input.files) {
        const name = file.name.toLowerCase();
        if (most && file.size > most) faults.push(`“${file.name}”有 ${(file.size / 1048576).toFixed(1)} MB，超过 ${(most / 1048576).toFixed(0)} MB 的上限，请压缩后重新选择。`);
        else if (file.size === 0) faults.push(`“${file.name}”是空文件，请重新选择。`);
        else if (allowed.length && !allowed.some((ending) => name.endsWith(ending))) faults.push(`“${file.name}”不是可上传的文件类型。`);
      }
      warn(faults.join(" "));
    });
  }

  function sendWithProgress(form) {
    form.addEventListener("submit", (event) => {
      const files = all("input[type=file]", form).flatMap((input) => Array.from(input.files));
      if (event.defaultPrevented || !files.length) return;
      event.preventDefault();
      if (form.dataset.submitting) return;
      form.dataset.submitting = "1";
      const data = new FormData(form);
      if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
      const row = build("div", "upload-progress");
      const bar = build("progress");
      const text = build("span", "", "正在上传");
      bar.max = 100;
      bar.setAttribute("aria-label", "上传进度");
      text.setAttribute("role", "status");
      row.append(bar, text);
      all(".upload-progress", form).forEach((old) => old.remove());
      form.append(row);
      const fail = (message) => {
        text.textContent = message;
        bar.hidden = true;
        releaseForm(form);
      };
      const request = new XMLHttpRequest();
      request.open("POST", form.getAttribute("action") || location.href);
      request.upload.addEventListener("progress", (moment) => {
        if (!moment.lengthComputable) return;
        const percent = Math.round((moment.loaded / moment.total) * 100);
        bar.value = percent;
        text.textContent = percent < 100 ? `已上传 ${percent}%` : "已传完，正在检查文件";
      });
      request.addEventListener("load", () => {
        const type = request.getResponseHeader("content-type") || "";
        if (request.status >= 500 || !type.includes("text/html")) {
          fail(request.status === 413 ? "文件超过服务器上限，没有上传；页面上的内容都还在。" : "服务器没有接受这个文件，请稍后再试；页面上的内容都还在。");
          return;
        }
        showPage(request.responseText, request.responseURL);
      });
      request.addEventListener("error", () => fail("网络中断，文件没有上传；请检查网络后再次提交，页面上的内容都还在。"));
      request.send(data);
    });
  }

  function showPage(html, url) {
    const page = new DOMParser().parseFromString(html, "text/html");
    document.title = page.title;
    root.className = page.documentElement.className;
    root.classList.add("js");
    document.body.replaceWith(document.adoptNode(page.body));
    if (url && url !== location.href) history.pushState(null, "", url);
    window.scrollTo(0, 0);
    start();
  }

  /* --- autosave: what is typed stands in this browser until the server has said it holds it --- */

  function autosave(form) {
    const address = form.dataset.autosave;
    const key = `portal:draft:${form.dataset.autosaveOwner || ""}:${address}`;
    const versionInput = form.elements.namedItem("version");
    const skipped = new Set(["csrfmiddlewaretoken", "version", "form_key"]);
    const dirty = new Map();
    // what the server is known to hold: leaving a field says "changed" once more
    const held = new Map();
    // what it has refused: asked again when something else is typed
    const refused = new Map();
    let timer = 0;
    let sending = false;
    let retryAfter = 5000;
    let signedOut = false;
    let stale = false;
    let filling = false;
    let waiting = null;

    const state = form.querySelector("[data-save-state]") || form.appendChild(build("p"));
    state.classList.add("save-state");
    state.setAttribute("role", "status");
    const say = (name, text, link) => {
      state.dataset.state = name;
      state.textContent = text;
      if (link) {
        const anchor = build("a", "", "重新登录（在新页签中）");
        anchor.href = link;
        anchor.target = "_blank";
        anchor.rel = "noopener";
        state.append(" ", anchor);
      }
    };

    const kept = (field) => field.name && !skipped.has(field.name) && !field.disabled && !["file", "password", "submit", "button", "hidden"].includes(field.type);
    const values = (name) => {
      const fields = Array.from(form.elements).filter((field) => field.name === name && kept(field));
      return fields.flatMap((field) => {
        if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
        if (field.multiple) return Array.from(field.selectedOptions, (option) => option.value);
        return [field.value];
      });
    };
    const fill = (name, wanted) => {
      filling = true;
      for (const field of Array.from(form.elements).filter((item) => item.name === name && kept(item))) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = wanted.includes(field.value);
        else if (field.multiple) Array.from(field.options).forEach((option) => { option.selected = wanted.includes(option.value); });
        else field.value = wanted[0] || "";
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      filling = false;
    };
    const same = (a, b) => JSON.stringify(a.map((text) => text.replace(/\r\n/g, "\n"))) === JSON.stringify(b.map((text) => text.replace(/\r\n/g, "\n")));

    const readLocally = () => {
      try {
        return JSON.parse(localStorage.getItem(key) || "null");
      } catch (error) {
        return null;
      }
    };
    // Two tabs keep their drafts under one key: each takes out only what it put there itself.
    const putThere = new Set();
    const keepLocally = () => {
      try {
        const fields = Object.entries((readLocally() || {}).fields || {}).filter(([name]) => !putThere.has(name) && !dirty.has(name));
        const own = Array.from(dirty).filter(([name]) => !form.querySelector(`[name="${CSS.escape(name)}"][data-no-local]`));
        putThere.clear();
        own.forEach(([name]) => putThere.add(name));
        if (fields.length + own.length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), version: versionInput && versionInput.value, fields: Object.fromEntries([...fields, ...own]) }));
        else localStorage.removeItem(key);
        return true;
      } catch (error) {
        return false;
      }
    };

    const body = () => {
      const data = new URLSearchParams();
      const token = cookie("csrftoken") || (form.elements.namedItem("csrfmiddlewaretoken") || {}).value || "";
      data.append("csrfmiddlewaretoken", token);
      data.append("version", versionInput ? versionInput.value : "");
      for (const [name, texts] of dirty) (texts.length ? texts : [""]).forEach((text) => data.append(name, text));
      return data;
    };

    const schedule = (delay) => {
      clearTimeout(timer);
      timer = setTimeout(save, delay);
    };

    async function save() {
      clearTimeout(timer);
      if (!dirty.size || sending || stale || form.dataset.submitting) return;
      sending = true;
      const sent = new Map(dirty);
      say("saving", "正在保存…");
      let delay = 0;
      try {
        const answer = await fetch(address, { method: "POST", body: body(), redirect: "manual", credentials: "same-origin", headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
        delay = await receive(answer, sent);
      } catch (error) {
        delay = retryAfter;
        retryAfter = Math.min(retryAfter * 2, 60000);
        say("local", "网络不通。您填写的内容已保存在本机浏览器中，网络恢复后自动上传。");
      }
      sending = false;
      if (waiting) {
        const submitter = waiting.submitter;
        waiting = null;
        if (!stale) form.requestSubmit(submitter);
        return;
      }
      if (delay) schedule(delay);
      else if (isWorthAsking() && !signedOut && !stale) schedule(300);
    }

    const landed = (name, texts) => {
      held.set(name, texts);
      if (dirty.has(name) && same(dirty.get(name), texts)) dirty.delete(name);
    };
    const isWorthAsking = () => Array.from(dirty).some(([name, texts]) => !refused.has(name) || !same(refused.get(name), texts));

    async function receive(answer, sent) {
      refused.clear();
      const isJson = (answer.headers.get("content-type") || "").includes("json");
      const data = isJson ? await answer.json() : {};
      tellFaults(sent, data.faults || {});
      if (answer.ok && data.ok) {
        retryAfter = 5000;
        signedOut = false;
        if (versionInput && data.version !== undefined) versionInput.value = data.version;
        for (const [name, texts] of sent) landed(name, texts);
        if (takeOver(data)) return 0;
        keepLocally();
        const token = form.elements.namedItem("csrfmiddlewaretoken");
        if (token && cookie("csrftoken")) token.value = cookie("csrftoken");
        if (dirty.size) say("editing", "有改动，正等待保存");
        else say("saved", `已保存 ${data.saved_at && data.saved_at.length <= 8 ? data.saved_at : clockText(new Date())}`);
        return 0;
      }
      // some words were kept, others refused by name: those stay to be corrected
      if (answer.status === 400 && data.kept) {
        if (versionInput && data.version !== undefined) versionInput.value = data.version;
        data.kept.forEach((name) => { if (sent.has(name)) landed(name, sent.get(name)); });
        if (takeOver(data)) return 0;
      }
      if (answer.status === 409) {
        stale = true;
        showConflict(data);
        return 0;
      }
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
        signedOut = true;
        say("local", "登录已失效。您填写的内容已保存在本机浏览器中，重新登录后回到本页会自动上传。", data.sign_in || form.dataset.signIn || "/");
        return 0;
      }
      if (answer.status < 500 && answer.status !== 429) for (const [name, texts] of sent) if (dirty.has(name)) refused.set(name, texts);
      say("local", data.message || "服务器暂时没有接受，您填写的内容已保存在本机浏览器中，将自动重试。");
      retryAfter = Math.min(retryAfter * 2, 60000);
      return answer.status >= 500 || answer.status === 429 ? retryAfter : 0;
    }

    /* Words of other fields that another page wrote meanwhile come in; where this page holds another text, both stand. */
    function takeOver(data) {
      const others = Object.entries(data.others || {});
      const clashing = {};
      for (const [name, text] of others) {
        const mine = dirty.get(name);
        if (mine && !same(mine, [text])) clashing[name] = text;
        else if (!mine) { fill(name, [text]); held.set(name, [text]); }
      }
      if (!Object.keys(clashing).length) return false;
      stale = true;
      showConflict({ theirs: clashing, version: data.version });
      return true;
    }

    function tellFaults(sent, faults) {
      for (const name of sent.keys()) {
        const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
        const home = field && (field.closest(".field") || field.parentElement);
        if (!home) continue;
        all(".word-fault", home).forEach((node) => node.remove());
        field.removeAttribute("aria-invalid");
        if (!faults[name]) continue;
        field.setAttribute("aria-invalid", "true");
        home.append(build("p", "word-fault", faults[name]));
      }
    }

    /* Somebody else, or another tab, saved since this page was opened: both texts are shown, the person chooses. */
    function showConflict(data) {
      say("stale", "同一份材料已在别处改动，两份文字列在各项下方，请逐项选用。");
      const theirs = data.theirs || {};
      const pending = new Set();
      const settle = (name, box) => {
        pending.delete(name);
        box.remove();
        if (pending.size) return;
        stale = false;
        if (versionInput && data.version !== undefined) versionInput.value = data.version;
        keepLocally();
        if (dirty.size) schedule(0);
        else say("saved", "已按您的选择处理");
      };
      for (const [name, raw] of Object.entries(theirs)) {
        const other = [].concat(raw === null ? "" : raw).map(String);
        const mine = dirty.get(name);
        if (!mine || same(mine, other)) {
          if (!mine) fill(name, other);
          dirty.delete(name);
          continue;
        }
        const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
        if (!field) continue;
        pending.add(name);
        const box = build("div", "conflict");
        const texts = build("div", "conflict-texts");
        [["本页的文字", mine], ["已保存的文字", other]].forEach(([title, text]) => {
          const side = build("div");
          side.append(build("p", "conflict-title", title), document.createTextNode(text.join("、")));
          texts.append(side);
        });
        const choose = build("div", "actions");
        choose.append(
          button("用本页的", "", () => settle(name, box)),
          button("用已保存的", "secondary", () => { fill(name, other); dirty.delete(name); settle(name, box); }),
        );
        box.append(build("p", "", "这一项已在别处改动，请选用一份："), texts, choose);
        (field.closest(".field") || field).append(box);
      }
      if (!pending.size) {
        stale = false;
        if (versionInput && data.version !== undefined) versionInput.value = data.version;
        keepLocally();
        schedule(0);
      }
    }

    function offerRestore() {
      const draft = readLocally();
      if (!draft || !draft.fields) return;
      const differing = Object.entries(draft.fields).filter(([name, texts]) => form.elements.namedItem(name) && !same(values(name), texts));
      if (!differing.length) {
        // a page that was refused shows what the server does not hold yet
        if (!form.hasAttribute("data-unsaved")) localStorage.removeItem(key);
        return;
      }
      const changedSince = versionInput && draft.version && draft.version !== versionInput.value;
      const bar = build("div", "notice notice-warning restore-bar");
      bar.setAttribute("role", "alert");
      bar.append(
        build("p", "", `本机保存有 ${new Date(draft.at).toLocaleString("zh-CN", { hour12: false })} 填写、尚未上传的 ${differing.length} 项内容。${changedSince ? "此后服务器上的内容又有改动，恢复会覆盖这几项。" : ""}`),
        button("恢复", "", () => {
          bar.remove();
          differing.forEach(([name, texts]) => { fill(name, texts); dirty.set(name, texts); });
          keepLocally();
          schedule(0);
        }),
        button("放弃", "secondary", () => { bar.remove(); localStorage.removeItem(key); }),
      );
      form.prepend(bar);
    }

    const note = (event) => {
      const field = event.target;
      if (filling || !kept(field)) return;
      const typed = values(field.name);
      if (!dirty.has(field.name) && held.has(field.name) && same(held.get(field.name), typed)) return;
      dirty.set(field.name, typed);
      const stored = keepLocally();
      if (!signedOut && !stale) {
        say("editing", stored ? "有改动，正等待保存" : "有改动（本机无法留底，请及时保存）");
        schedule(1500);
      }
    };
    // A save under way would leave the submission with an old version: it goes first, the submission follows.
    form.addEventListener("submit", (event) => {
      if (!sending) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      waiting = { submitter: event.submitter };
    }, true);
    form.addEventListener("portal:save", () => { if (dirty.size) schedule(0); else if (!stale) say("saved", "没有未保存的改动"); });
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("focusout", () => { if (dirty.size && !signedOut) schedule(0); });
    window.addEventListener("online", () => { if (dirty.size) schedule(0); });
    window.addEventListener("focus", () => { if (dirty.size && signedOut) schedule(0); });
    window.addEventListener("pagehide", () => {
      if (!dirty.size || stale || signedOut || !form.isConnected || form.dataset.submitting) return;
      const data = body();
      // Browsers refuse keepalive bodies over 64 KB; the local copy then offers itself next time.
      if (String(data).length < 60000) fetch(address, { method: "POST", body: data, keepalive: true, credentials: "same-origin", headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } }).catch(() => {});
    });
    offerRestore();
  }

  /* --- the score sheet: from score to score by Enter, in steps by the arrows, from item to item with Alt --- */

  function scoreSheet(form) {
    const scores = all("input[name^='score-']", form);
    const items = all("[data-sheet-item]", form);
    const total = document.querySelector("[data-sheet-total]");
    const scored = document.querySelector("[data-sheet-scored]");
    const plain = (number) => String(Math.round(number * 100) / 100);

    const count = () => {
      const counts = (field) => field.value.trim() && Number(field.value) >= 0 && Number(field.value) <= Number(field.dataset.most);
      const numbers = scores.filter(counts).map((field) => Number(field.value));
      if (total) total.textContent = plain(numbers.reduce((sum, number) => sum + number, 0));
      if (scored) scored.textContent = numbers.length;
    };
    const go = (field) => {
      if (!field) return;
      field.focus();
      if (field.select) field.select();
      const item = field.closest("[data-sheet-item]");
      if (item) item.scrollIntoView({ block: "start" });
    };
    const nudge = (field, by) => {
      const now = Number(field.value.trim() || 0);
      if (Number.isNaN(now)) return;
      field.value = plain(Math.min(Number(field.dataset.most), Math.max(0, now + by)));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };

    form.addEventListener("input", count);
    form.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const field = event.target;
      const at = scores.indexOf(field);
      const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.altKey && arrow) {
        const here = items.findIndex((item) => item.contains(field));
        const next = items[here + arrow];
        go(next ? next.querySelector("input, select") : arrow > 0 ? form.elements.namedItem("comments") : scores[0]);
      } else if (at >= 0 && event.key === "Enter") {
        go(scores[at + 1] || form.querySelector("select[name^='veto-']") || form.elements.namedItem("comments"));
      } else if (at >= 0 && arrow && !event.ctrlKey && !event.metaKey) {
        nudge(field, -arrow * (Number(field.dataset.step) || 0.5));
      } else if (event.key === "Enter" && field.matches("input")) {
        // a single stray Enter must not send the sheet
      } else {
        return;
      }
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      if (!form.isConnected || event.isComposing) return;
      // from anywhere else on the page into the sheet: the first item without a score
      if (event.altKey && event.key === "ArrowDown" && !form.contains(event.target)) {
        go(scores.find((field) => !field.value.trim()) || scores[0]);
      } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        form.dispatchEvent(new Event("portal:save"));
      } else {
        return;
      }
      event.preventDefault();
    });
    count();
  }

  /* --- a signature drawn: what is drawn goes along as a picture; without JavaScript a file is uploaded --- */

  function signaturePad(field) {
    const pad = field.querySelector("canvas");
    const kept = field.querySelector("input[name=drawn_signature]");
    const pen = pad.getContext("2d");
    let drawing = false;
    pen.lineWidth = 6;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    const place = (event) => {
      const box = pad.getBoundingClientRect();
      return [(event.clientX - box.left) * (pad.width / box.width), (event.clientY - box.top) * (pad.height / box.height)];
    };
    pad.addEventListener("pointerdown", (event) => {
      drawing = true;
      pad.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(...place(event));
      event.preventDefault();
    });
    pad.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...place(event));
      pen.stroke();
    });
    const lift = () => {
      if (!drawing) return;
      drawing = false;
      kept.value = pad.toDataURL("image/png");
    };
    pad.addEventListener("pointerup", lift);
    pad.addEventListener("pointercancel", lift);
    field.querySelector("[data-signature-clear]").addEventListener("click", () => {
      pen.clearRect(0, 0, pad.width, pad.height);
      kept.value = "";
    });
  }

  /* --- a menu closes when somebody goes on elsewhere --- */

  function closesItself(menu) {
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  /* --- every page --- */

  function start() {
    all("textarea[data-max-length]").forEach(countCharacters);
    all("input[type=file][data-max-bytes]").forEach(watchFile);
    all("input[data-check-all]").forEach(checkAll);
    all("[data-count-choice]").forEach(countChoices);
    all("[data-signature]").forEach(signaturePad);
    all("form[data-autosave]").forEach(autosave);
    all("form[data-sheet]").forEach(scoreSheet);
    all("form[data-upload-progress]").forEach(sendWithProgress);
    all("form").filter((form) => form.method === "post" && !form.hasAttribute("data-autosave-only")).forEach(guardDoubleSubmit);
    all("details[data-menu]").forEach(closesItself);
    all("[data-print]").forEach((node) => node.addEventListener("click", () => window.print()));
    const summary = document.querySelector(".error-summary");
    if (summary) summary.focus();
  }

  window.addEventListener("pageshow", (event) => { if (event.persisted) all("form[data-submitting]").forEach(releaseForm); });
  start();
})();
