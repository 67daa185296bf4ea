// Names the card, keeps JupyterLab from taking the keys that move a slider or a choice, tells which
// folds are open, and has plotly fit the chart when its place changes (plotly watches the window).
function render({ model, el }) {
  el.classList.add("wb-frame");
  let card = null;
  const tellFolds = () => {
    for (const fold of card.querySelectorAll(".wb-fold"))
      fold.setAttribute("aria-expanded", fold.classList.contains("mod-active"));
  };
  const keepKey = (event) => {
    if (card?.contains(event.target))
      event.target.toggleAttribute(
        "data-lm-suppress-shortcuts", /^(Arrow|Page|Home$|End$)/.test(event.key));
  };
  const folds = new MutationObserver(tellFolds);
  const sizes = new ResizeObserver(() => {
    if (!card && (card = el.closest(".wb-card"))) {
      card.setAttribute("role", "group");
      card.setAttribute("aria-label", model.get("label"));
      sizes.observe(card.querySelector(".wb-chart"));
      folds.observe(card.querySelector(".wb-folds"), { subtree: true, attributeFilter: ["class"] });
      tellFolds();
    }
    requestAnimationFrame(() => window.dispatchEvent(new Event("resize")));
  });
  sizes.observe(el); // its first size comes when the card is on the page
  window.addEventListener("keydown", keepKey, true); // before JupyterLab's own listener
  return () => {
    sizes.disconnect();
    folds.disconnect();
    window.removeEventListener("keydown", keepKey, true);
  };
}
export default { render };
