// The reader's own searches: the last ten of this tab, and those that she saves in this browser. The server never hears of
// them. What comes out of the storage is foreign text: it is checked, and shown by textContent alone. Ctrl+K leads to the
// box. Constant text; the words of the page stand in the data attributes of what the server drew.
(() => {
  if (window.policykbRecent) return;
  window.policykbRecent = true;
  // Ten are seen at a glance; two hundred links of a hundred characters are far below what a browser stores.
  const LISTS = {
    recent: { key: "policykbRecent", most: 10, storage: () => sessionStorage },
    saved: { key: "policykbSaved", most: 200, storage: () => localStorage },
  };
  const MOST_CHARS = 8000;
  const isEntry = (entry) => typeof entry?.text === "string" && typeof entry?.to === "string"
    && entry.to.startsWith("?") && entry.to.length <= MOST_CHARS && entry.text.length <= MOST_CHARS;

  // A storage may be forbidden, full, or hold what somebody else wrote: then there is nothing, and nothing breaks.
  const read = (name) => {
    try {
      const found = JSON.parse(LISTS[name].storage().getItem(LISTS[name].key) || "[]");
      return Array.isArray(found) ? found.filter(isEntry).slice(0, LISTS[name].most) : [];
    } catch { return []; }
  };
  const write = (name, entries) => {
    try {
      LISTS[name].storage().setItem(LISTS[name].key, JSON.stringify(entries.slice(0, LISTS[name].most)));
      return true;
    } catch { return false; }
  };
  const without = (name, to) => read(name).filter((entry) => entry.to !== to);

  const live = document.createElement("div");
  live.className = "pk-spoken pk-live";
  live.setAttribute("role", "status");
  document.body.append(live);
  const announce = (words) => {
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 50);
  };

  const boxOf = () => document.querySelector('[data-testid="stTextInput"] input');
  const asked = () => document.querySelector("[data-pk-asked]");
  const entryOf = (place) => ({ text: place.dataset.pkAsked, to: place.dataset.pkTo });

  const line = (name, entry, place) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "pk-go";
    link.href = entry.to;
    link.target = "_self";
    link.lang = "zh-CN";
    link.textContent = entry.text;
    item.append(link);
    if (name === "saved") {
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "pk-quiet";
      remove.textContent = "×";
      remove.setAttribute("aria-label", place.dataset.pkRemove + entry.text);
      remove.addEventListener("click", () => {
        const at = [...item.parentElement.children].indexOf(item);
        write("saved", without("saved", entry.to));
        announce(place.dataset.pkRemoved);
        draw();
        const left = place.querySelectorAll("li button");
        (left[Math.min(at, left.length - 1)] || boxOf())?.focus();
      });
      item.append(remove);
    }
    return item;
  };

  const draw = () => {
    for (const place of document.querySelectorAll("[data-pk-list]")) {
      const name = place.dataset.pkList;
      if (!(name in LISTS)) continue;
      const entries = read(name);
      place.querySelector("ul").replaceChildren(...entries.map((entry) => line(name, entry, place)));
      place.hidden = !entries.length;
      place.dataset.pkDrawn = "1";
    }
    for (const none of document.querySelectorAll("[data-pk-none]")) {
      none.hidden = Object.keys(LISTS).some((name) => read(name).length);
    }
    const place = asked();
    const button = document.querySelector("[data-pk-keep]");
    if (place && button) {
      const isSaved = read("saved").some((entry) => entry.to === place.dataset.pkTo);
      button.setAttribute("aria-pressed", String(isSaved));
      button.textContent = isSaved ? place.dataset.pkSaved : place.dataset.pkSave;
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-pk-clear]")) {
      write("recent", []);
      announce(target.closest("[data-pk-list]").dataset.pkCleared);
      draw();
      boxOf()?.focus();
    } else if (target?.closest("[data-pk-keep]") && asked()) {
      const place = asked();
      const entry = entryOf(place);
      const isSaved = read("saved").some((one) => one.to === entry.to);
      const done = write("saved", isSaved ? without("saved", entry.to) : [entry, ...without("saved", entry.to)]);
      announce(!done ? place.dataset.pkNo : isSaved ? place.dataset.pkGone : place.dataset.pkDone);
      draw();
      if (!done) document.querySelector("[data-pk-keep]").textContent = place.dataset.pkNo;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key?.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const box = boxOf();
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });

  let last = null;
  const look = () => {
    boxOf()?.setAttribute("aria-keyshortcuts", "Control+K Meta+K");
    const place = asked();
    const isNew = place && !place.closest('[data-stale="true"]') && place.dataset.pkTo !== last;
    if (isNew) {
      last = place.dataset.pkTo;
      const entry = entryOf(place);
      write("recent", [entry, ...without("recent", entry.to)]);
    }
    if (isNew || document.querySelector("[data-pk-list]:not([data-pk-drawn]), [data-pk-keep]:not([data-pk-drawn])")) {
      document.querySelector("[data-pk-keep]")?.setAttribute("data-pk-drawn", "1");
      draw();
    }
  };
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; look(); });
  }).observe(document.body, { childList: true, subtree: true });
  look();
})();
