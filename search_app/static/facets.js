// Keeps, while links change the page, what the reader has unfolded and where her keyboard stands, closes menus as menus
// close, and says aloud what a change of the filters left. Constant text; page text is only ever put in by textContent.
(() => {
  if (window.policykbFacets) return;
  window.policykbFacets = true;
  const folds = new Map();
  const known = new WeakSet();
  let wanted = null;
  let said = "";

  const live = document.createElement("div");
  live.className = "pk-spoken pk-live";
  live.setAttribute("role", "status");
  document.body.append(live);

  document.addEventListener("toggle", (event) => {
    const key = event.target instanceof Element ? event.target.dataset.pkFold : null;
    if (key && known.has(event.target)) folds.set(key, event.target.open);
  }, true);

  const menus = () => document.querySelectorAll("details.pk-menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
    const link = event.target instanceof Element ? event.target.closest("[data-pk-key]") : null;
    wanted = link ? link.dataset.pkKey : null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of menus()) {
        menu.open = false;
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      }
    } else if (event.key === "Tab") {
      wanted = null;
    }
  });
  // A press on the mouse makes the link the active element too; only what the page took away is given back.
  const giveBack = () => {
    if (!wanted || document.activeElement !== document.body) return;
    const visible = (element) => element.getClientRects().length > 0;
    const same = [...document.querySelectorAll("[data-pk-key]")].filter((e) => e.dataset.pkKey === wanted);
    const next = same.find(visible) || [...document.querySelectorAll("[data-pk-home]")].find(visible);
    next?.focus({ preventScroll: true });
  };

  const look = () => {
    for (const fold of document.querySelectorAll("details[data-pk-fold]")) {
      if (known.has(fold)) continue;
      if (folds.has(fold.dataset.pkFold)) fold.open = folds.get(fold.dataset.pkFold);
      // Its own first toggle event comes after this and says nothing new.
      known.add(fold);
    }
    const words = document.querySelector("[data-pk-announce]")?.textContent || "";
    if (words !== said) live.textContent = said = words;
    giveBack();
  };
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; look(); });
  }).observe(document.body, { childList: true, subtree: true });
  look();
})();
