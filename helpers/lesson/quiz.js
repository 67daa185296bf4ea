// A self-quiz: for each question a group of choices, a button, and what is said to the answer.
function render({ model, el }) {
  el.classList.add("wb-quiz");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", model.get("label"));
  const element = (tag, parent, more = {}) =>
    parent.appendChild(Object.assign(document.createElement(tag), more));
  const questions = model.get("questions").map((question, y) => {
    const set = element("fieldset", el);
    element("legend", set, { innerHTML: `${y + 1}. ${question.ask}` });
    const choices = question.options.map((option) => {
      const line = element("label", set);
      const input = element("input", line, { type: "radio", name: `${model.get("own_id")}-${y}` });
      // The arrow keys choose; to the notebook they would be commands.
      input.setAttribute("data-lm-suppress-shortcuts", "");
      element("span", line, { innerHTML: option });
      return input;
    });
    const button = element("button", set, { type: "button", textContent: "Answer" });
    const said = element("div", set, { className: "wb-quiz-said" });
    said.setAttribute("role", "status");
    const ready = () => {
      const chosen = choices.findIndex((one) => one.checked);
      button.disabled = chosen < 0 || chosen === model.get("value")[y];
    };
    for (const one of choices) one.addEventListener("change", ready);
    button.addEventListener("click", () => {
      const chosen = choices.findIndex((one) => one.checked);
      model.set("value", model.get("value").map((old, x) => (x === y ? chosen : old)));
      model.save_changes();
      choices[chosen].focus(); // the button is off now, and the focus would be lost
    });
    return { set, choices, said, ready };
  });
  const show = () => {
    questions.forEach(({ set, choices, said, ready }, y) => {
      const chosen = model.get("value")[y];
      if (chosen >= 0) choices[chosen].checked = true;
      if (said.innerHTML !== model.get("said")[y]) said.innerHTML = model.get("said")[y];
      set.className = model.get("marks")[y];
      ready();
    });
  };
  model.on("change", show);
  show();
  hear(model);
  return () => model.off("change", show);
}
export default { render };
