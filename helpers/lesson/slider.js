// A labelled range input with its readout; the kernel is told while the handle moves.
function render({ model, el }) {
  el.classList.add("wb-slider");
  const input = document.createElement("input");
  input.type = "range";
  const marks = document.createElement("div");
  marks.className = "wb-marks";
  const [low, now, high] = ["span", "output", "span"].map((tag) => document.createElement(tag));
  marks.append(low, now, high);
  el.append(input, marks);
  const words = (number) => `${number} ${model.get("unit")}`.trim();
  const show = () => {
    for (const [attribute, trait] of [["min", "low"], ["max", "high"], ["step", "step"]])
      input[attribute] = model.get(trait);
    if (Number(input.value) !== model.get("value")) input.value = model.get("value");
    input.disabled = model.get("disabled");
    input.setAttribute("aria-label", model.get("label"));
    readout();
  };
  const readout = () => {
    const part = (input.value - input.min) / (input.max - input.min || 1);
    input.style.setProperty("--wb-part", `${100 * part}%`);
    low.textContent = words(model.get("low"));
    high.textContent = words(model.get("high"));
    now.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", now.textContent);
  };
  input.addEventListener("input", () => {
    readout();
    model.set("value", Number(input.value));
    model.save_changes();
  });
  model.on("change", show);
  show();
  hear(model);
  return () => model.off("change", show);
}
export default { render };
