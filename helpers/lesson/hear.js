// anywidget gives a module 2 s to load; a widget that took longer is deaf to the kernel for good
// (anywidget packages/anywidget/src, Runtime and AnyModel._handle_comm_msg). So a widget of ours
// listens by itself once it is drawn, and tells the kernel what it has, to be sent what it missed.
// Nothing comes back where nothing was missed: it would undo what the learner does meanwhile.
async function hear(model) {
  const real = await model.widget_manager.get_model(model.get("own_id"));
  const stock = Object.getPrototypeOf(Object.getPrototypeOf(real)); // above AnyModel
  real.comm.on_msg(stock._handle_comm_msg.bind(real));
  const has = ["label", "value", "disabled"].map((name) => [name, model.get(name)]);
  model.send({ has: Object.fromEntries(has) });
}
