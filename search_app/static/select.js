// Two habits of the article and its ledger: words that a reader selects can be marked or reported, and in the ledger
// N and P lead from one removal to the next. Constant text; nothing is ever written into it but numbers into links.
(() => {
  if (window.policykbSelects) return;
  window.policykbSelects = true;

  const ASIDE = "[data-pk-aside]";

  // How many characters of the shown text stand before a place. Offsets count characters, JavaScript counts UTF-16.
  const before = (root, node, offset) => {
    const range = document.createRange();
    range.setStart(root, 0);
    range.setEnd(node, offset);
    const part = range.cloneContents();
    for (const aside of part.querySelectorAll(ASIDE)) aside.remove();
    return [...part.textContent].length;
  };

  // Where in the page the shown character number `place` stands. An end belongs to the stretch before the border.
  const inPage = (spans, place, isEnd) => {
    for (const [start, end] of spans) {
      const length = end - start;
      if (place < length || (isEnd && place === length)) return start + place;
      place -= length;
    }
    return null;
  };

  const selected = () => {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    const around = range.commonAncestorContainer;
    const element = around instanceof Element ? around : around.parentElement;
    const root = element?.closest("[data-pk-spans]");
    if (!root || element.closest(ASIDE) || !selection.toString().trim()) return null;
    const spans = root.dataset.pkSpans.split(" ").map((span) => span.split("-").map(Number));
    const [first, behind] = [before(root, range.startContainer, range.startOffset), before(root, range.endContainer, range.endOffset)];
    const [start, end] = [inPage(spans, first, false), inPage(spans, behind, true)];
    return start !== null && end !== null && start < end ? { start, end, box: range.getBoundingClientRect() } : null;
  };

  const show = () => {
    const picker = document.querySelector("[data-pk-picked]");
    if (!picker || picker.contains(document.activeElement)) return;
    const place = selected();
    picker.hidden = !place;
    if (!place) return;
    for (const link of picker.querySelectorAll("a")) {
      const params = new URLSearchParams(link.getAttribute("href"));
      params.set("start", place.start);
      params.set("end", place.end);
      link.setAttribute("href", `?${params}`);
    }
    const { width, height } = picker.getBoundingClientRect();
    const below = place.box.bottom + 10;
    picker.style.left = `${Math.max(8, Math.min(place.box.left, innerWidth - width - 8))}px`;
    picker.style.top = `${Math.max(8, below + height < innerHeight ? below : Math.min(place.box.top, innerHeight) - height - 10)}px`;
  };

  let waiting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 250);
  });
  addEventListener("scroll", () => {
    const picker = document.querySelector("[data-pk-picked]");
    if (picker && !picker.hidden) show();
  }, { passive: true, capture: true });
  // A press on the links would end the selection before the click arrives.
  document.addEventListener("mousedown", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-pk-picked]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const picker = event.target instanceof Element ? event.target.closest("[data-pk-picked]") : null;
    if (!picker) return;
    getSelection()?.removeAllRanges();
    picker.hidden = true;
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const step = { n: 1, p: -1 }[event.key.toLowerCase()];
    const ledger = document.querySelector(".pk-ledger");
    const place = document.activeElement;
    // A letter is a letter where something can be typed, and a short cut nowhere but in the ledger or on the bare page.
    if (!step || !ledger || !(place === document.body || place?.matches("[data-testid=stMain]") || ledger.contains(place))) return;
    const reasons = [...ledger.querySelectorAll(".pk-removed > .pk-reason > summary")];
    const stands = (summary) => {
      if (ledger.contains(place)) {
        const removed = summary.closest(".pk-removed");
        if (removed.contains(place)) return 0;
        return removed.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
      }
      return summary.getBoundingClientRect().top < innerHeight / 3 ? -1 : 1;
    };
    const next = step > 0
      ? reasons.find((summary) => stands(summary) > 0)
      : reasons.filter((summary) => stands(summary) < 0).pop();
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.closest(".pk-removed").scrollIntoView({ block: "center" });
  });
})();
