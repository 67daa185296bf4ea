// Names the card, keeps JupyterLab from taking the keys that move a slider or a choice, moves the
// focus on when a button goes, brings changed YAML into view, tells which folds are open, and has
// plotly fit the chart when its place changes (plotly watches the window).
function render({ model, el }) {
  el.classList.add("wb-frame");
  let card = null;
  let pressed = null; // the button pressed last, until the next key or click
  const press = (event) => { pressed = event.target.closest("button"); };
  const forget = () => { pressed = null; };
  // Commit goes when it is pressed, Run while it runs, Cancel at the end: the focus would fall to
  // the page, and who has no mouse would have to come back all the way.
  const moveOn = () => {
    if (!pressed || (!pressed.disabled && pressed.checkVisibility())) return;
    const next = [".wb-cancel", ".wb-run", ".wb-prediction :is(input, select, button)"]
      .flatMap((way) => [...card.querySelectorAll(way)])
      .find((one) => !one.disabled && one.checkVisibility());
    if (!next) return;
    next.focus({ preventScroll: true });
    // The kernel tells one thing after the other: Run may be free a moment after Commit went.
    if (next.closest(".wb-bar")) pressed = next;
  };
  const tellFolds = () => {
    for (const fold of card.querySelectorAll(".wb-fold"))
      fold.setAttribute("aria-expanded", fold.classList.contains("mod-active"));
  };
  const keepKey = (event) => {
    if (!card?.contains(event.target)) return;
    const moves = /^(Arrow|Page|Home$|End$)/.test(event.key);
    // A letter chooses in a list; to the notebook it may be a command.
    const picks = event.target.tagName === "SELECT" && event.key.length === 1
      && !event.ctrlKey && !event.metaKey;
    event.target.toggleAttribute("data-lm-suppress-shortcuts", moves || picks);
  };
  // A long manifest scrolls in its place: what an edit has changed comes into view.
  const showChanged = () => {
    const pane = card.querySelector(".wb-manifest"), line = pane.querySelector(".wb-changed");
    if (!line) return;
    const seen = pane.getBoundingClientRect(), wanted = line.getBoundingClientRect();
    if (wanted.top < seen.top) pane.scrollTop -= seen.top - wanted.top;
    if (wanted.bottom > seen.bottom) pane.scrollTop += wanted.bottom - seen.bottom;
  };
  const manifest = new MutationObserver(showChanged);
  const folds = new MutationObserver(tellFolds);
  const buttons = new MutationObserver(moveOn);
  const sizes = new ResizeObserver(() => {
    if (!card && (card = el.closest(".wb-card"))) {
      card.setAttribute("role", "group");
      card.setAttribute("aria-label", model.get("label"));
      sizes.observe(card.querySelector(".wb-chart"));
      folds.observe(card.querySelector(".wb-folds"), { subtree: true, attributeFilter: ["class"] });
      tellFolds();
      manifest.observe(card.querySelector(".wb-manifest"), { subtree: true, childList: true });
      for (const place of card.querySelectorAll(".wb-bar, .wb-prediction")) {
        place.addEventListener("click", press);
        buttons.observe(place, { subtree: true, attributeFilter: ["class", "style", "disabled"] });
      }
    }
    requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  });
  sizes.observe(el); // its first size comes when the card is on the page
  for (const kind of ["keydown", "pointerdown"]) window.addEventListener(kind, forget, true);
  window.addEventListener("keydown", keepKey, true); // before JupyterLab's own listener
  return () => {
    sizes.disconnect();
    folds.disconnect();
    buttons.disconnect();
    manifest.disconnect();
    for (const kind of ["keydown", "pointerdown"]) window.removeEventListener(kind, forget, true);
    window.removeEventListener("keydown", keepKey, true);
  };
}
export default { render };
