// Four habits of the page, and nothing else: links inside the page do not load it anew, the cited sentence comes into
// view with the focus on it, the document says its language, and a link outlives the login that stands before it.
// Constant text; nothing is ever written into it.
(() => {
  if (window.policykbFollows) return;
  window.policykbFollows = true;
  const handled = new WeakSet();
  const scroller = () => document.querySelector('[data-testid="stMain"]');
  let touched = false;
  let wanted = null;
  for (const kind of ["wheel", "touchmove", "keydown", "mousedown"]) {
    addEventListener(kind, () => { touched = true; }, { passive: true, capture: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a.pk-go") : null;
    const modified = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (!link || modified || event.defaultPrevented) return;
    const there = new URL(link.href.baseVal ?? link.href, location.href); // a link in a picture has an animated one
    if (there.origin !== location.origin || there.pathname !== location.pathname) return;
    event.preventDefault();
    history.replaceState({ ...history.state, policykbTop: scroller()?.scrollTop || 0 }, "");
    history.pushState({}, "", there.href);
    wanted = 0;
    touched = false;
    // Streamlit reads the address again on this event, as it does for the Back button.
    dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  });

  addEventListener("popstate", (event) => {
    if (!event.isTrusted) return;
    wanted = event.state?.policykbTop || 0;
    touched = false;
  });

  const bringIntoView = (mark, again) => {
    if (!mark.isConnected || (again && touched)) return;
    mark.scrollIntoView({ block: "center" });
    if (!again) mark.focus({ preventScroll: true });
  };

  // A login leads back to the start of the page; the address it was opened with waits in this tab.
  const behindTheDoor = () => {
    if (document.querySelector("[data-pk-door]")) {
      if (location.search) sessionStorage.setItem("policykbDoor", location.search);
    } else if (document.querySelector(".pk-foot") && sessionStorage.getItem("policykbDoor")) {
      const search = sessionStorage.getItem("policykbDoor");
      sessionStorage.removeItem("policykbDoor");
      if (location.search) return;
      history.replaceState({}, "", location.pathname + search);
      dispatchEvent(new PopStateEvent("popstate", { state: {} }));
    }
  };

  const look = () => {
    behindTheDoor();
    const place = document.querySelector("[data-pk-lang]");
    if (place) document.documentElement.lang = place.dataset.pkLang;
    const mark = document.querySelector("[data-pk-focus]");
    if (mark && !handled.has(mark)) {
      handled.add(mark);
      wanted = null;
      touched = false;
      bringIntoView(mark, false);
      // Once more when what stands above has found its height; not if the reader has moved meanwhile.
      for (const delay_ms of [120, 400, 900]) setTimeout(() => bringIntoView(mark, true), delay_ms);
    } else if (wanted !== null && !touched) {
      const top = wanted;
      scroller()?.scrollTo(0, top);
      setTimeout(() => { if (wanted === top) wanted = null; }, 900);
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
