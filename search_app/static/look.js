// Parts of the page that look after themselves: every few seconds their hidden buttons are pressed (views/look.py), but
// only while the reader sees the page and waits for nothing. A timer of Streamlit's own also asks while a page is on its
// way, and on a busy server the rest of that page is then lost. Constant text; nothing is ever written into it.
(() => {
  if (window.policykbLooks) return;
  window.policykbLooks = true;
  setInterval(() => {
    const state = document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
    if (document.hidden || state !== "notRunning") return;
    document.querySelectorAll('[class*="st-key-pk_look"] button').forEach((button) => button.click());
  }, 5000);
})();
