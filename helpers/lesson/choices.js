// A table of choices: each cell that is asked is a select, named by its row and its column.
function render({ model, el }) {
  el.classList.add("wb-choices");
  const element = (tag, parent, more = {}) =>
    parent.appendChild(Object.assign(document.createElement(tag), more));
  const table = element("table", el), selects = [];
  const head = element("tr", element("thead", table)), body = element("tbody", table);
  element("td", head);
  for (const column of model.get("columns"))
    element("th", head, { scope: "col", textContent: column });
  model.get("rows").forEach((row, y) => {
    const line = element("tr", body);
    element("th", line, { scope: "row", textContent: row });
    model.get("columns").forEach((column, x) => {
      const cell = element("td", line), absent = model.get("absent")[y][x];
      if (absent) return element("span", cell, { textContent: absent });
      const select = element("select", cell, { ariaLabel: `${row}, ${column}` });
      element("option", select, { value: "", textContent: "?", hidden: true });
      for (const option of model.get("options")) element("option", select, { textContent: option });
      select.addEventListener("change", () => {
        model.set("value", selects.map((one) => one.value));
        model.save_changes();
      });
      selects.push(select);
    });
  });
  const show = () => {
    table.setAttribute("aria-label", model.get("label"));
    selects.forEach((select, place) => {
      select.value = model.get("value")[place];
      select.disabled = model.get("disabled");
    });
  };
  model.on("change", show);
  show();
  hear(model);
  return () => model.off("change", show);
}
export default { render };
