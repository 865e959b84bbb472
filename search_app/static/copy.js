// Copies and prints with one key. A button with data-pk-copy copies the text of the element it names (a selector), one
// with data-pk-copy-text its own value (in JSON, for a browser may trim an attribute), with data-pk-copy-link an address of this page, copied whole.
// Afterwards the button carries data-pk-state ("done", "failed"), and a status region says data-pk-done or
// data-pk-failed. A button with aria-keyshortcuts="Alt+C" is pressed by that key. Constant text; what is copied is only
// ever read from the page, and what is said is written by textContent.
(() => {
  if (window.policykbCopies) return;
  window.policykbCopies = true;

  // It must be there before it speaks, or a screen reader does not hear it.
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  status.className = "pk-spoken";
  document.body.append(status);

  const say = (button, state) => {
    button.dataset.pkState = state;
    status.textContent = "";
    // Said anew also where the same words were said before.
    setTimeout(() => { status.textContent = (state === "done" ? button.dataset.pkDone : button.dataset.pkFailed) || ""; }, 50);
    setTimeout(() => { if (button.dataset.pkState === state) delete button.dataset.pkState; }, 2500);
  };

  // Where the page comes over plain http from another machine, a browser has no clipboard for it.
  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("aria-hidden", "true");
    area.style.cssText = "position:fixed;top:0;left:-200vw;white-space:pre";
    const focused = document.activeElement;
    document.body.append(area);
    area.focus({ preventScroll: true });
    area.select();
    let copied = false;
    // The event, not the field, decides what is copied: a field changes line ends.
    const exactly = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
    document.addEventListener("copy", exactly);
    try { copied = document.execCommand("copy"); } catch { copied = false; }
    document.removeEventListener("copy", exactly);
    area.remove();
    focused?.focus?.({ preventScroll: true });
    return copied;
  };

  const copy = async (text) => {
    if (navigator.clipboard?.writeText) {
      try { await navigator.clipboard.writeText(text); return true; } catch { /* not allowed: by hand */ }
    }
    return copyByHand(text);
  };

  const press = async (button) => {
    const link = button.dataset.pkCopyLink;
    const quoted = button.dataset.pkCopyText;
    const own = link !== undefined ? new URL(link, location.href).href : quoted && JSON.parse(quoted);
    const source = own === undefined ? document.querySelector(button.dataset.pkCopy) : null;
    if (own === undefined && !source) return;
    const text = own === undefined ? source.textContent : own;
    if (await copy(text)) return say(button, "done");
    say(button, "failed");
    if (!source) return;
    source.hidden = false;
    getSelection().selectAllChildren(source);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-pk-copy], [data-pk-copy-text], [data-pk-copy-link], [data-pk-print]");
    if (!button) return;
    if ("pkPrint" in button.dataset) print();
    else press(button);
  });

  // By the place of the key: with Alt, some keyboards write another character.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat || event.isComposing) return;
    if (!/^Key[A-Z]$/.test(event.code)) return;
    const button = document.querySelector(`button[aria-keyshortcuts="Alt+${event.code.slice(3)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // A card is printed open, and stands open on a wide screen; where it is folded by hand, it stays so.
  const seen = new WeakSet();
  const question = () => new URLSearchParams(location.search).get("q");
  let folded = null; // the question whose card was folded: Streamlit draws a new card at each choice of a filter
  document.addEventListener("click", (event) => {
    const card = event.target.closest?.("details[data-pk-open-wide] > summary")?.parentElement;
    if (card) folded = card.open ? question() : null;
  });
  const unfold = () => {
    for (const card of document.querySelectorAll("details[data-pk-open-wide]")) {
      if (seen.has(card)) continue;
      seen.add(card);
      if (question() !== folded && matchMedia("(min-width: 48rem)").matches) card.open = true;
    }
  };
  addEventListener("beforeprint", () => {
    for (const card of document.querySelectorAll("details[data-pk-card]:not([open])")) {
      card.open = true;
      addEventListener("afterprint", () => { card.open = false; }, { once: true });
    }
  });
  new MutationObserver(unfold).observe(document.body, { childList: true, subtree: true });
  unfold();
})();
