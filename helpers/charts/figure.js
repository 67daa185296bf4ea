// Draws a plotly FigureWidget, but loads plotly once for the whole page instead of once a figure.
//
// The stock module is 5 MB that each figure brings along and evaluates anew. On a slow machine that
// takes longer than the 2 s that anywidget allows, and whatever the kernel sends meanwhile is lost:
// the chart stays empty. Here the module is small; it keeps what comes before plotly is there.
const SENT = ["addTraces", "deleteTraces", "moveTraces", "restyle", "relayout", "update", "animate",
  "removeLayoutProps", "removeTraceProps"].map((name) => `_py2js_${name}`);

function plotly(model) {
  globalThis.workbookPlotly ??= (() => {
    const url = URL.createObjectURL(new Blob([model.get("_bundle")], { type: "text/javascript" }));
    return import(url).finally(() => URL.revokeObjectURL(url));
  })();
  return globalThis.workbookPlotly;
}

// Until the constructor in the kernel is through, there is nothing to draw.
function filled(model) {
  return new Promise((resolve) => {
    const look = () => {
      if (!model.get("_widget_data").length || !Object.keys(model.get("_widget_layout")).length) return;
      model.off("change:_widget_data", look);
      model.off("change:_widget_layout", look);
      resolve();
    };
    model.on("change:_widget_data", look);
    model.on("change:_widget_layout", look);
    look();
  });
}

export default () => {
  let ready;
  return {
    initialize({ model }) {
      const missed = [];
      const keepers = SENT.map((name) => [name, () => {
        if (model.get(name) !== null) missed.push([name, model.get(name)]);
      }]);
      for (const [name, keep] of keepers) model.on(`change:${name}`, keep);
      ready = Promise.all([plotly(model), filled(model)]).then(([bundle]) => {
        for (const [name, keep] of keepers) model.off(`change:${name}`, keep);
        const parts = bundle.default();
        parts.initialize({ model });
        for (const [name, value] of missed) {
          model.set(name, value);
          model.set(name, null);
        }
        return parts;
      });
    },
    render({ model, el }) {
      let remove = null, removed = false;
      ready.then((parts) => {
        if (removed) return;
        // When its place changes, plotly forgets the height that it was told, and takes that of its
        // element: which is as low as the words beside it, unless it has one of its own.
        el.style.height = `${model.get("_widget_layout").height}px`;
        remove = parts.render({ el });
      });
      return () => { removed = true; remove?.(); };
    },
  };
};
